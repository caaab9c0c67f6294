// src/signals/cascade_machine.hpp -- when extreme imbalance, thinning depth and a burst of
// liquidations make a cascade.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "steelyard/types.hpp"

namespace steelyard {

// What speaks, now, for a cascade in one direction.
struct CascadeConditions {
  bool extreme = false;  // the regime is extreme, that way
  bool thin = false;     // the side that it would run into is thin
  bool burst = false;    // forced orders come thick, and that way in balance

  [[nodiscard]] constexpr bool any() const noexcept { return extreme || thin || burst; }
  bool operator==(const CascadeConditions&) const = default;
};

// HOT. -1 down, +1 up, 0 neither: the larger score; of equal ones that with the larger intensity of
// forced orders; of equal ones again `previous`.
[[nodiscard]] constexpr int dominant_direction(int score_down, int score_up, double intensity_down,
                                               double intensity_up, int previous) noexcept {
  if (score_down != score_up) return score_down > score_up ? -1 : 1;
  if (score_down == 0) return 0;
  if (intensity_down != intensity_up) return intensity_down > intensity_up ? -1 : 1;
  return previous;
}

// Each condition is latched; the level is how many of the dominant direction are. It rises at once
// and falls when it was not reached for `hold` (signals.md S14).
class CascadeMachine {
 public:
  CascadeMachine(std::int64_t latch_ns, std::int64_t hold_ns) noexcept
      : latch_ns_{latch_ns}, hold_ns_{hold_ns} {}

  // HOT. Once an event. The sign of the direction in the event that enters level 3, else 0.
  int step(TimestampNs now, const CascadeConditions& down, const CascadeConditions& up,
           double intensity_down, double intensity_up) noexcept {
    if (down.any() || up.any()) {
      latest_ = now.raw();
    } else if (level_ == 0 && !latched(now.raw(), latest_)) {
      return 0;  // nothing speaks for a cascade, and nothing did of late
    }
    const int score_down = score(down_, down, now.raw());
    const int score_up = score(up_, up, now.raw());
    const int reached = score_down > score_up ? score_down : score_up;
    const int direction =
        dominant_direction(score_down, score_up, intensity_down, intensity_up, direction_);
    const int before = level_;
    if (reached >= level_) {
      level_ = reached;
      direction_ = direction;
      since_ = now.raw();
    } else if (now.raw() >= since_ &&
               elapsed(now.raw(), since_) >= static_cast<std::uint64_t>(hold_ns_)) {
      level_ = reached;
      direction_ = direction;
    }
    return level_ == kCascade && before != kCascade ? direction_ : 0;
  }

  // 0 calm, 1 watch, 2 armed, 3 cascade.
  [[nodiscard]] int level() const noexcept { return level_; }
  [[nodiscard]] int direction() const noexcept { return direction_; }

 private:
  static constexpr int kCascade = 3;
  static constexpr std::int64_t kLongAgo = std::numeric_limits<std::int64_t>::min() / 2;

  struct Latches {
    std::int64_t extreme = kLongAgo;  // when it was true last
    std::int64_t thin = kLongAgo;
    std::int64_t burst = kLongAgo;
  };

  // Subtracted without a sign: kLongAgo is further back than 63 bits count.
  [[nodiscard]] static std::uint64_t elapsed(std::int64_t now, std::int64_t then) noexcept {
    return static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(then);
  }
  [[nodiscard]] bool latched(std::int64_t now, std::int64_t last) const noexcept {
    return now < last || elapsed(now, last) <= static_cast<std::uint64_t>(latch_ns_);
  }
  [[nodiscard]] int score(Latches& last, const CascadeConditions& is,
                          std::int64_t now) const noexcept {
    if (is.extreme) last.extreme = now;
    if (is.thin) last.thin = now;
    if (is.burst) last.burst = now;
    return latched(now, last.extreme) + latched(now, last.thin) + latched(now, last.burst);
  }

  std::int64_t latch_ns_;
  std::int64_t hold_ns_;
  Latches down_;
  Latches up_;
  std::int64_t latest_ = kLongAgo;  // when any condition was true last
  int level_ = 0;
  int direction_ = 0;
  std::int64_t since_ = kLongAgo;  // when the level was reached last
};

}  // namespace steelyard
