// src/cli/replay_summary.hpp -- what a replay found, for people.
#pragma once

#include <cstdio>

#include "app/replay.hpp"

namespace steelyard {

void print_summary(std::FILE* out, const Replay& replay, const ReplayResult& result);

}  // namespace steelyard
