#include <gtest/gtest.h>

#include "signals/vpin.hpp"
#include "support/signal_case.hpp"

namespace steelyard {
namespace {

using enum Aggressor;

SignalParams small_buckets() {
  SignalParams params;
  params.trade_flow.vpin_bucket_qty = 10;
  params.trade_flow.vpin_buckets = 3;
  return params;
}

class TradeFlowCase : public SignalCase {
 protected:
  TradeFlowCase() : SignalCase{small_buckets()} {}
};

TEST_F(TradeFlowCase, IsZeroAndWithoutARatioBeforeTheFirstTrade) {
  tell(EventKind::Timer);

  EXPECT_EQ((*this)["tf_100ms"], 0.0);
  EXPECT_EQ((*this)["tv_100ms"], 0.0);
  EXPECT_EQ((*this)["cvd"], 0.0);
  EXPECT_EQ((*this)["vpin_n"], 0.0);
  EXPECT_TRUE(undefined("tfi_100ms"));
  EXPECT_TRUE(undefined("vpin"));
}

TEST_F(TradeFlowCase, CountsWhatIsBoughtUpAndWhatIsSoldDownWithoutABook) {
  trade(100, 3, Buy);
  trade(90, 1, Sell);

  EXPECT_EQ((*this)["tf_100ms"], 2.0);
  EXPECT_EQ((*this)["tfi_100ms"], 0.5);
  EXPECT_EQ((*this)["tv_100ms"], 390.0);
  EXPECT_EQ((*this)["cvd"], 2.0);
}

TEST_F(TradeFlowCase, DropsWhatIsExactlyAsOldAsTheWindowButNotFromTheTotal) {
  trade(100, 3, Buy);
  wait(99);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["tf_100ms"], 3.0);

  wait(1);
  tell(EventKind::Timer);

