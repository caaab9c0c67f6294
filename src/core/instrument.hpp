// src/core/instrument.hpp -- what is known of one instrument, fixed from start-up on.
#pragma once

#include <cstdint>
#include <string>

#include "core/decimal.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

enum class ContractKind : std::uint8_t {
  Spot,
  Linear,   // quantity in base units once multiplied by the contract size
  Inverse,  // quantity in contracts of `contract_size` quote units: base size is notional / price
  Quanto,   // quantity as sent; base units are not defined
  Option,
};

// How the integers of one instrument are to be read: value = mantissa * 10^exponent.
struct Scale {
  std::int8_t price_exponent = 0;  // kMinExponent .. 0
  std::int8_t qty_exponent = 0;    // kMinExponent .. 0, after the multiplier
  // Linear contracts: base units a contract = qty_multiplier * 10^multiplier_exponent. The quantity
  // as sent, a mantissa at (qty_exponent - multiplier_exponent), times qty_multiplier is the
  // book's.
  std::int64_t qty_multiplier = 1;
  std::int8_t multiplier_exponent = 0;
  // Inverse contracts: quote units a contract (BTC-USD-SWAP: 100). 0 elsewhere.
  double contract_size = 0.0;

  [[nodiscard]] bool operator==(const Scale&) const = default;
};

struct Instrument {
  InstrumentId id{kNoInstrument};
  std::uint32_t venue = 0;   // index into the venue registry
  std::string symbol;        // the venue's own text, e.g. BTCUSDT, BTC-USDT-SWAP
  std::string name;          // normalised, e.g. BTC-USDT, BTC-USDT-PERP; may equal the symbol
  std::uint8_t channel = 0;  // index of its book channel in the venue's rows
  ContractKind kind = ContractKind::Spot;
  Scale scale;
  std::int64_t tick = 1;      // smallest price step in price mantissas; a hint for the book, >= 1
  bool has_metadata = false;  // scale and kind come from the venue; else found from the data
  std::uint16_t shard = 0;    // which shard thread owns its book
  std::uint16_t io = 0;       // which io thread carries all its connections
  std::string group;          // of instruments that are looked at together; empty: by symbol
  std::uint16_t params = 0;   // which of the signal set's parameter sets it is measured with
};

// The same for all instruments of a group, and for no others.
[[nodiscard]] inline std::string group_key(const Instrument& instrument) {
  return instrument.group.empty() ? instrument.symbol : "[groups] " + instrument.group;
}

// A tick at exponents that are finer by `steps`. One that would not fit is not known: 1.
[[nodiscard]] constexpr std::int64_t finer_tick(std::int64_t tick, int steps) noexcept {
  if (steps <= 0) return tick;
  return steps < 19 && tick <= INT64_MAX / kPowersOfTen[steps] ? tick * kPowersOfTen[steps] : 1;
}

}  // namespace steelyard
