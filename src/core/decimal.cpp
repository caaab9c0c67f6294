#include "core/decimal.hpp"

#include <algorithm>

namespace steelyard {
namespace {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// 10^0 .. 10^22: every one exact in a double.
constexpr double kExactPowers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// The digits of a decimal text, point removed: value = digits * 10^exponent.
struct Digits {
  const char* first;   // first digit character (the point may lie between)
  const char* last;    // past the last digit of the fraction
  const char* point;   // or nullptr
  std::int64_t scale;  // power of ten of the last digit
  bool negative;
  bool valid;
};

[[nodiscard]] Digits scan(std::string_view text) noexcept {
  Digits digits{nullptr, nullptr, nullptr, 0, false, false};
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') {
    digits.negative = true;
    ++at;
  }
  digits.first = at;
  while (at != end && is_digit(*at)) ++at;
  const std::int64_t whole = at - digits.first;
  std::int64_t fraction = 0;
  if (at != end && *at == '.') {
    digits.point = at++;
    const char* const begin = at;
    while (at != end && is_digit(*at)) ++at;
    fraction = at - begin;
    if (fraction == 0) return digits;  // "1." is no number
  }
  if (whole == 0) return digits;  // nor is ".5"
  digits.last = at;
  std::int64_t exponent = 0;
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    bool negative = false;
    if (at != end && (*at == '+' || *at == '-')) negative = *at++ == '-';
    if (at == end) return digits;
    for (; at != end && is_digit(*at); ++at) {
      if (exponent < 100'000) exponent = exponent * 10 + (*at - '0');
    }
    if (negative) exponent = -exponent;
  }
  digits.scale = exponent - fraction;
  digits.valid = at == end;
  return digits;
}

}  // namespace

DecimalResult parse_decimal(std::string_view text, int exponent) noexcept {
  // The common form: digits, a point, digits, 18 significant digits at most.
  if (text.size() <= 19) {
    std::int64_t mantissa = 0;
    std::size_t i = 0;
    while (i < 18 && i < text.size() && is_digit(text[i])) {
      mantissa = mantissa * 10 + (text[i++] - '0');
    }
    if (i == text.size() && i != 0) {
      if (exponent == 0) return {mantissa};
      if (mantissa <= std::numeric_limits<std::int64_t>::max() / kPowersOfTen[-exponent]) {
        return {mantissa * kPowersOfTen[-exponent]};
      }
    } else if (i != 0 && i < text.size() && text[i] == '.') {
      const std::size_t begin = ++i;
      while (i < text.size() && is_digit(text[i])) mantissa = mantissa * 10 + (text[i++] - '0');
      const std::size_t fraction = i - begin;
      if (i == text.size() && fraction != 0) {
        const int missing = -exponent - static_cast<int>(fraction);
        if (missing == 0) return {mantissa};
        if (missing > 0) {
          if (mantissa <= std::numeric_limits<std::int64_t>::max() / kPowersOfTen[missing]) {
            return {mantissa * kPowersOfTen[missing]};
          }
        } else {
          const std::int64_t power = kPowersOfTen[-missing];
          const std::int64_t kept = mantissa / power;
          if (kept * power == mantissa) return {kept};
        }
      }
    }
  }

  const Digits digits = scan(text);
  if (!digits.valid) return {0, DecimalStatus::Malformed};
  // Strip zeros at both ends; what remains are the significant digits.
  const char* first = digits.first;
  const char* last = digits.last;
  std::int64_t scale = digits.scale;
  while (first != last && (*first == '0' || first == digits.point)) ++first;
  while (first != last && (last[-1] == '0' || last - 1 == digits.point)) {
    if (last - 1 != digits.point) ++scale;
    --last;
  }
  if (first == last) return {0};
  if (scale < exponent) {
    if (scale < kMinExponent) return {0, DecimalStatus::OutOfRange};
    return {0, DecimalStatus::TooPrecise, static_cast<std::int8_t>(scale)};
  }
  UInt128 mantissa = 0;
  constexpr auto kMax = static_cast<UInt128>(std::numeric_limits<std::int64_t>::max());
  for (const char* at = first; at != last; ++at) {
    if (at == digits.point) continue;
    mantissa = mantissa * 10 + static_cast<unsigned>(*at - '0');
    if (mantissa > kMax) return {0, DecimalStatus::OutOfRange};
  }
  for (; scale > exponent; --scale) {
    mantissa *= 10;
    if (mantissa > kMax) return {0, DecimalStatus::OutOfRange};
  }
  const auto value = static_cast<std::int64_t>(mantissa);
  return {digits.negative ? -value : value};
}

std::string_view format_decimal(std::int64_t mantissa, int exponent,
                                std::span<char, kMaxDecimalText> out) noexcept {
  char* at = out.data() + out.size();
  char* const end = at;
  const bool negative = mantissa < 0;
  std::uint64_t left =
      negative ? ~static_cast<std::uint64_t>(mantissa) + 1 : static_cast<std::uint64_t>(mantissa);
  while (exponent < 0 && left % 10 == 0) {
    if (left == 0) {
      exponent = 0;
      break;
    }
    left /= 10;
    ++exponent;
  }
  int fraction = -exponent;
  do {
    if (fraction == 0 && at != end) *--at = '.';
    *--at = static_cast<char>('0' + left % 10);
    left /= 10;
    --fraction;
  } while (left != 0 || fraction >= 0);
  if (negative) *--at = '-';
  return {at, static_cast<std::size_t>(end - at)};
}

double to_double(Int128 mantissa, int exponent) noexcept {
  auto value = static_cast<double>(mantissa);
  // Beyond 10^22 a power is not exact: two steps, and one more rounding.
  for (; exponent < -22; exponent += 22) value /= kExactPowers[22];
  return exponent < 0 ? value / kExactPowers[-exponent] : value * kExactPowers[exponent];
}

}  // namespace steelyard
