#include "venues/bitmex_quick.hpp"

#include "venues/quick_frame.hpp"
#include "venues/quick_objects.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::bitmex {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

enum class Action : std::uint8_t { Partial, Insert, Update, Delete };

// From behind a row's "side" up to its closing bracket.
template <Action kAction>
[[nodiscard, gnu::always_inline]] inline bool read_rest(QuickObjects& row,
                                                        const QuickObjects::Scale& scale,
                                                        Level& level, TimestampNs& time) noexcept {
  if constexpr (kAction == Action::Insert || kAction == Action::Partial) {
    if (!row.skip(",\"size\":") || !row.level_size_first(scale, ",\"price\":", level)) return false;
  }
  if constexpr (kAction == Action::Update) {
    if (!row.skip(",\"size\":") || !row.size(scale, level.qty)) return false;
    // What the book holds already.
    if (row.skip(",\"price\":") && !row.any_number()) return false;
  }
  if (row.skip('}')) return true;
  if (row.skip(",\"timestamp\":\"") && !read_iso_time(row, time)) return false;
  if (row.skip(",\"transactTime\":\"") && row.text().empty()) return false;
  return row.skip('}');
}

// From behind the opening bracket of "data" to behind its closing one: rows of one instrument.
template <Action kAction>
[[nodiscard]] bool read_rows(QuickObjects& cursor, std::uint8_t channel, const SymbolTable& symbols,
                             MessageBatch& out, Message& message) noexcept {
  QuickObjects row = cursor;
  if (!row.skip("{\"symbol\":\"")) return false;
  const std::string_view symbol = row.text();
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  QuickObjects::Scale scale;
  if (entry == nullptr || entry->channel != channel || !QuickObjects::scale_of(*entry, scale)) {
    return false;
  }
  QuickSides sides{out};
  for (;;) {
    std::string_view text;
    std::uint64_t id = 0;
    if (!row.skip(",\"id\":") || !row.digits(text, id)) return false;
    bool bid = false;
    if (!row.skip(",\"side\":\"") || !row.skip_either("Buy\"", "Sell\"", bid)) return false;
    Level level{};
    if (!read_rest<kAction>(row, scale, level, message.venue_time)) return false;
    // The same id may stand on both sides while one is being deleted.
    const Level note{Price{static_cast<std::int64_t>(2 * id + (bid ? 0U : 1U))}, Qty{}};
    if (!sides.push(bid, note) || !sides.push(bid, level)) return false;
    if (!row.skip(',')) break;
    if (!row.skip("{\"symbol\":\"") || !row.skip_text(symbol)) {
      return false;
    }
  }
  if (!row.skip(']')) return false;
  cursor = row;
  message.kind = kAction == Action::Partial ? MessageKind::Snapshot : MessageKind::Delta;
  message.channel = channel;
  message.instrument = entry->id;
  message.ids = kHasNotes;
  return sides.finish(out, message.bids, message.asks);
}

// What stands before the rows of a partial: the table's description, as it was until 2022, or
// nothing.
[[nodiscard]] bool skip_description(QuickObjects& cursor) noexcept {
  if (!cursor.skip("\"keys\":[\"symbol\",\"id\",\"side\"],")) return true;
  if (!cursor.skip("\"types\":{\"symbol\":\"symbol\",\"id\":\"long\",\"side\":\"symbol\",") ||
      !cursor.skip("\"size\":\"long\",\"price\":\"float\"},") ||
      !cursor.skip("\"foreignKeys\":{\"symbol\":\"instrument\",\"side\":\"side\"},") ||
      !cursor.skip("\"attributes\":{\"symbol\":\"parted\",\"id\":\"sorted\"},") ||
      !cursor.skip("\"filter\":{\"symbol\":\"")) {
    return false;
  }
  return !cursor.text().empty() && cursor.skip("},");
}

// {"table":"orderBookL2","action":"update","data":[{"symbol":"XBTUSD","id":..,"side":"Buy",..},..]}
[[nodiscard]] bool read(std::string_view payload, const SymbolTable& symbols,
                        MessageBatch& out) noexcept {
  QuickObjects cursor{payload};
  if (!cursor.skip("{\"table\":\"orderBookL2")) return false;
  const std::uint8_t channel = cursor.skip("_25") ? 1 : 0;
  if (!cursor.skip("\",\"action\":\"")) return false;
  Action action = Action::Update;
  if (!cursor.skip("update\",")) {
    action = cursor.skip("insert\",")   ? Action::Insert
             : cursor.skip("delete\",") ? Action::Delete
                                        : Action::Partial;
    if (action == Action::Partial && !(cursor.skip("partial\",") && skip_description(cursor))) {
      return false;
    }
  }
  if (!cursor.skip("\"data\":[")) return false;

  Message* const message = out.add();
  if (message == nullptr) return false;
  const auto read_any = action == Action::Update   ? read_rows<Action::Update>
                        : action == Action::Insert ? read_rows<Action::Insert>
                        : action == Action::Delete ? read_rows<Action::Delete>
                                                   : read_rows<Action::Partial>;
  return read_any(cursor, channel, symbols, out, *message) && cursor.skip('}') && cursor.at_end();
}

STEELYARD_QUICK_END

}  // namespace
#else
constexpr ReadsNothing read;
#endif

bool decode_quickly(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  return read_quickly(frame, scratch, out, [&](std::string_view payload) noexcept {
    return read(payload, symbols, out);
  });
}

}  // namespace steelyard::bitmex
