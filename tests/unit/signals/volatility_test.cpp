#include <gtest/gtest.h>

#include <algorithm>
#include <numbers>

#include "support/bar_case.hpp"

namespace steelyard {
namespace {

const double kLambda = std::exp(-1.0 / 300.0);

class VolatilityCase : public BarCase {
 protected:
  // A bar that ends at this mid.
  void bar(std::int64_t mid) {
    quote(mid - 1, mid + 1);
    wait(1000);
    timer();
  }
  static double change(double from, double to) { return 1e4 * std::log(to / from); }
};

TEST_F(VolatilityCase, StartsFromTheFirstReturnAndDecays) {
  bar(100);
  EXPECT_TRUE(undefined("vol_ewma_bps")) << "a close is no return";

  bar(101);
  const double first = change(100, 101);
  EXPECT_NEAR((*this)["vol_ewma_bps"], first, 1e-10);
  EXPECT_NEAR((*this)["vol_fc_bps"], first * std::sqrt(60.0), 1e-9);
  EXPECT_NEAR((*this)["vol_ann"], first * std::sqrt(365.0 * 86'400.0) / 1e4, 1e-9);

  bar(99);
  const double second = change(101, 99);
  EXPECT_NEAR((*this)["vol_ewma_bps"],
              std::sqrt(kLambda * first * first + (1.0 - kLambda) * second * second), 1e-10);

  wait(9'000);
  timer();
  EXPECT_NEAR((*this)["vol_ewma_bps"],
              std::sqrt(std::pow(kLambda, 9) *
                        (kLambda * first * first + (1.0 - kLambda) * second * second)),
              1e-10)
      << "nine bars without a move";
}

TEST_F(VolatilityCase, LivesOnThroughAResetWithoutAReturnAcrossIt) {
  bar(100);
  bar(101);
  const double before = (*this)["vol_ewma_bps"];

  reset();
  EXPECT_EQ((*this)["vol_ewma_bps"], before);
  bar(200);
  EXPECT_EQ((*this)["vol_ewma_bps"], before);
  bar(200);
  EXPECT_NEAR((*this)["vol_ewma_bps"], before * std::sqrt(kLambda), 1e-10);
}

TEST_F(VolatilityCase, NeedsSixtyConsecutiveReturnsForRealisedVolatility) {
  bar(1000);
  for (int i = 1; i < 60; ++i) bar(1000 + i % 2);
  EXPECT_TRUE(undefined("rv_bps")) << "59 returns";

  bar(1000);
  const double step = change(1000, 1001);
  EXPECT_NEAR((*this)["rv_bps"], step * std::sqrt(60.0), 1e-9);
  // 59 products of neighbours, by 60/59 pi/2.
  EXPECT_NEAR((*this)["bv_bps"], step * std::sqrt(60.0 * std::numbers::pi / 2), 1e-9);
  EXPECT_EQ((*this)["jump_ratio"], 0.0);

  reset();
  bar(1000);
  EXPECT_TRUE(undefined("rv_bps"));
  EXPECT_TRUE(undefined("bv_bps"));
  EXPECT_TRUE(undefined("jump_ratio"));
}

TEST_F(VolatilityCase, TakesALoneMoveForAJump) {
  for (int i = 0; i < 61; ++i) bar(1000);
  EXPECT_EQ((*this)["rv_bps"], 0.0);
  EXPECT_EQ((*this)["bv_bps"], 0.0);
  EXPECT_TRUE(undefined("jump_ratio")) << "nothing of nothing";

  bar(1100);

  EXPECT_NEAR((*this)["rv_bps"], change(1000, 1100), 1e-9);
  EXPECT_EQ((*this)["bv_bps"], 0.0);
  EXPECT_EQ((*this)["jump_ratio"], 1.0);

  for (int i = 0; i < 59; ++i) bar(1100);
  EXPECT_EQ((*this)["jump_ratio"], 1.0) << "the oldest of sixty";
  bar(1100);
  EXPECT_EQ((*this)["rv_bps"], 0.0);
}

}  // namespace
}  // namespace steelyard
