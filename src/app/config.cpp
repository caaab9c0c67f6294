#include "app/config.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "app/signal_config.hpp"
#include "engine/stream_feeds.hpp"
#include "signals/signal_set.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::vector<std::string> venue_names() {
  std::vector<std::string> names;
  for (const Venue* const venue : venue_registry()) names.emplace_back(venue->name);
  return names;
}

[[nodiscard]] std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void read_cores(TomlReader& reader, std::string_view key, std::vector<std::uint32_t>& cores,
                std::uint32_t threads) {
  reader.read(key, cores);
  const long present = sysconf(_SC_NPROCESSORS_CONF);
  for (const std::uint32_t core : cores) {
    if (core >= static_cast<std::uint32_t>(present)) {
      reader.fail(key, "core " + std::to_string(core) + ": this machine has cores 0 to " +
                           std::to_string(present - 1));
    }
  }
  if (!cores.empty() && cores.size() != threads) {
    reader.fail(key, "as many cores as threads (" + std::to_string(threads) + "), or none");
  }
}

[[nodiscard]] EndpointOverride read_endpoint(TomlReader& reader, std::string_view key) {
  std::string text;
  reader.read(key, text);
  EndpointOverride endpoint;
  if (text.empty()) return endpoint;
  const std::size_t colon = text.rfind(':');
  endpoint.host = text.substr(0, colon);
  if (colon != std::string::npos) endpoint.port = text.substr(colon + 1);
  const bool digits = std::all_of(endpoint.port.begin(), endpoint.port.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (endpoint.host.empty() || !digits ||
      (colon != std::string::npos && (endpoint.port.empty() || endpoint.port.size() > 5))) {
    reader.fail(key, "\"host\" or \"host:port\"");
  }
  return endpoint;
}

[[nodiscard]] VenueConfig read_venue(const toml::table& table, const std::string& file,
                                     const std::string& name, const Venue& venue,
                                     const SignalSet& signals,
                                     std::vector<SignalOverride>& overrides) {
  TomlReader reader{table, file, "venues." + name};
  VenueConfig config;
  config.name = name;
  reader.read("instruments", config.instruments);
  if (config.instruments.empty()) {
    reader.fail("instruments", "at least one symbol or pattern, e.g. [\"BTC*\"]");
  }
  for (const std::string& symbol : config.instruments) {
    if (symbol.empty() || symbol.size() > SymbolTable::kMaxSymbolBytes) {
      reader.fail("instruments", "symbols of 1 to 64 characters");
    }
  }
  std::size_t channel = 0;
  std::vector<std::string> channels;
  for (const BookChannel& row : venue.books) channels.emplace_back(row.channel);
  reader.read_choice("channel", channel, channels);
  config.channel = channels[channel];
  std::vector<std::string> streams{"book", "trades", "bbo"};
  if (venue.liquidations) streams.emplace_back("liquidations");
  const std::vector<std::string> words{"book", "trades", "bbo", "liquidations"};
  reader.read("streams", streams);
  for (const std::string& stream : streams) {
    const auto found = std::find(words.begin(), words.end(), stream);
    if (found == words.end()) {
      reader.fail("streams", "\"" + stream + "\" is none of " + listed(words));
    }
    if (stream == "liquidations" && !venue.liquidations) {
      reader.fail("streams", name + " publishes no liquidations");
    }
    config.streams = static_cast<std::uint8_t>(
        config.streams | kind_bit(static_cast<StreamKind>(found - words.begin())));
  }
  if (streams.empty()) reader.fail("streams", "at least one of " + listed(words));
  if (venue.shares_ids) config.connections = 2;
  reader.read("connections", config.connections, 1, StreamFeeds::kMost);
  if (config.connections > 1 && !venue.shares_ids) {
    reader.fail("connections", "1: " + name + " numbers each connection by itself");
  }
  config.websocket = read_endpoint(reader, "websocket");
  config.rest = read_endpoint(reader, "rest");
  for (SignalOverride& one : read_overrides(reader, name, signals)) {
    overrides.push_back(std::move(one));
  }
  reader.finish();
  return config;
}

void read_log(const toml::table& table, const std::string& file, Config::Log& log) {
  TomlReader reader{table, file, "log"};
  const std::vector<std::string> levels{"trace", "debug", "info", "warn", "error"};
  std::size_t level = 2;
  reader.read_choice("level", level, levels);
  log.level = levels[level];
  std::size_t format = 0;
  reader.read_choice("format", format, {"text", "json"});
  log.json = format == 1;
  reader.read("path", log.path);
  reader.finish();
}

void read_segment(const toml::table& table, const std::string& file,
                  Config::SegmentConfig& segment) {
  TomlReader reader{table, file, "segment"};
  reader.read("directory", segment.directory);
  std::string mode = "0640";
  reader.read("mode", mode);
  if (mode.empty() || mode.size() > 4 || mode.find_first_not_of("01234567") != std::string::npos) {
    reader.fail("mode", "octal digits in quotes, e.g. \"0640\"");
  }
  segment.mode = static_cast<std::uint32_t>(std::stoul(mode, nullptr, 8));
  reader.read("owner", segment.owner);
  reader.read("group", segment.group);
  reader.read("huge_pages", segment.huge_pages);
  reader.read("ring_slots", segment.ring_slots, 64, 1U << 24);
  if (!std::has_single_bit(segment.ring_slots)) reader.fail("ring_slots", "a power of two");
  reader.read("headline", segment.headline);
  reader.finish();
}

void read_threads(const toml::table& table, const std::string& file, Config::Threads& threads) {
  TomlReader reader{table, file, "threads"};
  reader.read("io", threads.io, 1, 16);
  reader.read("shards", threads.shards, 1, 64);
  reader.read("together", threads.together);
  if (threads.together && (threads.io != 1 || threads.shards != 1)) {
    reader.fail("together", "is of one io thread and one shard: io = 1 and shards = 1");
  }
  read_cores(reader, "io_cores", threads.io_cores, threads.io);
  read_cores(reader, "shard_cores", threads.shard_cores, threads.shards);
  if (threads.together && !threads.shard_cores.empty()) {
    reader.fail("shard_cores", "there is no shard thread where together = true: see io_cores");
  }
  std::size_t idle = 2;
  reader.read_choice("idle", idle, {"spin", "yield", "sleep"});
  threads.idle = static_cast<IdlePolicy>(idle);
  std::size_t scheduling = 0;
  reader.read_choice("scheduling", scheduling, {"normal", "fifo"});
  threads.scheduling = static_cast<Scheduling>(scheduling);
  reader.read("fifo_priority", threads.fifo_priority, 1, 49);
  reader.read("ring_mib", threads.ring_mib, 4, 1024);
  reader.read("buffer_mib", threads.buffer_mib, 1, 4096);
  reader.finish();
}

void read_network(const toml::table& table, const std::string& file, Config::Network& network) {
  TomlReader reader{table, file, "network"};
  reader.read("ca_file", network.ca_file);
  if (!network.ca_file.empty() && access(network.ca_file.c_str(), R_OK) != 0) {
    reader.fail("ca_file", std::string{"cannot be read: "} + std::strerror(errno));
  }
  reader.read("proxy", network.proxy);
  if (!network.proxy.empty() && network.proxy.find(':') == std::string::npos) {
    reader.fail("proxy", "\"host:port\" of an HTTP proxy");
  }
  reader.read("data_deadline_ms", network.data_deadline_ms, 100, 3'600'000);
  reader.read("max_age_ms", network.max_age_ms, 0, 86'400'000);
  reader.read("silence_limit_ms", network.silence_limit_ms, 0, 3'600'000);
  reader.read("backoff_base_ms", network.backoff_base_ms, 1, 60'000);
  reader.read("backoff_cap_ms", network.backoff_cap_ms, 1, 600'000);
  reader.read("resync_interval_ms", network.resync_interval_ms, 10, 600'000);
  reader.finish();
}

void read_recording(const toml::table& table, const std::string& file,
                    Config::Recording& recording) {
  TomlReader reader{table, file, "recording"};
  reader.read("path", recording.path);
  reader.read("ring_mib", recording.ring_mib, 4, 4096);
  reader.read("rotate_mib", recording.rotate_mib, 0, 1U << 20);
  reader.read("rotate_minutes", recording.rotate_minutes, 0, 10'080);
  reader.read("digest", recording.digest);
  reader.finish();
}

void read_venues(const toml::table& table, const std::string& file, const SignalSet& signals,
                 Config& config) {
  for (const auto& [key, node] : table) {
    const std::string name{key.str()};
    TomlReader reader{table, file, "venues"};
    const Venue* const venue = find_venue(name);
    if (venue == nullptr) {
      const std::string near = nearest(name, venue_names());
      reader.fail(name, near.empty() ? "no such venue; there are " + listed(venue_names())
                                     : "no such venue; did you mean " + near + "?");
    }
    const toml::table* const of_venue = reader.table(name);
    config.venues.push_back(read_venue(*of_venue, file, name, *venue, signals, config.overrides));
  }
  std::sort(config.venues.begin(), config.venues.end(),
            [](const VenueConfig& a, const VenueConfig& b) { return a.name < b.name; });
}

// Whether any instrument may learn its micro-price while running.
[[nodiscard]] bool learns(const Config& config) {
  return config.signals.micro_price.estimate ||
         std::any_of(config.overrides.begin(), config.overrides.end(), [](const auto& one) {
           return one.table["micro_price"]["estimate"].value_or(false);
         });
}

[[nodiscard]] Config read_root(const toml::table& root, const std::string& file) {
  Config config;
  config.file = file;
  TomlReader reader{root, file, ""};
  reader.read("instance", config.instance);
  reader.read("stale_after_ms", config.stale_after_ms, 100, 3'600'000);
  if (const toml::table* const table = reader.table("log")) read_log(*table, file, config.log);
  if (const toml::table* const table = reader.table("segment")) {
    read_segment(*table, file, config.segment);
  }
  if (root["threads"].is_integer()) {
    // threads = 1, for [threads] together = true
    std::uint32_t count = 0;
    reader.read("threads", count, 1, 1);
    config.threads.together = true;
  } else if (const toml::table* const table = reader.table("threads")) {
    read_threads(*table, file, config.threads);
  }
  if (const toml::table* const table = reader.table("recording")) {
    read_recording(*table, file, config.recording);
  }
  if (const toml::table* const table = reader.table("network")) {
    read_network(*table, file, config.network);
  }
  if (const toml::table* const table = reader.table("signals")) {
    config.signals = signals_from_toml(*table, file);
  }
  if (const toml::table* const table = reader.table("groups")) {
    config.groups = read_groups(*table, file);
  }
  const SignalSet signals{config.signals};
  if (const toml::table* const table = reader.table("venues")) {
    read_venues(*table, file, signals, config);
  }
  if (config.recording.digest && learns(config)) {
    const TomlReader recording{*root["recording"].as_table(), file, "recording"};
    recording.fail("digest",
                   "false while micro_price.estimate is true: a replay does not learn the same "
                   "tables");
  }
  reader.finish();
  if (config.venues.empty()) {
    reader.fail("venues", "at least one table, e.g. [venues." + venue_names()[0] + "]");
  }
  for (const std::string& name : config.segment.headline) {
    if (signals.find(name)) continue;
    std::vector<std::string> names;
    for (const Column& column : signals.columns()) names.push_back(column.name);
    TomlReader segment{*root["segment"].as_table(), file, "segment"};
    const std::string near = nearest(name, names);
    segment.fail("headline", "there is no column \"" + name + "\"" +
                                 (near.empty() ? "" : "; did you mean " + near + "?"));
  }
  return config;
}

}  // namespace

Config parse_config(std::string_view text, const std::string& name) {
  try {
    return read_root(toml::parse(text, name), name);
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    throw ConfigError{name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                      ": " + std::string{error.description()}};
  }
}

Config load_config(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw ConfigError{path + ": " + std::strerror(errno)};
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw ConfigError{path + ": " + std::strerror(errno)};
  return parse_config(text.str(), path);
}

}  // namespace steelyard
