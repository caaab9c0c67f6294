// src/signals/numerics.hpp -- what the specification needs of arithmetic, the same on every
// machine.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>

#include "core/int128.hpp"
#include "signals/exp_table.hpp"

namespace steelyard {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// HOT. e^x for x <= 0 to within 1e-15 of itself; 0 below -708, where it would be denormal. The
// library's exp differs in its last bit between processors and versions, and a digest must not.
[[nodiscard]] inline double exp_of_negative(double x) noexcept {
  if (!(x > -708.0)) return std::isnan(x) ? x : 0.0;
  // x = n ln2/64 + r, |r| <= ln2/128; n is found by adding what leaves no room for a fraction.
  constexpr double kSteps = 0x1.71547652b82fep+6;  // 64 / ln2
  constexpr double kHigh = 0x1.62e42fef00000p-7;   // ln2 / 64: 33 bits, exact when multiplied by n
  constexpr double kLow = 0x1.473de6af278edp-40;   // and the rest of it
  constexpr double kNoFraction = 0x1.8p52;
  const double shifted = x * kSteps + kNoFraction;
  const double n = shifted - kNoFraction;
  const auto steps = static_cast<std::int64_t>(n);
  const double r = (x - n * kHigh) - n * kLow;
  // Taylor to r^5: the remainder is below 4e-17.
  const double r2 = r * r;
  const double sum = r + r2 * ((0.5 + r * (1.0 / 6.0)) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0)));
  const double fraction = kExpTable[static_cast<std::uint64_t>(steps) & 63];
  const double near = fraction + fraction * sum;
  // The exponent alone is added to: the result is above the denormals.
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(near) +
                               (static_cast<std::uint64_t>(steps >> 6) << 52));
}

// HOT. e^x - 1 for x <= 0, to within 1e-15 of itself, also where e^x is all but 1.
[[nodiscard]] inline double expm1_of_negative(double x) noexcept {
  if (!(x > -0.25)) return exp_of_negative(x) - 1.0;
  // Taylor to x^13 / 13!: the remainder is below 1e-17 of the sum.
  double sum = 1.0 / 6227020800.0;
  for (const double factor : {479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0, 5040.0, 720.0,
                              120.0, 24.0, 6.0, 2.0}) {
    sum = sum * x + 1.0 / factor;
  }
  return x + x * x * sum;
}

// HOT. As nearest_double, of what does not fit 64 bits. The compiler's library function is several
// times the work.
[[nodiscard]] inline double nearest_double_of_wide(Int128 value) noexcept {
  // As many of its highest bits as a signed word holds, of which a double keeps 53. The lowest says
  // too whether anything follows: there are eight or more below those that are kept, so that this
  // decides ties and nothing else.
  const auto high = static_cast<std::int64_t>(value >> 64);
  const auto low = static_cast<std::uint64_t>(value);
  const auto beyond_sign = static_cast<std::uint64_t>(high ^ (high >> 63));
  const int room = std::countl_zero(beyond_sign | 1) - 1;  // 0 to 62
  auto top = static_cast<std::int64_t>(static_cast<UInt128>(value) << (room & 63) >> 64);
  top |= static_cast<std::int64_t>(low << room != 0);
  const auto power = static_cast<std::uint64_t>(1023 + 64 - room);
  return static_cast<double>(top) * std::bit_cast<double>(power << 52);  // exact
}

// HOT. The double nearest to an integer, ties to even; most fit 64 bits, where the processor can.
[[nodiscard]] inline double nearest_double(Int128 value) noexcept {
  const auto low = static_cast<std::int64_t>(value);
  return low == value ? static_cast<double>(low) : nearest_double_of_wide(value);
}

// HOT. The integer part of a double, |value| < 2^126, without the compiler's library function.
[[nodiscard]] inline Int128 integer_part(double value) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const int shift = static_cast<int>(bits >> 52 & 0x7ff) - 1075;  // of 53 bits
  const std::uint64_t mantissa = (bits & ((std::uint64_t{1} << 52) - 1)) | std::uint64_t{1} << 52;
  UInt128 magnitude = 0;
  if (shift >= 0) {
    magnitude = UInt128{mantissa} << shift;
  } else if (shift > -53) {
    magnitude = mantissa >> -shift;
  }
  const auto whole = static_cast<Int128>(magnitude);
  return (bits >> 63) != 0 ? -whole : whole;
}

// HOT. (a - b) / (a + b) for sizes a, b >= 0; undefined where both are zero.
[[nodiscard]] inline double imbalance(Int128 a, Int128 b) noexcept {
  const auto low_a = static_cast<std::int64_t>(a);
  const auto low_b = static_cast<std::int64_t>(b);
  std::int64_t low_whole = 0;
  std::int64_t low_apart = 0;
  if (low_a == a && low_b == b && !__builtin_add_overflow(low_a, low_b, &low_whole) &&
      !__builtin_sub_overflow(low_a, low_b, &low_apart)) {
    if (low_whole == 0) return kUndefined;
    return static_cast<double>(low_apart) / static_cast<double>(low_whole);
  }
  const Int128 whole = a + b;
  if (whole == 0) return kUndefined;
  return nearest_double(a - b) / nearest_double(whole);
}
// ... of sizes whose sum fits 64 bits.
[[nodiscard]] inline double imbalance(std::int64_t a, std::int64_t b) noexcept {
  const std::int64_t whole = a + b;
  if (whole == 0) return kUndefined;
  return static_cast<double>(a - b) / static_cast<double>(whole);
}
[[nodiscard]] inline double imbalance(double a, double b) noexcept {
  const double whole = a + b;
  if (whole == 0.0) return kUndefined;
  return (a - b) / whole;
}

}  // namespace steelyard
