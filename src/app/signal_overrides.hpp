// src/app/signal_overrides.hpp -- signal parameters of single venues and instruments, and which
// instrument has which.
#pragma once

#include <toml++/toml.h>

#include <span>
#include <string>
#include <vector>

#include "app/toml_reader.hpp"
#include "core/instrument.hpp"
#include "signals/signal_set.hpp"

namespace steelyard {

// One table that sets parameters of a venue's instruments, or of some of them.
struct SignalOverride {
  std::string venue;    // name
  std::string pattern;  // symbols or normalised names, with * and ?; empty: all of the venue
  std::string place;    // file:line:column
  std::string path;     // venues.okx.instrument."BTC*".signals
  toml::table table;    // what it sets

  [[nodiscard]] bool applies_to(const Instrument& instrument) const;
};

// The tables of one venue's, [venues.NAME.signals] and [venues.NAME.instrument."PATTERN".signals],
// in the order in which they apply: the venue's, patterns as the file has them, then instruments
// named in full. Each is checked over what is wider. Throws ConfigError.
[[nodiscard]] std::vector<SignalOverride> read_overrides(TomlReader& of_venue,
                                                         const std::string& venue,
                                                         const SignalSet& all);

// Sets Instrument::params; the parameter sets that it counts in, the one of all instruments first.
// Throws ConfigError where tables that apply to one instrument do not go together.
[[nodiscard]] std::vector<SignalParams> assign_params(std::span<Instrument> instruments,
                                                      const SignalParams& all,
                                                      std::span<const SignalOverride> overrides);

// The table as it would be written in one line.
[[nodiscard]] std::string one_line(const toml::table& table);

}  // namespace steelyard
