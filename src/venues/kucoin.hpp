// src/venues/kucoin.hpp -- KuCoin: spot and futures, by the classic and by the unified interface.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

// Classic: a token is asked for, snapshots are fetched.
extern const Venue kKucoin;
extern const Venue kKucoinFutures;
// Unified: no token, snapshots in band.
extern const Venue kKucoinUnified;
extern const Venue kKucoinUnifiedFutures;

}  // namespace steelyard
