// src/signals/bar.hpp -- what the bars that an event closed have to say, for the signals that read
// them.
#pragma once

#include <cstdint>

#include "signals/numerics.hpp"

namespace steelyard {

// S10. One bar of flow and return.
struct FlowBar {
  double flow = kUndefined;      // x: sum of e, in average best queues
  double change = kUndefined;    // y: ln(close / close before), in bps
  double notional = 0.0;         // traded, 1e6 quote units
  double signed_notional = 0.0;  // ... bought less sold
  bool traded = false;
  bool broken = false;  // nothing here goes on from the bar before: the first, or a gap in it
};

// S9. One bar of range, from the close before.
struct RangeBar {
  bool defined = false;  // there is a close before
  double up = 0.0;       // price units, up and down
  double down = 0.0;
  double imbalance = 0.0;  // J
};

// The bars that ended when time passed last: one that was running, and those that went by without
// an event.
template <typename Bar>
class ClosedBars {
 public:
  void close(const Bar& ended, const Bar& empty, std::uint32_t empties) noexcept {
    ended_ = ended;
    empty_ = empty;
    empties_ = empties;
    ++times_;
  }

  // HOT. Whether bars were closed since a reader, which keeps `seen`, asked last. It must ask on
  // every event.
  [[nodiscard]] bool since(std::uint64_t& seen) const noexcept {
    const bool closed = seen != times_;
    seen = times_;
    return closed;
  }
  [[nodiscard]] const Bar& ended() const noexcept { return ended_; }
  // One of the empty ones: all are alike.
  [[nodiscard]] const Bar& empty() const noexcept { return empty_; }
  [[nodiscard]] std::uint32_t empties() const noexcept { return empties_; }

  template <typename OnBar>
  void for_each(OnBar on_bar) const noexcept {
    on_bar(ended_);
    for (std::uint32_t i = 0; i < empties_; ++i) on_bar(empty_);
  }

 private:
  Bar ended_;
  Bar empty_;
  std::uint32_t empties_ = 0;
  std::uint64_t times_ = 0;
};

// What is left of a weight after one bar.
[[nodiscard]] inline double decay_of_bar(std::uint32_t width_ms, std::uint32_t tau_ms) noexcept {
  return exp_of_negative(-static_cast<double>(width_ms) / static_cast<double>(tau_ms));
}

// One instrument's, written by Bars, read by the signals after it in the registry.
struct BarFeed {
  ClosedBars<FlowBar> flow;
  ClosedBars<RangeBar> range;
};

}  // namespace steelyard
