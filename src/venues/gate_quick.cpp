// src/venues/gate_quick.cpp -- the book changes of Gate as they have come for years, read quickly.
#include "venues/gate_codec.hpp"
#include "venues/quick_frame.hpp"
#include "venues/quick_rows.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::gate {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// "ob.BTC_USDT.50" is row "obu.50" of BTC_USDT.
[[nodiscard]] bool window_of(std::string_view stream, std::uint8_t& row,
                             std::string_view& symbol) noexcept {
  constexpr std::string_view kStem = "ob.";
  const std::size_t last = stream.rfind('.');
  if (!stream.starts_with(kStem) || last <= kStem.size()) return false;
  symbol = stream.substr(kStem.size(), last - kStem.size());
  const std::string_view depth = stream.substr(last + 1);
  row = depth == "50" ? 0 : 1;
  return row == 0 || depth == "400";
}

// "U":first,"u":last or the other way round.
[[nodiscard]] bool read_numbers(QuickRows& cursor, Message& message) noexcept {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (cursor.skip(",\"U\":")) {
    if (!cursor.number(first) || !cursor.skip(",\"u\":") || !cursor.number(last)) return false;
  } else if (!cursor.skip(",\"u\":") || !cursor.number(last) || !cursor.skip(",\"U\":") ||
             !cursor.number(first)) {
    return false;
  }
  message.ids = kHasFirst | kHasLast;
  message.first = SequenceNo{first};
  message.last = SequenceNo{last};
  return first <= last;
}

// Contracts have objects for rows, but in windows; their sizes are in quotes where they may be
// parts of contracts.
[[nodiscard]] bool read_side(QuickRows& cursor, bool objects, const SymbolEntry& entry,
                             MessageBatch& out, std::uint32_t& count) noexcept {
  if (!objects) return cursor.levels<0>(entry, out, count);
  return cursor.objects<QuickRow::PriceNumber>(entry, out, count) ||
         cursor.objects<QuickRow::PriceSize>(entry, out, count);
}

// How many levels a side has of which the changes are told: "l":"100".
[[nodiscard]] bool read_depth(QuickRows& cursor) noexcept {
  return !cursor.skip(",\"l\":\"") || !cursor.text().empty();
}

// {"time":..,"channel":"spot.order_book_update","event":"update","result":{"t":..,
// "e":"depthUpdate","E":..,"s":"BTC_USDT","U":..,"u":..,"b":[..],"a":[..]}}, or
// {"channel":"spot.obu","result":{"t":..,"s":"ob.BTC_USDT.50","u":..,"U":..,"b":[..],"a":[..]},
// "time_ms":..,"event":"update"}, where a side without changes is not there.
[[nodiscard]] bool read(const Dialect& dialect, std::string_view payload,
                        const SymbolTable& symbols, MessageBatch& out) noexcept {
  QuickRows cursor{payload};
  if (!cursor.skip('{')) return false;
  (void)cursor.skip("\"id\":null,");
  if (cursor.skip("\"time\":") && !(cursor.number() && cursor.skip(','))) return false;
  if (cursor.skip("\"time_ms\":") && !(cursor.number() && cursor.skip(','))) return false;
  if (dialect.futures ? !cursor.skip("\"channel\":\"futures.")
                      : !cursor.skip("\"channel\":\"spot.")) {
    return false;
  }
  const bool window = cursor.skip("obu\"");
  if (!window && !cursor.skip("order_book_update\"")) return false;
  const bool named = cursor.skip(",\"event\":\"update\"");
  (void)cursor.skip(",\"error\":null");
  TimestampNs time;
  if (!cursor.skip(",\"result\":{\"t\":") || !read_milliseconds(cursor, time)) return false;
  if (!read_depth(cursor)) return false;
  if (cursor.skip(",\"e\":\"depthUpdate\",\"E\":") && !cursor.number()) return false;
  if (!cursor.skip(",\"s\":\"")) return false;
  std::string_view symbol = cursor.text();
  std::uint8_t row = kUpdatesRow;
  if (window && !window_of(symbol, row, symbol)) return false;
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr || entry->channel != row) return false;

  Message* const message = out.add();
  if (message == nullptr || !read_numbers(cursor, *message)) return false;
  const bool objects = dialect.futures && !window;
  if (cursor.skip(",\"b\":[")) {
    if (!read_side(cursor, objects, *entry, out, message->bids)) return false;
  }
  if (cursor.skip(",\"a\":[")) {
    if (!read_side(cursor, objects, *entry, out, message->asks)) return false;
  }
  if (!read_depth(cursor) || !cursor.skip('}')) return false;
  if (!named) {
    if (cursor.skip(",\"time_ms\":") && !cursor.number()) return false;
    if (!cursor.skip(",\"event\":\"update\"")) return false;
  }
  if (!cursor.skip('}') || !cursor.at_end()) return false;
  message->kind = MessageKind::Delta;
  message->channel = row;
  message->instrument = entry->id;
  message->venue_time = time;
  return true;
}

STEELYARD_QUICK_END

}  // namespace
#else
constexpr ReadsNothing read;
#endif

bool decode_quickly(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                    DecodeScratch& scratch, MessageBatch& out) noexcept {
  return read_quickly(frame, scratch, out, [&](std::string_view payload) noexcept {
    return read(dialect, payload, symbols, out);
  });
}

}  // namespace steelyard::gate
