// src/venues/gate_channels.hpp -- what Gate's channels are, and their prints: trades and forced
// orders.
#pragma once

#include "venues/gate_codec.hpp"
#include "venues/json_walk.hpp"

namespace steelyard::gate {

enum class Feed : std::uint8_t {
  None,
  Window,
  Updates,
  Whole,
  Trades,
  Best,
  Forced,
  Control,
  Other
};

// HOT. "spot.trades" is trades of spot; None: no channel of this market, or none that is
// documented.
[[nodiscard]] Feed feed_of(const Dialect& dialect, std::string_view channel) noexcept;

// HOT. "1631824310261.896" ms, "1654249503.599" s, "1631824310261": ns of the second, exactly.
[[nodiscard]] bool parse_stamp(std::string_view text, TimestampNs& time) noexcept;

// HOT. One trade or forced order. What nobody follows leaves Unwanted in `result`, unless another
// one of the frame is wanted.
[[nodiscard]] DecodeStatus read_print(const Dialect& dialect, bool forced, json::Value& value,
                                      const SymbolTable& symbols, DecodeScratch& scratch,
                                      MessageBatch& out, DecodeStatus& result) noexcept;

}  // namespace steelyard::gate
