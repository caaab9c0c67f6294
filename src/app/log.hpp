// src/app/log.hpp -- the daemon's log: one event a line, as text or JSON, written by a thread of
// its own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.hpp"

namespace steelyard {

enum class LogLevel : std::uint8_t { Trace, Debug, Info, Warn, Error };

using LogFields = std::vector<std::pair<std::string_view, std::string>>;

// Throws std::runtime_error if the file cannot be opened. Called once, before the first event.
void start_log(const Config::Log& config);
// Writes out what is held back.
void stop_log();
// Never from a hot thread: the conductor logs what the others tell it.
void log_event(LogLevel level, std::string_view event, const LogFields& fields = {});

// For tests: an event as it is written.
[[nodiscard]] std::string format_event(bool json, LogLevel level, std::string_view time,
                                       std::string_view event, const LogFields& fields);

}  // namespace steelyard
