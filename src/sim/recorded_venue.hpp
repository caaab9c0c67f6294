// src/sim/recorded_venue.hpp -- recorded traffic of one venue as plain data; which file it was in
// the simulator does not know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace steelyard::sim {

struct RecordedLine {
  enum class Kind : std::uint8_t {
    Up,      // the connection was made
    Down,    // ... was lost
    Sent,    // what its client sent
    Text,    // what its client received
    Binary,  // ... as a binary message
    Answer,  // to a REST request; of no connection
  };
  std::int64_t ts_ns = 0;
  std::uint32_t connection = 0;  // the same number: the same connection, or its successor
  Kind kind = Kind::Text;
  std::string url = {};  // ws(s):// of the connection, http(s):// asked for; may be unknown
  std::string payload = {};
};

struct RecordedVenue {
  std::string name;
  std::vector<RecordedLine> lines;  // in the order of the recording
};

// Path and query of a URL, as a request names them: "/" where it has none.
[[nodiscard]] std::string target_of(const std::string& url);

}  // namespace steelyard::sim
