// src/sim/kucoin_sim.hpp -- KuCoin's classic spot sockets, from their documentation: entered with a
// token, books from fetched snapshots and numbered rows.
#pragma once

#include <memory>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_kucoin(const VenueSimOptions& options);

}  // namespace steelyard::sim
