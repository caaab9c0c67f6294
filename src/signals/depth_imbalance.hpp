// src/signals/depth_imbalance.hpp -- S2: the best N levels against each other, plain and weighted.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <type_traits>

#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Cao, Hansch & Wang 2009; Cartea, Donnelly & Jaimungal 2018. Levels beyond the book count as zero.
template <typename Units>
class DepthImbalance {
 public:
  static constexpr const char* kName = "depth_imbalance";
  static constexpr Hears kHears = Hears::Books;
  static constexpr const char* kSource = "Cao, Hansch & Wang 2009";
  static constexpr const char* kCaveat =
      "Counts levels, so it spans less of the price where levels are dense; where a venue's "
      "channel has fewer levels than it counts, the rest is 0 and the record is kShallow.";

  static void columns(const SignalParams& params, ColumnList& list) {
    std::uint32_t place = 0;
    for (const std::uint32_t levels : params.depth_levels) {
      list.push_back(
          {"di_" + std::to_string(levels), "ratio",
           "Imbalance of the sizes of the best " + std::to_string(levels) + " levels a side.",
           column_order::kDepth + place++, -1.0, 1.0});
    }
    list.push_back({"wdi_rank", "ratio",
                    "Imbalance of the best 20 levels, weighted by exp(-rank_lambda (rank - 1)).",
                    column_order::kWeightedDepth, -1.0, 1.0, 2,
                    "Cartea, Donnelly & Jaimungal 2018"});
    list.push_back({"wdi_dist", "ratio",
                    "Imbalance of the best 20 levels, weighted by exp(-d / distance_bps), d the "
                    "distance to the mid in bps.",
                    column_order::kWeightedDepth + 1, -1.0, 1.0, 2,
                    "Cartea, Donnelly & Jaimungal 2018"});
  }

  explicit DepthImbalance(const SignalContext& context)
      : own_{context.own.data()},
        counts_{static_cast<std::uint32_t>(context.params.depth_levels.size())},
        weighted_{context.params.tier2},
        distance_bps_{context.params.distance_bps} {
    std::copy(context.params.depth_levels.begin(), context.params.depth_levels.end(),
              levels_.begin());
    deepest_ = weighted_ ? kTopLevels : context.params.depth_levels.back();
    for (std::uint32_t i = 0; i < kTopLevels; ++i) {
      weights_[i] = exp_of_negative(-context.params.rank_lambda * i);
    }
  }

  void update(const MarketEvent& event, ValueRow row) noexcept {
    const bool bids_moved = event.bids_differ_from < deepest_;
    const bool asks_moved = event.asks_differ_from < deepest_;
    if (bids_moved) {
      follow(event.bids, event.bid_sizes, event.bids_differ_from, event.bids_differ_until, bids_);
    }
    if (asks_moved) {
      follow(event.asks, event.ask_sizes, event.asks_differ_from, event.asks_differ_until, asks_);
    }
    // The status is what the best levels say: while they stand, so does it.
    if (!bids_moved && !asks_moved) return;
    const bool defined = has_best(event.status);
    const std::uint32_t from = std::min(event.bids_differ_from, event.asks_differ_from);
    Sum bids = 0;
    Sum asks = 0;
    Sum any = 0;
    for (std::uint32_t i = 0; i < counts_; ++i) {
      bids += bids_.ring[i];
      asks += asks_.ring[i];
      any |= bids_.any[i] | asks_.any[i];
      if (levels_[i] <= from) continue;  // none of its levels moved
      double value = kUndefined;
      if constexpr (kNarrow) {
        if (any >> kNarrowBits != 0) [[unlikely]] {
          if (defined) value = imbalance(wide_sum(event.bids, i), wide_sum(event.asks, i));
        } else if (defined) {
          value = imbalance(static_cast<std::int64_t>(bids), static_cast<std::int64_t>(asks));
        }
      } else if (defined) {
        value = imbalance(bids, asks);
      }
      row[own_[i]] = value;
    }
    if (!weighted_) return;
    row[own_[counts_]] = defined ? imbalance(bids_.by_rank, asks_.by_rank) : kUndefined;
    row[own_[counts_ + 1]] = has_mid(event.status) ? by_distance(event) : kUndefined;
  }

 private:
  static constexpr std::size_t kMaxCounts = 8;

  // Where sizes are 64 bits, sums are too as long as none is as large as this: of 40 of them they
  // do not wrap. Where one is, all are added up with 128.
  static constexpr int kNarrowBits = 57;
  static constexpr bool kNarrow = sizeof(typename Units::Cell) == sizeof(std::int64_t);
  using Sum = std::conditional_t<kNarrow, std::uint64_t, Int128>;

  struct Sums {
    std::uint32_t count = 0;
    std::array<Sum, kMaxCounts> ring{};  // of the levels from levels_[i - 1] to levels_[i]
    std::array<Sum, kMaxCounts> any{};   // ... bit by bit, if they are 64 bits
    std::array<double, kTopLevels> size_as_double{};  // zero where there is no level
    double by_rank = 0.0;
    // Weights by distance, of the prices that they are for; those before rank `checked` are of the
    // prices that stand there now.
    double by_distance = 0.0;
    bool known = false;  // by_distance is of what stands there now
    std::uint32_t weighed = 0;
    std::uint32_t checked = 0;
    std::array<double, kTopLevels> weight{};
    std::array<Price, kTopLevels> price{};
  };

