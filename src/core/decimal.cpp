#include "core/decimal.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

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

// Zeros at both ends are no digits; what remains are the significant ones.
void strip(Digits& digits) noexcept {
  const char*& first = digits.first;
  const char*& last = digits.last;
  while (first != last && (*first == '0' || first == digits.point)) ++first;
  while (first != last && (last[-1] == '0' || last - 1 == digits.point)) {
    if (last - 1 != digits.point) ++digits.scale;
    --last;
  }
}

constexpr auto kMaxMantissa = static_cast<UInt128>(std::numeric_limits<std::int64_t>::max());

// value / divisor to nearest, halves away from zero; what is not zero does not become so.
[[nodiscard]] DecimalResult nearest(UInt128 value, UInt128 divisor, bool negative) noexcept {
  UInt128 quotient = value / divisor;
  if (value % divisor >= divisor - value % divisor) ++quotient;
  if (quotient == 0 && value != 0) quotient = 1;
  if (quotient > kMaxMantissa) return {0, DecimalStatus::OutOfRange};
  const auto mantissa = static_cast<std::int64_t>(quotient);
  return {negative ? -mantissa : mantissa};
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

  Digits digits = scan(text);
  if (!digits.valid) return {0, DecimalStatus::Malformed};
  strip(digits);
  const char* const first = digits.first;
  const char* const last = digits.last;
  std::int64_t scale = digits.scale;
  if (first == last) return {0};
  if (scale < exponent) {
    if (scale < kMinExponent) return {0, DecimalStatus::OutOfRange};
    return {0, DecimalStatus::TooPrecise, static_cast<std::int8_t>(scale)};
  }
  UInt128 mantissa = 0;
  for (const char* at = first; at != last; ++at) {
    if (at == digits.point) continue;
    mantissa = mantissa * 10 + static_cast<unsigned>(*at - '0');
    if (mantissa > kMaxMantissa) return {0, DecimalStatus::OutOfRange};
  }
  for (; scale > exponent; --scale) {
    mantissa *= 10;
    if (mantissa > kMaxMantissa) return {0, DecimalStatus::OutOfRange};
  }
  const auto value = static_cast<std::int64_t>(mantissa);
  return {digits.negative ? -value : value};
}

Significand parse_significand(std::string_view text) noexcept {
  Significand out;
  Digits digits = scan(text);
  if (!digits.valid) return out;
  out.valid = true;
  strip(digits);
  if (digits.first == digits.last) return out;
  std::int64_t scale = digits.scale;
  int kept = 0;
  for (const char* at = digits.first; at != digits.last; ++at) {
    if (at == digits.point) continue;
    if (kept == 18) {
      out.cut = true;
      ++scale;
      continue;
    }
    out.mantissa = out.mantissa * 10 + (*at - '0');
    ++kept;
  }
  while (out.mantissa % 10 == 0) {
    out.mantissa /= 10;
    ++scale;
  }
  if (digits.negative) out.mantissa = -out.mantissa;
  out.exponent = static_cast<std::int32_t>(std::clamp<std::int64_t>(scale, -1'000'000, 1'000'000));
  return out;
}

DecimalResult round_decimal(std::string_view text, int exponent) noexcept {
  Digits digits = scan(text);
  if (!digits.valid) return {0, DecimalStatus::Malformed};
  strip(digits);
  if (digits.first == digits.last) return {0};
  const bool has_point = digits.point >= digits.first && digits.point < digits.last;
  const std::int64_t count = digits.last - digits.first - (has_point ? 1 : 0);
  const std::int64_t dropped = std::max<std::int64_t>(exponent - digits.scale, 0);
  UInt128 mantissa = 0;
  std::int64_t seen = 0;
  for (const char* at = digits.first; at != digits.last; ++at) {
    if (at == digits.point) continue;
    if (seen++ == count - dropped) {
      mantissa += *at >= '5' ? 1 : 0;
      break;
    }
    if (seen > count - dropped) break;
    mantissa = mantissa * 10 + static_cast<unsigned>(*at - '0');
    if (mantissa > kMaxMantissa) return {0, DecimalStatus::OutOfRange};
  }
  for (std::int64_t scale = digits.scale; scale > exponent; --scale) {
    mantissa *= 10;
    if (mantissa > kMaxMantissa) return {0, DecimalStatus::OutOfRange};
  }
  if (mantissa == 0) mantissa = 1;
  if (mantissa > kMaxMantissa) return {0, DecimalStatus::OutOfRange};
  const auto value = static_cast<std::int64_t>(mantissa);
  return {digits.negative ? -value : value};
}

