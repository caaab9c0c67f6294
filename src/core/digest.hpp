// src/core/digest.hpp -- a 64-bit fingerprint of a stream of words, the same on every machine.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace steelyard {

// Order matters within one digest. Not cryptographic: it tells two runs apart, not an attacker.
class Digest {
 public:
  void add(std::uint64_t word) noexcept {
    state_ = (state_ ^ word) * 0x9e37'79b9'7f4a'7c15U;
    state_ ^= state_ >> 32;
  }
  // Every NaN is one value: which bits a NaN carries is the processor's business.
  void add(double value) noexcept {
    add(std::isnan(value) ? 0x7ff8'0000'0000'0000U : std::bit_cast<std::uint64_t>(value));
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

 private:
  std::uint64_t state_ = 0xcbf2'9ce4'8422'2325U;
};

}  // namespace steelyard
