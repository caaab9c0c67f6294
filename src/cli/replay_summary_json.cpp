// What a replay found, for programs: `steelyard replay --json`.
#include <cinttypes>

#include "cli/replay_counts.hpp"
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
  for (const LineCount& count : kLineCounts) json.member(count.key, lines.*count.value);
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
  for (const SlotCount& count : kSlotCounts) json.member(count.key, count.value(slot));
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
  for (std::size_t venue = 0; venue < result.ingress.size(); ++venue) {
    const IngressCounts& counts = result.ingress[venue];
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
  json.member("messages", result.messages());
  json.member("level_changes", result.levels());
  json.member("pipeline_ns", result.pipeline_ns);
  json.end_object();
  return json.take() + "\n";
}

}  // namespace steelyard
