#include "app/topology.hpp"

#include <algorithm>
#include <iterator>

#include "app/discovery.hpp"
#include "app/segment_plan.hpp"
#include "app/signal_config.hpp"
#include "app/wildcard.hpp"
#include "engine/latency_board.hpp"
#include "steelyard/shm_layout.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::uint8_t channel_index(const Venue& venue, const std::string& channel) {
  std::uint8_t index = 0;
  while (index < venue.books.size() && venue.books[index].channel != channel) ++index;
  return index < venue.books.size() ? index : std::uint8_t{0};
}

[[nodiscard]] std::string cores_text(const std::vector<std::uint32_t>& cores) {
  std::string text;
  for (const std::uint32_t core : cores) text += (text.empty() ? "" : ",") + std::to_string(core);
  return text.empty() ? "any" : text;
}

// Instruments of one group look at each other: they are on one shard. Each group goes to the shard
// that has the fewest instruments so far.
void place_on_shards(std::span<Instrument> instruments, std::uint32_t shards) {
  std::map<std::string, std::vector<Instrument*>> groups;
  std::vector<const std::string*> order;  // of first instruments
  for (Instrument& instrument : instruments) {
    const auto [group, is_new] = groups.try_emplace(group_key(instrument));
    group->second.push_back(&instrument);
    if (is_new) order.push_back(&group->first);
  }
  std::vector<std::size_t> load(shards, 0);
  for (const std::string* const key : order) {
    const auto least = std::min_element(load.begin(), load.end());
    const std::vector<Instrument*>& group = groups.at(*key);
    for (Instrument* const instrument : group) {
      instrument->shard = static_cast<std::uint16_t>(least - load.begin());
    }
    *least += group.size();
  }
}

void print_threads(std::FILE* out, const Config& config, std::size_t instruments,
                   const SignalSet& signals) {
  constexpr const char* kIdle[] = {"spin", "yield", "sleep"};
  std::fprintf(out,
               "threads     io %u (cores %s)  shards %u (cores %s)%s  idle %s  scheduling %s\n",
               config.threads.io, cores_text(config.threads.io_cores).c_str(),
               config.threads.shards, cores_text(config.threads.shard_cores).c_str(),
               config.threads.together ? "  on one thread" : "",
               kIdle[static_cast<int>(config.threads.idle)],
               config.threads.scheduling == Scheduling::Fifo ? "fifo" : "normal");
  const std::size_t headline = config.segment.headline.empty() ? default_headline(signals).size()
                                                               : config.segment.headline.size();
  const std::size_t ring = config.segment.ring_slots * slot_words(headline) * 8;
  std::fprintf(out, "capacities  io->shard ring %u MiB each  delta buffer %u MiB a shard\n",
               config.threads.ring_mib, config.threads.buffer_mib);
  std::fprintf(out,
               "            shm ring %u slots of %zu bytes = %zu KiB a shard  state row %zu bytes "
               "(%zu columns) and latencies %zu bytes an instrument\n",
               config.segment.ring_slots, slot_words(headline) * 8, ring / 1024,
               row_words(signals.columns().size()) * 8, signals.columns().size(),
               std::size(kBookLatencies) * sizeof(CompactHistogramEntry));
  std::fprintf(out, "            message batch %zu levels, %zu messages  resync queue 4096\n",
               MessageBatch::kMaxLevels, MessageBatch::kMaxMessages);
  if (instruments != 0) std::fprintf(out, "            instruments %zu\n", instruments);
}

}  // namespace

