#include <gtest/gtest.h>

#include "support/bar_case.hpp"

namespace steelyard {
namespace {

const double kStep = 1e4 * std::log(1001.0 / 1000.0);  // bps

class IlliquidityCase : public BarCase {
 protected:
  void close() {
    wait(1000);
    timer();
  }
  // A bar that goes up or down, with a trade of so much in its direction.
  void swing(double millions, Aggressor up = Aggressor::Buy, Aggressor down = Aggressor::Sell) {
    const bool rises = bid_ == 999;
    const auto qty = static_cast<std::int64_t>(millions * 1e6 / 1000);
    if (qty != 0) trade(1000, qty, rises ? up : down);
    rises ? quote(1000, 1002) : quote(999, 1001);
    close();
  }
};

TEST_F(IlliquidityCase, IsTheReturnForAMillionMoreBoughtThanSold) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 29; ++i) swing(2);
  EXPECT_TRUE(undefined("kyle_lambda"));
  EXPECT_TRUE(undefined("amihud"));

  swing(2);

  EXPECT_NEAR((*this)["kyle_lambda"], kStep / 2, 1e-9);
  EXPECT_NEAR((*this)["kyle_r2"], 1.0, 1e-12);
  EXPECT_NEAR((*this)["amihud"], kStep / 2, 1e-9);
}

TEST_F(IlliquidityCase, HasTheOppositeSignWhereTradesGoAgainstThePrice) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 30; ++i) swing(2, Aggressor::Sell, Aggressor::Buy);

  EXPECT_NEAR((*this)["kyle_lambda"], -kStep / 2, 1e-9);
  EXPECT_NEAR((*this)["amihud"], kStep / 2, 1e-9) << "it knows no direction";
}

TEST_F(IlliquidityCase, GuessesTheSideThatIsNotTold) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 30; ++i) {
    const bool rises = bid_ == 999;
    trade(rises ? 1001 : 1000, 1'000'000, Aggressor::Unknown);  // above the mid, or below it
    rises ? quote(1000, 1002) : quote(999, 1001);
    close();
  }

  EXPECT_GT((*this)["kyle_lambda"], 0.0);
  EXPECT_NEAR((*this)["kyle_r2"], 1.0, 1e-6);
}

TEST_F(IlliquidityCase, TakesNoSideWhereNothingIsKnown) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 35; ++i) {
    trade(1000, 1 + i % 5, Aggressor::Unknown);  // at the mid, and never at another price
    close();
  }

  EXPECT_TRUE(undefined("kyle_lambda")) << "signed notional is always 0";
  EXPECT_EQ((*this)["amihud"], 0.0);
}

TEST_F(IlliquidityCase, CountsBarsWithoutTradesForKyleAndNotForAmihud) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 20; ++i) swing(2);
  for (int i = 0; i < 10; ++i) swing(0);

  EXPECT_FALSE(undefined("kyle_lambda"));
  EXPECT_LT((*this)["kyle_r2"], 0.9) << "the price moved without trades";
  EXPECT_TRUE(undefined("amihud")) << "twenty bars with trades";

  for (int i = 0; i < 10; ++i) swing(4);
  const double lambda = std::exp(-1.0 / 600.0);
  double changes = 0, millions = 0;
  for (int i = 0; i < 30; ++i) {
    changes = lambda * changes + kStep;
    millions = lambda * millions + (i < 20 ? 2 : 4);
  }
  EXPECT_NEAR((*this)["amihud"], changes / millions, 1e-9);
}

TEST_F(IlliquidityCase, LeavesOutTheBarOfAReset) {
  quote(999, 1001);
  close();
  for (int i = 0; i < 30; ++i) swing(2);
  const double lambda = (*this)["kyle_lambda"];
  const double amihud = (*this)["amihud"];
  ASSERT_EQ(bid_, 999);

  trade(1000, 500'000'000, Aggressor::Buy);
  reset();
  quote(4999, 5001);
  close();

  EXPECT_EQ((*this)["kyle_lambda"], lambda);
  EXPECT_EQ((*this)["amihud"], amihud);
}

// Bids of 2^(40 - k) more than ten: what is missing halves with every bar.
TEST_F(IlliquidityCase, HasTheShareOfMissingDepthThatComesBackInABar) {
  std::int64_t more = std::int64_t{1} << 40;
  quote(999, 1001, 10 + more);
  close();
  for (int i = 0; i < 29; ++i) {
    more /= 2;
    quote(999, 1001, 10 + more);
    close();
  }
  EXPECT_TRUE(undefined("resil_kappa"));

  more /= 2;
  quote(999, 1001, 10 + more);
  close();

  EXPECT_NEAR((*this)["resil_kappa"], 0.5, 1e-9);
  EXPECT_NEAR((*this)["resil_half_s"], 1.0, 1e-8);
}

TEST_F(IlliquidityCase, HasNoHalfLifeWhereDepthOvershoots) {
  quote(999, 1001, 10);
  close();
  for (int i = 0; i < 40; ++i) {
    quote(999, 1001, i % 2 == 0 ? 30 : 10);
    close();
  }

  EXPECT_NEAR((*this)["resil_kappa"], 2.0, 1e-9);
  EXPECT_TRUE(undefined("resil_half_s"));
}

// Depth at the end of a bar is what it was before the event that ends it.
TEST_F(IlliquidityCase, MeasuresDepthAtTheEndOfABarAndNotAcrossAGap) {
  SignalParams params;
  params.bars.regression_samples = 2;
  driver_ = SignalDriver{params, Instrument{}};
  const auto bar = [this](std::int64_t bids) {
    wait(1000);
    quote(999, 1001, bids);
  };
  quote(999, 1001, 1000);
  bar(600);
  bar(400);
  EXPECT_TRUE(undefined("resil_kappa")) << "one change of depth: from 1000 to 600 bids";
  bar(300);
  EXPECT_NEAR((*this)["resil_kappa"], 0.5, 1e-9) << "and one from 600 to 400";
  const double kappa = (*this)["resil_kappa"];

  reset();
  quote(999, 1001, 5);
  wait(1000);
  timer();

  EXPECT_EQ((*this)["resil_kappa"], kappa);
}

TEST_F(IlliquidityCase, LeavesOutBarsThatEndWithoutAMid) {
  SignalParams params;
  params.bars.regression_samples = 2;
  driver_ = SignalDriver{params, Instrument{}};
  quote(999, 1001, 1000);
  close();
  quote(999, 1001, 600);
  close();

  driver_.on({EventKind::Delta, now_, {{Side::Bid, 1001, 1}, {Side::Bid, 999, 7}}});
  driver_.on({EventKind::Delta, now_, {{Side::Bid, 1002, 1}}});
  ASSERT_EQ(driver_.status(), BookStatus::Crossed);
  close();
  driver_.on({EventKind::Delta, now_, {{Side::Bid, 1001, 0}, {Side::Bid, 1002, 0}}});
  close();

  EXPECT_TRUE(undefined("resil_kappa")) << "neither to the crossed book nor from it";
}

}  // namespace
}  // namespace steelyard
