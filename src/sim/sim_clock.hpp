// src/sim/sim_clock.hpp -- the time that simulated venues go by: the host's, or one that is held.
#pragma once

#include <chrono>

namespace steelyard::sim {

namespace sim_clock_detail {
inline thread_local bool held = false;
inline thread_local std::chrono::nanoseconds since_epoch{0};
}  // namespace sim_clock_detail

// Of the calling thread.
[[nodiscard]] inline std::chrono::steady_clock::time_point steady_now() {
  using Clock = std::chrono::steady_clock;
  return sim_clock_detail::held ? Clock::time_point{sim_clock_detail::since_epoch} : Clock::now();
}
// Since the Unix epoch.
[[nodiscard]] inline std::chrono::nanoseconds wall_now() {
  return sim_clock_detail::held ? sim_clock_detail::since_epoch
                                : std::chrono::system_clock::now().time_since_epoch();
}

// While it lives, venues on this thread go by this clock and no other, so that the same seed says
// the same bytes.
class HeldClock {
 public:
  explicit HeldClock(std::chrono::nanoseconds since_epoch) {
    sim_clock_detail::held = true;
    sim_clock_detail::since_epoch = since_epoch;
  }
  ~HeldClock() { sim_clock_detail::held = false; }
  HeldClock(const HeldClock&) = delete;
  HeldClock& operator=(const HeldClock&) = delete;
  void advance(std::chrono::nanoseconds by) noexcept { sim_clock_detail::since_epoch += by; }
  [[nodiscard]] std::chrono::nanoseconds now() const noexcept {
    return sim_clock_detail::since_epoch;
  }
};

}  // namespace steelyard::sim
