#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/bar_case.hpp"

namespace steelyard {
namespace {

const double kStep = 1e4 * std::log(101.0 / 100.0);  // bps

class BarRegressionCase : public BarCase {
 protected:
  // Up: the bid improves by ten and an ask of ten goes away: a flow of 20, two average best queues,
  // while the mid goes from 100 to 101. Down is the opposite.
  void up() { quote(100, 102); }
  void down() { quote(99, 101); }
  // A bar with either, in turn.
  void swing(int bars) {
    for (int i = 0; i < bars; ++i) {
      wait(1000);
      (bid_ == 99) ? up() : down();
    }
  }
  // Closes the bar that runs.
  void close() {
    wait(1000);
    timer();
  }
};

TEST_F(BarRegressionCase, FitsTheLineAfterThirtyBars) {
  quote(99, 101);
  swing(30);
  EXPECT_TRUE(undefined("reg_beta")) << "29 bars have a return and have ended";

  swing(1);
  EXPECT_NEAR((*this)["reg_beta"], kStep / 2, 1e-9);
  EXPECT_NEAR((*this)["reg_alpha"], 0.0, 1e-9);
  EXPECT_NEAR((*this)["reg_r2"], 1.0, 1e-9);
  EXPECT_TRUE(undefined("reg_resid")) << "before that bar there was no line";
  EXPECT_TRUE(undefined("fwd_beta")) << "one sample less";

  swing(1);
  EXPECT_NEAR((*this)["reg_resid"], 0.0, 1e-9);
  EXPECT_NEAR((*this)["fwd_beta"], -kStep / 2, 1e-9);
  EXPECT_NEAR((*this)["fwd_r2"], 1.0, 1e-9);
  // The bar that ended last went down.
  EXPECT_NEAR((*this)["pred_bps"], bid_ == 100 ? kStep : -kStep, 1e-9);
}

TEST_F(BarRegressionCase, MeasuresABarByTheLineBeforeIt) {
  quote(99, 101);
  swing(40);
  close();
  const double beta = (*this)["reg_beta"];

  quote(bid_, ask_, 30);  // a flow of 20 by an average of (30 + 10) / 2, and the price stands
  close();

  EXPECT_NEAR((*this)["reg_resid"], -beta, 1e-9);
  EXPECT_LT((*this)["reg_beta"], beta) << "from the next bar on it counts";
  EXPECT_LT((*this)["reg_r2"], 0.999);
}

TEST_F(BarRegressionCase, DividesTheResidualByTheSpreadOfThoseBefore) {
  quote(99, 101);
  swing(35);
  close();
  quote(bid_, ask_, 30);  // one bar that does not fit
  close();
  const double alpha = (*this)["reg_alpha"];
  const double beta = (*this)["reg_beta"];
  quote(bid_, ask_, 10);  // a flow of -20 by 10, and no return
  close();

  // Flows and returns so far, oldest first: 35 swings and the one that does not fit.
  std::vector<std::pair<double, double>> samples(36, {1.0, 0.0});
  for (std::size_t i = 0; i < 35; ++i) {
    samples[i] = i % 2 == 0 ? std::pair{2.0, kStep} : std::pair{-2.0, -kStep};
  }
  double weights = 0;
  double squares = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double weight = std::exp(-static_cast<double>(samples.size() - 1 - i) / 600.0);
    const double residual = samples[i].second - alpha - beta * samples[i].first;
    weights += weight;
    squares += weight * residual * residual;
  }
  const double residual = 0.0 - alpha + 2.0 * beta;
  EXPECT_NEAR((*this)["reg_resid"], residual, 1e-9);
  EXPECT_NEAR((*this)["reg_resid_z"], residual / std::sqrt(squares / weights), 1e-9);
}

TEST_F(BarRegressionCase, KeepsItsValuesUntilABarEndsAndEndsItAtItsVeryEnd) {
  quote(99, 101);
  swing(33);
  const double before = (*this)["reg_beta"];

  wait(499);
  quote(bid_, ask_, 1000);
  EXPECT_EQ((*this)["reg_beta"], before);

  wait(1);  // the bar's end: this belongs to the next bar, and closes the one before it
  quote(bid_, ask_, 10);
  EXPECT_NE((*this)["reg_beta"], before);
}

TEST_F(BarRegressionCase, HasNoReturnAcrossAResetAndNoFlowInItsBar) {
  quote(99, 101);
  swing(40);
  close();
  const double beta = (*this)["reg_beta"];
  const double forward = (*this)["fwd_beta"];
  ASSERT_FALSE(undefined("pred_bps"));

  quote(5000, 5002);
  reset();
  quote(99, 101);
  EXPECT_EQ((*this)["reg_beta"], beta) << "the line lives on";
  close();

  EXPECT_EQ((*this)["reg_beta"], beta);
  EXPECT_EQ((*this)["fwd_beta"], forward) << "the flow before has no return to go with";
  EXPECT_TRUE(undefined("reg_resid"));
  EXPECT_TRUE(undefined("reg_resid_z"));
  EXPECT_TRUE(undefined("pred_bps"));

  up();
  close();
  EXPECT_NEAR((*this)["reg_resid"], 0.0, 1e-8) << "from the close after the reset";
  EXPECT_NEAR((*this)["reg_beta"], beta, 1e-8);
  EXPECT_FALSE(undefined("pred_bps"));
}

TEST_F(BarRegressionCase, ClosesBarsWithoutEventsAtZero) {
  quote(99, 101);
  swing(2);
  close();
  EXPECT_TRUE(undefined("reg_beta"));

  wait(27'000);
  timer();
  EXPECT_TRUE(undefined("reg_beta")) << "29";
  wait(1000);
  timer();

  EXPECT_NEAR((*this)["reg_beta"], kStep / 2, 1e-9);
  EXPECT_NEAR((*this)["reg_alpha"], 0.0, 1e-9);
}

TEST_F(BarRegressionCase, GoesOnAfter3600MissedBarsAndNotAfterMore) {
  quote(99, 101);
  swing(40);
  wait(3601 * 1000);
  timer();
  EXPECT_EQ((*this)["reg_resid"], 0.0 - (*this)["reg_alpha"]) << "an empty bar";
  close();
  EXPECT_FALSE(undefined("pred_bps"));

  up();
  wait(3602 * 1000);
  timer();
  EXPECT_FALSE(undefined("reg_resid")) << "the bar that ran is whole";
  close();
  EXPECT_TRUE(undefined("reg_resid")) << "there is no close before";
  EXPECT_TRUE(undefined("pred_bps")) << "a part of a bar";
  close();
  EXPECT_FALSE(undefined("reg_resid"));
}

TEST_F(BarRegressionCase, HoldsTheLastMidWhileTheBookIsCrossedOrOneSided) {
  quote(99, 101);
  swing(40);
  close();

  driver_.on({EventKind::Delta, now_, {{Side::Bid, 200, 1}}});
  close();
  EXPECT_FALSE(undefined("reg_resid"));
  driver_.on({EventKind::Delta, now_, {{Side::Bid, 200, 0}, {Side::Ask, ask_, 0}}});
  close();
  EXPECT_FALSE(undefined("reg_resid"));
}

TEST_F(BarRegressionCase, IsUndefinedWhileNothingMoves) {
  quote(99, 101);
  for (int i = 0; i < 50; ++i) close();

  for (const char* const name : {"reg_alpha", "reg_beta", "reg_r2", "reg_resid", "fwd_alpha",
                                 "fwd_beta", "fwd_r2", "fwd_tstat", "pred_bps"}) {
    EXPECT_TRUE(undefined(name)) << name;
  }
}

TEST_F(BarRegressionCase, HasALineButNoR2WhileOnlyFlowVaries) {
  quote(99, 101);
  for (int i = 0; i < 50; ++i) {
    quote(99, 101, 10 + i % 7);
    close();
  }

  EXPECT_EQ((*this)["reg_beta"], 0.0);
  EXPECT_EQ((*this)["reg_alpha"], 0.0);
  EXPECT_EQ((*this)["reg_resid"], 0.0);
  EXPECT_TRUE(undefined("reg_resid_z"));
  EXPECT_TRUE(undefined("reg_r2"));
  EXPECT_TRUE(undefined("fwd_tstat"));
}

}  // namespace
}  // namespace steelyard
