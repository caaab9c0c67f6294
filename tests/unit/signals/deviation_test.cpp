#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "signals/ew_stat.hpp"
#include "signals/regime.hpp"
#include "support/naive_ew_stat.hpp"
#include "support/signal_case.hpp"

namespace steelyard {
namespace {

constexpr std::int64_t kSecond = 1'000 * kMs;

TEST(DecayKernel, KeepsAndWeighsAsTheExponentialDoes) {
  const DecayKernel kernel{60'000};
  for (std::int64_t ns = 1; ns < 1'000'000 * kSecond; ns += ns / 3 + 1) {
    const DecayStep step = kernel.step(TimestampNs{kStart}, TimestampNs{kStart + ns});
    const long double x = static_cast<long double>(ns) / (60 * kSecond);

    ASSERT_EQ(step.ns, ns);
    ASSERT_NEAR(step.keep, static_cast<double>(expl(-x)), 2.3e-16) << ns;
    const auto weigh = static_cast<double>(-expm1l(-x));
    ASSERT_NEAR(step.weigh, weigh, 1e-15 * weigh) << ns;
  }
}

TEST(EwStat, IsUndefinedBeforeAnyTimeHasPassed) {
  EwStat stat;
  stat.hold(5.0);

  EXPECT_TRUE(std::isnan(stat.mean()));
  EXPECT_TRUE(std::isnan(stat.variance()));
  EXPECT_EQ(stat.active_ns(), 0);
}

TEST(EwStat, HasNoBiasTowardsItsStart) {
  const DecayKernel kernel{60'000};
  EwStat stat;
  stat.hold(5.0);

  stat.pass(kernel.step(TimestampNs{0}, TimestampNs{1}));

  EXPECT_EQ(stat.mean(), 5.0);
  EXPECT_EQ(stat.variance(), 0.0);
}

// Ten seconds of 1, then ten of 3: weights e^-10/tau (1 - e^-10/tau) and 1 - e^-10/tau.
TEST(EwStat, WeighsByTimeHeldAndByAge) {
  const DecayKernel kernel{20'000};
  EwStat stat;
  stat.hold(1.0);
  stat.pass(kernel.step(TimestampNs{0}, TimestampNs{10 * kSecond}));
  stat.hold(3.0);
  stat.pass(kernel.step(TimestampNs{10 * kSecond}, TimestampNs{20 * kSecond}));

  const double old = std::exp(-0.5) / (1.0 + std::exp(-0.5));
  EXPECT_NEAR(stat.mean(), 3.0 - 2.0 * old, 1e-15);
  EXPECT_NEAR(stat.variance(), 4.0 * old * (1.0 - old), 1e-15);
}

TEST(EwStat, DoesNotCareHowTimeIsSplit) {
  const DecayKernel kernel{60'000};
  EwStat whole, split;
  std::int64_t now = 0;
  for (const double value : {1.0, 4.0, -2.0, 0.5}) {
    whole.hold(value);
    split.hold(value);
    whole.pass(kernel.step(TimestampNs{now}, TimestampNs{now + 7 * kSecond}));
    for (int i = 0; i < 700; ++i) {
      split.pass(kernel.step(TimestampNs{now}, TimestampNs{now + kSecond / 100}));
      now += kSecond / 100;
    }
  }

  EXPECT_NEAR(split.mean(), whole.mean(), 1e-13);
  EXPECT_NEAR(split.variance(), whole.variance(), 1e-12);
}

TEST(EwStat, StandsStillWhileTheValueIsNotDefined) {
  const DecayKernel kernel{60'000};
  EwStat stat;
  stat.hold(1.0);
  stat.pass(kernel.step(TimestampNs{0}, TimestampNs{kSecond}));
  stat.hold(2.0);
  stat.pass(kernel.step(TimestampNs{0}, TimestampNs{kSecond}));
  const double mean = stat.mean();

  stat.hold(kUndefined);
  stat.pass(kernel.step(TimestampNs{0}, TimestampNs{1'000 * kSecond}));

  EXPECT_EQ(stat.mean(), mean);
  EXPECT_EQ(stat.active_ns(), 2 * kSecond);
}

// sd of 1 around 1e4 and far beyond: the textbook E[x^2] - E[x]^2 would lose all of it.
TEST(EwStat, LosesNothingToALargeMean) {
  const DecayKernel kernel{60'000};
  EwStat stat;
  for (int i = 0; i < 10'000; ++i) {
    stat.hold(1e9 + (i % 2 == 0 ? 1.0 : -1.0));
    stat.pass(kernel.step(TimestampNs{0}, TimestampNs{kSecond / 10}));
  }

  EXPECT_NEAR(stat.variance(), 1.0, 1e-5);
}

// The table of S8: from each state, one value inside each interval and one at each end.
TEST(Regime, FollowsTheTableFromEveryState) {
  struct Row {
    int from;
    double ois;
    int to;
  };
  constexpr Row kTable[] = {
      {0, 0.0, 0},   {0, 1.49, 0},   {0, 1.5, 1},    {0, 2.49, 1},  {0, 2.5, 2},  {0, 10.0, 2},
      {1, 2.5, 2},   {1, 2.49, 1},   {1, 1.5, 1},    {1, 0.75, 1},  {1, 0.74, 0}, {1, 0.0, 0},
      {1, -1.49, 0}, {1, -1.5, -1},  {1, -2.49, -1}, {1, -2.5, -2}, {2, 10.0, 2}, {2, 2.5, 2},
      {2, 2.49, 2},  {2, 1.5, 2},    {2, 1.49, 1},   {2, 0.75, 1},  {2, 0.74, 0}, {2, -1.49, 0},
      {2, -1.5, -1}, {2, -2.49, -1}, {2, -2.5, -2},
  };
  for (const Row& row : kTable) {
    EXPECT_EQ(next_regime(row.from, row.ois, {}), row.to) << row.from << " at " << row.ois;
    EXPECT_EQ(next_regime(-row.from, -row.ois, {}), -row.to) << "the mirror image";
  }
}

// What the specification promises of the table, over a grid of all states, signals and thresholds.
TEST(Regime, NeverLeavesARegimeThatTheSignalStillStandsFor) {
  for (const double in : {1.0, 1.5, 2.0}) {
    for (const double out : {0.25, 0.75, 1.0}) {
      for (const double extreme_out : {1.0, 1.5, 2.0, 2.5}) {
        const RegimeThresholds at{in, out, 2.5, extreme_out};
        for (int from = -2; from <= 2; ++from) {
          for (int i = -400; i <= 400; ++i) {
            const double ois = i / 100.0;
            const int to = next_regime(from, ois, at);
            ASSERT_EQ(next_regime(to, ois, at), to) << "settles at once";
            ASSERT_EQ(std::abs(ois) >= 2.5, std::abs(to) == 2 && std::abs(ois) >= 2.5);
            if (to != 0) ASSERT_GE(to * ois, 0.0) << "on the side of the signal";
            if (std::abs(ois) >= in) ASSERT_NE(to, 0);
            if (std::abs(ois) < out) ASSERT_EQ(to, 0);
            if (std::abs(to) == 2 && std::abs(from * to) != 4) ASSERT_GE(std::abs(ois), 2.5);
          }
        }
      }
    }
  }
}

// Means of a second, used after two: quickly brought to where a test wants them.
SignalParams quick() {
  SignalParams params;
  params.deviation.tau_ms = 60'000;
  params.deviation.warmup_ms = 2'000;
  return params;
}

class DeviationCase : public SignalCase {
 protected:
  DeviationCase() : SignalCase{quick()} {}
  // A band imbalance of (bids - asks) / 1000.
  void balance(std::int64_t bids) { delta({bid(9'999, bids), ask(10'001, 1'000 - bids)}); }
  void start() {
    snapshot({bid(9'999, 500), ask(10'001, 500)});
    wait(2'000);
  }
};

TEST_F(DeviationCase, HasARegimeAndNoAlertFromTheFirstEventOn) {
  tell(EventKind::Trade);

  EXPECT_TRUE(undefined("z_book"));
  EXPECT_TRUE(undefined("ois"));
  EXPECT_EQ((*this)["regime"], 0.0);
  EXPECT_EQ((*this)["alert"], 0.0);
  EXPECT_EQ((*this)["alert_seq"], 0.0);
}

TEST_F(DeviationCase, IsUndefinedUntilEnoughTimeHasCounted) {
  snapshot({bid(9'999, 50), ask(10'001, 50)});
  wait(1'999);
  tell(EventKind::Timer);
  EXPECT_TRUE(undefined("z_book"));

  wait(1);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["z_book"], 0.0);
  EXPECT_EQ((*this)["ois"], 0.0);
}

TEST_F(DeviationCase, MeasuresInDeviationsButNeverInLessThanTheFloor) {
  start();

  balance(510);
  EXPECT_DOUBLE_EQ((*this)["z_book"], 0.02 / 0.05) << "nothing varied so far";
  balance(500);
  EXPECT_EQ((*this)["z_book"], 0.0) << "what had no time has no weight";
  balance(999);
  wait(2'000);
  balance(500);

  // Two seconds each of 0 and 0.998, the older ones weighing e^(-1/30).
  const double old = std::exp(-1.0 / 30.0) / (1.0 + std::exp(-1.0 / 30.0));
  EXPECT_NEAR((*this)["z_book"], -(1.0 - old) / std::sqrt(old * (1.0 - old)), 1e-12);
}

TEST_F(DeviationCase, IsTheMeanOfTheClippedDeviationsThatAreDefined) {
  start();
  trade(10'001, 1, Aggressor::Buy);
  EXPECT_TRUE(undefined("z_tfi")) << "it was never defined before";
  EXPECT_TRUE(undefined("z_ofi")) << "nothing is left in its window";
  EXPECT_EQ((*this)["ois"], 0.0);

  balance(999);

  // The band is 20 floors away: clipped.
  EXPECT_DOUBLE_EQ((*this)["z_book"], 0.998 / 0.05);
  const double z_ofi = (*this)["ofi_norm_1000ms"] / 0.25;
  EXPECT_DOUBLE_EQ((*this)["z_ofi"], z_ofi);
  EXPECT_DOUBLE_EQ((*this)["ois"], (10.0 + std::min(z_ofi, 10.0)) / 2.0);
}

TEST_F(DeviationCase, HasNoSignalWithoutABandAndKeepsItsRegimeThroughACrossing) {
  start();
  balance(999);
  ASSERT_EQ((*this)["regime"], 2.0);

  delta({bid(10'002, 1)});
  ASSERT_EQ(driver_.status(), BookStatus::Crossed);
  EXPECT_TRUE(undefined("z_book"));
  EXPECT_TRUE(undefined("z_ofi")) << "although the window is there";
  EXPECT_FALSE(undefined("ofi_norm_1000ms"));
  EXPECT_TRUE(undefined("ois"));
  EXPECT_EQ((*this)["regime"], 2.0);
  EXPECT_EQ((*this)["alert_seq"], 1.0);

  tell(EventKind::Reset);
  EXPECT_EQ((*this)["regime"], 0.0);
  EXPECT_EQ((*this)["alert"], 0.0);
}

TEST_F(DeviationCase, AlertsInTheEventThatEntersAnExtremeAndCounts) {
  start();

  balance(999);
  EXPECT_EQ((*this)["regime"], 2.0);
  EXPECT_EQ((*this)["alert"], 1.0);
  EXPECT_EQ((*this)["alert_seq"], 1.0);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["regime"], 2.0);
  EXPECT_EQ((*this)["alert"], 0.0);
  EXPECT_EQ((*this)["alert_seq"], 1.0);
  balance(1);
  EXPECT_EQ((*this)["regime"], -2.0);
  EXPECT_EQ((*this)["alert"], -1.0) << "from one extreme into the other";
  EXPECT_EQ((*this)["alert_seq"], 2.0);
}

TEST_F(DeviationCase, KeepsItsExpectationsThroughAReset) {
  start();
  balance(600);
  wait(1'000);

  tell(EventKind::Reset);
  wait(500'000);
  snapshot({bid(9'999, 50), ask(10'001, 50)});

  EXPECT_LT((*this)["z_book"], 0.0) << "the mean is above 0, and as old as it was";
  EXPECT_EQ((*this)["regime"], 0.0);
}

// Sizes change sides, and trades, around a mid that stands.
TEST(Deviation, FlipsWithTheSidesAndSoDoesItsRegime) {
  SignalDriver driver{quick(), Instrument{}};
  SignalDriver mirror{quick(), Instrument{}};
  std::mt19937_64 random{5};
  std::map<double, int> regimes;
  for (std::int64_t i = 0; i < 3'000; ++i) {
    const std::int64_t now = kStart + i * 50 * kMs;
    const auto size = static_cast<std::int64_t>(1 + random() % (i / 300 % 2 == 0 ? 50 : 1'000));
    const auto other = static_cast<std::int64_t>(1 + random() % 50);
    const bool trade = i % 3 == 0;
    const bool buy = random() % 3 == 0;
    if (trade) {
      const Aggressor side = buy ? Aggressor::Buy : Aggressor::Sell;
      const Aggressor reverse = buy ? Aggressor::Sell : Aggressor::Buy;
      driver.on({EventKind::Trade, now, {{Side::Bid, 10'000, size}}, false, side});
      mirror.on({EventKind::Trade, now, {{Side::Bid, 10'000, size}}, false, reverse});
    } else {
      const EventKind kind = i == 1 ? EventKind::Snapshot : EventKind::Delta;
      driver.on({kind, now, {bid(9'999, size), ask(10'001, other)}});
      mirror.on({kind, now, {bid(9'999, other), ask(10'001, size)}});
    }
    for (const char* const name : {"z_book", "z_ofi", "z_tfi", "ois", "regime", "alert"}) {
      if (std::isnan(driver[name])) {
        ASSERT_TRUE(std::isnan(mirror[name])) << name;
      } else {
        ASSERT_EQ(driver[name], -mirror[name]) << name << ", event " << i;
      }
    }
    ASSERT_EQ(driver["alert_seq"], mirror["alert_seq"]);
    ++regimes[driver["regime"]];
  }
  EXPECT_GE(regimes.size(), 3U);
}

TEST(Deviation, DoesNotDependOnHowAVenueSplitsWhatHappensAtOnce) {
  SignalDriver once{quick(), Instrument{}};
  SignalDriver split{quick(), Instrument{}};
  for (SignalDriver* const driver : {&once, &split}) {
    driver->on({EventKind::Snapshot, kStart, {bid(9'999, 50), ask(10'001, 50)}});
  }
  for (std::int64_t i = 1; i < 100; ++i) {
    const std::int64_t now = kStart + i * 100 * kMs;
    once.on({EventKind::Delta, now, {bid(9'999, 40 + i), ask(10'001, 60)}});
    split.on({EventKind::Delta, now, {bid(9'999, 1)}});
    split.on({EventKind::Delta, now, {ask(10'001, 60)}});
    split.on({EventKind::Delta, now, {bid(9'999, 40 + i)}});

    ASSERT_TRUE(once["z_book"] == split["z_book"] || std::isnan(once["z_book"])) << i;
  }
  EXPECT_FALSE(std::isnan(split["z_book"]));
}

}  // namespace
}  // namespace steelyard
