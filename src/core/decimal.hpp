// src/core/decimal.hpp -- exact decimals: text to mantissa and back, never through a binary float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "core/int128.hpp"

namespace steelyard {

// Exponents that an instrument may have: enough for 18 significant digits either way.
inline constexpr int kMinExponent = -18;

enum class DecimalStatus : std::uint8_t {
  Ok,
  Malformed,   // not a decimal number
  TooPrecise,  // has non-zero digits beyond the exponent: `needed` says which exponent would do
  OutOfRange,  // does not fit 64 bits at that exponent, or no exponent down to kMinExponent would
               // do
};

struct DecimalResult {
  std::int64_t mantissa = 0;
  DecimalStatus status = DecimalStatus::Ok;
  std::int8_t needed = 0;  // TooPrecise: the exponent that holds every digit
};

inline constexpr std::int64_t kPowersOfTen[19] = {1,
                                                  10,
                                                  100,
                                                  1000,
                                                  10000,
                                                  100000,
                                                  1000000,
                                                  10000000,
                                                  100000000,
                                                  1000000000,
                                                  10000000000,
                                                  100000000000,
                                                  1000000000000,
                                                  10000000000000,
                                                  100000000000000,
                                                  1000000000000000,
                                                  10000000000000000,
                                                  100000000000000000,
                                                  1000000000000000000};

// HOT. `[-]digits[.digits][(e|E)[+-]digits]` to the mantissa at `exponent` (<= 0), exactly:
// "9.121E-7" at -10 is 9121. Trailing zeros beyond the exponent are no digits. Any length of text.
[[nodiscard]] DecimalResult parse_decimal(std::string_view text, int exponent) noexcept;

// A decimal as far as 64 bits go: its first 18 significant digits.
struct Significand {
  std::int64_t mantissa = 0;
  std::int32_t exponent = 0;  // value = mantissa * 10^exponent
  bool valid = false;         // the text is a decimal number
  bool cut = false;           // it has more digits than these
};

// HOT. Any length of text. The mantissa has no trailing zeros.
[[nodiscard]] Significand parse_significand(std::string_view text) noexcept;

// HOT. The mantissa at `exponent` nearest to the text, halves away from zero, and never zero for
// what is not zero. `needed` is not set; TooPrecise is not returned.
[[nodiscard]] DecimalResult round_decimal(std::string_view text, int exponent) noexcept;

// HOT. dividend / divisor at `exponent`, in the same way. Malformed: the divisor is zero.
[[nodiscard]] DecimalResult divide_decimals(const Significand& dividend, const Significand& divisor,
                                            int exponent) noexcept;

// Longest text that format_decimal writes: sign, 19 digits, point, leading zero.
inline constexpr std::size_t kMaxDecimalText = 40;

// HOT. mantissa * 10^exponent as shortest exact text ("0.05", "12", "-3.1"), into `out`
// (kMaxDecimalText bytes); the view is into `out`.
[[nodiscard]] std::string_view format_decimal(std::int64_t mantissa, int exponent,
                                              std::span<char, kMaxDecimalText> out) noexcept;

// The double nearest to mantissa * 10^exponent, exponent in [-40, 22]: correctly rounded while the
// mantissa has at most 53 bits, and the same on every machine always.
[[nodiscard]] double to_double(Int128 mantissa, int exponent) noexcept;

}  // namespace steelyard
