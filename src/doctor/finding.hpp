// src/doctor/finding.hpp -- what was looked at, what was found, why it matters, what mends it.
#pragma once

#include <string>
#include <vector>

namespace steelyard {

struct Finding {
  enum class Level : std::uint8_t {
    Good,
    Note,     // worth knowing; nothing to mend, or not from here
    Warning,  // latency or its tail is worse than this host could give
    Bad,      // the daemon cannot work as configured, or its times are wrong
    Unknown,  // could not be found out: `found` says why
  } level = Level::Good;
  std::string area;   // "cpu", "clock", "memory", "network", "limits", "venues"
  std::string name;   // "governor"
  std::string found;  // "powersave on cores 0-3"
  std::string why;
  std::string fix;  // a command or a setting; empty: nothing to do
};

[[nodiscard]] std::string findings_text(const std::vector<Finding>& findings, bool colour);
[[nodiscard]] std::string findings_json(const std::vector<Finding>& findings);

}  // namespace steelyard
