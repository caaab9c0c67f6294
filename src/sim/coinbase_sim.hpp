// src/sim/coinbase_sim.hpp -- Coinbase Advanced Trade's market data, from its documentation: every
// message of a connection is counted, and nothing else proves a book.
#pragma once

#include <memory>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_coinbase(const VenueSimOptions& options);

}  // namespace steelyard::sim
