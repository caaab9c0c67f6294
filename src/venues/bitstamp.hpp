// src/venues/bitstamp.hpp -- Bitstamp, WebSocket v2.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kBitstamp;

}  // namespace steelyard
