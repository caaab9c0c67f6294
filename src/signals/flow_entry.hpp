// src/signals/flow_entry.hpp -- what one observation contributes to flow, level by level.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/int128.hpp"
#include "signals/market_event.hpp"

namespace steelyard {

// What one observation contributes, in the integers of its units.
template <typename Cell>
struct FlowEntry {
  std::array<Cell, kTopLevels> level{};  // e at each populated level
  std::uint32_t wide = 0;                // those that do not fit, bit by bit, and what they are
  std::array<Int128, kTopLevels> wide_level{};
  Int128 general = 0;     // gofi_e
  Int128 best_depth = 0;  // best bid size + best ask size
  Int128 all_depth = 0;   // ... of the best M levels
  bool general_known = true;

  [[nodiscard]] Int128 at(std::uint32_t m) const noexcept {
    return (wide >> m & 1U) != 0 ? wide_level[m] : Int128{level[m]};
  }
};

// act(number) for every bit that is set, from the lowest on.
template <typename Act>
void for_each_bit(std::uint32_t bits, Act act) noexcept {
  for (; bits != 0; bits &= bits - 1) act(static_cast<std::uint32_t>(std::countr_zero(bits)));
}

// From the lowest bit that is set to before `until`, behind the highest.
struct BitRange {
  explicit BitRange(std::uint32_t bits) noexcept
      : from{static_cast<std::uint32_t>(std::countr_zero(bits))},
        until{static_cast<std::uint32_t>(std::bit_width(bits))} {}
  [[nodiscard]] std::uint32_t bits() const noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{1} << until) - (std::uint64_t{1} << from));
  }

  std::uint32_t from;
  std::uint32_t until;
};

}  // namespace steelyard
