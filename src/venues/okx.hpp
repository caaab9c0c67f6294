// src/venues/okx.hpp -- OKX v5: spot, swaps, futures, options.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kOkx;

}  // namespace steelyard
