// src/venues/gate.hpp -- Gate: spot, and perpetual contracts settled in USDT and in bitcoin.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kGate;
extern const Venue kGateFutures;
extern const Venue kGateInverse;

}  // namespace steelyard
