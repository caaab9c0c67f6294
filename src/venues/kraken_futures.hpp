// src/venues/kraken_futures.hpp -- Kraken derivatives, WebSocket v1.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kKrakenFutures;

}  // namespace steelyard
