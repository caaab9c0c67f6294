// src/sim/deribit_sim.hpp -- Deribit's JSON-RPC over WebSockets, from its documentation: chained
// changes, and test requests that must be answered.
#pragma once

#include <memory>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_deribit(const VenueSimOptions& options);

}  // namespace steelyard::sim
