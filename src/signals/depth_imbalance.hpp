// src/signals/depth_imbalance.hpp -- S2: the best N levels against each other, plain and weighted.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Cao, Hansch & Wang 2009; Cartea, Donnelly & Jaimungal 2018. Levels beyond the book count as zero.
template <typename Units>
class DepthImbalance {
 public:
  static constexpr const char* kName = "depth_imbalance";
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
    if (!touches_book(event)) return;
    const bool bids_moved = event.bids_differ_from < deepest_;
    const bool asks_moved = event.asks_differ_from < deepest_;
    if (bids_moved) sum(event.bids, event.bid_sizes, event.bids_differ_from, bids_);
    if (asks_moved) sum(event.asks, event.ask_sizes, event.asks_differ_from, asks_);
    // The status is what the best levels say: while they stand, so does it.
    if (!bids_moved && !asks_moved) return;
    const bool defined = has_best(event.status);
    const std::uint32_t from = std::min(event.bids_differ_from, event.asks_differ_from);
    for (std::uint32_t i = 0; i < counts_; ++i) {
      if (levels_[i] <= from) continue;  // none of its levels moved
      row[own_[i]] =
          defined ? imbalance(bids_.best(levels_[i]), asks_.best(levels_[i])) : kUndefined;
    }
    if (!weighted_) return;
    row[own_[counts_]] = defined ? imbalance(bids_.by_rank, asks_.by_rank) : kUndefined;
    row[own_[counts_ + 1]] = has_mid(event.status) ? by_distance(event) : kUndefined;
  }

 private:
  static constexpr std::size_t kMaxCounts = 8;

  struct Sums {
    std::uint32_t count = 0;
    std::array<Int128, kTopLevels> upto{};  // sizes of the levels up to a rank
    std::array<double, kTopLevels> size{};  // zero where there is no level
    double by_rank = 0.0;
    // Weights by distance, of the prices that they are for; those before rank `checked` are of the
    // prices that stand there now.
    double by_distance = 0.0;
    bool known = false;  // by_distance is of what stands there now
    std::uint32_t weighed = 0;
    std::uint32_t checked = 0;
    std::array<double, kTopLevels> weight{};
    std::array<Price, kTopLevels> price{};

    [[nodiscard]] Int128 best(std::uint32_t levels) const noexcept {
      const std::uint32_t last = std::min(levels, count);
      return last != 0 ? upto[last - 1] : 0;
    }
  };

  // Levels before rank `from` are as they were.
  void sum(std::span<const Level> side, const Int128* sizes, std::uint32_t from,
           Sums& sums) const noexcept {
    const std::uint32_t count = std::min(static_cast<std::uint32_t>(side.size()), deepest_);
    Int128 upto = from != 0 ? sums.upto[from - 1] : 0;
    for (std::uint32_t rank = from; rank < count; ++rank) {
      const Int128 size = Units::size_at(side, sizes, rank);
      sums.upto[rank] = upto += size;
      if (weighted_) sums.size[rank] = nearest_double(size);
    }
    if (weighted_) {
      for (std::uint32_t rank = count; rank < sums.count; ++rank) sums.size[rank] = 0.0;
    }
    sums.count = count;
    sums.known = false;
    sums.checked = std::min(sums.checked, from);
    if (!weighted_) return;
    // Four chains of additions instead of one.
    std::array<double, 4> lanes{};
    for (std::uint32_t i = 0; i < kTopLevels; i += 4) {
      for (std::uint32_t lane = 0; lane < 4; ++lane) {
        lanes[lane] += weights_[i + lane] * sums.size[i + lane];
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
        lanes[lane] += sums.weight[i + lane] * sums.size[i + lane];
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
