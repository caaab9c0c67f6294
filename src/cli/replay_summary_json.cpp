// What a replay found, for programs: `steelyard replay --json`.
#include <cinttypes>

#include "cli/replay_summary.hpp"
#include "observe/json_writer.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string_view state_text(const InstrumentSlot& slot) {
  if (slot.state == SyncState::Live) return "live";
  return slot.had_book ? "broken" : "none";
}

[[nodiscard]] std::string_view units_text(const Instrument& instrument) {
  if (instrument.kind == ContractKind::Quanto) return "quanto";
  if (!instrument.has_metadata) return "as sent";
  return "base";
}

void write_lines(JsonWriter& json, const LineCounts& lines, const ReplayResult& result) {
  json.key("lines").begin_object();
  json.member("all", lines.lines);
  json.member("accounted", result.accounted());
  json.member("malformed", lines.malformed);
  json.member("unknown_venue", lines.unknown_venue);
  json.member("connection", lines.links);
  json.member("sent", lines.sent);
  json.member("timer", lines.timers);
  json.member("lost_by_recorder", lines.lost_marks);
  json.end_object();
}

void write_venue(JsonWriter& json, const Venue& venue, const IngressCounts& counts) {
  json.begin_object();
  json.member("venue", venue.name);
  json.key("frames").begin_object();
  for (std::size_t status = 0; status < kDecodeStatuses; ++status) {
    if (counts.by_status[status] == 0) continue;
    json.member(status == 0 ? "decoded" : to_text(static_cast<DecodeStatus>(status)),
                counts.by_status[status]);
  }
  json.end_object();
  json.member("messages", counts.messages);
  json.member("level_changes", counts.levels);
  json.member("counts_ok", counts.counts_ok);
  json.member("counts_bad", counts.counts_bad);
  json.member("duplicates", counts.duplicates);
  json.member("trades_of_the_past", counts.not_events);
  json.member("rounded", counts.rounded);
  json.end_object();
}

void write_instrument(JsonWriter& json, const InstrumentSlot& slot) {
  const InstrumentStats& stats = slot.stats;
  json.begin_object();
  json.member("venue", venue_registry()[slot.instrument.venue]->name);
  json.member("symbol", slot.instrument.symbol);
  json.member("name", slot.instrument.name);
  json.member("channel", slot.rule.channel);
  json.member("units", units_text(slot.instrument));
  json.member("book_frames", stats.book_messages);
  json.member("bbo_frames", stats.bbos);
  json.member("trades", stats.trades);
  json.member("liquidations", stats.liquidations);
  json.member("bad_frames", stats.bad_frames);
  json.member("snapshots", stats.snapshots);
  json.member("deltas", stats.deltas);
  json.member("level_changes", stats.level_changes);
  json.member("stale", stats.stale);
  json.member("buffered", stats.buffered);
  json.member("dropped", stats.dropped);
  json.member("links_ok", stats.links_ok);
  json.member("links_bad", stats.links_bad);
  json.member("checksums_ok", stats.checksums_ok);
  json.member("checksums_bad", stats.checksums_bad);
  json.member("top_ok", slot.audit.ok());
  json.member("top_bad", slot.audit.bad());
  json.member("gaps", stats.gaps);
  json.member("resets", stats.resets);
  json.member("resyncs", stats.resyncs);
  json.member("crossed", stats.crossed);
  json.member("late_snapshots", stats.late_snapshots);
  json.member("refused_levels", stats.refused_levels);
  json.member("backward_clocks", stats.backward_clocks);
  json.member("records", stats.records);
  json.member("first_ns", stats.first.raw());
  json.member("last_ns", stats.last.raw());
  json.member("book", state_text(slot));
  json.member("bids", slot.book.levels(Side::Bid));
  json.member("asks", slot.book.levels(Side::Ask));
  json.end_object();
}

void write_damage(JsonWriter& json, const ReplayResult& result) {
  json.key("damage").begin_object();
  json.member("places", result.damage.places);
  json.member("bytes", result.damage.bytes);
  json.member("frames", result.damage.records);
  json.end_object();
  json.key("input_error");
  result.input_error.empty() ? json.raw("null") : json.value(result.input_error);
}

}  // namespace

std::string summary_json(const Replay& replay, const ReplayResult& result, bool with_digest) {
  JsonWriter json;
  json.begin_object();
  write_lines(json, result.lines, result);
  json.key("venues").begin_array();
  std::uint64_t messages = 0;
  std::uint64_t levels = 0;
  for (std::size_t venue = 0; venue < result.ingress.size(); ++venue) {
    const IngressCounts& counts = result.ingress[venue];
    messages += counts.messages;
    levels += counts.levels;
    if (counts.frames != 0) write_venue(json, *venue_registry()[venue], counts);
  }
  json.end_array();
  json.key("instruments").begin_array();
  for (const InstrumentSlot& slot : replay.shard().slots()) write_instrument(json, slot);
  json.end_array();
  write_damage(json, result);
  json.key("broken").begin_array();
  for (const std::string& book : result.broken_books) json.value(book);
  json.end_array();
  if (with_digest) {
    char digest[17];
    std::snprintf(digest, sizeof digest, "%016" PRIx64, result.digest);
    json.member("digest", digest);
  }
  json.member("records", result.records);
  json.member("resync_requests", result.resync_requests);
  json.member("messages", messages);
  json.member("level_changes", levels);
  json.member("pipeline_ns", result.pipeline_ns);
  json.end_object();
  return json.take() + "\n";
}

}  // namespace steelyard