  [[nodiscard]] static std::uint64_t size_of(const Level& level) noexcept {
    return static_cast<std::uint64_t>(level.qty.raw());
  }
  [[nodiscard]] static Int128 size_of(Int128 size) noexcept { return size; }

  // Five at once leave the loop little to do beside adding.
  template <typename Size>
  static void add(const Size* at, std::uint32_t count, Sum& sum, Sum& any) noexcept {
    Sum all = 0;
    Sum bits = 0;
    const auto take = [&](const Size& size) noexcept {
      all += size_of(size);
      if constexpr (kNarrow) bits |= size_of(size);
    };
    for (; count >= 5; count -= 5, at += 5) {
      take(at[0]);
      take(at[1]);
      take(at[2]);
      take(at[3]);
      take(at[4]);
    }
    for (; count != 0; --count, ++at) take(*at);
    sum = all;
    any = bits;
  }

  [[nodiscard]] Int128 wide_sum(std::span<const Level> side, std::uint32_t i) const noexcept {
    Int128 sum = 0;
    for (const Level& level : side.first(std::min<std::size_t>(side.size(), levels_[i]))) {
      sum += level.qty.raw();
    }
    return sum;
  }
  // Levels before rank `from`, and those from `until` on, are as they were.
  void follow(std::span<const Level> side, const Int128* sizes, std::uint32_t from,
              std::uint32_t until, Sums& sums) const noexcept {
    const auto count = std::min(static_cast<std::uint32_t>(side.size()), deepest_);
    std::uint32_t rank = 0;
    for (std::uint32_t i = 0; i < counts_ && rank < until; ++i) {
      const std::uint32_t end = levels_[i];
      if (end > from) {
        const std::uint32_t last = std::min(end, count);
        const std::uint32_t some = last > rank ? last - rank : 0;
        if constexpr (kNarrow) {
          add(side.data() + rank, some, sums.ring[i], sums.any[i]);
        } else {
          add(sizes + rank, some, sums.ring[i], sums.any[i]);
        }
      }
      rank = end;
    }
    sums.known = false;
    sums.checked = std::min(sums.checked, from);
    if (weighted_) weigh(side, sizes, from, count, sums);
    sums.count = count;
  }

  void weigh(std::span<const Level> side, const Int128* sizes, std::uint32_t from,
             std::uint32_t count, Sums& sums) const noexcept {
    for (std::uint32_t rank = from; rank < count; ++rank) {
      sums.size_as_double[rank] = nearest_double(Units::size_at(side, sizes, rank));
    }
    for (std::uint32_t rank = count; rank < sums.count; ++rank) sums.size_as_double[rank] = 0.0;
    // Four chains of additions instead of one.
    std::array<double, 4> lanes{};
    for (std::uint32_t i = 0; i < kTopLevels; i += 4) {
      for (std::uint32_t lane = 0; lane < 4; ++lane) {
        lanes[lane] += weights_[i + lane] * sums.size_as_double[i + lane];
      }
    }
    sums.by_rank = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  }

  // Both bests are equally far from the mid, so that distances may count from them: the weights
  // differ by a common factor, and that of the best is 1 however wide the spread.
  [[nodiscard]] double by_distance(const MarketEvent& event) noexcept {
    const double mid2 =
        nearest_double(Int128{event.bids[0].price.raw()} + event.asks[0].price.raw());
    const double step = -2e4 / (mid2 * distance_bps_);
    const bool moved = step != step_;
    step_ = step;
    return imbalance(by_distance(event.bids, bids_, moved), by_distance(event.asks, asks_, moved));
  }

  // While mid and best stand, so do the weights of the prices that do.
  [[nodiscard]] double by_distance(std::span<const Level> side, Sums& sums,
                                   bool moved) const noexcept {
    if (!moved && sums.known) return sums.by_distance;
    sums.known = true;
    const Int128 best = side[0].price.raw();
    if (moved || side[0].price != sums.price[0]) sums.weighed = sums.checked = 0;
    for (std::uint32_t i = sums.checked; i < side.size(); ++i) {
      if (i < sums.weighed && side[i].price == sums.price[i]) continue;
      const Int128 apart = best - side[i].price.raw();
      const double distance = nearest_double(apart < 0 ? -apart : apart);
      sums.weight[i] = exp_of_negative(distance * step_);
      sums.price[i] = side[i].price;
    }
    sums.checked = sums.count;
    sums.weighed = std::max(sums.weighed, sums.count);
    std::array<double, 4> lanes{};
    for (std::uint32_t i = 0; i < kTopLevels; i += 4) {
      for (std::uint32_t lane = 0; lane < 4; ++lane) {
        lanes[lane] += sums.weight[i + lane] * sums.size_as_double[i + lane];
      }
    }
    sums.by_distance = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    return sums.by_distance;
  }

  static_assert(kTopLevels % 4 == 0);

  const std::uint16_t* own_;
  std::uint32_t counts_;
  std::array<std::uint32_t, kMaxCounts> levels_{};
  std::array<double, kTopLevels> weights_{};
  bool weighted_;
  std::uint32_t deepest_;  // levels that any of it counts
  double distance_bps_;
  double step_ = 0.0;  // what a mantissa of distance from the best does to the exponent
  Sums bids_;
  Sums asks_;
};

}  // namespace steelyard
