// src/observe/rate.hpp -- how fast a counter rises, smoothed.
#pragma once

#include <cmath>
#include <cstdint>

namespace steelyard {

// Plain data; one thread.
class Rate {
 public:
  // `value` of a counter at `now_ns` of a monotonic clock. A counter that fell began anew.
  void sample(std::uint64_t value, std::int64_t now_ns) noexcept {
    constexpr double kMemoryS = 2.0;
    if (last_ns_ != 0 && now_ns > last_ns_) {
      const double seconds = static_cast<double>(now_ns - last_ns_) / 1e9;
      const double rise = value >= last_ ? static_cast<double>(value - last_) : 0.0;
      const double now_hz = rise / seconds;
      hz_ = primed_ ? hz_ + (1.0 - std::exp(-seconds / kMemoryS)) * (now_hz - hz_) : now_hz;
      primed_ = true;
    }
    last_ = value;
    last_ns_ = now_ns;
  }
  // A second; 0 before the second sample.
  [[nodiscard]] double hz() const noexcept { return hz_; }

 private:
  std::uint64_t last_ = 0;
  std::int64_t last_ns_ = 0;
  double hz_ = 0.0;
  bool primed_ = false;
};

}  // namespace steelyard
