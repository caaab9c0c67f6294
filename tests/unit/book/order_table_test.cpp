#include "book/order_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "book/checksum.hpp"
#include "support/table_and_map.hpp"

namespace steelyard {
namespace {

TEST(OrderTable, HasTheBestOrdersByPriceAndAtOnePriceById) {
  std::mt19937_64 random{5};
  TableAndMap<RestingOrder> orders{600};
  for (int i = 0; i < 3'000; ++i) {
    const std::uint64_t id = 96'124'382'000 + random() % 700;
    const RestingOrder order{Price{static_cast<std::int64_t>(random() % 60 + 1)},
                             Qty{static_cast<std::int64_t>(random() % 9 + 1)},
                             random() % 2 == 0 ? Side::Bid : Side::Ask};
    ASSERT_NO_FATAL_FAILURE(orders.change(random, id, order));
    if (i % 100 != 0) continue;
    for (const Side side : {Side::Bid, Side::Ask}) {
      std::vector<std::pair<std::int64_t, std::uint64_t>> expected;
      for (const auto& [key, resting] : orders.naive) {
        if (resting.side != side) continue;
        expected.emplace_back(side == Side::Bid ? -resting.price.raw() : resting.price.raw(), key);
      }
      std::sort(expected.begin(), expected.end());
      std::array<RankedOrder, 25> best;
      const std::uint32_t count = best_orders(orders.table, side, best);
      ASSERT_EQ(count, std::min<std::size_t>(expected.size(), 25));
      for (std::uint32_t at = 0; at < count; ++at) {
        ASSERT_EQ(best[at].id, expected[at].second);
        ASSERT_EQ(best[at].qty, orders.naive[best[at].id].qty);
      }
    }
  }
}

// A vector of others' tests, whose sum was computed anew with zlib: ten a side, all of one id.
TEST(OrderChecksum, IsThatOfTheKnownVector) {
  const std::vector<RankedOrder> ten(10, RankedOrder{0, Price{1}, Qty{500}});

  EXPECT_EQ(order_checksum(ten, ten, {.price_exponent = -2, .qty_exponent = -8}), 190468240);
}

}  // namespace
}  // namespace steelyard
