// src/venues/htx.hpp -- HTX (Huobi): spot, linear swaps and futures, coin-margined contracts.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

extern const Venue kHtx;
extern const Venue kHtxSwap;
extern const Venue kHtxCoin;

}  // namespace steelyard
