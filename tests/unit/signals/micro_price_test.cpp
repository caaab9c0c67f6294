#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "signals/micro_price_exchange.hpp"
#include "support/allocation_count.hpp"
#include "support/signal_case.hpp"

namespace steelyard {
namespace {

constexpr std::int64_t kTick = 10;

// Four buckets, spreads of one and two ticks; each entry tells itself from the others.
SignalParams with_table() {
  SignalParams params;
  params.micro_price.shape = {.buckets = 4, .spreads = 2};
  params.micro_price.table = {-0.4, -0.1, 0.1, 0.4, -0.8, -0.2, 0.2, 0.8};
  return params;
}
Instrument ten_ticks() {
  Instrument instrument;
  instrument.id = InstrumentId{0};
  instrument.tick = kTick;
  return instrument;
}

class MicroPriceCase : public SignalCase {
 protected:
  MicroPriceCase() : SignalCase{with_table(), ten_ticks()} {}
  void expect(double micro, double source) {
    EXPECT_EQ((*this)["micro"], micro);
    EXPECT_EQ((*this)["micro_src"], source);
  }
};

TEST_F(MicroPriceCase, IsTheMidPlusWhatTheTableExpects) {
  snapshot({bid(1'000, 1), ask(1'010, 9)});
  expect(1'005.0 - 0.4 * kTick, 1.0);

  delta({bid(1'000, 9), ask(1'010, 1)});
  expect(1'005.0 + 0.4 * kTick, 1.0);
  delta({ask(1'010, 0), ask(1'020, 6)});
  expect(1'010.0 + 0.2 * kTick, 1.0);
}

TEST_F(MicroPriceCase, CountsABucketFromItsLowerEdgeAndTheLastToItsUpper) {
  snapshot({bid(1'000, 1), ask(1'010, 3)});  // a quarter exactly
  expect(1'005.0 - 0.1 * kTick, 1.0);
  delta({bid(1'000, 2), ask(1'010, 2)});
  expect(1'005.0 + 0.1 * kTick, 1.0);
  delta({bid(1'000, 24'999), ask(1'010, 75'001)});
  expect(1'005.0 - 0.4 * kTick, 1.0);
  delta({bid(1'000, 1'000'000'000'000), ask(1'010, 1)});
  expect(1'005.0 + 0.4 * kTick, 1.0);
}

TEST_F(MicroPriceCase, IsTheWeightedMidWhereTheTableHasNoRow) {
  snapshot({bid(1'000, 3), ask(1'030, 1)});  // three ticks
  expect(1'022.5, 0.0);
  delta({ask(1'030, 0), ask(1'004, 1)});  // no whole tick
  expect(1'003.0, 0.0);
  delta({ask(1'004, 0), ask(1'000, 1)});  // none at all
  expect(1'000.0, 0.0);
  delta({ask(1'000, 0)});
  EXPECT_TRUE(undefined("micro"));
  EXPECT_TRUE(undefined("micro_src"));
}

TEST(MicroPrice, TakesBaseSizesOfInverseContractsForTheBucket) {
  Instrument inverse = ten_ticks();
  inverse.kind = ContractKind::Inverse;
  inverse.scale.contract_size = 1.0;
  SignalParams params = with_table();
  params.micro_price.shape = {.buckets = 2, .spreads = 1};
  params.micro_price.table = {-1.0, 1.0};
  SignalDriver driver{params, inverse};

  // As many contracts either way: worth less base at the ask.
  driver.on({EventKind::Snapshot, kStart, {bid(1'000, 5), ask(1'010, 5)}});
  EXPECT_EQ(driver["micro"], 1'005.0 + kTick);
}

// An instrument with an exchange, as the daemon builds it.
class Learning : public testing::Test {
 protected:
  static SignalSet attached(const std::vector<std::unique_ptr<MicroPriceExchange>>& exchanges) {
    SignalSet set{with_table()};
    set.attach(exchanges);
    return set;
  }
  static std::vector<std::unique_ptr<MicroPriceExchange>> one_exchange() {
    std::vector<std::unique_ptr<MicroPriceExchange>> exchanges;
    exchanges.push_back(std::make_unique<MicroPriceExchange>(with_table().micro_price.shape));
    return exchanges;
  }
  void snapshot(Levels levels, bool rebase = true) {
    NaiveEvent event{EventKind::Snapshot, now_, std::move(levels)};
    event.rebase = rebase;
    driver_.on(event);
  }
  void delta(Levels levels) { driver_.on({EventKind::Delta, now_ += kMs, std::move(levels)}); }
  // A quote of one tick whose bid has so many of ten.
  static Levels quote(std::int64_t at, std::int64_t bids) {
    return {bid(at, bids), ask(at + kTick, 10 - bids)};
  }
  // What was counted since this was asked last, by place.
  std::map<std::size_t, std::uint64_t> counted() {
    std::vector<std::uint64_t> counts(before_.size());
    exchange().read_counts(counts);
    std::map<std::size_t, std::uint64_t> changed;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] != before_[i]) changed[i] = counts[i] - before_[i];
    }
    before_ = counts;
    return changed;
  }
  MicroPriceExchange& exchange() { return *exchanges_[0]; }

  using Counted = std::map<std::size_t, std::uint64_t>;
  std::int64_t now_ = kStart;
  std::vector<std::unique_ptr<MicroPriceExchange>> exchanges_ = one_exchange();
  SignalDriver driver_{attached(exchanges_), ten_ticks()};
  std::vector<std::uint64_t> before_ =
      std::vector<std::uint64_t>(MicroPriceExchange::counts_of({.buckets = 4, .spreads = 2}));
};

TEST_F(Learning, CountsAQueueThatChangesAsAStay) {
  snapshot(quote(1'000, 1));
  EXPECT_EQ(counted(), Counted{}) << "the first quote has none before it";

  delta({bid(1'000, 9), ask(1'010, 1)});
  EXPECT_EQ(counted(), (Counted{{exchange().stay(0, 3), 1}}));
  delta({bid(1'000, 8)});
  EXPECT_EQ(counted(), (Counted{{exchange().stay(3, 3), 1}})) << "8 of 9 are the same bucket";
}

TEST_F(Learning, CountsNothingWhereTheBestQuoteStands) {
  snapshot(quote(1'000, 5));
  delta({bid(990, 7)});
  delta({});
  driver_.on({EventKind::Trade, now_, {bid(1'000, 1)}, false, Aggressor::Buy});

  EXPECT_EQ(counted(), Counted{});
}

TEST_F(Learning, CountsMovesOfTheMidByHalfTicks) {
  snapshot(quote(1'000, 5));
  delta({ask(1'010, 0), ask(1'020, 5)});
  EXPECT_EQ(counted(), (Counted{{exchange().next(2, 6), 1}, {exchange().moved(2, 2), 1}}));
  delta({bid(1'010, 5)});
  EXPECT_EQ(counted(), (Counted{{exchange().next(6, 2), 1}, {exchange().moved(6, 2), 1}}));
  delta({bid(1'010, 0), ask(1'010, 5)});
  EXPECT_EQ(counted(), (Counted{{exchange().next(2, 2), 1}, {exchange().moved(2, 0), 1}}))
      << "one tick down";
  delta({bid(1'000, 0), bid(990, 5)});
  EXPECT_EQ(counted(), (Counted{{exchange().next(2, 6), 1}, {exchange().moved(2, 1), 1}}));
}

TEST_F(Learning, DropsLargerMovesAndGoesOnFromWhereTheyLed) {
  snapshot(quote(1'000, 5));
  delta({ask(1'010, 0), bid(1'010, 1), bid(1'020, 5), ask(1'030, 5)});
  EXPECT_EQ(counted(), Counted{});
  delta({bid(1'020, 1), ask(1'030, 9)});
  EXPECT_EQ(counted(), (Counted{{exchange().stay(2, 0), 1}}));
}

TEST_F(Learning, LinksNothingAcrossAResetASnapshotOrAQuoteThatHasNoState) {
  snapshot(quote(1'000, 1));
  driver_.on({EventKind::Reset, now_, {}});
  snapshot(quote(1'000, 9));
  snapshot(quote(1'000, 1));
  delta({ask(1'010, 0)});
  delta({ask(1'010, 9)});
  delta({ask(1'010, 0), ask(1'050, 9)});
  delta({ask(1'010, 3)});
  EXPECT_EQ(counted(), Counted{});

  snapshot(quote(1'000, 9), false);
  EXPECT_EQ(counted(), (Counted{{exchange().stay(1, 3), 1}})) << "a difference to the one before";
}

TEST_F(Learning, LinksAcrossACrossingWhichIsNoObservation) {
  snapshot(quote(1'000, 1));
  delta({bid(1'020, 1)});
  ASSERT_EQ(driver_.status(), BookStatus::Crossed);
  delta({bid(1'020, 0), bid(1'000, 9), ask(1'010, 1)});

  EXPECT_EQ(counted(), (Counted{{exchange().stay(0, 3), 1}}));
}

TEST_F(Learning, LooksUpTheTableThatIsPublished) {
  snapshot(quote(1'000, 5));
  EXPECT_EQ(driver_["micro"], 1'005.0 + 0.1 * kTick) << "that of the parameters";

  ASSERT_TRUE(exchange().publish(std::vector<double>{-4, -1, 1, 4, -8, -2, 2, 8}));
  delta({bid(1'000, 9), ask(1'010, 1)});

  EXPECT_EQ(driver_["micro"], 1'005.0 + 4.0 * kTick);
  EXPECT_EQ(driver_["micro_src"], 1.0);
}

TEST_F(Learning, AllocatesNothing) {
  snapshot(quote(1'000, 5));
  ASSERT_TRUE(exchange().publish(std::vector<double>{-4, -1, 1, 4, -8, -2, 2, 8}));
  std::vector<NaiveEvent> events;
  for (std::int64_t i = 0; i < 100; ++i) {
    events.push_back({EventKind::Delta, now_ + i, quote(1'000, 1 + i % 9)});
  }

  const std::size_t before = allocation_count();
  for (const NaiveEvent& event : events) driver_.on(event);

  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace steelyard
