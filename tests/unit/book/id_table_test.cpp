#include "book/id_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace steelyard {
namespace {

TEST(LevelIds, EqualAMapUnderRandomInsertsChangesAndRemovals) {
  std::mt19937_64 random{11};
  LevelIds ids{400};
  std::map<std::uint64_t, Price> naive;
  for (int i = 0; i < 200'000; ++i) {
    // Ids of one venue lie close together, and some share their low bits.
    const std::uint64_t id = 8'799'000'000 + random() % 500 * (random() % 4 == 0 ? 4096 : 1);
    if (random() % 3 == 0) {
      ids.erase(id);
      naive.erase(id);
    } else {
      const Price price{static_cast<std::int64_t>(1 + random() % 1'000)};
      const bool fits = naive.contains(id) || naive.size() < 400;
      ASSERT_EQ(ids.set(id, price), fits);
      if (fits) naive[id] = price;
    }
    ASSERT_EQ(ids.count(), naive.size());
    const auto found = naive.find(id);
    ASSERT_EQ(ids.find(id), found == naive.end() ? Price{} : found->second);
  }
  for (const auto& [id, price] : naive) EXPECT_EQ(ids.find(id), price);
  ids.clear();
  for (const auto& [id, price] : naive) EXPECT_EQ(ids.find(id), Price{});
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
