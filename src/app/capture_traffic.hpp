// src/app/capture_traffic.hpp -- recordings as the simulator serves them: plain lines, by venue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/recorded_venue.hpp"

namespace steelyard {

struct CaptureTraffic {
  std::vector<sim::RecordedVenue> venues;  // in the order of their first lines
  std::uint64_t lines = 0;
  std::uint64_t malformed = 0;    // each told on standard error, the first ones
  std::uint64_t of_no_venue = 0;  // neither the recording nor the URL says of which
};

// All of it in memory. `venue`: of recordings that name none. Throws CaptureError,
// std::runtime_error.
[[nodiscard]] CaptureTraffic read_capture_traffic(const std::vector<std::string>& files,
                                                  const std::string& venue);

}  // namespace steelyard
