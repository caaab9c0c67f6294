// src/sim/fault.hpp -- what can go wrong on a wire, on demand.
#pragma once

#include <iterator>
#include <optional>
#include <string_view>

namespace steelyard::sim {

enum class Fault {
  DropDelta,        // one book update is not sent
  DuplicateDelta,   // ... is sent twice
  ReorderDeltas,    // ... changes places with the next
  TruncateFrame,    // ... is cut in the middle
  Garbage,          // bytes that are no message, ahead of it
  Stall,            // no data any more on the connection; pings go on
  Reset,            // the connection is torn
  HalfOpen,         // nothing more is sent and nothing read, and nobody says so
  SnapshotLate,     // the next REST snapshot takes two seconds
  SnapshotOld,      // the next REST snapshot is older than the stream
  TooManyRequests,  // the next REST request is answered 429, Retry-After 1
  Banned,           // the next REST request is answered 418, and all others for two seconds
  AckWithoutData,   // the next book subscription is acknowledged, and that is all
  SlowDrip,         // the next message trickles, a few bytes at a time
  AgeCut,           // the connection is closed, as after 24 hours
  ShutdownNotice,   // the venue says that it will close the connection
  SequenceReset,    // OKX: numbers go on from a lower one, legally
};

struct FaultName {
  std::string_view name;
  std::string_view what;
};

// By their number.
inline constexpr FaultName kFaults[] = {
    {"drop", "one book update is not sent"},
    {"duplicate", "one book update is sent twice"},
    {"reorder", "one book update changes places with the next"},
    {"truncate", "one book update is cut in the middle"},
    {"garbage", "bytes that are no message come ahead of a book update"},
    {"stall", "no data any more on a connection; pings go on"},
    {"reset", "connections are torn"},
    {"half-open", "nothing more is sent and nothing read, and nobody says so"},
    {"snapshot-late", "the next REST snapshot takes two seconds"},
    {"snapshot-old", "the next REST snapshot is older than the stream"},
    {"429", "the next REST request is answered 429, Retry-After 1"},
    {"418", "the next REST request is answered 418, and all others for two seconds"},
    {"ack-without-data", "the next book subscription is acknowledged, and that is all"},
    {"slow-drip", "the next book update trickles, a few bytes at a time"},
    {"age-cut", "connections are closed, as after 24 hours"},
    {"shutdown-notice", "the venue says that it will close the connection"},
    {"sequence-reset", "numbers go on from a lower one, legally (OKX)"},
};

[[nodiscard]] inline std::optional<Fault> fault_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kFaults); ++i) {
    if (kFaults[i].name == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}
[[nodiscard]] constexpr std::string_view to_text(Fault fault) noexcept {
  return kFaults[static_cast<std::size_t>(fault)].name;
}

}  // namespace steelyard::sim
