// src/signals/exp_regression.hpp -- EWREG: least squares over bars, older ones weighted less.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "signals/numerics.hpp"

namespace steelyard {

// y = intercept + slope x with weights lambda^age, age in samples, by centred co-moments: the same
// as recursive least squares with forgetting and no prior, without its instability (Verhaegen
// 1989). What is degenerate, or of too few samples, is undefined.
class ExpRegression {
 public:
  ExpRegression(double lambda, std::uint32_t least_samples) noexcept
      : lambda_{lambda}, least_samples_{least_samples} {}

  void add(double x, double y) noexcept {
    if (samples_ < least_samples_) ++samples_;
    weight_ = lambda_ * weight_ + 1.0;
    square_weight_ = lambda_ * lambda_ * square_weight_ + 1.0;
    const double dx = x - mean_x_;
    const double dy = y - mean_y_;
    mean_x_ += dx / weight_;
    mean_y_ += dy / weight_;
    xx_ = decayed(xx_) + dx * (x - mean_x_);
    yy_ = decayed(yy_) + dy * (y - mean_y_);
    xy_ = decayed(xy_) + dx * (y - mean_y_);
  }

  // Whether there is a line; r2 and t need a y that varies, too.
  [[nodiscard]] bool defined() const noexcept {
    return samples_ == least_samples_ && varies(xx_, mean_x_);
  }
  [[nodiscard]] double slope() const noexcept { return defined() ? xy_ / xx_ : kUndefined; }
  [[nodiscard]] double intercept() const noexcept { return mean_y_ - slope() * mean_x_; }
  [[nodiscard]] double at(double x) const noexcept { return intercept() + slope() * x; }

  [[nodiscard]] double r2() const noexcept {
    if (!defined() || !varies(yy_, mean_y_)) return kUndefined;
    return std::min(xy_ * xy_ / (xx_ * yy_), 1.0);
  }

  // Of the slope, as if errors were independent and alike; the effective number of samples is
  // Kish's.
  [[nodiscard]] double t() const noexcept {
    const double square = r2();
    const double samples = weight_ * weight_ / square_weight_;
    if (!(1.0 - square > kExact) || !(samples > 2.0)) return kUndefined;
    return std::copysign(std::sqrt(square * (samples - 2.0) / (1.0 - square)), xy_);
  }

  // Standard deviation of the residuals.
  [[nodiscard]] double sigma() const noexcept {
    const double left = yy_ - slope() * xy_;
    return left > kExact * yy_ ? std::sqrt(left / weight_) : kUndefined;
  }

 private:
  // Below, a moment is nothing: it would be denormal before long.
  static constexpr double kNothing = 1e-280;
  // What a line leaves of a variance that is no more than rounding: it fits exactly, and there are
  // no errors to measure by.
  static constexpr double kExact = 1e-13;

  [[nodiscard]] double decayed(double moment) const noexcept {
    const double left = moment * lambda_;
    return std::abs(left) < kNothing ? 0.0 : left;
  }
  [[nodiscard]] bool varies(double moment, double mean) const noexcept {
    return moment / weight_ > std::max(1e-18, 1e-12 * (mean * mean));
  }

  double lambda_;
  std::uint32_t least_samples_;
  std::uint32_t samples_ = 0;
  double weight_ = 0.0;
  double square_weight_ = 0.0;  // sum of squared weights
  double mean_x_ = 0.0;
  double mean_y_ = 0.0;
  double xx_ = 0.0;
  double yy_ = 0.0;
  double xy_ = 0.0;
};

}  // namespace steelyard
