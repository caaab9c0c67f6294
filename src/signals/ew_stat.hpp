// src/signals/ew_stat.hpp -- EWSTAT (signals.md C7): mean and deviation over time of a value that
// is held between events.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "signals/numerics.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// What a step of time does under the kernel exp(-age / tau): older weights are multiplied by
// `keep`, and what was held through the step weighs `weigh` = 1 - keep. The same for every
// statistic of one tau.
struct DecayStep {
  double keep = 1.0;
  double weigh = 0.0;
  std::int64_t ns = 0;
};

class DecayKernel {
 public:
  explicit DecayKernel(std::uint32_t tau_ms) noexcept
      : rate_per_ns_{1.0 / (static_cast<double>(tau_ms) * 1e6)} {}

  // HOT. To within 1e-15 of itself; without a division or a table where steps are short.
  [[nodiscard]] DecayStep step(TimestampNs from, TimestampNs to) const noexcept {
    const std::int64_t ns = to.raw() - from.raw();
    const double x = static_cast<double>(ns) * rate_per_ns_;
    const double weigh = x < 0x1p-5 ? short_weight(x) : -expm1_of_negative(-x);
    return {1.0 - weigh, weigh, ns};
  }

 private:
  // 1 - exp(-x), Taylor to x^8 / 8!: the remainder is below 3e-18 of the sum.
  [[nodiscard]] static double short_weight(double x) noexcept {
    constexpr double k3 = 1.0 / 3.0, k5 = 1.0 / 5.0, k6 = 1.0 / 6.0, k7 = 1.0 / 7.0;
    double sum = 1.0 - x * k7 * (1.0 - x * 0.125);
    sum = 1.0 - x * k6 * sum;
    sum = 1.0 - x * k5 * sum;
    sum = 1.0 - x * 0.25 * sum;
    sum = 1.0 - x * k3 * sum;
    return x - x * x * 0.5 * sum;
  }

  double rate_per_ns_;
};

// mean(t) = Int x(u) K(t - u) du / Int K(t - u) du over the time during which x was defined, and
// the variance likewise (Mueller 1991; recipe of Welford 1962 and West 1979, with forgetting). What
// is held since t has had no time yet: a deviation from the mean neither looks ahead nor at itself,
// and does not depend on how a venue splits what happens at one time.
class EwStat {
 public:
  // HOT. Time passes over the value held.
  void pass(const DecayStep& step) noexcept {
    if (std::isnan(held_) || step.ns <= 0) return;
    weight_ = weight_ * step.keep + step.weigh;
    const double before = held_ - mean_;
    mean_ += step.weigh / weight_ * before;
    spread_ = spread_ * step.keep + step.weigh * before * (held_ - mean_);
    active_ns_ += step.ns;
  }

  // HOT. From here on this is the value; NaN: it is not defined, and its time does not count.
  void hold(double value) noexcept { held_ = value; }

  [[nodiscard]] double held() const noexcept { return held_; }
  // Undefined before any time was counted.
  [[nodiscard]] double mean() const noexcept { return active_ns_ == 0 ? kUndefined : mean_; }
  [[nodiscard]] double variance() const noexcept {
    return active_ns_ == 0 ? kUndefined : std::max(spread_, 0.0) / weight_;
  }
  // Time that counted.
  [[nodiscard]] std::int64_t active_ns() const noexcept { return active_ns_; }

 private:
  double held_ = kUndefined;
  double mean_ = 0.0;
  double spread_ = 0.0;  // sum of weights times squared distances
  double weight_ = 0.0;
  std::int64_t active_ns_ = 0;
};

}  // namespace steelyard
