// src/venues/bitfinex_prints.hpp -- trades and liquidations of Bitfinex.
#pragma once

#include "venues/json_walk.hpp"

namespace steelyard::bitfinex {

// Eight decimals is what amounts have; sums in binary floating point are sent with more.
inline constexpr int kFinestAmount = -8;

// HOT. [id, time, amount, price].
[[nodiscard]] DecodeStatus read_trade(json::Value& value, const SymbolEntry& entry,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT. Rows of positions, of every instrument.
[[nodiscard]] DecodeStatus read_liquidations(json::Value& value, const SymbolTable& symbols,
                                             DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::bitfinex
