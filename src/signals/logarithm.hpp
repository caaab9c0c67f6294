// src/signals/logarithm.hpp -- the logarithm of a quotient, the same on every machine.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace steelyard {

// ln((1 + f) / (1 - f)) for |f| < 0.1716: 2 (f + f^3 / 3 + ... + f^23 / 23). The remainder is below
// 1e-19 of the sum.
[[nodiscard]] inline double log_of_near(double f) noexcept {
  const double square = f * f;
  double sum = 1.0 / 23.0;
  for (const double odd : {21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0}) {
    sum = sum * square + 1.0 / odd;
  }
  return 2.0 * f + 2.0 * f * (square * sum);
}

// ln(a / b) to within 1e-15 of itself, for normal numbers a, b > 0. `difference` is a - b as its
// caller knows it, so that prices that all but agree lose no digits. The library's log differs in
// its last bit between processors and versions, and a digest must not.
[[nodiscard]] inline double log_of_quotient(double a, double b, double difference) noexcept {
  constexpr double kNear = 0.17157287525380990;  // (sqrt 2 - 1) / (sqrt 2 + 1)
  if (const double f = difference / (a + b); std::abs(f) <= kNear) return log_of_near(f);
  // a / b = 2^n r with r within [1 / sqrt 2, sqrt 2].
  constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t kOne = std::uint64_t{1023} << 52;
  const auto bits_a = std::bit_cast<std::uint64_t>(a);
  const auto bits_b = std::bit_cast<std::uint64_t>(b);
  auto n = static_cast<std::int64_t>(bits_a >> 52) - static_cast<std::int64_t>(bits_b >> 52);
  double of_a = std::bit_cast<double>((bits_a & kFraction) | kOne);
  double of_b = std::bit_cast<double>((bits_b & kFraction) | kOne);
  if (of_a > of_b * 1.4142135623730951) {
    of_b *= 2.0;
    ++n;
  } else if (of_b > of_a * 1.4142135623730951) {
    of_a *= 2.0;
    --n;
  }
  constexpr double kLn2High = 0x1.62e42fefa0000p-1;  // 38 bits: exact when multiplied by n
  constexpr double kLn2Low = 0x1.cf79abc9e3b3ap-40;
  const auto doublings = static_cast<double>(n);
  return doublings * kLn2High + (doublings * kLn2Low + log_of_near((of_a - of_b) / (of_a + of_b)));
}

}  // namespace steelyard
