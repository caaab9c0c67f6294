// src/book/checksum_text.hpp -- numbers as venues write them where they compute a checksum.
#pragma once

#include <cstdint>

#include "core/decimal.hpp"

namespace steelyard {

// HOT. Each writes one number to where the caller has room for kMaxDecimalText bytes, and returns
// the end of it. Exponents: kMinExponent .. 0.

// The shortest text.
[[nodiscard]] char* write_number(char* to, std::int64_t mantissa, int exponent) noexcept;
// With all the decimals that the exponent allows.
[[nodiscard]] char* write_padded(char* to, std::int64_t mantissa, int exponent) noexcept;
// As JavaScript's String(number): below a millionth with an exponent.
[[nodiscard]] char* write_script_number(char* to, std::int64_t mantissa, int exponent) noexcept;

}  // namespace steelyard
