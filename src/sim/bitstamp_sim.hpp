// src/sim/bitstamp_sim.hpp -- Bitstamp's WebSocket v2, from its documentation: changes that have a
// time and no number.
#pragma once

#include <memory>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_bitstamp(const VenueSimOptions& options);

}  // namespace steelyard::sim
