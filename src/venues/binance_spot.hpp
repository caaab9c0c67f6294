// src/venues/binance_spot.hpp -- Binance spot.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kBinanceSpot;

}  // namespace steelyard
