// src/venues/kraken.hpp -- Kraken spot, WebSocket v2.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kKraken;

}  // namespace steelyard
