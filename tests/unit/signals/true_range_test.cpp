#include <gtest/gtest.h>

#include "support/bar_case.hpp"

namespace steelyard {
namespace {

class TrueRangeCase : public BarCase {
 protected:
  // Closes the bar that runs; the next one begins.
  void close() {
    wait(10'000);
    timer();
  }
  // A bar that goes up by so much and closes there: with it, the bid's improvement.
  void rise(std::int64_t by) {
    quote(bid_ + by, ask_ + by);
    close();
  }
  void fall(std::int64_t by) {
    quote(bid_ - by, ask_ - by);
    close();
  }
};

TEST_F(TrueRangeCase, IsTheMeanOfTheFirstFourteenAndThenGoesOnAsWilderDoes) {
  quote(999, 1001);
  close();  // a part of a bar, and no close before
  for (int i = 0; i < 13; ++i) rise(2);
  EXPECT_TRUE(undefined("atr")) << "thirteen";

  rise(16);
  EXPECT_DOUBLE_EQ((*this)["atr"], (13 * 2 + 16) / 14.0);

  fall(4);
  EXPECT_DOUBLE_EQ((*this)["atr"], 3.0 + (4.0 - 3.0) / 14.0);
}

TEST_F(TrueRangeCase, BelongsToTheSideOfTheFlow) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 7; ++i) rise(2);
  for (int i = 0; i < 7; ++i) fall(1);

  EXPECT_DOUBLE_EQ((*this)["atr"], 1.5);
  EXPECT_DOUBLE_EQ((*this)["iatr_up"], 1.0);
  EXPECT_DOUBLE_EQ((*this)["iatr_dn"], 0.5);
  EXPECT_DOUBLE_EQ((*this)["iatr_w"], 0.5) << "each bar's flow is all of one side";
  EXPECT_DOUBLE_EQ((*this)["iatr_bias"], 1.0 / 3.0);
  EXPECT_DOUBLE_EQ((*this)["iatr_align"], 1.0);
}

TEST_F(TrueRangeCase, MeasuresFromTheCloseBeforeAndNotFromTheFirstMidOfTheBar) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 14; ++i) {
    // Down by three, up by five: high 2 above the close before, low 3 below; closes at +2.
    quote(bid_ - 3, ask_ - 3);
    quote(bid_ + 5, ask_ + 5);
    close();
  }

  EXPECT_DOUBLE_EQ((*this)["atr"], 5.0);
  // Flows of -20 and +20: J is 0, within the dead zone, so neither side owns anything.
  EXPECT_EQ((*this)["iatr_up"], 0.0);
  EXPECT_EQ((*this)["iatr_dn"], 0.0);
  EXPECT_EQ((*this)["iatr_bias"], 0.0);
  EXPECT_TRUE(undefined("iatr_align"));
}

TEST_F(TrueRangeCase, IsMostlyAgainstTheFlowWhereSellersAreAbsorbed) {
  quote(999, 1001);
  close();
  const auto asks = [this](Levels levels) { driver_.on({EventKind::Delta, now_, levels}); };
  for (int i = 0; i < 14; ++i) {
    // A hundred for sale in front, one in front of them, then both go: a flow of -100, and the mid
    // has been one lower. Then it rises by two, with a flow of 20.
    asks({{Side::Ask, bid_ + 1, 100}});
    asks({{Side::Ask, bid_, 1}});
    asks({{Side::Ask, bid_ + 1, 0}});
    asks({{Side::Ask, bid_, 0}});
    rise(2);
  }

  EXPECT_DOUBLE_EQ((*this)["iatr_dn"], 3.0);
  EXPECT_EQ((*this)["iatr_up"], 0.0);
  EXPECT_DOUBLE_EQ((*this)["iatr_align"], 1.0 / 3.0);
  EXPECT_DOUBLE_EQ((*this)["iatr_w"], 3.0 * -80.0 / 122.0);
}

TEST_F(TrueRangeCase, IsNoSidesAtTheEdgeOfTheDeadZoneAndOnesBeyondIt) {
  for (const std::int64_t asks : {100, 99}) {
    reset();
    quote(999, 1001, 10, asks);
    close();
    // A rise: ten come at the bid and the asks recede; then there are as many again. That is
    // 20 of 2 * asks.
    for (int i = 0; i < 28; ++i) {
      quote(bid_ + 2, ask_ + 2);
      quote(bid_, ask_, 10, asks);
      close();
    }
    if (asks == 100) {
      EXPECT_EQ((*this)["iatr_up"], 0.0) << "J is 0.1 and not above it";
      EXPECT_NEAR((*this)["iatr_w"], 0.2, 1e-15);
    } else {
      EXPECT_NEAR((*this)["iatr_up"], 2.0 * (1.0 - std::pow(13.0 / 14.0, 28)), 1e-12);
    }
  }
}

TEST_F(TrueRangeCase, DecaysOverBarsWithoutEventsAsIfEachHadBeenClosed) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 14; ++i) rise(2);
  wait(70'000);
  timer();

  EXPECT_NEAR((*this)["atr"], 2.0 * std::pow(13.0 / 14.0, 7), 1e-12);
  EXPECT_NEAR((*this)["iatr_bias"], 1.0, 1e-12);

  wait(10'000 * 3'601LL);
  timer();
  EXPECT_NEAR((*this)["atr"], 0.0, 1e-100);
  EXPECT_NEAR((*this)["iatr_bias"], 1.0, 1e-9);
}

TEST_F(TrueRangeCase, IsSeededByBarsWithoutEventsToo) {
  quote(999, 1001);
  close();
  rise(28);
  wait(120'000);
  timer();
  EXPECT_TRUE(undefined("atr")) << "thirteen";

  wait(20'000);
  timer();

  EXPECT_NEAR((*this)["atr"], 2.0 * 13.0 / 14.0, 1e-12) << "seeded by the first, decayed once";
}

TEST_F(TrueRangeCase, HasNoRangeAcrossAResetAndKeepsWhatItSmoothed) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 14; ++i) rise(2);

  reset();
  close();
  quote(4999, 5001);
  close();
  EXPECT_EQ((*this)["atr"], 2.0) << "a close, and none before";

  rise(16);
  EXPECT_DOUBLE_EQ((*this)["atr"], 3.0);
}

TEST_F(TrueRangeCase, StartsItsChainAnewAfterMoreThan3600Bars) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 14; ++i) rise(2);

  quote(bid_ + 16, ask_ + 16);
  wait(10'000 * 3'602LL);
  timer();
  EXPECT_DOUBLE_EQ((*this)["atr"], 3.0) << "the bar that ran, and none of the empty ones";
  rise(100);
  EXPECT_DOUBLE_EQ((*this)["atr"], 3.0) << "no close before";
  rise(3);
  EXPECT_DOUBLE_EQ((*this)["atr"], 3.0);
  rise(17);
  EXPECT_DOUBLE_EQ((*this)["atr"], 4.0);
}

}  // namespace
}  // namespace steelyard
