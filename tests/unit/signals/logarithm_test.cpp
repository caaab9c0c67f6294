#include "signals/logarithm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace steelyard {
namespace {

TEST(LogOfQuotient, IsWithinAFewUnitsOfTheLastPlaceOfAnyTwoNumbers) {
  std::mt19937_64 random{31};
  long double worst = 0;

  for (int i = 0; i < 400'000; ++i) {
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    const double v = static_cast<double>(random() >> 11) * 0x1p-53;
    const double a = std::exp2(i % 3 == 0 ? 600.0 * u - 300.0 : 4.0 * u);
    const double b = std::exp2(i % 3 == 0 ? 600.0 * v - 300.0 : 4.0 * v);
    if (a == b) continue;
    // Where both are near, the difference is exact (Sterbenz); elsewhere it does not matter.
    const double apart = a - b;
    const long double should =
        std::abs(apart) < 0.4 * b ? log1pl(static_cast<long double>(apart) / b) : logl(a) - logl(b);
    const long double is = log_of_quotient(a, b, apart);
    worst = std::max(worst, fabsl((is - should) / should));
  }

  EXPECT_LT(worst, 5e-16L);
}

TEST(LogOfQuotient, KeepsItsDigitsWhereThePriceMovesByOneTickInABillion) {
  for (const double price : {1e9, 12'345'678'901.0, 9e15}) {
    const long double should = log1pl(1.0L / static_cast<long double>(price));
    const long double is = log_of_quotient(price + 1.0, price, 1.0);
    EXPECT_LT(fabsl((is - should) / should), 3e-16L) << price;
    EXPECT_EQ(log_of_quotient(price, price + 1.0, -1.0), static_cast<double>(-is));
  }
}

TEST(LogOfQuotient, IsZeroOfEqualsAndChangesSignWithItsArguments) {
  EXPECT_EQ(log_of_quotient(7.0, 7.0, 0.0), 0.0);
  EXPECT_EQ(log_of_quotient(5.0, 3.0, 2.0), -log_of_quotient(3.0, 5.0, -2.0));
  EXPECT_EQ(log_of_quotient(8.0, 1.0, 7.0), 0x1.0a2b23f3bab73p+1);
}

// Golden bits: another processor or compiler that disagrees would change digests.
TEST(LogOfQuotient, HasTheSameBitsEverywhere) {
  EXPECT_EQ(log_of_quotient(101.0, 100.0, 1.0), 0x1.460d6ccca3677p-7);
  EXPECT_EQ(log_of_quotient(1.5, 1.0, 0.5), 0x1.9f323ecbf984cp-2);
  EXPECT_EQ(log_of_quotient(1.0, 1000.0, -999.0), -0x1.ba18a998fffa0p+2);
}

}  // namespace
}  // namespace steelyard
