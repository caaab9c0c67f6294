// src/app/topology.hpp -- who does what on which thread: made from configuration and metadata,
// printable.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "core/instrument.hpp"
#include "net/connection_plan.hpp"
#include "signals/signal_set.hpp"

namespace steelyard {

// What the venues listed, by venue name.
using MetadataByVenue = std::map<std::string, std::vector<InstrumentInfo>>;

struct Topology {
  std::vector<Instrument> instruments;  // by id
  std::vector<SignalParams> signals;    // Instrument::params counts in them
  std::vector<PlannedConnection> connections;
  std::vector<ConnectionId> timers;  // one an io thread
  std::uint32_t connection_ids = 0;
};

// Pure. Throws ConfigError naming the pattern that matches nothing.
[[nodiscard]] Topology make_topology(const Config& config, const MetadataByVenue& metadata);

void print_topology(std::FILE* out, const Config& config, const Topology& topology,
                    const SignalSet& signals);
// Without metadata: what can be said before the venues were asked.
void print_plan(std::FILE* out, const Config& config, const SignalSet& signals);

}  // namespace steelyard
