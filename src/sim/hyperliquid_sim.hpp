// src/sim/hyperliquid_sim.hpp -- Hyperliquid's public socket, from its documentation: whole books
// on one slow clock.
#pragma once

#include <memory>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_hyperliquid(const VenueSimOptions& options);

}  // namespace steelyard::sim
