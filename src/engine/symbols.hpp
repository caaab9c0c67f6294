// src/engine/symbols.hpp -- an instrument's scale as the decoder sees it, and its refinement.
#pragma once

#include "core/decimal.hpp"
#include "core/instrument.hpp"
#include "core/symbol_table.hpp"
#include "venues/venue.hpp"

namespace steelyard {

[[nodiscard]] inline SymbolEntry symbol_entry(const Instrument& instrument) noexcept {
  const Scale& scale = instrument.scale;
  SymbolEntry entry;
  entry.id = instrument.id;
  entry.price_exponent = scale.price_exponent;
  entry.wire_qty_exponent =
      static_cast<std::int8_t>(scale.qty_exponent - scale.multiplier_exponent);
  entry.channel = instrument.channel;
  entry.qty_multiplier = scale.qty_multiplier;
  return entry;
}

// Makes the exponents fine enough for the digits that a decoder just met. False if they were fine
// enough already, or cannot be made so.
[[nodiscard]] inline bool refine(Instrument& instrument, const DecodeScratch& scratch) noexcept {
  Scale& scale = instrument.scale;
  bool finer = false;
  if (scratch.needed_price_exponent < scale.price_exponent &&
      scratch.needed_price_exponent >= kMinExponent) {
    const int steps = scale.price_exponent - scratch.needed_price_exponent;
    scale.price_exponent = scratch.needed_price_exponent;
    instrument.tick = finer_tick(instrument.tick, steps);
    finer = true;
  }
  const int qty_exponent = scratch.needed_wire_qty_exponent + scale.multiplier_exponent;
  if (qty_exponent < scale.qty_exponent && qty_exponent >= kMinExponent) {
    scale.qty_exponent = static_cast<std::int8_t>(qty_exponent);
    finer = true;
  }
  return finer;
}

}  // namespace steelyard
