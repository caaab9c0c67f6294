// tests/support/row_memory.hpp -- a row of columns that is nobody else's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "signals/numerics.hpp"
#include "signals/value_row.hpp"

namespace steelyard {

struct RowMemory {
  explicit RowMemory(std::size_t columns)
      : values(columns, kUndefined), marks(ValueRow::marks(columns)) {}
  [[nodiscard]] ValueRow view() noexcept { return {values.data(), marks.data()}; }

  std::vector<double> values;
  std::vector<std::uint8_t> marks;
};

}  // namespace steelyard
