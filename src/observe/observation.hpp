// src/observe/observation.hpp -- what an onlooker knows of a daemon at one moment.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/histogram_view.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

enum class Presence : std::uint8_t {
  Absent,   // no segment, or none that can be read: `reason` says why
  Alive,    // its heartbeat is younger than a second
  Silent,   // it did not say goodbye, and its heartbeat is too old
  Stopped,  // it ended in good order
};
[[nodiscard]] std::string_view presence_text(Presence presence) noexcept;

struct NamedCount {
  std::string name;
  std::uint64_t value = 0;
  double rate_hz = 0.0;  // over the last seconds
};

struct SeenInstrument {
  std::string venue, symbol, name, channel;
  std::uint8_t kind = 0;
  std::uint8_t proof = 0;  // BookProof of its book
  std::uint32_t shard = 0;
  bool there = false;  // something was published of it; else what follows means nothing
  StateView view;
  std::vector<double> row;           // every column, NaN where undefined
  double age_s = kUnknown;           // since its last event (silence is none)
  double rate_hz = 0.0;              // events a second, over the last seconds
  std::vector<NamedCount> counters;  // its own, as the daemon names them
  std::uint64_t latency_p50_ns = 0;  // received to published, of its last events;
  std::uint64_t latency_p99_ns = 0;  // 0: not known
  double alert = 0.0;                // last that was not 0, and how old it is
  double alert_age_s = kUnknown;
  double cascade_alert = 0.0;
  double cascade_alert_age_s = kUnknown;

  [[nodiscard]] bool is_live() const noexcept { return there && steelyard::is_live(view.tick); }
  [[nodiscard]] double bid() const noexcept;  // NaN: that side is empty, or there is no book
  [[nodiscard]] double ask() const noexcept;
  [[nodiscard]] std::uint64_t counter(std::string_view name) const noexcept;  // 0: there is none
};

// One connection of those that carry the same streams.
struct SeenLink {
  std::string name;         // venue/socket/number and which of its two sockets
  std::string group;        // venue/socket
  std::uint64_t wins = 0;   // messages that it brought first
  std::uint64_t twins = 0;  // messages that another had brought already
  std::uint64_t late_us = 0;
  double rate_hz = 0.0;  // messages a second
  // Of its messages those that it brought first, 0 to 1; NaN if it brought none.
  [[nodiscard]] double win_share() const noexcept;
  // How late it was with the others, in microseconds; NaN if there were none.
  [[nodiscard]] double mean_late_us() const noexcept;
};

struct SeenStage {
  std::string label;     // "shard0 received to published"
  HistogramView total;   // since the daemon started
  HistogramView recent;  // the last ten seconds
};

// How long something takes of one book, or of one connection over all shards.
struct SeenLatency {
  enum class Of : std::uint8_t { Book, Link } of = Of::Book;
  std::size_t index = 0;       // among the instruments or the links
  std::string what;            // "received to published"
  CompactHistogramView total;  // since the daemon started
};

struct Observation {
  std::string instance;
  Presence presence = Presence::Absent;
  std::string reason;  // why there is nothing to see
  std::string version, note;
  std::int64_t pid = 0;
  std::uint64_t generation = 0;
  TimestampNs started;
  double heartbeat_age_s = kUnknown;
  double uptime_s = kUnknown;
  std::uint64_t records = 0;  // in all rings
  double record_rate_hz = 0.0;
  std::uint64_t restarts = 0;  // seen since this onlooker attached
  std::uint64_t lapped = 0;    // records that went by unread; the pictures miss alerts among them
  std::vector<std::string> columns;
  std::vector<SeenInstrument> instruments;
  std::vector<SeenLink> links;
  std::vector<SeenStage> stages;
  std::vector<SeenLatency> latencies;  // by book and by connection; copied on demand only
  std::vector<NamedCount> counters;    // all the others, of io threads

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const noexcept;
  // NaN: not defined now, or the daemon has no such column.
  [[nodiscard]] double value(const SeenInstrument& of, std::string_view column) const noexcept;
  [[nodiscard]] std::size_t live_count() const noexcept;
  // Over all stages whose label ends so; "received to published" for one.
  [[nodiscard]] HistogramView stage(std::string_view ending, bool recent) const;
  // Over all io threads.
  [[nodiscard]] std::uint64_t io_counter(std::string_view name) const noexcept;
};

}  // namespace steelyard
