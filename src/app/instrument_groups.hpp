// src/app/instrument_groups.hpp -- which instruments are looked at together, as configured.
#pragma once

#include <toml++/toml.h>

#include <span>
#include <string>
#include <vector>

#include "core/instrument.hpp"

namespace steelyard {

// One entry of [groups]: a name, and the instruments of it. Instruments that no entry names are
// grouped by their symbol's text.
struct InstrumentGroup {
  struct Member {
    std::string venue;   // name, with * and ?
    std::string symbol;  // symbol or normalised name, with * and ?

    [[nodiscard]] bool is(const Instrument& instrument) const;
  };
  std::string name;
  std::string place;  // file:line:column
  std::vector<Member> members;
};

// Throws ConfigError.
[[nodiscard]] std::vector<InstrumentGroup> read_groups(const toml::table& table,
                                                       const std::string& file);

// Sets Instrument::group. Throws ConfigError where an instrument is in two groups, and, if
// `complete`, where a member is none of the instruments.
void assign_groups(std::span<Instrument> instruments, std::span<const InstrumentGroup> groups,
                   bool complete);

}  // namespace steelyard
