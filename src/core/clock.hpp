// src/core/clock.hpp -- the wall clock, for the edges of the daemon only: books and signals never
// look.
#pragma once

#include <ctime>

#include "steelyard/types.hpp"

namespace steelyard {

// UTC. About 35 ns through the vDSO.
[[nodiscard]] inline TimestampNs wall_clock() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return TimestampNs{std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec};
}

}  // namespace steelyard
