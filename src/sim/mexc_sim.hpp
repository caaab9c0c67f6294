// src/sim/mexc_sim.hpp -- MEXC spot, from its documentation: data are protocol buffers, snapshots
// are fetched.
#pragma once

#include <memory>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_mexc(const VenueSimOptions& options);

}  // namespace steelyard::sim
