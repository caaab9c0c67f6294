// src/venues/coinbase_exchange.hpp -- Coinbase Exchange, the feed before Advanced Trade.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kCoinbaseExchange;

}  // namespace steelyard
