// src/venues/htx_prints.hpp -- trades, forced orders and best quotes of HTX.
#pragma once

#include "venues/htx_codec.hpp"
#include "venues/json_walk.hpp"

namespace steelyard::htx {

// HOT. One trade; one of the past (in an answer) is no event.
[[nodiscard]] DecodeStatus read_trade(json::Value& value, bool past, const SymbolEntry& entry,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;

// HOT. One forced order of whichever contract it names; `result` is Ok once one was followed.
[[nodiscard]] DecodeStatus read_liquidation(json::Value& value, const SymbolTable& symbols,
                                            DecodeScratch& scratch, MessageBatch& out,
                                            DecodeStatus& result) noexcept;

// HOT. The "tick" of a BBO channel.
[[nodiscard]] DecodeStatus read_best(const Dialect& dialect, json::Value& value,
                                     const SymbolEntry& entry, DecodeScratch& scratch,
                                     MessageBatch& out) noexcept;

}  // namespace steelyard::htx
