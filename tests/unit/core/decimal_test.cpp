#include "core/decimal.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace steelyard {
namespace {

TEST(ParseDecimal, ReadsWhatVenuesSend) {
  struct Case {
    const char* text;
    int exponent;
    std::int64_t mantissa;
  };
  const Case cases[] = {
      {"61837.63000000", -2, 6183763},
      {"0.00000174", -8, 174},
      {"0", -8, 0},
      {"0.00000000", 0, 0},
      {"7", -3, 7000},
      {"9.121E-7", -10, 9121},
      {"1e3", 0, 1000},
      {"1.5E+2", -1, 1500},
      {"-3.25", -2, -325},
      {"92233720368.54775807", -8, 9223372036854775807},
      {"000012.50", -1, 125},
      {"0.95000000000000000000", -2, 95},
      {"100000000000000000000e-20", 0, 1},
  };
  for (const Case& c : cases) {
    const DecimalResult result = parse_decimal(c.text, c.exponent);
    EXPECT_EQ(result.status, DecimalStatus::Ok) << c.text;
    EXPECT_EQ(result.mantissa, c.mantissa) << c.text;
  }
}

TEST(ParseDecimal, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", ".", "1.", ".5", "abc", "1e", "1e+", "1.2.3", "0x10", " 1",
                           "1 ", "NaN", "1,5", "--1", "+1"}) {
    EXPECT_EQ(parse_decimal(text, -2).status, DecimalStatus::Malformed) << text;
  }
}

TEST(ParseDecimal, SaysWhichExponentMoreDigitsNeed) {
  const DecimalResult result = parse_decimal("100.0051", -2);

  EXPECT_EQ(result.status, DecimalStatus::TooPrecise);
  EXPECT_EQ(result.needed, -4);
  EXPECT_EQ(parse_decimal("1e-19", -8).status, DecimalStatus::OutOfRange);
}

TEST(ParseDecimal, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_decimal("92233720368.54775808", -8).status, DecimalStatus::OutOfRange);
  EXPECT_EQ(parse_decimal("9223372036854775808", 0).status, DecimalStatus::OutOfRange);
  EXPECT_EQ(parse_decimal("1e400000000000", 0).status, DecimalStatus::OutOfRange);
  EXPECT_EQ(parse_decimal(std::string(40, '9'), 0).status, DecimalStatus::OutOfRange);
}

TEST(FormatDecimal, WritesTheShortestExactText) {
  char out[kMaxDecimalText];
  EXPECT_EQ(format_decimal(5, -2, out), "0.05");
  EXPECT_EQ(format_decimal(1200, -2, out), "12");
  EXPECT_EQ(format_decimal(-31, -1, out), "-3.1");
  EXPECT_EQ(format_decimal(0, -8, out), "0");
  EXPECT_EQ(format_decimal(6183763, -2, out), "61837.63");
  EXPECT_EQ(format_decimal(INT64_MIN, -18, out), "-9.223372036854775808");
}

TEST(FormatDecimal, IsTheInverseOfParse) {
  std::mt19937_64 random{7};
  char out[kMaxDecimalText];
  for (int i = 0; i < 20000; ++i) {
    const auto mantissa = static_cast<std::int64_t>(random() >> (random() % 63));
    const int exponent = -static_cast<int>(random() % 19);
    const DecimalResult back = parse_decimal(format_decimal(mantissa, exponent, out), exponent);
    ASSERT_EQ(back.status, DecimalStatus::Ok);
    ASSERT_EQ(back.mantissa, mantissa);
  }
}

TEST(ToDouble, IsTheNearestDouble) {
  EXPECT_EQ(to_double(6183763, -2), 61837.63);
  EXPECT_EQ(to_double(174, -8), 0.00000174);
  EXPECT_EQ(to_double(-1, -1), -0.1);
}

}  // namespace
}  // namespace steelyard
