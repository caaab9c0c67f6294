#include "signals/micro_price_exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace steelyard {
namespace {

TEST(MicroPriceExchange, TakesATableOnlyOnceTheOneBeforeWasLookedAt) {
  MicroPriceExchange exchange{{.buckets = 2, .spreads = 1}};
  const std::vector<double> first{-1, 1}, second{-2, 2};
  EXPECT_TRUE(exchange.table().empty());

  EXPECT_TRUE(exchange.publish(first));
  EXPECT_FALSE(exchange.publish(second)) << "the shard may look at either buffer";
  EXPECT_EQ(exchange.table()[1], 1.0);
  EXPECT_TRUE(exchange.publish(second));
  EXPECT_EQ(exchange.table()[1], 2.0);
}

// Whole tables only, however the threads run.
TEST(MicroPriceExchange, NeverShowsHalfATable) {
  const MicroPriceShape shape{.buckets = 10, .spreads = 3};
  MicroPriceExchange exchange{shape};
  std::atomic<bool> stop{false};
  std::thread estimator{[&] {
    std::vector<double> table(shape.states());
    for (double version = 1; !stop.load(std::memory_order_relaxed);) {
      std::fill(table.begin(), table.end(), version);
      if (exchange.publish(table)) version += 1;
    }
  }};

  double last = 0.0;
  std::uint64_t seen = 0;
  while (seen < 2'000) {
    const std::span<const double> table = exchange.table();
    if (table.empty()) continue;
    const double version = table[0];
    for (const double value : table) ASSERT_EQ(value, version);
    ASSERT_GE(version, last);
    seen += version != last ? 1 : 0;
    last = version;
    exchange.count_stay(3, 4);
  }
  stop.store(true);
  estimator.join();
}

}  // namespace
}  // namespace steelyard
