// src/sim/fault.hpp -- what can go wrong on a wire, on demand.
#pragma once

#include <optional>
#include <string>
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
  AckWithoutData,   // the next subscription is acknowledged, and that is all
  SlowDrip,         // the next message trickles, a few bytes at a time
  AgeCut,           // the connection is closed, as after 24 hours
  ShutdownNotice,   // the venue says that it will close the connection
  SequenceReset,    // OKX: numbers go on from a lower one, legally
};

inline constexpr std::string_view kFaultNames[] = {
    "drop",      "duplicate", "reorder",         "truncate",      "garbage", "stall",
    "reset",     "half-open", "snapshot-late",   "snapshot-old",  "429",     "ack-without-data",
    "slow-drip", "age-cut",   "shutdown-notice", "sequence-reset"};

[[nodiscard]] inline std::optional<Fault> fault_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kFaultNames); ++i) {
    if (kFaultNames[i] == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

}  // namespace steelyard::sim