DecimalResult divide_decimals(const Significand& dividend, const Significand& divisor,
                              int exponent) noexcept {
  if (!dividend.valid || !divisor.valid || divisor.mantissa == 0) {
    return {0, DecimalStatus::Malformed};
  }
  if (dividend.mantissa == 0) return {0};
  const auto magnitude = [](std::int64_t value) noexcept {
    return static_cast<UInt128>(value < 0 ? -value : value);
  };
  UInt128 value = magnitude(dividend.mantissa);
  UInt128 by = magnitude(divisor.mantissa);
  const bool negative = (dividend.mantissa < 0) != (divisor.mantissa < 0);
  // At most 10^18 each, so that 10^20 more still fit 128 bits on either side.
  int shift = dividend.exponent - divisor.exponent - exponent;
  for (; shift > 0; --shift) {
    if (value > UInt128{kMaxMantissa} * 1'000'000'000'000'000'000U) {
      return {0, DecimalStatus::OutOfRange};
    }
    value *= 10;
  }
  for (; shift < 0; ++shift) {
    // So small a value is not zero, and next to it.
    if (by > UInt128{kMaxMantissa} * 1'000'000'000'000'000'000U) return {negative ? -1 : 1};
    by *= 10;
  }
  return nearest(value, by, negative);
}

namespace {

constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

static_assert(std::endian::native == std::endian::little);

// The eight digits of a number below 10^8, zeros in front among them, the first one lowest: halves,
// quarters and eighths, all at once.
[[nodiscard]] std::uint64_t eight_digits(std::uint32_t number) noexcept {
  const std::uint64_t fours = number / 10'000 | std::uint64_t{number % 10'000} << 32;
  const std::uint64_t hundreds = fours * 5243 >> 19 & 0x0000'007f'0000'007f;
  const std::uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  const std::uint64_t tens = twos * 103 >> 10 & 0x000f'000f'000f'000f;
  return tens | (twos - 10 * tens) << 8;
}

// `count` digits of a word, the first one lowest, with the point that the exponent asks for. Writes
// over as much as a word and 20 bytes.
template <typename Word>
[[nodiscard]] char* put_digits(char* at, Word digits, int count, int exponent) noexcept {
  const int whole = count + exponent;
  if (whole > 0) {
    std::memcpy(at, &digits, sizeof digits);
    if (exponent == 0) return at + count;
    at += whole;
    *at++ = '.';
    digits >>= 8 * whole;
  } else {
    std::memcpy(at, "0.00000000000000000000", 20);
    at += 2 - whole;
  }
  std::memcpy(at, &digits, sizeof digits);
  return at + (whole > 0 ? -exponent : count);
}

constexpr std::uint64_t kShortNumbers = 10'000'000'000'000'000;  // sixteen digits

// Of the digits, first one lowest, those in front of the number and at the end of its fraction are
// not written.
template <typename Word>
[[nodiscard]] char* put_without_zeros(char* at, Word digits, int before, int behind,
                                      int exponent) noexcept {
  constexpr auto kZeros = static_cast<Word>(~Word{0} / 255 * '0');
  const int dropped = std::min(behind, -exponent);
  return put_digits(at, static_cast<Word>((digits | kZeros) >> 8 * before),
                    static_cast<int>(sizeof digits) - before - dropped, exponent + dropped);
}

