// Times of the quick decoders are those of the careful ones.
#include "venues/quick_time.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/frame.hpp"
#include "venues/iso_time.hpp"

namespace steelyard {
namespace {

#if STEELYARD_QUICK
STEELYARD_QUICK_BEGIN

// Of the text and a quote behind it; true only if that was all.
[[nodiscard]] bool read_quickly(const std::string& text, TimestampNs& time) {
  std::string bytes = text + '"';
  const std::size_t length = bytes.size();
  bytes.append(kFramePadding, '\0');
  QuickCursor cursor{std::string_view{bytes}.substr(0, length)};
  return read_iso_time(cursor, time) && cursor.at_end();
}

STEELYARD_QUICK_END

class QuickTime : public testing::Test {
 protected:
  void SetUp() override {
    if (!quick_is_available()) GTEST_SKIP() << "this processor has no AVX2";
  }
};

std::string two(std::uint_fast32_t value) {
  return std::string{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

TEST_F(QuickTime, IsRightOnEveryDayUntil2099) {
  std::mt19937 random{5};
  for (unsigned year = 1972; year < 2100; ++year) {
    for (unsigned month = 1; month <= 12; ++month) {
      for (unsigned day = 1; day <= 31; ++day) {
        const std::string text = std::to_string(year) + '-' + two(month) + '-' + two(day) + 'T' +
                                 two(random() % 24) + ':' + two(random() % 60) + ':' +
                                 two(random() % 60) + 'Z';
        TimestampNs careful;
        TimestampNs quick;
        const bool there_is_one = parse_iso_time(text, careful);
        ASSERT_EQ(read_quickly(text, quick), there_is_one) << text;
        if (there_is_one) ASSERT_EQ(quick, careful) << text;
      }
    }
  }
}

TEST_F(QuickTime, HoldsOneToNineDecimals) {
  std::string text = "2026-08-09T21:05:49.";
  for (int decimals = 1; decimals <= 12; ++decimals) {
    text += static_cast<char>('0' + decimals % 10);
    TimestampNs careful;
    TimestampNs quick;
    ASSERT_TRUE(parse_iso_time(text + 'Z', careful));
    ASSERT_EQ(read_quickly(text + 'Z', quick), decimals <= 9) << text;
    if (decimals <= 9) EXPECT_EQ(quick, careful) << text;
  }
}

TEST_F(QuickTime, SaysNothingElseWhateverCharactersBecome) {
  constexpr std::string_view kPlain = "2024-02-29T23:59:58.051219529Z";
  for (std::size_t at = 0; at < kPlain.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string text{kPlain};
      text[at] = static_cast<char>(c);
      TimestampNs careful;
      TimestampNs quick;
      if (!read_quickly(text, quick)) continue;
      ASSERT_TRUE(parse_iso_time(text, careful)) << text;
      ASSERT_EQ(quick, careful) << text;
    }
  }
  TimestampNs time;
  for (const char* const odd :
       {"2026-08-09 21:05:49Z", "2026-08-09T21:05:60Z", "2026-08-09T21:05:49+02:00",
        "2026-08-09T21:05:49.Z", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-00-09T21:05:49Z", "2026-13-09T21:05:49Z", ""}) {
    EXPECT_FALSE(read_quickly(odd, time)) << odd;
  }
}
#endif

}  // namespace
}  // namespace steelyard
