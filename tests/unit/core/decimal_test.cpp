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

TEST(ParseSignificand, KeepsEighteenDigitsAndSaysThatThereAreMore) {
  const Significand whole = parse_significand("0.00198000");
  const Significand long_one = parse_significand("0.0031859832031779545255059460801016711");

  EXPECT_EQ(whole.mantissa, 198);
  EXPECT_EQ(whole.exponent, -5);
  EXPECT_FALSE(whole.cut);
  EXPECT_EQ(long_one.mantissa, 318598320317795452);
  EXPECT_EQ(long_one.exponent, -20);
  EXPECT_TRUE(long_one.cut);
  EXPECT_EQ(parse_significand("-12e3").mantissa, -12);
  EXPECT_EQ(parse_significand("0.000").mantissa, 0);
  EXPECT_FALSE(parse_significand("1.").valid);
}

TEST(RoundDecimal, TakesTheNearestAndNeverZeroForWhatIsNot) {
  const struct {
    const char* text;
    int exponent;
    std::int64_t mantissa;
  } cases[] = {
      {"1.25", -1, 13},
      {"-1.25", -1, -13},
      {"1.2499999999999999999999999", -1, 12},
      {"9.121E-7", -8, 91},
      {"1e-30", -8, 1},
      {"-1e-30", -8, -1},
      {"0.000000000000000000000000000", -8, 0},
      {"12345678901.5", -8, 1234567890150000000},
      {"3.1415926535897932384626433832795028841971", -18, 3141592653589793238},
      {"2e3", 0, 2000},
      {"149", 2, 1},
      {"0.5", 0, 1},
      {"0.04", 0, 1},
      {"9999999999999999999.6e-1", 0, 1000000000000000000},
  };
  for (const auto& c : cases) {
    const DecimalResult result = round_decimal(c.text, c.exponent);
    EXPECT_EQ(result.status, DecimalStatus::Ok) << c.text;
    EXPECT_EQ(result.mantissa, c.mantissa) << c.text;
  }
  EXPECT_EQ(round_decimal("1e19", 0).status, DecimalStatus::OutOfRange);
  EXPECT_EQ(round_decimal("1e400000", 0).status, DecimalStatus::OutOfRange);
  EXPECT_EQ(round_decimal("12345678901234567890.5", -2).status, DecimalStatus::OutOfRange);
  EXPECT_EQ(round_decimal("x", 0).status, DecimalStatus::Malformed);
}

TEST(RoundDecimal, IsExactWhereParsingIs) {
  std::mt19937_64 random{11};
  char out[kMaxDecimalText];
  for (int i = 0; i < 20000; ++i) {
    const auto mantissa = static_cast<std::int64_t>(random() >> (1 + random() % 62));
    const int exponent = -static_cast<int>(random() % 19);
    const DecimalResult back = round_decimal(format_decimal(mantissa, exponent, out), exponent);
    ASSERT_EQ(back.status, DecimalStatus::Ok);
    ASSERT_EQ(back.mantissa, mantissa);
  }
}

TEST(DivideDecimals, GivesTheQuotientAtTheExponentAskedFor) {
  const auto divide = [](const char* dividend, const char* divisor, int exponent) {
    return divide_decimals(parse_significand(dividend), parse_significand(divisor), exponent);
  };

  EXPECT_EQ(divide("75.0421104", "0.2501403680", -1).mantissa, 3000);
  EXPECT_EQ(divide("1", "3", -4).mantissa, 3333);
  EXPECT_EQ(divide("2", "3", -4).mantissa, 6667);
  EXPECT_EQ(divide("0", "3", -4).mantissa, 0);
  EXPECT_EQ(divide("1e-9", "1e9", -4).mantissa, 1);
  EXPECT_EQ(divide("1", "0", -4).status, DecimalStatus::Malformed);
  EXPECT_EQ(divide("1e18", "1e-18", 0).status, DecimalStatus::OutOfRange);
  EXPECT_EQ(divide("9e17", "1e-1", 0).mantissa, 9'000'000'000'000'000'000);
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

TEST(FormatDecimal, IsTheTextThatIsPutTogetherByHand) {
  std::mt19937_64 random{3};
  char out[kMaxDecimalText];
  for (int exponent = -36; exponent <= 0; ++exponent) {
    for (std::size_t i = 0; i < 400; ++i) {
      // Of each number of digits, with zeros at the end and without, and next to powers of ten.
      const std::int64_t power = kPowersOfTen[i % 19];
      std::int64_t mantissa = static_cast<std::int64_t>(random() % 1000) - 500;
      if (i % 3 == 0) mantissa = static_cast<std::int64_t>(random() >> (1 + i % 62));
      if (i % 3 == 1) mantissa = mantissa % 9 * power;
      if (i % 3 == 2) mantissa += mantissa < 0 ? -power : power;
      std::string text = std::to_string(mantissa < 0 ? -mantissa : mantissa);
      const auto decimals = static_cast<std::size_t>(-exponent);
      if (text.size() <= decimals) text = std::string(decimals + 1 - text.size(), '0') + text;
      if (decimals != 0) {
        text.insert(text.size() - decimals, 1, '.');
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
      }
      if (mantissa < 0) text = '-' + text;
      ASSERT_EQ(format_decimal(mantissa, exponent, out), text) << mantissa << " at " << exponent;
    }
  }
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
