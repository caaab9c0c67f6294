// Times of RFC 3339.
#include "venues/iso_time.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace steelyard {
namespace {

[[nodiscard]] std::int64_t ns_of(std::string_view text) {
  TimestampNs time{-7};
  return parse_iso_time(text, time) ? time.raw() : -1;
}

TEST(IsoTime, KeepsEveryDigitDownToTheNanosecond) {
  EXPECT_EQ(ns_of("2023-10-06T17:35:55.440295Z"), 1'696'613'755'440'295'000);
  EXPECT_EQ(ns_of("2026-08-09T21:05:48.228568804Z"), 1'786'309'548'228'568'804);
  EXPECT_EQ(ns_of("2026-08-09T21:05:48.2285688049Z"), 1'786'309'548'228'568'804);
  EXPECT_EQ(ns_of("2019-08-01T00:00:03.8Z"), 1'564'617'603'800'000'000);
  EXPECT_EQ(ns_of("1970-01-01T00:00:00Z"), 0);
}

TEST(IsoTime, KnowsTheCalendar) {
  // Every day of a span with all kinds of leap years, against the standard library's calendar.
  using namespace std::chrono;
  for (sys_days day = 1970y / January / 1; day < sys_days{2110y / January / 1}; day += days{1}) {
    const year_month_day date{day};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT01:02:03.5Z", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    ASSERT_EQ(ns_of(text),
              (day.time_since_epoch().count() * 86'400 + 3'723) * 1'000'000'000 + 500'000'000)
        << text;
  }
}

TEST(IsoTime, TakesOffsetsIntoAccount) {
  EXPECT_EQ(ns_of("2024-02-29T01:30:00+01:30"), ns_of("2024-02-29T00:00:00Z"));
  EXPECT_EQ(ns_of("2024-02-28T22:00:00-02:00"), ns_of("2024-02-29T00:00:00Z"));
  EXPECT_EQ(ns_of("2024-02-29 00:00:00Z"), ns_of("2024-02-29T00:00:00Z"));
}

TEST(IsoTime, TakesDatesBeforeTheEpochForNone) {
  EXPECT_EQ(ns_of("0001-01-01T00:00:00.000000Z"), 0);
  EXPECT_EQ(ns_of("1970-01-01T00:00:00+05:00"), 0);
}

TEST(IsoTime, RefusesWhatIsNoTime) {
  const std::string good = "2026-04-07T14:30:01.456789Z";
  ASSERT_NE(ns_of(good), -1);
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(ns_of(std::string_view{good}.substr(0, length)), -1) << length;
  }
  for (const char* const text :
       {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-04-00T00:00:00Z", "2026-04-31T00:00:00Z", "2026-04-07T24:00:00Z",
        "2026-04-07T14:60:00Z", "2026-04-07T14:30:61Z", "2026-04-07T14:30:01.Z",
        "2026-04-07T14:30:01ZZ", "2026-04-07T14:30:01+0100", "2026-04-07T14:30:01+24:00",
        "2026/04/07T14:30:01Z", "2026-04-07X14:30:01Z", "x026-04-07T14:30:01Z", "1786309548228",
        "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(ns_of(text), -1) << text;
  }
}

}  // namespace
}  // namespace steelyard
