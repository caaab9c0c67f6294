// src/dashboard/feed.hpp -- what the page is told, as JSON: pure functions of what is seen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "observe/histories.hpp"
#include "observe/observation.hpp"

namespace steelyard {

// Columns whose history the page draws, where the daemon has them.
[[nodiscard]] std::vector<std::string> charted_columns();

// Several times a second: the daemon, a line per instrument, and ladder and columns of those whose
// key (venue and symbol) is watched. `now_ms`: UTC.
[[nodiscard]] std::string state_message(const Observation& seen, std::int64_t now_ms,
                                        const std::vector<std::string>& watched);
// Every second: connections, io counters, latency histograms, troubles, counters of the watched.
[[nodiscard]] std::string health_message(const Observation& seen,
                                         const std::vector<std::string>& watched);
// Once, when an instrument is opened; empty for one that is not there.
[[nodiscard]] std::string history_message(const Observation& seen, const Histories& histories,
                                          std::int64_t step_ms, std::int64_t end_ms,
                                          std::string_view key);

// "watch", then a key a line: what a page asks for. At most 16 of them; empty if it is anything
// else.
[[nodiscard]] std::vector<std::string> parse_watch(std::string_view text);

}  // namespace steelyard
