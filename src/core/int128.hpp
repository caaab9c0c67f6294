// src/core/int128.hpp -- 128-bit integers, which ISO C++ does not name.
#pragma once

namespace steelyard {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

// HOT. Modulo 2^128, for sums that go on for ever: their differences are right as long as those
// fit.
[[nodiscard]] constexpr Int128 wrapped_sum(Int128 a, Int128 b) noexcept {
  return static_cast<Int128>(static_cast<UInt128>(a) + static_cast<UInt128>(b));
}
[[nodiscard]] constexpr Int128 wrapped_difference(Int128 a, Int128 b) noexcept {
  return static_cast<Int128>(static_cast<UInt128>(a) - static_cast<UInt128>(b));
}

}  // namespace steelyard
