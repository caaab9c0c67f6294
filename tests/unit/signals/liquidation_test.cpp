#include <gtest/gtest.h>

#include <cmath>

#include "support/signal_case.hpp"

namespace steelyard {
namespace {

using enum Aggressor;

class LiquidationCase : public SignalCase {
 protected:
  static constexpr double kMu = 0.02;
  void expect_near(const char* name, double value) const {
    EXPECT_NEAR(driver_[name], value, 1e-12 * std::max(1.0, std::abs(value))) << name;
  }
};

TEST_F(LiquidationCase, IsCalmBeforeTheFirst) {
  tell(EventKind::Timer);

  EXPECT_EQ((*this)["liq_net_10000ms"], 0.0);
  EXPECT_EQ((*this)["liq_gross_60000ms"], 0.0);
  EXPECT_TRUE(undefined("liq_share_10000ms"));
  EXPECT_EQ((*this)["liq_flow"], 0.0);
  EXPECT_EQ((*this)["liq_pressure"], 0.0) << "nothing runs into nothing";
  EXPECT_EQ((*this)["haw_buy"], kMu);
  EXPECT_EQ((*this)["haw_sell"], kMu);
  EXPECT_EQ((*this)["haw_ratio"], 1.0);
}

TEST_F(LiquidationCase, SumsForcedOrdersAndComparesThemWithTrades) {
  trade(100, 50, Buy);
  liquidation(100, 10, Sell);
  liquidation(200, 2, Buy);

  EXPECT_EQ((*this)["liq_net_10000ms"], -600.0);
  EXPECT_EQ((*this)["liq_gross_10000ms"], 1'400.0);
  EXPECT_EQ((*this)["liq_share_10000ms"], 0.28);
  wait(10'000);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["liq_net_10000ms"], 0.0);
  EXPECT_TRUE(undefined("liq_share_10000ms"));
  EXPECT_EQ((*this)["liq_net_60000ms"], -600.0);
  EXPECT_EQ((*this)["liq_share_60000ms"], 0.28);
  wait(50'000);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["liq_gross_60000ms"], 0.0);
}

TEST_F(LiquidationCase, DecaysItsFlowAndPressesAgainstTheSideItRunsInto) {
  snapshot({bid(9'999, 4), ask(10'001, 8)});

  liquidation(10'000, 2, Sell);
  EXPECT_EQ((*this)["liq_flow"], -20'000.0);
  EXPECT_EQ((*this)["liq_pressure"], -20'000.0 / 39'996.0);
  wait(5'000);
  liquidation(10'000, 4, Buy);

  const double flow = 40'000.0 - 20'000.0 * std::exp(-1.0);
  expect_near("liq_flow", flow);
  expect_near("liq_pressure", flow / 80'008.0);
  delta({ask(10'001, 16)});
  expect_near("liq_pressure", flow / 160'016.0);
}

TEST_F(LiquidationCase, HasNoPressureWhereTheDepthIsNotKnownOrZero) {
  liquidation(10'000, 2, Sell);
  EXPECT_TRUE(undefined("liq_pressure"));

  snapshot({bid(9'000, 4), ask(11'000, 8)});
  EXPECT_EQ((*this)["bidn_10bp"], 0.0);
  EXPECT_TRUE(undefined("liq_pressure"));
}

TEST_F(LiquidationCase, ExcitesTheSideOfTheForcedOrderAndThatEventAtOnce) {
  liquidation(1'000, 100, Sell);  // twice v0
  expect_near("haw_sell", kMu + 0.2);
  EXPECT_EQ((*this)["haw_buy"], kMu);
  expect_near("haw_ratio", (2 * kMu + 0.2) / (2 * kMu));

  wait(5'000);
  liquidation(1'000, 5'000, Sell);  // a hundred times: capped at ten
  liquidation(1'000, 50, Buy);

  expect_near("haw_sell", kMu + 0.2 * std::exp(-1.0) + 1.0);
  expect_near("haw_buy", kMu + 0.1);
}

TEST_F(LiquidationCase, CountsAnUnknownSideInTheGrossOnly) {
  liquidation(1'000, 100, Unknown);

  EXPECT_EQ((*this)["liq_gross_10000ms"], 100'000.0);
  EXPECT_EQ((*this)["liq_net_10000ms"], 0.0);
  EXPECT_EQ((*this)["liq_flow"], 0.0);
  EXPECT_EQ((*this)["haw_ratio"], 1.0);
}

TEST_F(LiquidationCase, LivesThroughAReset) {
  liquidation(1'000, 100, Sell);

  tell(EventKind::Reset);

  EXPECT_EQ((*this)["liq_net_10000ms"], -100'000.0);
  EXPECT_EQ((*this)["liq_flow"], -100'000.0);
  expect_near("haw_sell", kMu + 0.2);
}

TEST_F(LiquidationCase, IsCalmAgainAfterAnHourWithoutADenormalNumber) {
  liquidation(1'000, 100, Sell);

  for (int i = 0; i < 3'600; ++i) {
    wait(1'000);
    tell(EventKind::Timer);
    ASSERT_TRUE((*this)["liq_flow"] == 0.0 || std::isnormal((*this)["liq_flow"])) << i;
  }

  EXPECT_EQ((*this)["liq_flow"], 0.0);
  EXPECT_EQ((*this)["liq_pressure"], 0.0);
  EXPECT_EQ((*this)["haw_sell"], kMu);
}

TEST(Liquidation, DecaysByTwoKernelsWhereTheParametersSaySo) {
  SignalParams params;
  params.liquidation.hawkes.beta = 0.5;
  SignalDriver driver{params, Instrument{}};
  driver.on({EventKind::Liquidation, kStart, {{Side::Bid, 1'000, 100}}, false, Buy});

  driver.on({EventKind::Timer, kStart + 2'000 * kMs, {}});

  EXPECT_NEAR(driver["liq_flow"], 1e5 * std::exp(-0.4), 1e-9);
  EXPECT_NEAR(driver["haw_buy"], 0.02 + 0.2 * std::exp(-1.0), 1e-15);
}

// Bids and asks, buying and selling change places around a mid that stands.
TEST(Liquidation, FlipsWithTheSides) {
  SignalDriver driver{SignalParams{}, Instrument{}};
  SignalDriver mirror{SignalParams{}, Instrument{}};
  for (std::int64_t i = 0; i < 500; ++i) {
    const std::int64_t now = kStart + i * 150 * kMs;
    const Aggressor side = i % 7 < 3 ? Buy : Sell;
    if (i % 2 == 0) {
      driver.on({EventKind::Liquidation, now, {{Side::Bid, 10'000, 1 + i % 11}}, false, side});
      mirror.on({EventKind::Liquidation,
                 now,
                 {{Side::Bid, 10'000, 1 + i % 11}},
                 false,
                 side == Buy ? Sell : Buy});
    } else {
      const EventKind kind = i == 1 ? EventKind::Snapshot : EventKind::Delta;
      driver.on({kind, now, {bid(10'000, 5 + i % 9), ask(10'000, 5 + i % 5)}});
      mirror.on({kind, now, {bid(10'000, 5 + i % 5), ask(10'000, 5 + i % 9)}});
    }
    for (const char* const name : {"liq_net_10000ms", "liq_flow", "liq_pressure", "casc_dir"}) {
      if (std::isnan(driver[name])) {
        ASSERT_TRUE(std::isnan(mirror[name])) << name;
      } else {
        ASSERT_EQ(driver[name], -mirror[name]) << name << ", event " << i;
      }
    }
    ASSERT_EQ(driver["haw_buy"], mirror["haw_sell"]);
    ASSERT_EQ(driver["haw_sell"], mirror["haw_buy"]);
    ASSERT_EQ(driver["casc_level"], mirror["casc_level"]);
    ASSERT_TRUE(driver["thin_bid"] == mirror["thin_ask"] || i < 400) << i;
  }
}

TEST(Liquidation, TakesInverseContractsForWhatTheyAreWorth) {
  Instrument inverse;
  inverse.kind = ContractKind::Inverse;
  inverse.scale.contract_size = 100.0;
  SignalDriver driver{SignalParams{}, inverse};

  driver.on({EventKind::Liquidation, kStart, {{Side::Bid, 60'000, 500}}, false, Sell});

  EXPECT_EQ(driver["liq_net_10000ms"], -50'000.0);
  EXPECT_EQ(driver["haw_sell"], 0.02 + 0.1);
}

}  // namespace
}  // namespace steelyard
