// src/venues/cryptocom.hpp -- Crypto.com Exchange v1: spot, perpetuals, futures.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kCryptocom;

}  // namespace steelyard
