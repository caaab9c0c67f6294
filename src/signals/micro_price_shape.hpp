// src/signals/micro_price_shape.hpp -- the states that the micro-price tells apart.
#pragma once

#include <array>
#include <cstdint>

namespace steelyard {

// States of the best quote: how many ticks wide (1 to `spreads`), and in which of `buckets` equal
// parts the bid's share of both sizes lies. State (bucket, spread) has number (spread - 1) *
// buckets + bucket; its mirror image has the other side's bucket. Equal parts have one each.
struct MicroPriceShape {
  std::uint32_t buckets = 10;
  std::uint32_t spreads = 3;

  [[nodiscard]] constexpr std::uint32_t states() const noexcept { return buckets * spreads; }
  [[nodiscard]] constexpr std::uint32_t mirror(std::uint32_t state) const noexcept {
    return state - state % buckets + (buckets - 1 - state % buckets);
  }
  bool operator==(const MicroPriceShape&) const = default;
};

// Where the mid goes in one transition, in ticks. Larger moves tell nothing of the best quote.
inline constexpr std::array<double, 4> kMidMoves{-1.0, -0.5, 0.5, 1.0};

}  // namespace steelyard
