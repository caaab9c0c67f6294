// src/venues/binance_usdm.hpp -- Binance USD-M futures.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kBinanceUsdm;

}  // namespace steelyard
