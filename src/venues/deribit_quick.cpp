#include "venues/deribit_quick.hpp"

#include "venues/quick_frame.hpp"
#include "venues/quick_objects.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::deribit {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// From behind a side's opening bracket to behind its closing one, pushed as levels: [61216.0,0.125]
// in whole books, else ["new",61216.0,2960.0].
template <bool kWhole>
[[nodiscard]] bool read_side(QuickObjects& cursor, const QuickObjects::Scale& scale,
                             MessageBatch& out, std::uint32_t& count) noexcept {
  if (cursor.skip(']')) return true;
  Level* at = out.free_levels();
  Level* const first = at;
  const Level* const room = out.end_of_levels();
  QuickObjects row = cursor;
  do {
    if (at == room) return false;
    std::uint32_t action = 0;
    if constexpr (kWhole) {
      if (!row.skip('[')) return false;
    } else {
      if (!row.skip("[\"") || !row.skip_one_of("new\",", "change\",", "delete\",", action)) {
        return false;
      }
    }
    if (!row.level(scale, ",", *at) || row.at()[0] != ']') return false;
    // What is deleted is gone, whatever amount it names.
    at->qty = action == 2 ? Qty{} : at->qty;
    ++at;
    row.move(2);
  } while (row.at()[-1] == ',');
  if (row.at()[-1] != ']') return false;
  cursor = row;
  count = static_cast<std::uint32_t>(at - first);
  out.take_levels(count);
  return true;
}

// "bids":[..],"asks":[..]}}} and the end.
template <bool kWhole>
[[nodiscard]] bool read_sides(QuickObjects& cursor, const SymbolEntry& entry, MessageBatch& out,
                              Message& message) noexcept {
  QuickObjects::Scale scale;
  return QuickObjects::scale_of(entry, scale) && cursor.skip(",\"bids\":[") &&
         read_side<kWhole>(cursor, scale, out, message.bids) && cursor.skip(",\"asks\":[") &&
         read_side<kWhole>(cursor, scale, out, message.asks) && cursor.skip("}}}") &&
         cursor.at_end();
}

// {"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.BTC-PERPETUAL.100ms","data":{
// "type":"change","timestamp":..,"prev_change_id":..,"instrument_name":"BTC-PERPETUAL","change_id":
// ..,"bids":[..],"asks":[..]}}}, where whole books have no type and no predecessor.
[[nodiscard]] bool read(std::span<const BookChannel> books, std::string_view payload,
                        const SymbolTable& symbols, MessageBatch& out) noexcept {
  QuickObjects cursor{payload};
  if (!cursor.skip("{\"jsonrpc\":\"2.0\",\"method\":\"subscription\",\"params\":{\"channel\":\"") ||
      !cursor.skip("book.")) {
    return false;
  }
  const std::string_view symbol = cursor.text<'.'>();
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr || entry->channel >= books.size()) return false;
  // On the wire the instrument stands behind "book.".
  const BookChannel& book = books[entry->channel];
  if (cursor.text() != book.channel.substr(std::string_view{"book."}.size())) return false;
  if (!cursor.skip(",\"data\":{")) return false;
  const bool whole = book.snapshot == SnapshotSource::Replace;
  const bool change = !whole && cursor.skip("\"type\":\"change\",");
  if (!whole && !change && !cursor.skip("\"type\":\"snapshot\",")) return false;

  Message* const message = out.add();
  if (message == nullptr) return false;
  std::string_view text;
  std::uint64_t number = 0;
  if (!cursor.skip("\"timestamp\":") || !read_milliseconds(cursor, message->venue_time)) {
    return false;
  }
  if (change) {
    if (!cursor.skip(",\"prev_change_id\":") || !cursor.digits(text, number)) return false;
    message->prev = SequenceNo{number};
  }
  if (!cursor.skip(",\"instrument_name\":\"") || !cursor.skip_text(symbol) ||
      !cursor.skip(",\"change_id\":") || !cursor.digits(text, number)) {
    return false;
  }
  message->last = SequenceNo{number};
  message->ids = change ? kHasLast | kHasPrev : kHasLast;
  message->kind = change ? MessageKind::Delta : MessageKind::Snapshot;
  message->channel = entry->channel;
  message->instrument = entry->id;
  return whole ? read_sides<true>(cursor, *entry, out, *message)
               : read_sides<false>(cursor, *entry, out, *message);
}

STEELYARD_QUICK_END

}  // namespace
#else
constexpr ReadsNothing read;
#endif

bool decode_quickly(std::span<const BookChannel> books, const Frame& frame,
                    const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  return read_quickly(frame, scratch, out, [&](std::string_view payload) noexcept {
    return read(books, payload, symbols, out);
  });
}

}  // namespace steelyard::deribit
