// src/venues/bybit.hpp -- Bybit v5: spot, linear and inverse contracts.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kBybitSpot;
extern const Venue kBybitLinear;
extern const Venue kBybitInverse;

}  // namespace steelyard
