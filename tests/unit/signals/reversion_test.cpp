#include <gtest/gtest.h>

#include <algorithm>

#include "support/bar_case.hpp"

namespace steelyard {
namespace {

class ReversionCase : public BarCase {
 protected:
  ReversionCase() {
    SignalParams params;
    params.bars.ratio_bars = 4;
    params.bars.ratio_lag = 2;
    params.bars.regression_samples = 1'000;
    driver_ = SignalDriver{params, Instrument{}};
  }
  void bar(std::int64_t mid) {
    quote(mid - 1, mid + 1);
    wait(1000);
    timer();
  }
};

// Four returns and sums of two, by hand: a, b, a, b with a = -b have mean 0; every sum of two is 0.
TEST_F(ReversionCase, IsZeroOfReturnsThatAlwaysTurnBack) {
  for (const std::int64_t mid : {1000, 1001, 1000, 1001}) bar(mid);
  EXPECT_TRUE(undefined("vr")) << "three returns";

  bar(1000);

  EXPECT_NEAR((*this)["vr"], 0.0, 1e-12);
  // sqrt(2 (2q - 1)(q - 1) / (3 q n)) = sqrt(2 * 3 * 1 / (3 * 2 * 4)) = 1/2.
  EXPECT_NEAR((*this)["vr_z"], -2.0, 1e-12);
  EXPECT_NEAR((*this)["acf1"], -0.75, 1e-12) << "three products by four squares";
  EXPECT_EQ((*this)["mom_tag"], -1.0);
}

// a, a, -a, -a: sums 2a, 0, -2a: 8 a^2 by 2 (4 - 2 + 1)(1 - 1/2) = 3, over 4 a^2 by 3: ratio 2.
TEST_F(ReversionCase, IsAboveOneOfReturnsThatGoOn) {
  for (const std::int64_t mid : {1'000'000, 1'001'000, 1'002'001, 1'001'000, 1'000'000}) bar(mid);

  EXPECT_NEAR((*this)["vr"], 2.0, 1e-9);
  EXPECT_NEAR((*this)["vr_z"], 2.0, 1e-9);
  EXPECT_NEAR((*this)["acf1"], 0.25, 1e-9);
  EXPECT_EQ((*this)["mom_tag"], 1.0);
}

TEST_F(ReversionCase, IsUndefinedOfAPriceThatStands) {
  for (int i = 0; i < 9; ++i) bar(1000);

  for (const char* const name : {"vr", "vr_z", "acf1", "mom_tag"}) {
    EXPECT_TRUE(undefined(name)) << name;
  }
}

TEST_F(ReversionCase, CountsOnlyReturnsSinceTheLastGap) {
  for (const std::int64_t mid : {1000, 1001, 1000, 1001, 1000}) bar(mid);
  ASSERT_FALSE(undefined("vr"));

  reset();
  for (const std::int64_t mid : {1000, 1001, 1000, 1001}) bar(mid);
  EXPECT_TRUE(undefined("vr"));
  bar(1000);
  EXPECT_FALSE(undefined("vr"));
}

// The price goes up and down in turn, and flow, of changing size, comes a bar ahead of it or
// against it.
class TagCase : public BarCase {
 protected:
  void bars(int count, std::int64_t ahead) {
    for (int i = 0; i < count; ++i) {
      const std::int64_t flow = ahead * (bid_ == 99'999 ? 1 : -1) * (500 + 300 * (i * i % 7));
      const std::int64_t bid = bid_ == 99'999 ? 99'998 : 99'999;
      quote(bid, bid + 2, 100, 100);
      quote(bid, bid + 2, 100 + std::max<std::int64_t>(flow, 0),
            100 + std::max<std::int64_t>(-flow, 0));
      wait(1000);
      timer();
    }
  }
};

TEST_F(TagCase, IsThatOfFlowWhileThereAreTooFewReturns) {
  bars(29, 1);
  EXPECT_TRUE(undefined("mom_tag")) << "nothing is known";

  bars(10, 1);
  ASSERT_TRUE(undefined("vr_z"));
  ASSERT_GT((*this)["fwd_tstat"], 2.0);
  EXPECT_EQ((*this)["mom_tag"], 1.0);
}

TEST_F(TagCase, IsNeitherWhereReturnsAndFlowContradictEachOther) {
  bars(125, 1);

  ASSERT_LT((*this)["vr_z"], -1.0);
  ASSERT_GT((*this)["fwd_tstat"], 2.0);
  EXPECT_EQ((*this)["mom_tag"], 0.0);
}

TEST_F(TagCase, IsReversionWhereBothSaySo) {
  bars(125, -1);

  ASSERT_LT((*this)["vr_z"], -1.0);
  ASSERT_LT((*this)["fwd_tstat"], -2.0);
  EXPECT_EQ((*this)["mom_tag"], -1.0);
}

}  // namespace
}  // namespace steelyard
