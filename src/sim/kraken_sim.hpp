// src/sim/kraken_sim.hpp -- Kraken spot, WebSocket v2, from its documentation: no numbers, a
// checksum.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

[[nodiscard]] std::unique_ptr<VenueSim> make_kraken(const VenueSimOptions& options);

// Of a book's best ten, as its documents define it: the digits of asks, then bids, price and size.
// Levels from the best on; numbers as they are written.
using TextLevels = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::uint32_t kraken_checksum(const TextLevels& asks, const TextLevels& bids);

}  // namespace steelyard::sim
