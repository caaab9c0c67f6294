// src/app/recording_header.hpp -- the text at the head of a recording: all that replay needs to be
// exact.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "signals/signal_params.hpp"

namespace steelyard {

struct RecordedConnection {
  std::uint32_t id = 0;
  std::string venue;  // empty: a source of timers
  std::string url;
  std::uint16_t io = 0;
};

struct RecordingHeader {
  std::vector<RecordedConnection> connections;
  std::vector<Instrument> instruments;
  SignalParams signals;                   // Instrument::params = 0
  std::vector<SignalParams> own_signals;  // 1, 2, ...
  std::uint32_t stale_after_ms = 10'000;
};

// TOML, readable with any text tool.
[[nodiscard]] std::string write_header(const RecordingHeader& header);
// Throws std::runtime_error naming what is wrong.
[[nodiscard]] RecordingHeader read_header(std::string_view text);

}  // namespace steelyard
