// src/signals/numerics.hpp -- what the specification needs of arithmetic, the same on every
// machine.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace steelyard {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// HOT. e^x for x <= 0, relative error below 2e-16 times a few; 0 where that is below 1e-300. The
// library's exp differs in its last bit between processors, and a digest must not.
[[nodiscard]] inline double exp_of_negative(double x) noexcept {
  if (!(x > -690.0)) return std::isnan(x) ? x : 0.0;
  constexpr double kLog2e = 1.4426950408889634074;
  constexpr double kLn2High = 6.93147180369123816490e-01;  // 32 bits: exact when multiplied by k
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  const double k = std::floor(x * kLog2e + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| <= ln2 / 2
  // Taylor to r^13 / 13!: the remainder is below 5e-18.
  double sum = 1.0 / 6227020800.0;
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r + 1.0;
  sum = sum * r + 1.0;
  const auto exponent = static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023);
  return sum * std::bit_cast<double>(exponent << 52);
}

// (a - b) / (a + b) for sizes a, b >= 0; undefined where both are zero.
template <typename Size>
[[nodiscard]] double imbalance(Size a, Size b) noexcept {
  const Size whole = a + b;
  if (whole == Size{0}) return kUndefined;
  return static_cast<double>(a - b) / static_cast<double>(whole);
}

}  // namespace steelyard
