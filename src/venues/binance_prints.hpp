// src/venues/binance_prints.hpp -- what Binance's events of one level say: trades, liquidation
// orders, the best of both sides.
#pragma once

#include "venues/binance_codec.hpp"
#include "venues/binance_event.hpp"

namespace steelyard::binance {

// HOT. Whether an event of this kind has the members that it must have.
[[nodiscard]] bool is_best(Event& event) noexcept;
[[nodiscard]] bool is_trade(Event& event) noexcept;
[[nodiscard]] bool is_liquidation(Event& event) noexcept;

// HOT. The message of an event that is one; `entry` is its instrument.
[[nodiscard]] DecodeStatus add_best(Event& event, const SymbolEntry& entry, DecodeScratch& scratch,
                                    MessageBatch& out) noexcept;
[[nodiscard]] DecodeStatus add_trade(const Dialect& dialect, Event& event, const SymbolEntry& entry,
                                     DecodeScratch& scratch, MessageBatch& out) noexcept;
[[nodiscard]] DecodeStatus add_liquidation(Event& event, const SymbolEntry& entry,
                                           DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::binance
