#include "book/order_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace steelyard {
namespace {

// The slow, obvious book that the fast one must equal.
class NaiveBook {
 public:
  std::int64_t set(Side side, std::int64_t price, std::int64_t qty) {
    auto& levels = levels_[static_cast<int>(side)];
    const auto held = levels.find(price);
    const std::int64_t before = held == levels.end() ? 0 : held->second;
    if (qty == 0) {
      levels.erase(price);
    } else {
      levels[price] = qty;
    }
    return before;
  }
  [[nodiscard]] std::vector<Level> walk(Side side) const {
    std::vector<Level> out;
    for (const auto& [price, qty] : levels_[static_cast<int>(side)]) {
      out.push_back({Price{price}, Qty{qty}});
    }
    if (side == Side::Bid) std::reverse(out.begin(), out.end());
    return out;
  }
  void clear() { levels_[0].clear(), levels_[1].clear(); }
  [[nodiscard]] std::int64_t random_price(Side side, std::mt19937_64& random) const {
    const auto& levels = levels_[static_cast<int>(side)];
    if (levels.empty()) return 1;
    const std::int64_t step = (levels.rbegin()->first - levels.begin()->first) / 1000 + 1;
    auto at = levels.lower_bound(levels.begin()->first +
                                 static_cast<std::int64_t>(random() % 1000) * step);
    return at == levels.end() ? levels.rbegin()->first : at->first;
  }

