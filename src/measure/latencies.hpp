// src/measure/latencies.hpp -- samples of one measurement, and where to make them.
#pragma once

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace steelyard::measure {

struct Latencies {
  std::vector<std::int64_t> sorted;  // ns

  // Of these samples, the one below which this share lies. 0 if there are none.
  [[nodiscard]] std::int64_t percentile(double share) const noexcept {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
    return sorted[at];
  }
};

// Of several rounds of one thing.
struct Spread {
  double low = 0, median = 0, high = 0;
};
[[nodiscard]] inline Spread spread(std::vector<double> rounds) {
  if (rounds.empty()) return {};
  std::sort(rounds.begin(), rounds.end());
  return {rounds.front(), rounds[rounds.size() / 2], rounds.back()};
}

// The cores that this process may run on.
[[nodiscard]] inline std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

inline void pin(int core) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  (void)sched_setaffinity(0, sizeof set, &set);
}

}  // namespace steelyard::measure
