#include "venues/iso_time.hpp"

#include <cstdint>

namespace steelyard {
namespace {

// So many digits; false if one of them is none.
[[nodiscard]] bool read_digits(std::string_view text, std::size_t at, std::size_t count,
                               std::uint32_t& value) noexcept {
  if (at + count > text.size()) return false;
  value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const auto digit = static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]) - '0');
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return true;
}

[[nodiscard]] constexpr bool is_leap(std::uint32_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days from 1970-01-01 to the first of the month, of a year from 1970 on.
[[nodiscard]] constexpr std::int64_t days_before(std::uint32_t year, std::uint32_t month) noexcept {
  constexpr std::uint16_t kBefore[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const std::int64_t past = static_cast<std::int64_t>(year) - 1;
  const std::int64_t leap_days =
      past / 4 - past / 100 + past / 400 - 477;  // 477 of them until 1969
  return (static_cast<std::int64_t>(year) - 1970) * 365 + leap_days + kBefore[month - 1] +
         (month > 2 && is_leap(year) ? 1 : 0);
}
static_assert(days_before(1970, 1) == 0 && days_before(2000, 3) == 11'017);

[[nodiscard]] constexpr std::uint32_t days_in(std::uint32_t year, std::uint32_t month) noexcept {
  if (month == 2) return is_leap(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// "Z", "+hh:mm" or "-hh:mm", and nothing else.
[[nodiscard]] bool read_offset(std::string_view text, std::int64_t& seconds) noexcept {
  seconds = 0;
  if (text == "Z" || text == "z") return true;
  std::uint32_t hours = 0;
  std::uint32_t minutes = 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' ||
      !read_digits(text, 1, 2, hours) || !read_digits(text, 4, 2, minutes) || hours > 23 ||
      minutes > 59) {
    return false;
  }
  seconds = static_cast<std::int64_t>(hours * 60 + minutes) * 60;
  if (text[0] == '-') seconds = -seconds;
  return true;
}

}  // namespace

bool parse_iso_time(std::string_view text, TimestampNs& time) noexcept {
  std::uint32_t year = 0;
  std::uint32_t month = 0;
  std::uint32_t day = 0;
  std::uint32_t hour = 0;
  std::uint32_t minute = 0;
  std::uint32_t second = 0;
  if (!read_digits(text, 0, 4, year) || !read_digits(text, 5, 2, month) ||
      !read_digits(text, 8, 2, day) || !read_digits(text, 11, 2, hour) ||
      !read_digits(text, 14, 2, minute) || !read_digits(text, 17, 2, second)) {
    return false;
  }
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':') {
    return false;
  }
  // A leap second counts as the one after it.
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 ||
      minute > 59 || second > 60) {
    return false;
  }
  std::size_t at = 19;
  std::int64_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    const std::size_t begin = ++at;
    std::int64_t unit = 100'000'000;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      fraction += unit * (text[at] - '0');
      unit /= 10;
    }
    if (at == begin) return false;
  }
  std::int64_t offset = 0;
  if (!read_offset(text.substr(at), offset)) return false;
  if (year < 1970) {
    time = TimestampNs{};
    return true;
  }
  const std::int64_t days = days_before(year, month) + day - 1;
  const std::int64_t seconds =
      days * 86'400 + static_cast<std::int64_t>(hour * 3600 + minute * 60 + second) - offset;
  if (seconds < 0) {
    time = TimestampNs{};
    return true;
  }
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, std::int64_t{1'000'000'000}, &ns) ||
      __builtin_add_overflow(ns, fraction, &ns)) {
    return false;
  }
  time = TimestampNs{ns};
  return true;
}

}  // namespace steelyard
