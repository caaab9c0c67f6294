// src/app/config.hpp -- the configuration file: read strictly, or refused with file, line, key and
// value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/instrument_groups.hpp"
#include "app/signal_overrides.hpp"
#include "app/toml_reader.hpp"
#include "core/agent.hpp"
#include "net/connection_plan.hpp"
#include "signals/signal_params.hpp"

namespace steelyard {

struct VenueConfig {
  std::string name;
  std::vector<std::string> instruments;  // symbols or normalised names, with * and ?
  std::string channel;                   // of the book; empty: the venue's default
  std::uint8_t streams = 0;              // kind_bit()s
  std::uint32_t connections = 1;         // that carry each stream
  EndpointOverride websocket;
  EndpointOverride rest;
};

struct Config {
  std::string file;
  std::string instance = "default";

  struct Log {
    std::string level = "info";  // trace, debug, info, warn, error
    bool json = false;
    std::string path;  // empty: standard error
  } log;

  struct SegmentConfig {
    std::string directory;  // empty: /dev/shm
    std::uint32_t mode = 0640;
    std::string owner;
    std::string group;
    bool huge_pages = false;
    std::uint32_t ring_slots = 65'536;
    std::vector<std::string> headline;  // empty: the default set
  } segment;

  struct Threads {
    std::uint32_t io = 1;
    std::uint32_t shards = 1;
    bool together = false;  // the io agent and the shard on one thread
    std::vector<std::uint32_t> io_cores;
    std::vector<std::uint32_t> shard_cores;
    IdlePolicy idle = IdlePolicy::Sleep;
    Scheduling scheduling = Scheduling::Normal;
    std::uint32_t fifo_priority = 10;
    std::uint32_t ring_mib = 32;    // between an io thread and a shard
    std::uint32_t buffer_mib = 64;  // a shard, for deltas that wait for a snapshot
  } threads;

  struct Recording {
    std::string path;  // empty: nothing is recorded
    std::uint32_t ring_mib = 64;
    std::uint32_t rotate_mib = 0;      // begins another file at this size; 0: never
    std::uint32_t rotate_minutes = 0;  // or at this age
    bool digest = false;
  } recording;

  struct Network {
    std::string ca_file;
    std::string proxy;  // host:port
    std::uint32_t data_deadline_ms = 30'000;
    std::uint32_t max_age_ms = 0;  // 0: as the venue's documents say
    std::uint32_t silence_limit_ms = 0;
    std::uint32_t backoff_base_ms = 250;
    std::uint32_t backoff_cap_ms = 30'000;
    std::uint32_t resync_interval_ms = 1'000;
  } network;

  std::uint32_t stale_after_ms = 10'000;
  SignalParams signals;                   // of every instrument ...
  std::vector<SignalOverride> overrides;  // ... but for what these set, one over the other
  std::vector<InstrumentGroup> groups;
  std::vector<VenueConfig> venues;
};

// Throws ConfigError: one line.
[[nodiscard]] Config load_config(const std::string& path);
[[nodiscard]] Config parse_config(std::string_view text, const std::string& name);

}  // namespace steelyard
