#include "venues/coinbase_quick.hpp"

#include "venues/quick_frame.hpp"
#include "venues/quick_objects.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::coinbase {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// From behind the opening bracket of "updates" to behind its closing one.
[[nodiscard]] bool read_rows(QuickObjects& cursor, const SymbolEntry& entry, MessageBatch& out,
                             Message& message) noexcept {
  QuickObjects::Scale scale;
  if (!QuickObjects::scale_of(entry, scale)) return false;
  QuickSides sides{out};
  QuickObjects row = cursor;
  do {
    const bool bid = row.at()[9] == 'b';
    if (bid ? !row.skip("{\"side\":\"bid\",\"event_time\":\"")
            : !row.skip("{\"side\":\"offer\",\"event_time\":\"")) {
      return false;
    }
    Level level;
    if (row.text().empty() || !row.skip(",\"price_level\":\"") ||
        !row.level(scale, "\",\"new_quantity\":\"", level) || !row.skip("\"}")) {
      return false;
    }
    if (!sides.push(bid, level)) return false;
  } while (row.skip(','));
  if (!row.skip(']')) return false;
  cursor = row;
  return sides.finish(out, message.bids, message.asks);
}

// {"channel":"l2_data",["client_id":"",]"timestamp":"..","sequence_num":..,"events":[{"type":
// "update","product_id":"BTC-USD","updates":[..]}]}
[[nodiscard]] bool read(std::string_view payload, const SymbolTable& symbols,
                        DecodeScratch& scratch, MessageBatch& out) noexcept {
  QuickObjects cursor{payload};
  std::uint64_t count = 0;
  if (!cursor.skip("{\"channel\":\"l2_data\",")) return false;
  (void)cursor.skip("\"client_id\":\"\",");
  TimestampNs time;
  std::string_view text;
  if (!cursor.skip("\"timestamp\":\"") || !read_iso_time(cursor, time)) return false;
  if (!cursor.skip(",\"sequence_num\":") || !cursor.digits(text, count)) return false;
  if (!cursor.skip(",\"events\":[{\"type\":\"")) return false;
  const bool update = cursor.skip("update\"");
  if (!update && !cursor.skip("snapshot\"")) return false;
  if (!cursor.skip(",\"product_id\":\"")) return false;
  const std::string_view symbol = cursor.text();
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr || !cursor.skip(",\"updates\":[")) return false;

  Message* const message = out.add();
  if (message == nullptr || !read_rows(cursor, *entry, out, *message)) return false;
  if (!cursor.skip("}]}") || !cursor.at_end()) return false;
  message->kind = update ? MessageKind::Delta : MessageKind::Snapshot;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->venue_time = time;
  scratch.counted = true;
  scratch.count = count;
  return true;
}

STEELYARD_QUICK_END

}  // namespace
#else
constexpr ReadsNothing read;
#endif

bool decode_quickly(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  return read_quickly(frame, scratch, out, [&](std::string_view payload) noexcept {
    return read(payload, symbols, scratch, out);
  });
}

}  // namespace steelyard::coinbase
