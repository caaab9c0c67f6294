// What a simulated market promises, over many steps and seeds.
#include "sim/market.hpp"

#include <gtest/gtest.h>

namespace steelyard::sim {
namespace {

InstrumentSpec spec() { return {"AAABBB", "AAA", "BBB", 2, 3, 10'000, 500, 0.0, "", 1.0}; }

using Bids = std::map<std::int64_t, std::int64_t, std::greater<>>;
using Asks = std::map<std::int64_t, std::int64_t>;

template <typename Side>
void apply(Side& side, const Change& change) {
  if (change.qty == 0) {
    side.erase(change.price);
  } else {
    side[change.price] = change.qty;
  }
}

class MarketOfManySeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(MarketOfManySeeds, IsNeverCrossedNorLockedNorOneSided) {
  Market market{spec(), GetParam(), true};
  int moves = 0;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t) {
    ++moves;
    ASSERT_GT(best.bid, 0);
    ASSERT_GT(best.ask, best.bid);
    ASSERT_GT(best.bid_qty, 0);
    ASSERT_GT(best.ask_qty, 0);
  };
  for (int i = 0; i < 1000; ++i) {
    market.step(30, observer);
    ASSERT_GE(market.bids().size(), 200U);
    ASSERT_GE(market.asks().size(), 200U);
    for (const auto& [price, qty] : market.bids()) ASSERT_GT(qty, 0) << price;
    for (const auto& [price, qty] : market.asks()) ASSERT_GT(qty, 0) << price;
  }
  EXPECT_GT(moves, 100);
}

TEST_P(MarketOfManySeeds, OfACheapOptionGoesOnForHours) {
  Market market{{"OPTION", "AAA", "BBB", 4, 1, 60, 90, 0.0, "", 1.0}, GetParam(), true};
  std::int64_t lowest = 60;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t) {
    lowest = std::min(lowest, best.bid);
    ASSERT_GT(best.bid, 0);
    ASSERT_GT(best.ask, best.bid);
  };
  for (int i = 0; i < 10'000; ++i) {
    market.step(30, observer);
    (void)market.take_diff();
    ASSERT_GE(market.bids().size(), 3U);
    ASSERT_GE(market.asks().size(), 200U);
  }
  EXPECT_LT(lowest, 60) << "it walks";
}

TEST_P(MarketOfManySeeds, TellsWithItsDiffsAllThatChanges) {
  Market market{spec(), GetParam(), true};
  Bids bids = market.bids();
  Asks asks = market.asks();
  for (int i = 0; i < 300; ++i) {
    market.step(30, {});
    const Market::Diff diff = market.take_diff();
    for (const Change& change : diff.changes) {
      if (change.bid) {
        apply(bids, change);
      } else {
        apply(asks, change);
      }
    }
    ASSERT_EQ(bids, market.bids());
    ASSERT_EQ(asks, market.asks());
  }
  EXPECT_TRUE(market.take_diff().empty());
}

// Spot: U == last u + 1. Futures: pu == last u, and U never follows it.
TEST_P(MarketOfManySeeds, NumbersItsDiffsAsPromised) {
  for (const bool skips : {false, true}) {
    Market market{spec(), GetParam(), skips};
    std::uint64_t last = market.diff_id();
    bool gap = false;
    for (int i = 0; i < 300; ++i) {
      market.step(10, {});
      const Market::Diff diff = market.take_diff();
      ASSERT_EQ(diff.previous, last);
      ASSERT_LE(diff.first, diff.last);
      ASSERT_GT(diff.first, diff.previous);
      if (!skips) ASSERT_EQ(diff.first, last + 1);
      gap = gap || diff.first != last + 1;
      ASSERT_EQ(diff.last, market.last_id());
      last = diff.last;
      ASSERT_EQ(market.diff_id(), last);
    }
    EXPECT_EQ(gap, skips);
  }
}

TEST_P(MarketOfManySeeds, TradesAtPricesThatWereThereAndTellsTheBestBeforeTheTrade) {
  Market market{spec(), GetParam(), true};
  Best best;
  std::uint64_t last_id = 0;
  int trades = 0;
  int liquidations = 0;
  Market::Observer observer;
  observer.on_best = [&](const Best& now, std::uint64_t id) {
    EXPECT_NE(now, best) << "told without a change";
    EXPECT_GE(id, last_id);
    best = now;
    last_id = id;
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    ++trades;
    ASSERT_GT(trade.qty, 0);
    // What was eaten is not there any more, or is less.
    if (trade.buyer_is_taker) {
      ASSERT_LE(trade.price, best.ask);
    } else {
      ASSERT_GE(trade.price, best.bid);
    }
  };
  observer.on_liquidation = [&](const MarketTrade&) { ++liquidations; };
  for (int i = 0; i < 2000; ++i) market.step(30, observer);

  EXPECT_GT(trades, 500);
  EXPECT_GT(liquidations, 5);
  EXPECT_LT(liquidations, trades / 10);
}

// One thing a step: a trade takes from the best level on just what it says.
TEST_P(MarketOfManySeeds, TakesFromTheBookWhatItTrades) {
  Market market{spec(), GetParam(), true};
  int trades = 0;
  for (int i = 0; i < 3000; ++i) {
    const Bids bids = market.bids();
    const Asks asks = market.asks();
    Market::Observer observer;
    observer.on_trade = [&](const MarketTrade& trade) {
      ++trades;
      std::int64_t taken = 0;
      const auto count = [&](const auto& before, const auto& after) {
        for (const auto& [price, qty] : before) {
          const auto left = after.find(price);
          taken += qty - (left == after.end() ? 0 : left->second);
          if (price == trade.price) return;
          ASSERT_EQ(left, after.end()) << "better than the last price, and still there";
        }
      };
      if (trade.buyer_is_taker) {
        count(asks, market.asks());
      } else {
        count(bids, market.bids());
      }
      ASSERT_EQ(taken, trade.qty);
    };
    market.step(1, observer);
  }
  EXPECT_GT(trades, 50);
}

TEST_P(MarketOfManySeeds, IsTheSameFromTheSameSeed) {
  Market one{spec(), GetParam(), true};
  Market same{spec(), GetParam(), true};
  Market other{spec(), GetParam() + 1, true};
  for (int i = 0; i < 50; ++i) {
    for (Market* const market : {&one, &same, &other}) market->step(30, {});
  }

  EXPECT_EQ(one.bids(), same.bids());
  EXPECT_EQ(one.asks(), same.asks());
  EXPECT_EQ(one.last_id(), same.last_id());
  EXPECT_NE(one.bids(), other.bids());
}

INSTANTIATE_TEST_SUITE_P(Seeds, MarketOfManySeeds, testing::Values(1, 2, 3, 7919, 123456789));

TEST(Market, GoesOnFromLowerNumbersWhenTold) {
  Market market{spec(), 1, true};
  market.step(10, {});
  (void)market.take_diff();

  market.restart_ids(3);
  market.step(10, {});
  const Market::Diff diff = market.take_diff();

  EXPECT_EQ(diff.previous, 3U);
  EXPECT_LT(diff.last, 10'000U);
}

TEST(DecimalText, IsExactAndPaddedIfWanted) {
  EXPECT_EQ(decimal_text(12'300, 3, false), "12.3");
  EXPECT_EQ(decimal_text(12'300, 3, true), "12.300");
  EXPECT_EQ(decimal_text(5, 8, false), "0.00000005");
  EXPECT_EQ(decimal_text(12'000, 3, false), "12");
  EXPECT_EQ(decimal_text(0, 2, false), "0");
  EXPECT_EQ(decimal_text(0, 2, true), "0.00");
  EXPECT_EQ(decimal_text(1200, 0, false), "1200");
}

}  // namespace
}  // namespace steelyard::sim