// The same without a fraction.
[[nodiscard]] char* put_whole(char* at, std::uint64_t number) noexcept {
  constexpr std::uint64_t kZeros = 0x3030'3030'3030'3030;
  constexpr std::uint64_t kHalf = 100'000'000;
  const std::uint64_t high = number < kHalf ? number : number / kHalf;
  const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(high));
  const int zeros = std::countr_zero(digits) / 8;
  const std::uint64_t text = (digits | kZeros) >> 8 * zeros;
  std::memcpy(at, &text, sizeof text);
  at += 8 - zeros;
  if (number < kHalf) return at;
  const std::uint64_t low =
      eight_digits(static_cast<std::uint32_t>(number - high * kHalf)) | kZeros;
  std::memcpy(at, &low, sizeof low);
  return at + 8;
}

// Of a number that is not zero and below kShortNumbers.
[[nodiscard]] char* put_short(char* at, std::uint64_t number, int exponent) noexcept {
  constexpr std::uint64_t kHalf = 100'000'000;
  if (exponent == 0) return put_whole(at, number);
  if (number < kHalf) {
    const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(number));
    return put_without_zeros(at, digits, std::countr_zero(digits) / 8, std::countl_zero(digits) / 8,
                             exponent);
  }
  if (exponent <= -8 && number % kHalf == 0) return put_short(at, number / kHalf, exponent + 8);
  const std::uint64_t high = eight_digits(static_cast<std::uint32_t>(number / kHalf));
  const std::uint64_t low = eight_digits(static_cast<std::uint32_t>(number % kHalf));
  return put_without_zeros(at, UInt128{low} << 64 | high, std::countr_zero(high) / 8,
                           low != 0 ? std::countl_zero(low) / 8 : 8 + std::countl_zero(high) / 8,
                           exponent);
}

}  // namespace

std::string_view format_decimal(std::int64_t mantissa, int exponent,
                                std::span<char, kMaxDecimalText> out) noexcept {
  if (mantissa == 0) {
    out[0] = '0';
    return {out.data(), 1};
  }
  const bool negative = mantissa < 0;
  std::uint64_t left =
      negative ? ~static_cast<std::uint64_t>(mantissa) + 1 : static_cast<std::uint64_t>(mantissa);
  if (left < kShortNumbers && exponent >= kMinExponent) {
    out[0] = '-';
    const char* const end = put_short(out.data() + (negative ? 1 : 0), left, exponent);
    return {out.data(), static_cast<std::size_t>(end - out.data())};
  }
  std::array<char, 20> digits;
  char* from = digits.data() + digits.size();
  char* end = from;
  for (; left >= 100; left /= 100) {
    from -= 2;
    std::memcpy(from, &kPairs[left % 100 * 2], 2);
  }
  from -= 2;
  std::memcpy(from, &kPairs[left * 2], 2);
  if (left < 10) ++from;
  // Zeros at the end of the fraction are not written.
  for (; exponent < 0 && end[-1] == '0'; ++exponent) --end;

  char* at = out.data();
  if (negative) *at++ = '-';
  const auto put = [&at](const char* text, std::ptrdiff_t bytes) noexcept {
    std::memcpy(at, text, static_cast<std::size_t>(bytes));
    at += bytes;
  };
  const std::ptrdiff_t whole = end - from + exponent;
  if (exponent == 0) {
    put(from, whole);
  } else if (whole > 0) {
    put(from, whole);
    *at++ = '.';
    put(from + whole, -exponent);
  } else {
    *at++ = '0';
    *at++ = '.';
    for (std::ptrdiff_t zeros = whole; zeros != 0; ++zeros) *at++ = '0';
    put(from, end - from);
  }
  return {out.data(), static_cast<std::size_t>(at - out.data())};
}

double to_double(Int128 mantissa, int exponent) noexcept {
  auto value = static_cast<double>(mantissa);
  // Beyond 10^22 a power is not exact: two steps, and one more rounding.
  for (; exponent < -22; exponent += 22) value /= kExactPowers[22];
  return exponent < 0 ? value / kExactPowers[-exponent] : value * kExactPowers[exponent];
}

}  // namespace steelyard
