// A message's levels set at once, and the best levels kept from message to message, against a book
// that does neither.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "book/order_book.hpp"

namespace steelyard {
namespace {

constexpr std::uint32_t kTop = 20;

// Keys as in SideBook: the best level has the lowest.
using NaiveSide = std::map<std::int64_t, std::int64_t>;

class Batches : public testing::TestWithParam<std::int64_t> {};

TEST_P(Batches, LeaveTheBookAndItsBestLevelsAsOneByOneWould) {
  const std::int64_t tick = GetParam();
  std::mt19937_64 random{11};
  OrderBook book{{.tick = tick, .max_levels = 20'000}};
  NaiveSide naive[2];
  std::vector<Level> kept[2] = {std::vector<Level>(kTop), std::vector<Level>(kTop)};
  std::uint32_t held[2] = {0, 0};
  // In ticks; a price has to be counted in 64 bits.
  const std::int64_t highest = std::min<std::int64_t>(
      std::numeric_limits<std::int64_t>::max() / tick - 2'000'001, 50'000'000);
  std::int64_t mid = std::min<std::int64_t>(highest / 2, 3'000'000);

  for (int message = 0; message < 4'000; ++message) {
    // Now and then by many thousand ticks, which the window does not reach.
    mid += static_cast<std::int64_t>(random() % 41) - 20;
    if (random() % 400 == 0) mid += static_cast<std::int64_t>(random() % 3'000'000);
    while (mid > highest) mid /= 2;
    for (const bool ask : {false, true}) {
      const Side side = ask ? Side::Ask : Side::Bid;
      const std::int64_t sign = ask ? 1 : -1;
      std::vector<Level> levels;
      const std::size_t count = random() % (message % 50 == 0 ? 300 : 12);
      while (levels.size() < count) {
        const std::int64_t off = static_cast<std::int64_t>(random() % (random() % 3 == 0 ? 2'000'000
                                                                       : random() % 3 == 0 ? 2'000
                                                                                           : 30));
        std::int64_t price = (mid + sign * off) * tick + (random() % 60 == 0 ? 1 : 0);
        if (!naive[ask].empty() && random() % 3 == 0) {
          auto at = naive[ask].begin();
          std::advance(at,
                       static_cast<long>(random() % std::min<std::size_t>(naive[ask].size(), 40)));
          price = sign * at->first;
        }
        const bool goes = random() % 3 == 0;
        levels.push_back(
            {Price{price}, Qty{goes ? 0 : static_cast<std::int64_t>(random() % 90 + 1)}});
      }

      std::size_t told = 0;
      struct Change {
        Price price;
        Qty after;
        Side side;
      };
      std::vector<Change> changes{{levels.empty() ? Price{1} : levels[0].price, Qty{7},
                                   ask ? Side::Bid : Side::Ask}};  // not of this side
      ASSERT_TRUE(book.set_all(side, levels, [&](Level level, Qty before) {
        ASSERT_EQ(level, levels[told++]);
        const std::int64_t key = sign * level.price.raw();
        const auto was = naive[ask].find(key);
        ASSERT_EQ(before.raw(), was == naive[ask].end() ? 0 : was->second);
        if (level.qty.raw() == 0) {
          naive[ask].erase(key);
        } else {
          naive[ask][key] = level.qty.raw();
        }
        changes.push_back({level.price, level.qty, side});
      }));
      ASSERT_EQ(told, levels.size());
      if (!levels.empty()) {
        const auto before = kept[ask];
        const OrderBook::TopAfter after = book.top_after(side, changes, kept[ask], held[ask]);
        for (std::uint32_t same = 0; same < after.same; ++same) {
          ASSERT_EQ(kept[ask][same], before[same]) << "message " << message;
        }
        for (std::uint32_t rank = after.until; rank < after.count; ++rank) {
          ASSERT_EQ(after.count, held[ask]);
          ASSERT_EQ(kept[ask][rank], before[rank]) << "message " << message;
        }
        if (after.same == kTop) {
          ASSERT_EQ(after.count, held[ask]);
        }
        held[ask] = after.count;
      }

      ASSERT_EQ(book.levels(side), naive[ask].size());
      ASSERT_EQ(held[ask], std::min<std::size_t>(kTop, naive[ask].size()));
      std::size_t rank = 0;
      for (const auto& [key, qty] : naive[ask]) {
        if (rank == held[ask]) break;
        ASSERT_EQ(kept[ask][rank++], (Level{Price{sign * key}, Qty{qty}})) << "message " << message;
      }
    }
  }
}

// One, a prime, factors of two, both, and one so coarse that its window would pass 64 bits.
INSTANTIATE_TEST_SUITE_P(Ticks, Batches,
                         testing::Values(1, 7, 64, 250, 1'000'000, std::int64_t{1} << 41));

TEST(Batches, SayThatSomethingDidNotFit) {
  OrderBook book{{.tick = 1, .max_levels = 3}};
  const std::vector<Level> levels = {
      {Price{10}, Qty{1}}, {Price{11}, Qty{1}}, {Price{12}, Qty{1}}, {Price{13}, Qty{1}}};

  EXPECT_FALSE(book.set_all(Side::Ask, levels, [](Level, Qty) {}));
  EXPECT_EQ(book.refused(), 1U);
  EXPECT_EQ(book.levels(Side::Ask), 3U);
}

}  // namespace
}  // namespace steelyard
