// src/signals/wide_sum.hpp -- a sum of notionals, exact as long as 128 bits hold it.
#pragma once

#include "core/int128.hpp"

namespace steelyard {

// Of integers of at most 2^126 each. What outgrows 128 bits goes on as a double.
class WideSum {
 public:
  // HOT.
  void add(Int128 value) noexcept {
    sum_ += value;
    if (sum_ < kMost && sum_ > -kMost) return;
    spilt_ += static_cast<double>(sum_);
    sum_ = 0;
  }

  // In the unit that `scale` gives an integer: rounded once where the sum was exact.
  template <typename ToUnit>
  [[nodiscard]] double value(ToUnit scale) const noexcept {
    if (spilt_ == 0.0) return scale(sum_);
    return scale(Int128{1}) * spilt_ + scale(sum_);
  }

 private:
  static constexpr Int128 kMost = Int128{1} << 125;

  Int128 sum_ = 0;
  double spilt_ = 0.0;
};

}  // namespace steelyard
