#include "book/id_table.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/table_and_map.hpp"

namespace steelyard {
namespace {

TEST(LevelIds, EqualAMapUnderRandomInsertsChangesAndRemovals) {
  std::mt19937_64 random{11};
  TableAndMap<Price> ids{400};
  for (int i = 0; i < 200'000; ++i) {
    // Ids of one venue lie close together, and some share their low bits.
    const std::uint64_t id = 8'799'000'000 + random() % 500 * (random() % 4 == 0 ? 4096 : 1);
    ASSERT_NO_FATAL_FAILURE(
        ids.change(random, id, Price{static_cast<std::int64_t>(1 + random() % 1'000)}));
  }
  for (const auto& [id, price] : ids.naive) EXPECT_EQ(ids.table.find(id), price);
  ids.table.clear();
  for (const auto& [id, price] : ids.naive) EXPECT_EQ(ids.table.find(id), Price{});
}

TEST(LevelIds, TakeNoMemoryAndKnowNothingWhereNoneAreKept) {
  LevelIds ids{0};

  EXPECT_FALSE(ids.set(1, Price{1}));
  ids.erase(1);
  ids.clear();
  EXPECT_EQ(ids.find(1), Price{});
}

}  // namespace
}  // namespace steelyard
