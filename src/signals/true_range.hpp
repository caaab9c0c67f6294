// src/signals/true_range.hpp -- S9: Wilder's average true range, split by the side whose flow it
// went with.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "signals/signal.hpp"

namespace steelyard {

// Wilder 1978. A bar's range belongs to the side that its order flow came from, or to neither while
// the flow is within the dead zone; so the parts add up to the whole. Bars without a close before
// are left out; what was smoothed lives on.
template <typename Units>
class TrueRange {
 public:
  static constexpr const char* kName = "true_range";
  static constexpr Tier kTier = 3;
  static constexpr const char* kSource = "Wilder 1978";
  static constexpr const char* kCaveat =
      "Undefined before 14 bars with a close before them. The split by order flow is this "
      "project's; nobody has published how well it predicts.";

  static void columns(const SignalParams&, ColumnList& list) {
    constexpr std::uint32_t kOrder = column_order::kTrueRange;
    list.push_back({"atr", "price", "Average true range of the mid.", kOrder, 0.0});
    list.push_back(
        {"iatr_up", "price", "... of bars in which order flow was bought.", kOrder + 1, 0.0});
    list.push_back(
        {"iatr_dn", "price", "... of bars in which order flow was sold.", kOrder + 2, 0.0});
    list.push_back({"iatr_w", "price", "... weighted by each bar's flow imbalance.", kOrder + 3});
    list.push_back({"iatr_bias", "ratio", "(iatr_up - iatr_dn) / atr: who owns the volatility.",
                    kOrder + 4, -1.0, 1.0});
    list.push_back({"iatr_align", "ratio",
                    "Share of iatr_up + iatr_dn that went the way of the flow: above 0.5 momentum, "
                    "below it absorption.",
                    kOrder + 5, 0.0, 1.0});
  }

  explicit TrueRange(const SignalContext& context)
      : own_{context.own.data()},
        feed_{&context.bars.range},
        bars_{context.params.bars.range_smoothing},
        dead_zone_{context.params.bars.range_dead_zone} {}

  void update(const MarketEvent&, ValueRow row) noexcept {
    if (!feed_->since(seen_)) return;
    if (feed_->ended().defined) add(feed_->ended());
    if (feed_->empty().defined) add_empty(feed_->empties());
    if (count_ == bars_) write(row);
  }

 private:
  enum : std::uint32_t { kRange, kUp, kDown, kWeighted, kAligned, kStreams };
  using Streams = std::array<double, kStreams>;

  void add(const RangeBar& bar) noexcept {
    const double range = bar.up + bar.down;
    const bool bought = bar.imbalance > dead_zone_;
    const bool sold = bar.imbalance < -dead_zone_;
    const Streams values{range, bought ? range : 0.0, sold ? range : 0.0, range * bar.imbalance,
                         bought ? bar.up
                         : sold ? bar.down
                                : 0.0};
    if (count_ < bars_) {
      for (std::uint32_t i = 0; i < kStreams; ++i) average_[i] += values[i];
      seed();
      return;
    }
    for (std::uint32_t i = 0; i < kStreams; ++i) average_[i] += (values[i] - average_[i]) / bars_;
  }

  // So many bars without range or flow.
  void add_empty(std::uint32_t bars) noexcept {
    for (; bars != 0 && count_ < bars_; --bars) seed();
    double left = 1.0;  // ((n - 1) / n)^bars
    double factor = (bars_ - 1.0) / bars_;
    for (; bars != 0; bars /= 2) {
      if (bars % 2 != 0) left *= factor;
      factor *= factor;
    }
    for (double& average : average_) {
      average *= left;
      if (std::abs(average) < kNothing) average = 0.0;
    }
  }

  // One more of the first bars: their sums become means.
  void seed() noexcept {
    if (++count_ < bars_) return;
    for (double& average : average_) average /= bars_;
  }

  void write(ValueRow row) const noexcept {
    for (std::uint32_t i = kRange; i <= kWeighted; ++i) row[own_[i]] = average_[i];
    const double owned = average_[kUp] + average_[kDown];
    // Within their ends but for rounding.
    row[own_[4]] = std::clamp(ratio(average_[kUp] - average_[kDown], average_[kRange]), -1.0, 1.0);
    row[own_[5]] = std::clamp(ratio(average_[kAligned], owned), 0.0, 1.0);
  }

  [[nodiscard]] static double ratio(double a, double b) noexcept {
    return b != 0.0 ? a / b : kUndefined;
  }

  static constexpr double kNothing = 1e-280;  // decays no further, never denormal

  const std::uint16_t* own_;
  const ClosedBars<RangeBar>* feed_;
  std::uint64_t seen_ = 0;
  std::uint32_t bars_;
  double dead_zone_;
  std::uint32_t count_ = 0;  // bars so far, up to `bars_`
  Streams average_{};        // until then, sums
};

}  // namespace steelyard
