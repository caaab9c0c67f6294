// src/venues/deribit.hpp -- Deribit v2: perpetuals, futures, options, spot.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kDeribit;

}  // namespace steelyard
