// src/venues/mexc.hpp -- MEXC: spot (protocol buffers) and perpetual contracts (JSON).
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kMexc;
extern const Venue kMexcFutures;

}  // namespace steelyard
