// src/cli/replay_counts.hpp -- what a replay counts, by name: one list for both of its summaries.
#pragma once

#include <cstdint>

#include "app/replay.hpp"

namespace steelyard {

// What became of the input's lines.
struct LineCount {
  const char* key;   // for programs
  const char* text;  // for people
  std::uint64_t LineCounts::*value;
};
inline constexpr LineCount kLineCounts[] = {
    {"malformed", "malformed", &LineCounts::malformed},
    {"unknown_venue", "unknown venue", &LineCounts::unknown_venue},
    {"connection", "connection", &LineCounts::links},
    {"sent", "sent", &LineCounts::sent},
    {"timer", "timer", &LineCounts::timers},
    {"lost_by_recorder", "lost by the recorder", &LineCounts::lost_marks},
};

// What happened to one instrument: in the order of both summaries, by the row that people see.
struct SlotCount {
  const char* row;
  const char* text;  // empty: those that failed, of what the count before says went well
  const char* key;
  std::uint64_t (*value)(const InstrumentSlot& slot);
};
template <std::uint64_t InstrumentStats::*kCount>
[[nodiscard]] inline std::uint64_t stat_of(const InstrumentSlot& slot) {
  return slot.stats.*kCount;
}
[[nodiscard]] inline std::uint64_t top_ok(const InstrumentSlot& slot) { return slot.audit.ok(); }
[[nodiscard]] inline std::uint64_t top_bad(const InstrumentSlot& slot) { return slot.audit.bad(); }

inline constexpr SlotCount kSlotCounts[] = {
    {"frames", "book", "book_frames", stat_of<&InstrumentStats::book_messages>},
    {"frames", "bbo", "bbo_frames", stat_of<&InstrumentStats::bbos>},
    {"frames", "trades", "trades", stat_of<&InstrumentStats::trades>},
    {"frames", "liquidations", "liquidations", stat_of<&InstrumentStats::liquidations>},
    {"frames", "bad", "bad_frames", stat_of<&InstrumentStats::bad_frames>},
    {"book", "snapshots", "snapshots", stat_of<&InstrumentStats::snapshots>},
    {"book", "deltas", "deltas", stat_of<&InstrumentStats::deltas>},
    {"book", "level changes", "level_changes", stat_of<&InstrumentStats::level_changes>},
    {"book", "stale", "stale", stat_of<&InstrumentStats::stale>},
    {"book", "buffered", "buffered", stat_of<&InstrumentStats::buffered>},
    {"book", "dropped", "dropped", stat_of<&InstrumentStats::dropped>},
    {"proof", "links", "links_ok", stat_of<&InstrumentStats::links_ok>},
    {"proof", "", "links_bad", stat_of<&InstrumentStats::links_bad>},
    {"proof", "checksums", "checksums_ok", stat_of<&InstrumentStats::checksums_ok>},
    {"proof", "", "checksums_bad", stat_of<&InstrumentStats::checksums_bad>},
    {"proof", "top of book", "top_ok", top_ok},
    {"proof", "", "top_bad", top_bad},
    {"trouble", "gaps", "gaps", stat_of<&InstrumentStats::gaps>},
    {"trouble", "resets", "resets", stat_of<&InstrumentStats::resets>},
    {"trouble", "resyncs", "resyncs", stat_of<&InstrumentStats::resyncs>},
    {"trouble", "crossed", "crossed", stat_of<&InstrumentStats::crossed>},
    {"trouble", "late snapshots", "late_snapshots", stat_of<&InstrumentStats::late_snapshots>},
    {"trouble", "refused levels", "refused_levels", stat_of<&InstrumentStats::refused_levels>},
    {"trouble", "backward clocks", "backward_clocks", stat_of<&InstrumentStats::backward_clocks>},
};

}  // namespace steelyard
