// src/sim/htx_sim.hpp -- HTX spot, from its documentation: every frame is packed, snapshots are
// asked for on the connection that carries the changes.
#pragma once

#include <memory>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_htx(const VenueSimOptions& options);

}  // namespace steelyard::sim
