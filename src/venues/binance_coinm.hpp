// src/venues/binance_coinm.hpp -- Binance COIN-M futures.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kBinanceCoinm;

}  // namespace steelyard
