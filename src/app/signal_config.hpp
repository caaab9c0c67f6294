// src/app/signal_config.hpp -- the [signals] table of a configuration, to parameters and back.
#pragma once

#include <toml++/toml.h>

#include <string>

#include "signals/signal_params.hpp"

namespace steelyard {

// Throws ConfigError (a std::runtime_error) naming file, line, key, value and what is allowed.
[[nodiscard]] SignalParams signals_from_toml(const toml::table& table, const std::string& file);
[[nodiscard]] toml::table signals_to_toml(const SignalParams& params);

}  // namespace steelyard
