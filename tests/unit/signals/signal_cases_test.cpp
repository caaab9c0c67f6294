#include <gtest/gtest.h>

#include <cmath>

#include "support/signal_case.hpp"

namespace steelyard {
namespace {

using BookSignals = SignalCase;

TEST_F(BookSignals, AreUndefinedBeforeTheFirstSnapshotAndAfterAReset) {
  tell(EventKind::Trade);
  for (const char* const name : {"mid", "spread_bps", "qi", "di_5", "wdi_rank", "wdi_dist",
                                 "pbi_10bp", "bidq_10bp", "wmid", "micro", "micro_src"}) {
    EXPECT_TRUE(undefined(name)) << name;
  }

  snapshot({bid(99, 3), ask(101, 1)});
  EXPECT_EQ((*this)["mid"], 100.0);
  EXPECT_EQ((*this)["qi"], 0.5);

  tell(EventKind::Reset);
  EXPECT_TRUE(undefined("mid"));
  EXPECT_TRUE(undefined("qi"));
  EXPECT_TRUE(undefined("bidq_10bp"));
}

TEST_F(BookSignals, TakeAMissingSideForZeroWhereNoMidIsNeeded) {
  snapshot({bid(99, 3)});
  EXPECT_EQ((*this)["qi"], 1.0);
  EXPECT_EQ((*this)["di_20"], 1.0);
  EXPECT_EQ((*this)["wdi_rank"], 1.0);
  EXPECT_TRUE(undefined("wdi_dist"));
  EXPECT_TRUE(undefined("pbi_50bp"));
  EXPECT_TRUE(undefined("mid"));
  EXPECT_TRUE(undefined("wmid"));

  delta({bid(99, 0), ask(101, 2)});
  EXPECT_EQ((*this)["qi"], -1.0);

  delta({ask(101, 0)});
  EXPECT_TRUE(undefined("qi"));
  EXPECT_TRUE(undefined("di_5"));
}

TEST_F(BookSignals, AreUndefinedWhileCrossedAndDefinedWhileLocked) {
  snapshot({bid(99, 3), ask(101, 1)});

  delta({bid(102, 1)});
  EXPECT_TRUE(undefined("qi"));
  EXPECT_TRUE(undefined("mid"));
  EXPECT_TRUE(undefined("pbi_50bp"));

  delta({bid(102, 0), bid(101, 2)});
  EXPECT_EQ((*this)["mid"], 101.0);
  EXPECT_EQ((*this)["spread_bps"], 0.0);
  EXPECT_EQ((*this)["wmid"], 101.0);
  EXPECT_EQ((*this)["qi"], 1.0 / 3.0);
}

TEST_F(BookSignals, WeighTheMidByTheOppositeSizesAndSayWhereTheMicroPriceIsFrom) {
  snapshot({bid(100, 3), ask(101, 1)});

  EXPECT_EQ((*this)["mid"], 100.5);
  EXPECT_EQ((*this)["wmid"], 100.75) << "towards the thin side: that is where the price will go";
  EXPECT_EQ((*this)["micro"], 100.75);
  EXPECT_EQ((*this)["micro_src"], 0.0);
}

TEST_F(BookSignals, HaveBandsWhoseEdgesAreInclusiveAndExact) {
  // 5 bps of 10,000 are 5: from 9995 to 10005.
  snapshot({bid(9999, 1), bid(9995, 10), bid(9994, 100), ask(10001, 2), ask(10005, 20),
            ask(10006, 200)});

  EXPECT_EQ((*this)["bidq_5bp"], 11.0);
  EXPECT_EQ((*this)["askq_5bp"], 22.0);
  EXPECT_EQ((*this)["pbi_5bp"], -1.0 / 3.0);
  EXPECT_EQ((*this)["bidn_5bp"], 9999.0 + 99950.0);
  EXPECT_EQ((*this)["bidq_10bp"], 111.0);

  // A mid of 10,000.5: edges at 9995.49975 and 10005.50025.
  delta({bid(10000, 1)});
  EXPECT_EQ((*this)["bidq_5bp"], 2.0);
  EXPECT_EQ((*this)["askq_5bp"], 22.0);

  // A mid of 9999.5: edges at 9994.50025 and 10004.49975.
  delta({bid(10000, 0), ask(10000, 1)});
  EXPECT_EQ((*this)["bidq_5bp"], 11.0);
  EXPECT_EQ((*this)["askq_5bp"], 3.0);
}

TEST_F(BookSignals, DoNotTakeAnEmptyBandForABalancedOne) {
  snapshot({bid(90, 5), ask(110, 5)});

  EXPECT_EQ((*this)["bidq_50bp"], 0.0);
  EXPECT_TRUE(undefined("pbi_50bp"));
  EXPECT_EQ((*this)["wdi_dist"], 0.0) << "defined however wide the spread";
}

struct FlowCase {
  const char* name;
  Levels before;
  Levels change;
  double flow;
};
void PrintTo(const FlowCase& of, std::ostream* out) { *out << of.name; }

class OrderFlowTable : public testing::TestWithParam<FlowCase> {};

// The table of signals.md S5, a side each.
TEST_P(OrderFlowTable, CountsAsTheSpecificationDoes) {
  SignalDriver driver{SignalParams{}, Instrument{}};
  driver.on({EventKind::Snapshot, kStart, GetParam().before});
  EXPECT_EQ(driver["e"], 0.0) << "the first tick has no predecessor";

  driver.on({EventKind::Delta, kStart, GetParam().change});

  EXPECT_EQ(driver["e"], GetParam().flow);
  EXPECT_EQ(driver["e_l1"], GetParam().flow);
  EXPECT_EQ(driver["ofi_100ms"], GetParam().flow);
  EXPECT_EQ(driver["mlofi_l1_1000ms"], GetParam().flow);
  EXPECT_EQ(driver["ofi_ew"], GetParam().flow);
}

const Levels kBook{bid(99, 8), bid(98, 4), ask(101, 8), ask(102, 4)};

INSTANTIATE_TEST_SUITE_P(
    Branches, OrderFlowTable,
    testing::Values(
        FlowCase{"BidImproves", kBook, {bid(100, 2)}, 2},
        FlowCase{"BidGrows", kBook, {bid(99, 11)}, 3},
        FlowCase{"BidShrinks", kBook, {bid(99, 1)}, -7},
        FlowCase{"BidRecedes", kBook, {bid(99, 0)}, -8},
        FlowCase{"BidRecedesTwoLevels", kBook, {bid(99, 0), bid(98, 0), bid(97, 1)}, -8},
        FlowCase{"BidVanishes", kBook, {bid(99, 0), bid(98, 0)}, -8},
        FlowCase{"BidAppears", {ask(101, 8)}, {bid(99, 5)}, 5},
        FlowCase{"AskImproves", kBook, {ask(100, 2)}, -2},
        FlowCase{"AskGrows", kBook, {ask(101, 11)}, -3},
        FlowCase{"AskShrinks", kBook, {ask(101, 1)}, 7},
        FlowCase{"AskRecedes", kBook, {ask(101, 0)}, 8},
        FlowCase{"AskVanishes", kBook, {ask(101, 0), ask(102, 0)}, 8},
        FlowCase{"AskAppears", {bid(99, 8)}, {ask(101, 5)}, -5},
        FlowCase{"AskAtPriceZeroIsNoSentinel", {bid(1, 8)}, {bid(1, 0), ask(1, 5)}, -13},
        FlowCase{"DeepChange", kBook, {bid(97, 5)}, 0},
        FlowCase{"OnlyTheNetEffectCounts", kBook, {bid(99, 0), bid(99, 8)}, 0}),
    [](const testing::TestParamInfo<FlowCase>& of) { return of.param.name; });

using OrderFlowCase = SignalCase;

TEST_F(OrderFlowCase, NetsToZeroForAnOrderPlacedAboveTheQueueAndCancelled) {
  snapshot(kBook);

  delta({bid(100, 2)});
  delta({bid(100, 0)});

  EXPECT_EQ((*this)["e"], -2.0) << "the size that went, not the size that is now best";
  EXPECT_EQ((*this)["ofi_1000ms"], 0.0);
  EXPECT_EQ((*this)["ofi_ratio_1000ms"], 0.0);
  EXPECT_EQ((*this)["gofi_1000ms"], 0.0);
}

TEST_F(OrderFlowCase, ShiftsEveryLevelWhenOneIsPutInFront) {
  snapshot({bid(99, 8), bid(98, 4), bid(97, 2), ask(101, 1)});

  delta({bid(100, 5)});

  EXPECT_EQ((*this)["e_l1"], 5.0);
  EXPECT_EQ((*this)["e_l2"], 8.0);
  EXPECT_EQ((*this)["e_l3"], 4.0);
  EXPECT_EQ((*this)["e_l4"], 2.0);
  EXPECT_EQ((*this)["e_l5"], 0.0);
  EXPECT_EQ((*this)["mlofi_l3_1000ms"], 4.0);
}

TEST_F(OrderFlowCase, CountsEveryLevelMovedThroughInTheGeneralisedFlowOnly) {
  snapshot({bid(99, 8), bid(98, 4), bid(97, 2), ask(101, 1)});

  delta({bid(99, 0), bid(98, 0), bid(97, 3)});

  EXPECT_EQ((*this)["e"], -8.0);
  EXPECT_EQ((*this)["gofi_e"], -8.0 - 4.0 + 1.0);
}

TEST_F(OrderFlowCase, IsZeroOnEventsThatAreNoObservation) {
  snapshot(kBook);
  delta({bid(99, 11)});
  EXPECT_EQ((*this)["e"], 3.0);

  tell(EventKind::Trade);

  EXPECT_EQ((*this)["e"], 0.0);
  EXPECT_EQ((*this)["e_l1"], 0.0);
  EXPECT_EQ((*this)["gofi_e"], 0.0);
  EXPECT_EQ((*this)["ofi_100ms"], 3.0);
}

TEST_F(OrderFlowCase, IsDifferencedAcrossACrossingAgainstTheLastUncrossedState) {
  snapshot(kBook);

  delta({bid(102, 5)});
  delta({bid(103, 7), ask(104, 6)});
  EXPECT_EQ(driver_.status(), BookStatus::Crossed);
  EXPECT_EQ((*this)["e"], 0.0);
  EXPECT_EQ((*this)["ofi_100ms"], 0.0);
  delta({ask(101, 0), ask(102, 0), bid(103, 1)});

  // Bids: one came at 103 and five at 102; asks: eight and four went, six came at 104.
  EXPECT_EQ((*this)["e"], 1.0 + 8.0);
  EXPECT_EQ((*this)["gofi_e"], 1.0 + 5.0 + 8.0 + 4.0 - 6.0);
}

TEST_F(OrderFlowCase, CountsASnapshotAsAnObservationWithoutFlow) {
  snapshot({bid(99, 8), ask(101, 8)});
  delta({bid(99, 10)});
  snapshot({bid(100, 2), ask(101, 2)});

  EXPECT_EQ((*this)["e"], 0.0);
  EXPECT_EQ((*this)["ofi_100ms"], 2.0);
  // Mean best queue of the three observations: 8, 9 and 2.
  EXPECT_DOUBLE_EQ((*this)["ofi_norm_100ms"], 2.0 / ((8.0 + 9.0 + 2.0) / 3.0));
  delta({bid(100, 3)});
  EXPECT_EQ((*this)["e"], 1.0) << "differenced against the snapshot";
}

TEST_F(OrderFlowCase, DifferencesASnapshotThatIsADifference) {
  snapshot({bid(99, 8), ask(101, 8)}, false);
  EXPECT_EQ((*this)["e"], 0.0) << "there is nothing before the first";

  snapshot({bid(100, 2), ask(101, 8)}, false);

  EXPECT_EQ((*this)["e"], 2.0);
  EXPECT_EQ((*this)["gofi_e"], 2.0 - 8.0);
}

TEST_F(OrderFlowCase, DropsWhatIsExactlyAsOldAsTheWindow) {
  snapshot(kBook);
  delta({bid(99, 11)});

  wait(100);
  now_ -= 1;
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["ofi_100ms"], 3.0);
  now_ += 1;
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["ofi_100ms"], 0.0);
  EXPECT_TRUE(undefined("ofi_norm_100ms"));
  EXPECT_TRUE(undefined("ofi_ratio_100ms"));
  EXPECT_TRUE(undefined("iofi_100ms"));
  EXPECT_EQ((*this)["ofi_1000ms"], 3.0);
}

