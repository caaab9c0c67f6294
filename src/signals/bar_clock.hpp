// src/signals/bar_clock.hpp -- when bars of one width end (signals.md S9, S10).
#pragma once

#include <cstdint>
#include <limits>

#include "steelyard/types.hpp"

namespace steelyard {

// Bars lie end to end on multiples of their width since the epoch; one holds start <= t < end. The
// clock starts with the stream, within a bar.
class BarClock {
 public:
  // So many bars may pass without an event; after more of them the chain of bars is broken.
  static constexpr std::int64_t kMaxMissed = 3600;

  explicit BarClock(std::int64_t width_ns) noexcept : width_ns_{width_ns} {}

  void start(TimestampNs now) noexcept {
    const std::int64_t into = (now.raw() % width_ns_ + width_ns_) % width_ns_;
    end_ns_ = later(now.raw() - into, width_ns_);
  }

  // HOT. Whether the bar that runs has ended by now.
  [[nodiscard]] bool has_ended(TimestampNs now) const noexcept { return now.raw() >= end_ns_; }

  struct Passed {
    std::uint32_t empty;  // bars between the one that ended and the one that runs now
    bool broke;           // they were too many: none of them is to be closed
  };
  // HOT. On to the bar that holds `now`; the one that ran has ended.
  [[nodiscard]] Passed pass(TimestampNs now) noexcept {
    const std::int64_t missed = (now.raw() - end_ns_) / width_ns_;
    end_ns_ = later(end_ns_ + missed * width_ns_, width_ns_);
    if (missed > kMaxMissed) return {0, true};
    return {static_cast<std::uint32_t>(missed), false};
  }

 private:
  // At the end of time bars do not end.
  [[nodiscard]] static std::int64_t later(std::int64_t start, std::int64_t by) noexcept {
    constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    return start > kNever - by ? kNever : start + by;
  }

  std::int64_t width_ns_;
  std::int64_t end_ns_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace steelyard
