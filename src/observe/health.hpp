// src/observe/health.hpp -- what is wrong, in sentences, and what mends it.
#pragma once

#include <string>
#include <vector>

#include "observe/observation.hpp"

namespace steelyard {

struct Trouble {
  enum class Level : std::uint8_t {
    Warning,   // something is lost or late; the rest goes on
    NotReady,  // a book that a strategy may wait for is not to be trusted
    Down,      // nothing of what is shown is current
  } level = Level::Warning;
  std::string subject;  // "daemon", "okx BTC-USDT", "io0"
  std::string what;
  std::string fix;
};

// The gravest first. Empty: all is well.
[[nodiscard]] std::vector<Trouble> troubles(const Observation& seen);

}  // namespace steelyard
