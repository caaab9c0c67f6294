#include "book/checksum_text.hpp"

#include <array>
#include <cstring>
#include <span>
#include <string_view>

namespace steelyard {

char* write_number(char* to, std::int64_t mantissa, int exponent) noexcept {
  const std::span<char, kMaxDecimalText> room{to, kMaxDecimalText};
  return to + format_decimal(mantissa, exponent, room).size();
}

char* write_padded(char* to, std::int64_t mantissa, int exponent) noexcept {
  char* end = write_number(to, mantissa, exponent);
  if (exponent == 0) return end;
  const auto is_digit = [](char c) noexcept { return c >= '0' && c <= '9'; };
  int decimals = 0;
  const char* at = end;
  for (; at != to && is_digit(at[-1]); --at) ++decimals;
  if (at == to || at[-1] != '.') {
    *end++ = '.';
    decimals = 0;
  }
  for (; decimals < -exponent; ++decimals) *end++ = '0';
  return end;
}

char* write_script_number(char* to, std::int64_t mantissa, int exponent) noexcept {
  std::int64_t magnitude = mantissa < 0 ? -mantissa : mantissa;
  int last = exponent;
  while (magnitude != 0 && magnitude % 10 == 0) {
    magnitude /= 10;
    ++last;
  }
  std::array<char, kMaxDecimalText> buffer;
  const std::string_view digits = format_decimal(magnitude, 0, buffer);
  const int point = static_cast<int>(digits.size()) + last;  // 0.1 has its point at 0
  if (mantissa == 0 || point > -6) return write_number(to, mantissa, exponent);
  if (mantissa < 0) *to++ = '-';
  *to++ = digits[0];
  if (digits.size() > 1) {
    *to++ = '.';
    std::memcpy(to, &digits[1], digits.size() - 1);
    to += digits.size() - 1;
  }
  *to++ = 'e';
  return write_number(to, point - 1, 0);
}

}  // namespace steelyard
