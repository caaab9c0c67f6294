// src/signals/depth_imbalance.hpp -- S2: the best N levels against each other, plain and weighted.
#pragma once

#include <array>

#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Cao, Hansch & Wang 2009; Cartea, Donnelly & Jaimungal 2018. Levels beyond the book count as zero.
template <typename Units>
class DepthImbalance {
 public:
  static constexpr const char* kName = "depth_imbalance";

  static void columns(const SignalParams& params, ColumnList& list) {
    std::uint32_t place = 0;
    for (const std::uint32_t levels : params.depth_levels) {
      list.push_back({"di_" + std::to_string(levels), "ratio",
                      "Imbalance of the best " + std::to_string(levels) +
                          " levels a side. Cao, Hansch & Wang 2009.",
                      column_order::kDepth + place++, -1.0, 1.0});
    }
    list.push_back({"wdi_rank", "ratio",
                    "Imbalance of the best 20 levels, weighted by exp(-lambda (rank - 1)).",
                    column_order::kWeightedDepth, -1.0, 1.0});
    list.push_back({"wdi_dist", "ratio",
                    "Imbalance of the best 20 levels, weighted by exp(-distance to the mid).",
                    column_order::kWeightedDepth + 1, -1.0, 1.0});
  }

  explicit DepthImbalance(const SignalContext& context)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        counts_{static_cast<std::uint32_t>(context.params.depth_levels.size())},
        distance_bps_{context.params.distance_bps} {
    for (std::uint32_t i = 0; i < counts_; ++i) levels_[i] = context.params.depth_levels[i];
    for (std::uint32_t i = 0; i < kTopLevels; ++i) {
      weights_[i] = exp_of_negative(-context.params.rank_lambda * i);
    }
  }

  void update(const MarketEvent& event, std::span<double> row) noexcept {
    if (!touches_book(event)) return;
    const bool defined = event.status != BookStatus::NoBook && event.status != BookStatus::Crossed;
    // Cumulative sizes a side; a side that ends early stays at what it has.
    std::array<Sum, kTopLevels + 1> bid{};
    std::array<Sum, kTopLevels + 1> ask{};
    double rank_bid = 0.0;
    double rank_ask = 0.0;
    if (defined) {
      rank_bid = accumulate(event.bids, bid);
      rank_ask = accumulate(event.asks, ask);
    }
    for (std::uint32_t i = 0; i < counts_; ++i) {
      row[own_[i]] = defined ? imbalance(bid[levels_[i]], ask[levels_[i]]) : kUndefined;
    }
    row[own_[counts_]] = defined ? imbalance(rank_bid, rank_ask) : kUndefined;
    row[own_[counts_ + 1]] = has_mid(event.status) ? by_distance(event) : kUndefined;
  }

 private:
  using Sum = typename Units::Sum;

  [[nodiscard]] double accumulate(std::span<const Level> side,
                                  std::array<Sum, kTopLevels + 1>& sums) const noexcept {
    double weighted = 0.0;
    for (std::uint32_t i = 0; i < kTopLevels; ++i) {
      Sum size{};
      if (i < side.size()) {
        size = units_.size(side[i]);
        weighted += weights_[i] * static_cast<double>(size);
      }
      sums[i + 1] = sums[i] + size;
    }
    return weighted;
  }

  [[nodiscard]] double by_distance(const MarketEvent& event) const noexcept {
    const double mid2 = static_cast<double>(event.bids[0].price.raw()) +
                        static_cast<double>(event.asks[0].price.raw());
    return imbalance(by_distance(event.bids, mid2), by_distance(event.asks, mid2));
  }

  [[nodiscard]] double by_distance(std::span<const Level> side, double mid2) const noexcept {
    double sum = 0.0;
    for (const Level& level : side) {
      const double distance =
          1e4 * std::abs(2.0 * static_cast<double>(level.price.raw()) - mid2) / mid2;
      sum += exp_of_negative(-distance / distance_bps_) * static_cast<double>(units_.size(level));
    }
    return sum;
  }

  Units units_;
  const std::uint16_t* own_;
  std::uint32_t counts_;
  std::array<std::uint32_t, 8> levels_{};
  std::array<double, kTopLevels> weights_{};
  double distance_bps_;
};

}  // namespace steelyard
