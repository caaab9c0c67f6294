// src/venues/quick_shapes.hpp -- what rows looked like that were read before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "venues/quick_tables.hpp"

namespace steelyard {

#if STEELYARD_QUICK

// A row of a price and a size within 32 bytes: where its marks stand, and what is to be done with
// its figures. Rows of a book have few shapes; one that was found out does for all that look alike.
struct alignas(32) RowShape {
  std::array<char, 32> text{};          // the marks, each in its place
  std::array<std::uint8_t, 32> from{};  // of a QuickShuffles each, the price's and the size's
  // Which bytes are marks, bit by bit, up to the closing quote, and above these the exponents that
  // the figures are scaled to. No row is without marks.
  std::uint64_t key = 0;
  std::uint32_t zeros = 0;    // figures that have to be zero: decimals that no exponent counts
  std::uint32_t checked = 0;  // these, and first figures that must not be
  std::int64_t price_power = 0;
  std::int64_t size_power = 0;
  std::uint32_t size_begin = 0;
};

// As many as a thread's books have at a time; two that fall together take turns. What is remembered
// decides how fast a row is read, never how.
class RowShapes {
 public:
  // HOT. The one that a row of this key would have; it has it if its key says so.
  [[nodiscard]] RowShape& of(std::uint64_t key) noexcept {
    constexpr std::uint64_t kSpread = 0x9e37'79b9'7f4a'7c15U;  // 2^64 over the golden ratio
    return shapes_[key * kSpread >> (64 - kBits)];
  }

 private:
  static constexpr unsigned kBits = 8;
  std::array<RowShape, std::size_t{1} << kBits> shapes_{};
};

inline constinit thread_local RowShapes row_shapes;

#endif  // STEELYARD_QUICK

}  // namespace steelyard