TEST_F(OrderFlowCase, DecaysWithTimeAndNotWithMessages) {
  snapshot(kBook);
  delta({bid(99, 11)});

  for (int i = 0; i < 10; ++i) {
    wait(100);
    tell(EventKind::Trade);
  }

  EXPECT_NEAR((*this)["ofi_ew"], 3.0 * std::exp(-1.0), 1e-14);
}

TEST_F(OrderFlowCase, ForgetsItsPredecessorWindowsAndDecayAtAReset) {
  snapshot(kBook);
  delta({bid(99, 11)});

  tell(EventKind::Reset);
  EXPECT_EQ((*this)["ofi_10000ms"], 0.0);
  EXPECT_EQ((*this)["ofi_ew"], 0.0);
  EXPECT_EQ((*this)["mlofi_l1_1000ms"], 0.0);
  EXPECT_TRUE(undefined("ofi_norm_10000ms"));

  snapshot({bid(50, 1), ask(51, 1)});
  EXPECT_EQ((*this)["e"], 0.0);
}

// The sizes that stood beyond the twentieth level are in the list of changes only, and that is
// bounded while a book is crossed.
TEST_F(OrderFlowCase, DoesNotGuessAGeneralisedFlowWhoseChangesItCouldNotKeep) {
  Levels deep{ask(20'000, 1)};
  for (std::int64_t i = 1; i <= 2'000; ++i) deep.push_back(bid(i, 1));
  snapshot(deep);
  ASSERT_EQ(driver_.signals().limited(), 0U);

  Levels sweep{bid(20'001, 1)};
  for (std::int64_t i = 2; i <= 2'000; ++i) sweep.push_back(bid(i, 0));
  delta(sweep);
  ASSERT_EQ(driver_.status(), BookStatus::Crossed);
  delta({bid(20'001, 0)});

  EXPECT_EQ((*this)["e"], -1.0);
  EXPECT_TRUE(undefined("gofi_e"));
  EXPECT_TRUE(undefined("gofi_1000ms"));
  EXPECT_EQ((*this)["ofi_1000ms"], -1.0);
  EXPECT_EQ(driver_.signals().limited(), 1U);

  wait(10);
  delta({bid(1, 3)});
  EXPECT_EQ((*this)["gofi_e"], 2.0);
  EXPECT_TRUE(undefined("gofi_1000ms"));
  wait(990);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["gofi_1000ms"], 2.0) << "what was not known has left the window";
  EXPECT_TRUE(undefined("gofi_10000ms"));
}

TEST_F(OrderFlowCase, SumsFlowsThatTogetherOutgrow64Bits) {
  constexpr std::int64_t kLarge = 6'000'000'000'000'000'000;
  snapshot({bid(98, 1), ask(200, 1)});
  wait(1);
  delta({bid(99, kLarge)});
  wait(1);
  delta({bid(100, kLarge), bid(99, 0)});

  EXPECT_EQ((*this)["ofi_1000ms"], 1.2e19);
  EXPECT_EQ((*this)["mlofi_l1_1000ms"], 1.2e19);
  wait(999);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["mlofi_l1_1000ms"], 6e18);
  wait(1);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["mlofi_l1_1000ms"], 0.0);
  EXPECT_EQ(driver_.signals().limited(), 0U);
}

TEST_F(OrderFlowCase, ShowsAFlowThatIsTooLargeForAWindowAndNoWindowThatShouldHoldIt) {
  constexpr std::int64_t kLarge = 6'000'000'000'000'000'000;
  snapshot({bid(98, 1), ask(200, kLarge)});
  wait(1);
  delta({bid(99, kLarge), ask(200, 0), ask(201, 1)});

  EXPECT_EQ((*this)["e"], 1.2e19);
  EXPECT_EQ((*this)["e_l1"], 1.2e19);
  EXPECT_TRUE(undefined("ofi_1000ms"));
  EXPECT_TRUE(undefined("mlofi_l1_1000ms"));
  EXPECT_EQ(driver_.signals().limited(), 1U);
  wait(1000);
  delta({bid(99, 1)});
  EXPECT_EQ((*this)["e_l1"], 1.0 - 6e18);
  EXPECT_EQ((*this)["mlofi_l1_1000ms"], 1.0 - 6e18);
}

TEST_F(OrderFlowCase, GoesThroughAnyNumberOfLevelsInOneMessage) {
  Levels deep{ask(20'000, 1)};
  for (std::int64_t i = 1; i <= 2'000; ++i) deep.push_back(bid(i, 1));
  snapshot(deep);
  Levels sweep;
  for (std::int64_t i = 2; i <= 2'000; ++i) sweep.push_back(bid(i, 0));

  delta(sweep);
  EXPECT_EQ((*this)["gofi_e"], -1'999.0);
  for (NaiveEvent::Level& level : sweep) level.qty = 1;
  delta(sweep);
  EXPECT_EQ((*this)["gofi_e"], 1'999.0);
}

}  // namespace
}  // namespace steelyard