Topology make_topology(const Config& config, const MetadataByVenue& metadata) {
  Topology topology;
  std::vector<StreamWish> wishes;
  std::vector<std::pair<std::uint8_t, std::uint32_t>> kinds;  // streams, and copies of each
  for (std::size_t v = 0; v < config.venues.size(); ++v) {
    const VenueConfig& wanted = config.venues[v];
    const Venue& venue = *find_venue(wanted.name);
    const auto listed = metadata.find(wanted.name);
    for (const std::string& pattern : wanted.instruments) {
      bool matched = false;
      for (const InstrumentInfo& info :
           listed == metadata.end() ? std::vector<InstrumentInfo>{} : listed->second) {
        if (!asks_for(pattern, info)) continue;
        if (!info.trading) continue;
        matched = true;
        const bool known = std::any_of(
            topology.instruments.begin(), topology.instruments.end(), [&](const Instrument& held) {
              return held.venue == venue_index(venue) && held.symbol == info.symbol;
            });
        if (known || info.symbol.size() > SymbolTable::kMaxSymbolBytes) continue;
        Instrument instrument;
        instrument.id = InstrumentId{static_cast<std::uint32_t>(topology.instruments.size())};
        instrument.venue = venue_index(venue);
        instrument.symbol = info.symbol;
        instrument.name = info.symbol;
        instrument.channel = channel_index(venue, wanted.channel);
        apply_metadata(instrument, info);
        // A venue's instruments share an io thread: what belongs together arrives in one order.
        instrument.io = static_cast<std::uint16_t>(v % config.threads.io);
        topology.instruments.push_back(std::move(instrument));
        kinds.emplace_back(wanted.streams, wanted.connections);
      }
      if (!matched) {
        throw ConfigError{config.file + ": venues." + wanted.name + ".instruments = \"" + pattern +
                          "\": matches nothing that " + wanted.name + " trades now"};
      }
    }
  }
  for (const SignalOverride& one : config.overrides) {
    const bool matched =
        std::any_of(topology.instruments.begin(), topology.instruments.end(),
                    [&one](const Instrument& instrument) { return one.applies_to(instrument); });
    if (!matched) {
      throw ConfigError{one.place + ": " + one.path +
                        ": none of the venue's instruments that are " + "enabled matches \"" +
                        one.pattern + "\""};
    }
  }
  assign_groups(topology.instruments, config.groups, true);
  place_on_shards(topology.instruments, config.threads.shards);
  topology.signals = assign_params(topology.instruments, config.signals, config.overrides);
  for (std::size_t i = 0; i < topology.instruments.size(); ++i) {
    wishes.push_back({&topology.instruments[i], kinds[i].first, kinds[i].second});
  }
  for (std::uint32_t io = 0; io < config.threads.io; ++io) {
    topology.timers.push_back(ConnectionId{topology.connection_ids++});
  }
  topology.connections = plan_connections(std::move(wishes), topology.connection_ids);
  topology.connection_ids += static_cast<std::uint32_t>(2 * topology.connections.size());
  return topology;
}

void print_topology(std::FILE* out, const Config& config, const Topology& topology,
                    const SignalSet& signals) {
  std::fprintf(out, "instance    %s\n", config.instance.c_str());
  print_threads(out, config, topology.instruments.size(), signals);
  for (const PlannedConnection& connection : topology.connections) {
    std::fprintf(out, "connection  %s  io %u  %zu streams%s\n", connection.name().c_str(),
                 connection.io, connection.streams.size(), connection.copy == 0 ? "" : ", a spare");
  }
  for (const Instrument& instrument : topology.instruments) {
    const Venue& venue = *venue_registry()[instrument.venue];
    std::fprintf(out, "instrument  %-14s %-16s %-16s %-14s shard %u  io %u  exponents %d %d%s%s\n",
                 std::string{venue.name}.c_str(), instrument.symbol.c_str(),
                 instrument.name.c_str(),
                 std::string{venue.books[instrument.channel].channel}.c_str(), instrument.shard,
                 instrument.io, instrument.scale.price_exponent, instrument.scale.qty_exponent,
                 instrument.group.empty() ? "" : "  group ", instrument.group.c_str());
  }
}

void print_plan(std::FILE* out, const Config& config, const SignalSet& signals) {
  std::fprintf(out, "%s is fine\ninstance    %s\n", config.file.c_str(), config.instance.c_str());
  print_threads(out, config, 0, signals);
  for (const VenueConfig& venue : config.venues) {
    std::string patterns;
    for (const std::string& pattern : venue.instruments) patterns += " " + pattern;
    std::fprintf(out, "venue       %-14s %-14s instruments%s\n", venue.name.c_str(),
                 venue.channel.c_str(), patterns.c_str());
  }
  for (const InstrumentGroup& group : config.groups) {
    std::string members;
    for (const InstrumentGroup::Member& member : group.members) {
      members += (members.empty() ? "" : ", ") + member.venue + " " + member.symbol;
    }
    std::fprintf(out, "group       %s: %s\n", group.name.c_str(), members.c_str());
  }
  const toml::table changed =
      difference(signals_to_toml(config.signals), signals_to_toml(SignalParams{}));
  if (!changed.empty()) std::fprintf(out, "signals     signals: %s\n", one_line(changed).c_str());
  for (const SignalOverride& one : config.overrides) {
    std::fprintf(out, "signals     %s: %s\n", one.path.c_str(), one_line(one.table).c_str());
  }
}

}  // namespace steelyard
