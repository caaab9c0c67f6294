// src/venues/bitfinex.hpp -- Bitfinex v2: spot and derivatives, on connections that count frames.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

// Sources and doubts: tests/fixtures/bitfinex/SOURCE.md.
extern const Venue kBitfinex;

}  // namespace steelyard
