#include <gtest/gtest.h>

#include <cmath>

#include "support/signal_driver.hpp"
#include "support/signal_stream.hpp"

namespace steelyard {
namespace {

using Levels = std::vector<NaiveEvent::Level>;

NaiveEvent::Level bid(std::int64_t price, std::int64_t qty) { return {Side::Bid, price, qty}; }
NaiveEvent::Level ask(std::int64_t price, std::int64_t qty) { return {Side::Ask, price, qty}; }

// Prices and sizes are whole numbers.
class DepthCostCase : public testing::Test {
 protected:
  DepthCostCase() { use({100, 1'000, 100'000}); }
  void use(std::vector<std::uint32_t> notionals) {
    SignalParams params;
    params.cost_notionals = std::move(notionals);
    driver_ = SignalDriver{params, Instrument{}};
  }
  void snapshot(Levels levels) { driver_.on({EventKind::Snapshot, 0, std::move(levels)}); }
  void delta(Levels levels) { driver_.on({EventKind::Delta, 0, std::move(levels)}); }
  double operator[](const char* name) const { return driver_[name]; }
  [[nodiscard]] bool undefined(const char* name) const { return std::isnan(driver_[name]); }

  SignalDriver driver_{SignalParams{}, Instrument{}};
};

TEST_F(DepthCostCase, FillsAnOrderFromTheBestOutwardTheLastLevelInPart) {
  // A mid of 100. Buying for 1000: 4 at 101 are 404, the rest of 596 at 110.
  snapshot({bid(99, 5), bid(90, 50), ask(101, 4), ask(110, 50)});

  const double bought = 4 + 596.0 / 110;
  EXPECT_NEAR((*this)["cost_buy_1000"], 1e4 * (1000 / bought / 100 - 1), 1e-9);
  const double sold = 5 + 505.0 / 90;
  EXPECT_NEAR((*this)["cost_sell_1000"], 1e4 * (1 - 1000 / sold / 100), 1e-9);

  // 100 fit the best level: half the spread.
  EXPECT_NEAR((*this)["cost_buy_100"], 100.0, 1e-9);
  EXPECT_NEAR((*this)["cost_sell_100"], 100.0, 1e-9);

  EXPECT_TRUE(undefined("cost_buy_100000")) << "the book is too thin";
  EXPECT_TRUE(undefined("cost_sell_100000"));
}

TEST_F(DepthCostCase, IsDefinedWhereTheLastLevelIsJustEnough) {
  use({404, 405});
  snapshot({bid(99, 5), ask(101, 4)});

  EXPECT_NEAR((*this)["cost_buy_404"], 100.0, 1e-9);
  EXPECT_TRUE(undefined("cost_buy_405"));
  delta({ask(5'000, 1)});
  EXPECT_FALSE(undefined("cost_buy_405"));
}

TEST_F(DepthCostCase, HasTheSlopeOfCumulativeSizeOverDistance) {
  // Distances to a mid of 100: 100, 200 and 400 bps; cumulative sizes 2, 5 and 6.
  snapshot({bid(99, 2), bid(98, 3), bid(96, 1), ask(101, 7)});

  EXPECT_NEAR((*this)["slope_bid"],
              (2 * 100 + 5 * 200 + 6 * 400) / (100.0 * 100 + 200 * 200 + 400 * 400), 1e-15);
  EXPECT_NEAR((*this)["slope_ask"], 0.07, 1e-15);

  // The bids stand, the mid moves to 100.5.
  delta({ask(101, 0), ask(102, 7)});
  const auto bps = [](double price) { return 1e4 * (100.5 - price) / 100.5; };
  EXPECT_NEAR((*this)["slope_bid"],
              (2 * bps(99) + 5 * bps(98) + 6 * bps(96)) /
                  (bps(99) * bps(99) + bps(98) * bps(98) + bps(96) * bps(96)),
              1e-15);
}

TEST_F(DepthCostCase, LooksAtTwentyLevelsForTheSlopeOnly) {
  Levels levels{ask(1'001, 1)};
  for (std::int64_t i = 0; i < 20; ++i) levels.push_back(bid(999 - i, 1));
  snapshot(levels);
  const double slope = (*this)["slope_bid"];
  EXPECT_TRUE(undefined("cost_sell_100000"));

  delta({bid(900, 1'000)});

  EXPECT_EQ((*this)["slope_bid"], slope);
  EXPECT_FALSE(undefined("cost_sell_100000"));
}

TEST_F(DepthCostCase, FollowsWhatChangesAsDeepAsAnOrderGoesAndNothingBeyond) {
  for (const Side side : {Side::Bid, Side::Ask}) {
    const std::int64_t out = side == Side::Bid ? -1 : 1;
    const auto level = [side, out](std::int64_t rank, std::int64_t qty) {
      return NaiveEvent::Level{side, 10'000 + out * (1 + rank), qty};
    };
    Levels levels{{side == Side::Bid ? Side::Ask : Side::Bid, 10'000 - out, 1}};
    for (std::int64_t i = 0; i < 50; ++i) levels.push_back(level(i, 1));
    use({100'000, 400'000});  // ten levels, forty levels and a little
    snapshot(levels);
    const char* const name = side == Side::Bid ? "cost_sell_400000" : "cost_buy_400000";
    const double before = (*this)[name];

    delta({level(45, 100)});
    EXPECT_EQ((*this)[name], before) << "beyond";

    delta({level(30, 2)});
    EXPECT_LT((*this)[name], before);
    delta({level(30, 0)});
    EXPECT_GT((*this)[name], before);
    delta({level(30, 1)});
    EXPECT_EQ((*this)[name], before);

    const std::int64_t last = side == Side::Bid ? 40 : 39;
    delta({level(last, 0)});  // the level that it ends in
    EXPECT_GT((*this)[name], before);
    delta({level(last, 1)});
    EXPECT_EQ((*this)[name], before);
    delta({level(25, 300)});  // in by fifteen levels, and out again
    EXPECT_LT((*this)[name], before);
    delta({level(25, 1)});
    EXPECT_EQ((*this)[name], before);
  }
}

TEST_F(DepthCostCase, LooksAnewAtASnapshotWhoseBestLevelsAreTheSame) {
  Levels levels{ask(10'001, 1)};
  for (std::int64_t i = 0; i < 50; ++i) levels.push_back(bid(9'999 - i, 1));
  use({400'000});
  snapshot(levels);
  const double before = (*this)["cost_sell_400000"];

  levels[31].qty = 5;
  snapshot(levels);
  EXPECT_LT((*this)["cost_sell_400000"], before);
}

TEST_F(DepthCostCase, FollowsASideThatIsTooThinUntilItIsNot) {
  use({1'000, 10'000});
  snapshot({bid(99, 1), bid(98, 1), ask(101, 1)});
  EXPECT_TRUE(undefined("cost_sell_1000"));

  delta({bid(98, 5), bid(10, 3)});
  EXPECT_TRUE(undefined("cost_sell_1000")) << "99 + 490 + 30";

  delta({bid(9, 100)});
  EXPECT_NEAR((*this)["cost_sell_1000"], 1e4 * (1 - 1000 / (1 + 5 + 3 + 381.0 / 9) / 100), 1e-9);
  delta({bid(97, 4)});
  EXPECT_NEAR((*this)["cost_sell_1000"], 1e4 * (1 - 1000 / (1 + 5 + 4 + 23.0 / 10) / 100), 1e-9);
  delta({bid(9, 0), bid(10, 0)});
  EXPECT_TRUE(undefined("cost_sell_1000"));
  delta({bid(97, 10)});
  EXPECT_NEAR((*this)["cost_sell_1000"], 1e4 * (1 - 1000 / (1 + 5 + 411.0 / 97) / 100), 1e-9);
  EXPECT_TRUE(undefined("cost_sell_10000"));
}

TEST_F(DepthCostCase, IsLeftOutWhereNoOrderIsAskedFor) {
  use({});
  snapshot({bid(99, 2), ask(101, 4)});

  EXPECT_EQ(driver_.set().find("cost_buy_10000"), std::nullopt);
  EXPECT_NEAR((*this)["slope_bid"], 0.02, 1e-15);
}

TEST_F(DepthCostCase, IsUndefinedWithoutAMidAndRightAgainAfterwards) {
  snapshot({bid(99, 50), ask(101, 50)});
  const double cost = (*this)["cost_buy_1000"];

  delta({bid(102, 1)});
  for (const char* const name : {"slope_bid", "slope_ask", "cost_buy_1000", "cost_sell_1000"}) {
    EXPECT_TRUE(undefined(name)) << name;
  }
  delta({ask(103, 9), ask(101, 20)});
  delta({bid(102, 0), ask(101, 50)});
  EXPECT_EQ((*this)["cost_buy_1000"], cost);

  delta({ask(101, 0), ask(103, 0)});
  EXPECT_TRUE(undefined("cost_sell_1000")) << "one side is no mid";
  driver_.on({EventKind::Reset, 0, {}});
  EXPECT_TRUE(undefined("slope_bid"));
}

TEST_F(DepthCostCase, IsZeroInALockedBookAndHasASlopeOnlyFromTheSecondLevelOn) {
  snapshot({bid(100, 50), ask(100, 50)});

  EXPECT_EQ((*this)["cost_buy_1000"], 0.0);
  EXPECT_EQ((*this)["cost_sell_1000"], 0.0);
  EXPECT_TRUE(undefined("slope_bid")) << "at no distance";

  delta({bid(99, 50)});
  EXPECT_NEAR((*this)["slope_bid"], 1.0, 1e-15);  // 100 at 100 bps
}

// Contracts of 100 quote units: 10 contracts are 1000.
TEST(InverseDepthCost, CountsContractsAsNotional) {
  Instrument instrument;
  instrument.kind = ContractKind::Inverse;
  instrument.scale.contract_size = 100.0;
  SignalParams params;
  params.cost_notionals = {1'000, 1'050};
  SignalDriver driver{params, instrument};
  driver.on({EventKind::Snapshot, 0, {bid(99, 10), bid(90, 1), ask(101, 4), ask(110, 6)}});

  const double bought = 400.0 / 101 + 600.0 / 110;
  EXPECT_NEAR(driver["cost_buy_1000"], 1e4 * (1000 / bought / 100 - 1), 1e-9);
  EXPECT_TRUE(std::isnan(driver["cost_buy_1050"]));
  EXPECT_NEAR(driver["cost_sell_1000"], 100.0, 1e-9);
  const double sold = 1000.0 / 99 + 50.0 / 90;
  EXPECT_NEAR(driver["cost_sell_1050"], 1e4 * (1 - 1050 / sold / 100), 1e-9);
}

// At the finest scales a notional does not fit 128 bits: then it is not known, not wrong.
TEST(DepthCostAtTheEndOfNumbers, IsUndefinedWhereTheOrderHasNoInteger) {
  Instrument instrument;
  instrument.scale.price_exponent = -18;
  instrument.scale.qty_exponent = -18;
  SignalParams params;
  params.cost_notionals = {1, 10, 1'000'000'000};
  SignalDriver driver{params, instrument};
  const std::int64_t one = 1'000'000'000'000'000'000;
  driver.on({EventKind::Snapshot, 0, {bid(one, 9 * one), ask(one + one / 10, 9 * one)}});

  EXPECT_NEAR(driver["cost_buy_1"], 1e4 * 0.05 / 1.05, 1e-9);
  EXPECT_TRUE(std::isnan(driver["cost_buy_1000000000"]));
}

TEST(DepthCostAtTheEndOfNumbers, IsRightWhereSizeTimesMidDoesNotFit) {
  Instrument instrument;
  instrument.scale.price_exponent = -18;
  instrument.scale.qty_exponent = -2;
  SignalParams params;
  params.cost_notionals = {5};
  SignalDriver driver{params, instrument};
  const std::int64_t four = 4'000'000'000'000'000'000;
  Levels levels{bid(four, 1), ask(four + 2, 1)};
  for (std::int64_t price = 1; price <= 20; ++price) levels.push_back(bid(price, four));
  driver.on({EventKind::Snapshot, 0, levels});

  // Sold at next to nothing, all but the first of it.
  EXPECT_NEAR(driver["cost_sell_5"], 1e4, 1e-9);
}

class DepthCostProperties : public testing::TestWithParam<SignalStream> {};

TEST_P(DepthCostProperties, IsAtLeastHalfTheSpreadAndGrowsWithTheOrder) {
  RandomStream random{GetParam(), 41};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};
  int defined = 0;

  for (int i = 0; i < 3'000; ++i) {
    driver.on(random.next());
    for (const char* const side : {"buy", "sell"}) {
      double least = driver["spread_bps"] / 2;
      for (const char* const order : {"10000", "100000", "1000000"}) {
        const double cost = driver[std::string{"cost_"} + side + "_" + order];
        if (std::isnan(cost)) {
          least = std::numeric_limits<double>::infinity();  // nor is a larger one defined
          continue;
        }
        ASSERT_GE(cost, least * (1 - 1e-9) - 1e-9) << side << " " << order << ", event " << i;
        least = cost;
        ++defined;
      }
    }
  }
  EXPECT_GT(defined, 3'000);
}

INSTANTIATE_TEST_SUITE_P(
    Streams, DepthCostProperties,
    testing::Values(SignalStream{.name = "Linear"},
                    SignalStream{.name = "ThinLevels", .largest_qty = 600},
                    SignalStream{
                        .name = "Inverse", .kind = ContractKind::Inverse, .qty_exponent = 0}),
    [](const testing::TestParamInfo<SignalStream>& of) { return of.param.name; });

}  // namespace
}  // namespace steelyard
