// tests/support/table_and_map.hpp -- an IdTable and the map that it must equal, changed together.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>

#include "book/id_table.hpp"

namespace steelyard {

template <typename Value>
struct TableAndMap {
  explicit TableAndMap(std::uint32_t most_kept) : table{most_kept}, most{most_kept} {}

  // Removes the id, one time in three; else gives it this value. Both must agree whether it fits.
  void change(std::mt19937_64& random, std::uint64_t id, const Value& value) {
    if (random() % 3 == 0) {
      table.erase(id);
      naive.erase(id);
    } else {
      const bool fits = naive.contains(id) || naive.size() < most;
      ASSERT_EQ(table.set(id, value), fits);
      if (fits) naive[id] = value;
    }
    ASSERT_EQ(table.count(), naive.size());
    const auto found = naive.find(id);
    ASSERT_TRUE(table.find(id) == (found == naive.end() ? Value{} : found->second));
  }

  IdTable<Value> table;
  std::map<std::uint64_t, Value> naive;
  std::uint32_t most;
};

}  // namespace steelyard
