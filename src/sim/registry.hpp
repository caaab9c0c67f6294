// src/sim/registry.hpp -- the simulated venues, by name.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "sim/venue_sim.hpp"

namespace steelyard::sim {

struct SimulatedVenue {
  std::string_view name;
  std::unique_ptr<VenueSim> (*make)(const VenueSimOptions& options);
};

// In the order of their ports.
[[nodiscard]] std::span<const SimulatedVenue> simulated_venues() noexcept;
// nullptr: there is none of this name.
[[nodiscard]] const SimulatedVenue* find_simulated(std::string_view name) noexcept;
// "a, b, c": for error messages.
[[nodiscard]] std::string simulated_names();

}  // namespace steelyard::sim
