// src/cli/replay_summary.hpp -- what a replay found, for people and for programs.
#pragma once

#include <cstdio>
#include <string>

#include "app/replay.hpp"

namespace steelyard {

void print_summary(std::FILE* out, const Replay& replay, const ReplayResult& result);

// One JSON object and a line end; counts are integers, times nanoseconds since 1970.
[[nodiscard]] std::string summary_json(const Replay& replay, const ReplayResult& result,
                                       bool with_digest);

}  // namespace steelyard
