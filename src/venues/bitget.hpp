// src/venues/bitget.hpp -- Bitget spot, and Bitget futures: USDT-M, USDC-M and coin-M.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kBitget;
extern const Venue kBitgetFutures;

}  // namespace steelyard