 private:
  std::map<std::int64_t, std::int64_t> levels_[2];
};

std::vector<Level> walk(const OrderBook& book, Side side) {
  std::vector<Level> out;
  book.walk(side, [&out](Level level) {
    out.push_back(level);
    return true;
  });
  return out;
}

struct Walk {
  const char* name;
  std::int64_t tick;
  std::int64_t start;
  std::int64_t step;    // of the mid, a message
  std::int64_t spread;  // how far from the mid levels fall, in prices
  int off_grid;         // one in so many prices is off the tick grid; 0: none
  int wild;             // one in so many prices is anywhere; 0: none
};

class RandomWalk : public testing::TestWithParam<Walk> {};

TEST_P(RandomWalk, EqualsTheNaiveBookAfterEveryMessage) {
  const Walk& walk_of = GetParam();
  std::mt19937_64 random{42};
  OrderBook book{{.tick = walk_of.tick, .max_levels = 20'000}};
  NaiveBook naive;
  std::int64_t mid = walk_of.start;

  for (int message = 0; message < 2'000; ++message) {
    if (random() % 700 == 0) {
      book.clear();
      naive.clear();
    }
    mid +=
        static_cast<std::int64_t>(random() % (2 * static_cast<std::uint64_t>(walk_of.step) + 1)) -
        walk_of.step;
    for (int change = 0; change < 20; ++change) {
      const Side side = random() % 2 == 0 ? Side::Bid : Side::Ask;
      std::int64_t price =
          mid + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(walk_of.spread)) *
                    (side == Side::Bid ? -1 : 1);
      price = price / walk_of.tick * walk_of.tick;
      if (walk_of.off_grid != 0 && random() % static_cast<unsigned>(walk_of.off_grid) == 0) ++price;
      if (walk_of.wild != 0 && random() % static_cast<unsigned>(walk_of.wild) == 0) {
        price = static_cast<std::int64_t>(random() >> (random() % 30 + 2));
      }
      std::int64_t qty = static_cast<std::int64_t>(random() % 1'000);
      if (random() % 3 == 0) {
        price = naive.random_price(side, random);
        qty = 0;
      }
      const OrderBook::Applied applied = book.set(side, Price{price}, Qty{qty});
      ASSERT_EQ(applied.before.raw(), naive.set(side, price, qty));
      ASSERT_TRUE(applied.fits);
      ASSERT_EQ(book.at(side, Price{price}).raw(), qty);
    }
    for (const Side side : {Side::Bid, Side::Ask}) {
      const std::vector<Level> expected = naive.walk(side);
      ASSERT_EQ(walk(book, side), expected) << "message " << message;
      ASSERT_EQ(book.levels(side), expected.size());
      ASSERT_EQ(book.best(side), expected.empty() ? Level{} : expected[0]);
      Level top[20];
      const std::uint32_t count = book.top(side, top);
      ASSERT_EQ(count, std::min<std::size_t>(20, expected.size()));
      ASSERT_TRUE(std::equal(top, top + count, expected.begin()));
      for (const std::int64_t off : {-1, 0, 1}) {
        const std::int64_t from = naive.random_price(side, random) + off;
        const auto outward =
            std::find_if(expected.begin(), expected.end(), [side, from](const Level& level) {
              return side == Side::Bid ? level.price.raw() <= from : level.price.raw() >= from;
            });
        std::vector<Level> walked;
        book.walk_from(side, Price{from}, [&walked](Level level) {
          walked.push_back(level);
          return true;
        });
        ASSERT_EQ(walked, std::vector<Level>(outward, expected.end())) << "from " << from;

        const auto beyond =
            std::find_if(expected.begin(), expected.end(), [side, from](const Level& level) {
              return side == Side::Bid ? level.price.raw() < from : level.price.raw() > from;
            });
        std::vector<Level> back;
        book.walk_back_from(side, Price{from}, [&back](Level level) {
          back.push_back(level);
          return true;
        });
        ASSERT_EQ(back, std::vector<Level>(std::make_reverse_iterator(beyond), expected.rend()))
            << "back from " << from;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Markets, RandomWalk,
                         testing::Values(Walk{"calm", 1, 6'000'000, 3, 3'000, 0, 0},
                                         Walk{"coarse_tick", 50, 6'000'000, 200, 100'000, 0, 0},
                                         Walk{"runs_away", 1, 6'000'000, 40'000, 30'000, 0, 0},
                                         Walk{"off_the_grid", 10, 6'000'000, 30, 30'000, 5, 0},
                                         Walk{"wild_prices", 1, 6'000'000, 100, 10'000, 0, 7},
                                         Walk{"sparse", 1, 6'000'000, 1'000, 2'000'000, 0, 0},
                                         Walk{"negative_prices", 1, -500, 20, 2'000, 0, 0}),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(OrderBook, KnowsItsWorstLevelWhereverItLies) {
  std::mt19937_64 random{3};
  OrderBook book{{.tick = 1, .max_levels = 500}};
  std::map<std::int64_t, std::int64_t> naive[2];
  for (int i = 0; i < 20'000; ++i) {
    const bool bid = random() % 2 == 0;
    const std::int64_t reach = random() % 8 == 0 ? 3'000'000'000 : 3'000;
    const auto price =
        5'000'000'000 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(reach));
    const auto qty = static_cast<std::int64_t>(random() % 3);
    auto& side = naive[bid ? 0 : 1];
    if (!book.set(bid ? Side::Bid : Side::Ask, Price{price}, Qty{qty}).fits) continue;
    if (qty == 0) {
      side.erase(price);
    } else {
      side[price] = qty;
    }
    if (!naive[0].empty()) ASSERT_EQ(book.worst(Side::Bid), Price{naive[0].begin()->first});
    if (!naive[1].empty()) ASSERT_EQ(book.worst(Side::Ask), Price{naive[1].rbegin()->first});
  }
}

TEST(OrderBook, RefusesWhatDoesNotFitAndKeepsWhatItHas) {
  OrderBook book{{.tick = 1, .max_levels = 3}};

  for (std::int64_t price = 1; price <= 3; ++price) {
    EXPECT_TRUE(book.set(Side::Ask, Price{price}, Qty{price}).fits);
  }
  EXPECT_FALSE(book.set(Side::Ask, Price{4}, Qty{4}).fits);
  EXPECT_FALSE(book.set(Side::Ask, Price{4'000'000'000}, Qty{4}).fits);

  EXPECT_EQ(book.refused(), 2U);
  EXPECT_EQ(book.levels(Side::Ask), 3U);
  EXPECT_TRUE(book.set(Side::Ask, Price{3}, Qty{30}).fits) << "a change of a level needs no room";
  EXPECT_TRUE(book.set(Side::Ask, Price{1}, Qty{0}).fits);
  EXPECT_TRUE(book.set(Side::Ask, Price{4}, Qty{4}).fits);
}

TEST(OrderBook, IsWalkedInwardFromWhereverThereIsNoLevel) {
  OrderBook book{{.tick = 1, .max_levels = 100}};
  const auto back_from = [&book](std::int64_t from) {
    std::vector<std::int64_t> prices;
    book.walk_back_from(Side::Ask, Price{from}, [&prices](Level level) {
      prices.push_back(level.price.raw());
      return prices.size() < 3;
    });
    return prices;
  };
  using Prices = std::vector<std::int64_t>;
  EXPECT_EQ(back_from(std::numeric_limits<std::int64_t>::max()), Prices{});

  // Words of 64, groups of 4096, and beyond the window of ticks.
  for (const std::int64_t price :
       {1'000'000LL, 1'000'001LL, 1'000'200LL, 1'300'000LL, 9'000'000LL}) {
    ASSERT_TRUE(book.set(Side::Ask, Price{price}, Qty{1}).fits);
  }

  EXPECT_EQ(back_from(std::numeric_limits<std::int64_t>::max()),
            (Prices{9'000'000, 1'300'000, 1'000'200}));
  EXPECT_EQ(back_from(8'999'999), (Prices{1'300'000, 1'000'200, 1'000'001}));
  EXPECT_EQ(back_from(1'000'200), (Prices{1'000'200, 1'000'001, 1'000'000}));
  EXPECT_EQ(back_from(1'000'199), (Prices{1'000'001, 1'000'000}));
  EXPECT_EQ(back_from(1'000'000), (Prices{1'000'000}));
  EXPECT_EQ(back_from(999'999), Prices{});
  EXPECT_EQ(back_from(std::numeric_limits<std::int64_t>::min() + 1), Prices{});
}

TEST(OrderBook, HoldsABookOfFortySixThousandLevelsWithALevelBillionsOfTicksAway) {
  OrderBook book{{.tick = 1, .max_levels = 60'000}};

  for (std::int64_t i = 0; i < 27'235; ++i) {
    ASSERT_TRUE(book.set(Side::Ask, Price{6'000'000 + i * 37}, Qty{1}).fits);
  }
  ASSERT_TRUE(book.set(Side::Ask, Price{13'899'102'341}, Qty{9}).fits);

  EXPECT_EQ(book.levels(Side::Ask), 27'236U);
  EXPECT_EQ(walk(book, Side::Ask).back(), (Level{Price{13'899'102'341}, Qty{9}}));
}

TEST(SideBook, LeavesItsWindowAloneWhileTheBestIsNearWhereItWas) {
  SideBook side{1, 20'000};
  for (std::int64_t i = 0; i < 200; ++i) ASSERT_TRUE(side.set(1'000'000 + i, 1).fits);

  for (std::int64_t i = 0; i < 5'000; ++i) ASSERT_TRUE(side.set(9'000'000 + i, 1).fits);
  EXPECT_EQ(side.window_moves(), 0U) << "far levels alone";

  for (std::int64_t i = 0; i < 200; ++i) ASSERT_TRUE(side.set(1'000'000 + i, 0).fits);
  for (std::int64_t i = 0; i < 100; ++i) ASSERT_TRUE(side.set(20'000'000 + i, 1).fits);
  EXPECT_EQ(side.window_moves(), 1U) << "the best is one of them now";
  EXPECT_EQ(side.count(), 5'100U);
  EXPECT_EQ(side.at(9'000'000), 1);
  EXPECT_EQ(side.at(20'000'099), 1);
}

}  // namespace
}  // namespace steelyard
