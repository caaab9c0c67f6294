// src/net/pacer.hpp -- at most so many a second, evenly spaced unless a burst is allowed: a token
// bucket.
#pragma once

#include <algorithm>
#include <chrono>

namespace steelyard {

class Pacer {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Pacer(double per_second, double burst = 1.0)
      : per_second_{per_second}, burst_{burst}, tokens_{burst} {}

  // How long until one more may go; zero: now, and it is taken.
  [[nodiscard]] std::chrono::nanoseconds take(Clock::time_point now) {
    refill(now);
    if (tokens_ >= 1.0) {
      tokens_ -= 1.0;
      return std::chrono::nanoseconds{0};
    }
    return std::chrono::nanoseconds{static_cast<std::int64_t>((1.0 - tokens_) / per_second_ * 1e9) +
                                    1};
  }

  // One that cannot wait: it goes, and those after it wait for it.
  void owe(Clock::time_point now) {
    refill(now);
    tokens_ -= 1.0;
  }

 private:
  void refill(Clock::time_point now) {
    if (last_ == Clock::time_point{}) last_ = now;
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = std::max(last_, now);
    tokens_ = std::min(burst_, tokens_ + std::max(0.0, seconds) * per_second_);
  }

  double per_second_;
  double burst_;
  double tokens_;
  Clock::time_point last_{};
};

}  // namespace steelyard
