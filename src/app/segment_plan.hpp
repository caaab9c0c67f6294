// src/app/segment_plan.hpp -- what the daemon and a publishing replay put into their segment.
#pragma once

#include <span>
#include <string>

#include "core/instrument.hpp"
#include "shm/segment.hpp"
#include "signals/signal_set.hpp"

namespace steelyard {

// The headline set: what most strategies read at every tick.
[[nodiscard]] std::vector<std::string> default_headline(const SignalSet& signals);

// Instruments, columns and the default headline; counters and the rest are the caller's.
[[nodiscard]] SegmentPlan make_segment_plan(const std::string& instance,
                                            std::span<const Instrument> instruments,
                                            const SignalSet& signals, std::uint32_t shards);

}  // namespace steelyard
