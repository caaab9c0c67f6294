#include "signals/numerics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace steelyard {
namespace {

double error_of(double is, long double should) {
  return static_cast<double>(std::abs((static_cast<long double>(is) - should) / should));
}

TEST(ExpOfNegative, IsWithinAFewUnitsOfTheLastPlaceOverItsWholeRange) {
  std::mt19937_64 random{11};
  double worst = 0.0;

  for (int i = 0; i < 400'000; ++i) {
    const double uniform = static_cast<double>(random() >> 11) * 0x1p-53;
    const double x = i % 2 == 0 ? -708.0 * uniform : -std::exp2(-60.0 + 70.0 * uniform);
    if (x <= -708.0) continue;
    worst = std::max(worst, error_of(exp_of_negative(x), std::exp(static_cast<long double>(x))));
  }

  EXPECT_LT(worst, 3e-16);
}

TEST(ExpOfNegative, MeetsItsEnds) {
  EXPECT_EQ(exp_of_negative(0.0), 1.0);
  EXPECT_EQ(exp_of_negative(-0.0), 1.0);
  EXPECT_EQ(exp_of_negative(-708.0), 0.0);
  EXPECT_GE(exp_of_negative(std::nextafter(-708.0, 0.0)), std::numeric_limits<double>::min());
  EXPECT_EQ(exp_of_negative(-std::numeric_limits<double>::infinity()), 0.0);
  EXPECT_TRUE(std::isnan(exp_of_negative(kUndefined)));
}

// Golden bits: another processor or compiler that disagrees would change digests.
TEST(ExpOfNegative, HasTheSameBitsEverywhere) {
  EXPECT_EQ(exp_of_negative(-1.0), 0x1.78b56362cef38p-2);
  EXPECT_EQ(exp_of_negative(-0.1), 0x1.cf46d99d52b3bp-1);
  EXPECT_EQ(exp_of_negative(-1e-9), 0x1.fffffff768fa1p-1);
  EXPECT_EQ(exp_of_negative(-123.456), 0x1.da9fb9e4ee71fp-179);
}

TEST(Expm1OfNegative, KeepsItsDigitsWhereTheExponentialIsAllButOne) {
  std::mt19937_64 random{12};
  double worst = 0.0;

  for (int i = 0; i < 400'000; ++i) {
    const double uniform = static_cast<double>(random() >> 11) * 0x1p-53;
    const double x = i % 2 == 0 ? -2.0 * uniform : -std::exp2(-60.0 + 66.0 * uniform);
    if (x == 0.0) continue;
    worst =
        std::max(worst, error_of(expm1_of_negative(x), std::expm1(static_cast<long double>(x))));
  }

  EXPECT_LT(worst, 1e-15);
  EXPECT_EQ(expm1_of_negative(0.0), 0.0);
  EXPECT_EQ(expm1_of_negative(-1'000.0), -1.0);
}

TEST(Imbalance, IsUndefinedOfNothingAndExactAtItsEnds) {
  EXPECT_TRUE(std::isnan(imbalance(Int128{0}, Int128{0})));
  EXPECT_EQ(imbalance(Int128{5}, Int128{0}), 1.0);
  EXPECT_EQ(imbalance(Int128{0}, Int128{5}), -1.0);
  EXPECT_EQ(imbalance(Int128{3}, Int128{1}), 0.5);
}

TEST(NearestDouble, RoundsAsTheLanguageDoesAtEveryWidth) {
  std::mt19937_64 random{13};
  for (int i = 0; i < 100'000; ++i) {
    const auto wide = static_cast<Int128>((UInt128{random()} << 64) | random());
    const Int128 value = wide >> (random() % 127);
    ASSERT_EQ(nearest_double(value), static_cast<double>(value));
  }
}

TEST(NearestDouble, RoundsHalvesToEvenAndWhatIsNextToThemNotSo) {
  for (int bit = 54; bit < 127; ++bit) {
    for (const std::uint64_t mantissa : {0x10'0000'0000'0000U, 0x1f'ffff'ffff'ffffU}) {
      const Int128 half = Int128{1} << (bit - 54);
      for (const Int128 value :
           {(Int128{mantissa} << (bit - 53)) + half, (Int128{mantissa + 1} << (bit - 53)) - half}) {
        for (const int next : {-1, 0, 1}) {
          ASSERT_EQ(nearest_double(value + next), static_cast<double>(value + next)) << bit;
          ASSERT_EQ(nearest_double(-value - next), static_cast<double>(-value - next)) << bit;
        }
      }
    }
  }
  const Int128 least = Int128{1} << 126;
  EXPECT_EQ(nearest_double(-least - least), -0x1p127);
}

TEST(IntegerPart, IsWhatTheLanguageMakesOfADouble) {
  std::mt19937_64 random{14};
  for (int i = 0; i < 200'000; ++i) {
    const double fraction = 1.0 + static_cast<double>(random() >> 11) * 0x1p-53;
    const double value =
        std::ldexp(i % 2 == 0 ? fraction : -fraction, static_cast<int>(random() % 180) - 55);
    if (std::abs(value) >= 0x1p126) continue;
    ASSERT_EQ(integer_part(value), static_cast<Int128>(value)) << value;
  }
  for (const double value : {0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 5e-324, 0x1p52, 0x1p53, -0x1p63}) {
    EXPECT_EQ(integer_part(value), static_cast<Int128>(value)) << value;
  }
}

}  // namespace
}  // namespace steelyard
