// src/venues/coinbase.hpp -- Coinbase Advanced Trade.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kCoinbase;

}  // namespace steelyard
