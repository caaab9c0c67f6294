// src/app/signal_config.hpp -- tables of signal parameters, to parameters and back.
#pragma once

#include <toml++/toml.h>

#include <string>

#include "signals/signal_params.hpp"

namespace steelyard {

// Whose parameters a table sets.
enum class SignalScope {
  All,   // of every instrument: also those that make columns
  Some,  // of a venue, of an instrument: not those
};

// `params` with what the table sets in place of what they have. Every table of signal parameters is
// read here: the one of all instruments over the defaults, narrower ones over the wider. `path`:
// the table's own, for messages. Throws ConfigError (a std::runtime_error) naming file, line, key,
// value and what is allowed.
[[nodiscard]] SignalParams signals_over(SignalParams params, const toml::table& table,
                                        const std::string& file, const std::string& path,
                                        SignalScope scope);
// The table of all instruments, over the defaults.
[[nodiscard]] inline SignalParams signals_from_toml(const toml::table& table,
                                                    const std::string& file) {
  return signals_over({}, table, file, "signals", SignalScope::All);
}
[[nodiscard]] toml::table signals_to_toml(const SignalParams& params);

// What of `own` is not so in `wider`, both complete: the shortest table that makes it of it.
[[nodiscard]] toml::table difference(const toml::table& own, const toml::table& wider);

}  // namespace steelyard