  EXPECT_EQ((*this)["tf_100ms"], 0.0);
  EXPECT_TRUE(undefined("tfi_100ms"));
  EXPECT_EQ((*this)["tf_1000ms"], 3.0);
  EXPECT_EQ((*this)["cvd"], 3.0);
}

TEST_F(TradeFlowCase, LivesThroughAReset) {
  snapshot({bid(99, 1), ask(101, 1)});
  trade(101, 3, Buy);
  trade(101, 9, Buy);

  tell(EventKind::Reset);

  EXPECT_EQ((*this)["tf_10000ms"], 12.0);
  EXPECT_EQ((*this)["cvd"], 12.0);
  EXPECT_EQ((*this)["vpin"], 1.0);
}

TEST_F(TradeFlowCase, DoesNotCountLiquidations) {
  liquidation(100, 5, Sell);

  EXPECT_EQ((*this)["tv_100ms"], 0.0);
  EXPECT_EQ((*this)["cvd"], 0.0);
}

TEST_F(TradeFlowCase, TakesTheMidForTheBorderWhereTheVenueDoesNotSay) {
  snapshot({bid(99, 1), ask(102, 1)});  // mid 100.5

  trade(101, 1);
  EXPECT_EQ((*this)["cvd"], 1.0);
  trade(100, 1);
  EXPECT_EQ((*this)["cvd"], 0.0);
  trade(100, 1, Buy);
  EXPECT_EQ((*this)["cvd"], 1.0) << "the flag of the venue comes first";
}

TEST_F(TradeFlowCase, GoesByTheTradeBeforeWhereThereIsNoMidOrTheTradeIsAtIt) {
  trade(100, 1);
  EXPECT_EQ((*this)["cvd"], 0.0) << "nothing is known";
  EXPECT_EQ((*this)["tfi_100ms"], 0.0);
  EXPECT_EQ((*this)["tv_100ms"], 100.0);
  trade(100, 1);
  EXPECT_EQ((*this)["cvd"], 0.0) << "still nothing";
  trade(101, 1);
  EXPECT_EQ((*this)["cvd"], 1.0) << "an uptick";
  trade(101, 1);
  EXPECT_EQ((*this)["cvd"], 2.0) << "a zero tick keeps the sign";
  snapshot({bid(90, 1), ask(110, 1)});
  trade(100, 1);
  EXPECT_EQ((*this)["cvd"], 1.0) << "at the mid: a downtick";
  trade(100, 1);
  EXPECT_EQ((*this)["cvd"], 0.0);
  delta({ask(110, 0)});
  trade(103, 1);
  EXPECT_EQ((*this)["cvd"], 1.0) << "one-sided: an uptick";
  trade(103, 1, Sell);
  trade(103, 1);
  EXPECT_EQ((*this)["cvd"], -1.0) << "the sign of the trade before, whoever told it";
}

TEST_F(TradeFlowCase, CountsOnlyCompleteBuckets) {
  trade(100, 9, Buy);
  EXPECT_TRUE(undefined("vpin"));

  trade(100, 1, Sell);
  EXPECT_EQ((*this)["vpin_n"], 1.0);
  EXPECT_EQ((*this)["vpin"], 0.8);
}

TEST_F(TradeFlowCase, SplitsATradeThatFillsABucket) {
  trade(100, 6, Buy);
  trade(100, 9, Sell);  // 4 fill the first, 5 are left

  EXPECT_EQ((*this)["vpin_n"], 1.0);
  EXPECT_EQ((*this)["vpin"], 0.2);
  trade(100, 5, Buy);
  EXPECT_EQ((*this)["vpin_n"], 2.0);
  EXPECT_EQ((*this)["vpin"], 0.1) << "5 sold, 5 bought";
}

TEST_F(TradeFlowCase, FillsButDoesNotTiltABucketWithVolumeOfUnknownSign) {
  trade(100, 7);
  trade(100, 3, Buy);

  EXPECT_EQ((*this)["vpin"], 0.3);
}

TEST_F(TradeFlowCase, ForgetsTheOldestBucketAndHoldsAsManyAsItSays) {
  trade(100, 5, Buy);
  trade(100, 5, Sell);
  trade(100, 30, Sell);

  EXPECT_EQ((*this)["vpin_n"], 3.0);
  EXPECT_EQ((*this)["vpin"], 1.0) << "the balanced one is gone";
}

TEST(VpinBuckets, TakesATradeOfManyTimesTheBucketInOneGo) {
  Int128 memory[4];
  VpinBuckets vpin{std::as_writable_bytes(std::span{memory}), 4, 3};

  EXPECT_TRUE(vpin.add(Int128{1} << 100, -1));

  EXPECT_EQ(vpin.count(), 4U);
  EXPECT_EQ(vpin.value(), 1.0);
  // 2^100 = 3 k + 1: two are missing.
  EXPECT_TRUE(vpin.add(2, 1));
  EXPECT_EQ(vpin.value(), (3.0 + 3.0 + 3.0 + 1.0) / 12.0);
}

TEST(VpinBuckets, FillsAnyNumberOfThemWithoutTiltForAnUnknownSign) {
  Int128 memory[4];
  VpinBuckets vpin{std::as_writable_bytes(std::span{memory}), 4, 3};

  vpin.add(3, 1);
  vpin.add(6, 0);

  EXPECT_EQ(vpin.count(), 3U);
  EXPECT_EQ(vpin.value(), 1.0 / 3.0);
}

TEST(TradeFlow, CountsInverseContractsInBaseUnits) {
  Instrument inverse;
  inverse.kind = ContractKind::Inverse;
  inverse.scale.contract_size = 100.0;
  SignalParams params;
  params.trade_flow.vpin_bucket_qty = 0.5;
  SignalDriver driver{params, inverse};

  driver.on({EventKind::Trade, kStart, {{Side::Bid, 200, 3}}, false, Buy});
  driver.on({EventKind::Trade, kStart, {{Side::Bid, 400, 1}}, false, Sell});

  EXPECT_EQ(driver["cvd"], 1.5 - 0.25);
  EXPECT_EQ(driver["tv_100ms"], 400.0);
  EXPECT_EQ(driver["vpin_n"], 3.0);
}

TEST(TradeFlow, SaysHowManyTradesAWindowHoldsUnderARoundedTime) {
  SignalParams params;
  params.trade_flow.entries = 16;
  SignalDriver driver{params, Instrument{}};

  for (std::int64_t i = 0; i < 9'000; ++i) {
    driver.on({EventKind::Trade, kStart + i * kMs, {{Side::Bid, 100, 1}}, false, Buy});
    ASSERT_LE(driver["tf_10000ms"], static_cast<double>(i + 1));
  }

  EXPECT_EQ(driver["tf_10000ms"], 9'000.0) << "nothing is lost";
  EXPECT_GT(driver.signals().limited(), 8'000U);
}

// What does not fit is not published, until it would have left the window.
TEST(TradeFlow, DoesNotGuessANotionalThatDoesNotFit) {
  constexpr std::int64_t kHuge = 6'000'000'000'000'000'000;
  SignalDriver driver{SignalParams{}, Instrument{}};

  driver.on({EventKind::Trade, kStart, {{Side::Bid, kHuge, kHuge}}, false, Buy});

  EXPECT_TRUE(std::isnan(driver["tv_100ms"]));
  EXPECT_TRUE(std::isnan(driver["tf_100ms"]));
  EXPECT_EQ(driver["cvd"], 6e18);
  EXPECT_EQ(driver.signals().limited(), 2U) << "here, and for its share of liquidations";
  driver.on({EventKind::Trade, kStart + 50 * kMs, {{Side::Bid, 2, 3}}, false, Buy});
  driver.on({EventKind::Timer, kStart + 100 * kMs, {}});
  EXPECT_EQ(driver["tv_100ms"], 6.0);
  EXPECT_TRUE(std::isnan(driver["tv_1000ms"]));
}

}  // namespace
}  // namespace steelyard
