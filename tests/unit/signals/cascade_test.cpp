#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "signals/cascade_machine.hpp"
#include "support/signal_case.hpp"

namespace steelyard {
namespace {

using enum Aggressor;
constexpr std::int64_t kSecond = 1'000 * kMs;

CascadeConditions conditions(unsigned bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
}
int score(unsigned bits) {
  return static_cast<int>((bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1));
}

TEST(DominantDirection, IsThatOfTheScoreThenOfTheIntensityThenThatBefore) {
  for (int down = 0; down <= 3; ++down) {
    for (int up = 0; up <= 3; ++up) {
      for (int previous = -1; previous <= 1; ++previous) {
        const auto direction = [&](double sell, double buy) {
          return dominant_direction(down, up, sell, buy, previous);
        };
        if (down != up) {
          const int larger = down > up ? -1 : 1;
          for (const double sell : {0.1, 0.2}) EXPECT_EQ(direction(sell, 0.15), larger);
        } else {
          const bool none = down == 0;
          EXPECT_EQ(direction(0.2, 0.1), none ? 0 : -1);
          EXPECT_EQ(direction(0.1, 0.2), none ? 0 : 1);
          EXPECT_EQ(direction(0.1, 0.1), none ? 0 : previous);
        }
      }
    }
  }
}

// Every state (level, direction, age of the level) that the machine can be brought into, and every
// set of conditions in both directions.
TEST(CascadeMachine, FollowsTheTableFromEveryStateUnderEveryCondition) {
  int cases = 0;
  for (unsigned first_down = 0; first_down < 8; ++first_down) {
    for (unsigned first_up = 0; first_up < 8; ++first_up) {
      for (const std::int64_t age_ns : {kSecond, 5 * kSecond - 1, 5 * kSecond}) {
        for (unsigned down = 0; down < 8; ++down) {
          for (unsigned up = 0; up < 8; ++up) {
            for (const double buying : {0.05, 0.1, 0.2}) {
              // Latches of no length, so that a condition is what it is now.
              CascadeMachine machine{0, 5 * kSecond};
              std::int64_t now = kStart;
              machine.step(TimestampNs{now}, conditions(first_down), conditions(first_up), 0.2,
                           0.1);
              const int level = machine.level();
              const int direction = machine.direction();
              ASSERT_EQ(level, std::max(score(first_down), score(first_up)));

              now += age_ns;
              const int alert =
                  machine.step(TimestampNs{now}, conditions(down), conditions(up), 0.1, buying);

              const int raw = std::max(score(down), score(up));
              const int dominant =
                  dominant_direction(score(down), score(up), 0.1, buying, direction);
              const bool moves = raw >= level || age_ns >= 5 * kSecond;
              ASSERT_EQ(machine.level(), moves ? raw : level);
              ASSERT_EQ(machine.direction(), moves ? dominant : direction);
              ASSERT_EQ(alert, raw == 3 && level != 3 ? dominant : 0);
              ++cases;
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(cases, 8 * 8 * 3 * 8 * 8 * 3);
}

TEST(CascadeMachine, LatchesEachConditionForItself) {
  CascadeMachine machine{3 * kSecond, 0};
  const auto at = [&](std::int64_t ns, unsigned down) {
    machine.step(TimestampNs{kStart + ns}, conditions(down), {}, 0.2, 0.1);
    return machine.level();
  };

  EXPECT_EQ(at(0, 1), 1);
  EXPECT_EQ(at(kSecond, 2), 2);
  EXPECT_EQ(at(2 * kSecond, 4), 3);
  EXPECT_EQ(at(3 * kSecond, 0), 3) << "the first is three seconds old: still active";
  EXPECT_EQ(at(3 * kSecond + 1, 0), 2);
  EXPECT_EQ(at(4 * kSecond, 0), 2);
  EXPECT_EQ(at(4 * kSecond + 1, 0), 1);
  EXPECT_EQ(at(5 * kSecond + 1, 0), 0);
  EXPECT_EQ(machine.direction(), 0);
}

TEST(CascadeMachine, AddsUpNothingOfOppositeDirections) {
  CascadeMachine machine{3 * kSecond, 5 * kSecond};

  machine.step(TimestampNs{kStart}, conditions(3), conditions(4), 0.1, 0.2);

  EXPECT_EQ(machine.level(), 2);
  EXPECT_EQ(machine.direction(), -1);
}

TEST(CascadeMachine, HoldsALevelFromWhenItWasReachedLast) {
  CascadeMachine machine{0, 5 * kSecond};
  const auto level_at = [&](std::int64_t ns, unsigned up) {
    machine.step(TimestampNs{kStart + ns}, {}, conditions(up), 0.1, 0.2);
    return machine.level();
  };

  EXPECT_EQ(level_at(0, 3), 2);
  EXPECT_EQ(level_at(3 * kSecond, 5), 2) << "reached again";
  EXPECT_EQ(level_at(8 * kSecond - 1, 1), 2);
  EXPECT_EQ(level_at(8 * kSecond, 1), 1);
  EXPECT_EQ(level_at(8 * kSecond + 1, 0), 0) << "it is still 5 s since the level was reached";
}

TEST(CascadeMachine, AlertsOnceOnEntering) {
  CascadeMachine machine{0, 5 * kSecond};
  const auto alert_at = [&](std::int64_t ns, unsigned down) {
    return machine.step(TimestampNs{kStart + ns}, conditions(down), {}, 0.2, 0.1);
  };

  EXPECT_EQ(alert_at(0, 7), -1);
  EXPECT_EQ(alert_at(1, 7), 0);
  EXPECT_EQ(alert_at(kSecond, 0), 0);
  EXPECT_EQ(alert_at(2 * kSecond, 7), 0) << "it was still held";
  EXPECT_EQ(alert_at(7 * kSecond, 3), 0);
  EXPECT_EQ(alert_at(7 * kSecond + 1, 7), -1);
}

SignalParams quick() {
  SignalParams params;
  params.deviation.warmup_ms = 2'000;
  return params;
}

class CascadeCase : public SignalCase {
 protected:
  CascadeCase() : SignalCase{quick()} {}
  void start() {
    snapshot({bid(9'999, 1'000), ask(10'001, 1'000)});
    wait(2'000);
  }
};

TEST_F(CascadeCase, IsCalmFromTheFirstEventOn) {
  tell(EventKind::Timer);

  EXPECT_EQ((*this)["casc_level"], 0.0);
  EXPECT_EQ((*this)["casc_dir"], 0.0);
  EXPECT_EQ((*this)["casc_alert"], 0.0);
  EXPECT_TRUE(undefined("thin_bid"));
}

TEST_F(CascadeCase, ComparesDepthWithItsMeanOnceThatIsWarm) {
  snapshot({bid(9'999, 1'000), ask(10'001, 1'000)});
  wait(1'999);
  delta({bid(9'999, 500)});
  EXPECT_TRUE(undefined("thin_bid"));

  delta({bid(9'999, 1'000)});
  wait(1);
  delta({bid(9'999, 250), ask(10'001, 2'000)});
  EXPECT_EQ((*this)["thin_bid"], 0.25);
  EXPECT_EQ((*this)["thin_ask"], 2.0);
  delta({ask(10'001, 0)});
  EXPECT_TRUE(undefined("thin_bid")) << "without a mid there is no band";
}

TEST_F(CascadeCase, HasNoThinnessOfWhatWasNeverThere) {
  snapshot({bid(9'000, 1'000), ask(11'000, 1'000)});
  wait(3'000);

  delta({bid(10'999, 5)});

  EXPECT_GT((*this)["bidn_10bp"], 0.0);
  EXPECT_TRUE(undefined("thin_bid")) << "by a mean of zero";
}

// Extreme selling, a thin bid and forced selling, one after the other.
TEST_F(CascadeCase, RisesWithEachConditionAndAlertsOnTheThird) {
  start();
  // Nothing but the bid, pulled: extreme and thin in one.
  delta({bid(9'999, 1)});
  EXPECT_EQ((*this)["regime"], -2.0);
  EXPECT_EQ((*this)["thin_bid"], 0.001);
  EXPECT_EQ((*this)["casc_level"], 2.0);
  EXPECT_EQ((*this)["casc_dir"], -1.0);
  EXPECT_EQ((*this)["casc_alert"], 0.0);

  wait(500);
  liquidation(9'999, 4, Sell);  // 0.8 v0: the intensity is mu + 0.08, exactly five mu
  EXPECT_EQ((*this)["casc_level"], 2.0) << "0.79992 v0, to be exact";
  liquidation(9'999, 1, Sell);
  EXPECT_EQ((*this)["casc_level"], 3.0);
  EXPECT_EQ((*this)["casc_alert"], -1.0);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["casc_alert"], 0.0);
}

TEST_F(CascadeCase, DoesNotTakeABurstForOneWhoseBalanceRunsTheOtherWay) {
  start();
  delta({bid(9'999, 1)});

  liquidation(9'999, 10, Buy);
  liquidation(9'999, 9, Sell);

  EXPECT_GE((*this)["haw_sell"], 0.1);
  EXPECT_GT((*this)["liq_flow"], 0.0);
  EXPECT_EQ((*this)["casc_level"], 2.0);
}

TEST_F(CascadeCase, StopsAtTwoWithoutLiquidations) {
  start();
  double highest = 0.0;
  for (int i = 0; i < 2'000; ++i) {
    wait(20);
    delta({bid(9'999, i / 50 % 2 == 0 ? 1 : 1'000), ask(10'001, i / 70 % 2 == 0 ? 1'000 : 1)});
    trade(10'000, 5, i % 3 == 0 ? Buy : Sell);
    highest = std::max(highest, (*this)["casc_level"]);
  }
  EXPECT_EQ(highest, 2.0);
}

TEST_F(CascadeCase, KeepsItsMeansAndLevelThroughAReset) {
  start();
  delta({bid(9'999, 1)});
  wait(1'000);

  tell(EventKind::Reset);
  EXPECT_EQ((*this)["casc_level"], 2.0) << "latched";
  EXPECT_TRUE(undefined("thin_bid"));
  snapshot({bid(9'999, 500), ask(10'001, 1'000)});
  EXPECT_NEAR((*this)["thin_bid"], 0.5 * 3.0 / 2.0, 0.01) << "two seconds of 1000, one of 1";
}

}  // namespace
}  // namespace steelyard
