// src/venues/quick_time.hpp -- times as the quick decoders meet them.
#pragma once

#include "core/decimal.hpp"
#include "venues/quick_cursor.hpp"

namespace steelyard {

#if STEELYARD_QUICK

STEELYARD_QUICK_BEGIN

// Thirteen digits: milliseconds, as in json::parse_time, and of our days.
[[nodiscard, gnu::always_inline]] inline bool read_milliseconds(QuickCursor& cursor,
                                                                TimestampNs& time) noexcept {
  std::string_view text;
  std::uint64_t milliseconds = 0;
  if (!cursor.digits(text, milliseconds) || text.size() != 13) return false;
  if (milliseconds >= 5'000'000'000'000U) return false;
  time = TimestampNs{static_cast<std::int64_t>(milliseconds * 1'000'000)};
  return true;
}

// Days from 1970-01-01 to the first of each month of a year that is no leap year, and its days.
inline constexpr std::uint16_t kQuickDaysBefore[13] = {0,   0,   31,  59,  90,  120, 151,
                                                       181, 212, 243, 273, 304, 334};
inline constexpr std::uint8_t kQuickDaysIn[13] = {0,  31, 28, 31, 30, 31, 30,
                                                  31, 31, 30, 31, 30, 31};

// 2026-04-07T14:30:01.456789Z and the quote behind it, to ns as parse_iso_time says it: of 1972 to
// 2099, with one to nine digits of a second, or none.
[[nodiscard, gnu::always_inline]] inline bool read_iso_time(QuickCursor& cursor,
                                                            TimestampNs& time) noexcept {
  const char* const text = cursor.at();
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i figures = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const auto are_figures = static_cast<std::uint32_t>(
      _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(figures, _mm_set1_epi8(9)), figures)));
  const __m128i marks = _mm_setr_epi8(0, 0, 0, 0, '-', 0, 0, '-', 0, 0, 'T', 0, 0, ':', 0, 0);
  const auto are_marks =
      static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, marks)));
  const auto tens = static_cast<std::uint32_t>(text[17] - '0');
  const auto ones = static_cast<std::uint32_t>(text[18] - '0');
  constexpr std::uint32_t kMarks = 1U << 4 | 1U << 7 | 1U << 10 | 1U << 13;
  if ((are_figures & ~kMarks) != (0xffffU & ~kMarks) || (are_marks & kMarks) != kMarks ||
      text[16] != ':' || tens > 5 || ones > 9) {
    return false;
  }
  // Two figures a lane: century, year, month, day, hour, minute.
  const __m128i pairs = _mm_maddubs_epi16(
      _mm_shuffle_epi8(figures,
                       _mm_setr_epi8(0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1)),
      _mm_set1_epi16(0x010a));
  const auto year =
      static_cast<std::uint32_t>(_mm_extract_epi16(pairs, 0) * 100 + _mm_extract_epi16(pairs, 1));
  const auto month = static_cast<std::uint32_t>(_mm_extract_epi16(pairs, 2));
  const auto day = static_cast<std::uint32_t>(_mm_extract_epi16(pairs, 3));
  const auto hour = static_cast<std::uint32_t>(_mm_extract_epi16(pairs, 4));
  const auto minute = static_cast<std::uint32_t>(_mm_extract_epi16(pairs, 5));
  if (year - 1972 > 2099 - 1972 || month - 1 > 11 || hour > 23 || minute > 59) return false;
  const std::uint32_t leap = year % 4 == 0 ? 1 : 0;
  if (day - 1 >= kQuickDaysIn[month] + (month == 2 ? leap : 0)) return false;

  cursor.move(19);
  std::uint64_t fraction = 0;
  if (cursor.skip('.')) {
    std::string_view decimals;
    if (!cursor.digits(decimals, fraction) || decimals.size() > 9) return false;
    fraction *= static_cast<std::uint64_t>(kPowersOfTen[9 - decimals.size()]);
  }
  if (!cursor.skip("Z\"")) return false;
  const std::uint32_t days = (year - 1970) * 365 + (year - 1969) / 4 + kQuickDaysBefore[month] +
                             (month > 2 ? leap : 0) + day - 1;
  const std::uint64_t seconds =
      std::uint64_t{days} * 86'400 + hour * 3600 + minute * 60 + tens * 10 + ones;
  time = TimestampNs{static_cast<std::int64_t>(seconds * 1'000'000'000 + fraction)};
  return true;
}

STEELYARD_QUICK_END

#endif  // STEELYARD_QUICK

}  // namespace steelyard
