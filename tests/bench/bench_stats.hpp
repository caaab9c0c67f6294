// tests/bench/bench_stats.hpp -- medians and spread, percentiles, and figures as JSON lines.
#pragma once

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace steelyard::bench {

[[nodiscard]] inline std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// Of the calling thread: what others have of its core does not count.
[[nodiscard]] inline std::int64_t cpu_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The calling thread stays on this core; false where the host has no such core to give.
inline bool pin(int core) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

// Of several runs of one thing.
struct Spread {
  double low = 0, median = 0, high = 0;
};

[[nodiscard]] inline Spread spread(std::vector<double> runs) {
  if (runs.empty()) return {};
  std::sort(runs.begin(), runs.end());
  return {runs.front(), runs[runs.size() / 2], runs.back()};
}

// Of many samples of one run; sorts them.
[[nodiscard]] inline std::int64_t percentile(std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[at];
}

// One figure a line, for scripts/bench to gather: {"figure": name, "value": v, "low":, "high":}.
inline void figure(std::FILE* out, const std::string& name, double low, double median,
                   double high) {
  if (out == nullptr) return;
  std::fprintf(out, "{\"figure\":\"%s\",\"low\":%.6g,\"value\":%.6g,\"high\":%.6g}\n", name.c_str(),
               low, median, high);
}
inline void figure(std::FILE* out, const std::string& name, const Spread& of) {
  figure(out, name, of.low, of.median, of.high);
}

}  // namespace steelyard::bench
