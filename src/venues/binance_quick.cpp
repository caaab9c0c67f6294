// src/venues/binance_quick.cpp -- the diff frames of Binance as they have come for years, read
// quickly.
#include "venues/binance_codec.hpp"
#include "venues/quick_cursor.hpp"
#include "venues/quick_frame.hpp"

namespace steelyard::binance {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// {"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":..,["T":..,]"s":"BTCUSDT",["ps":..,]
// "U":..,"u":..,["pu":..,]"b":[..],"a":[..]}}, or the event alone.
[[nodiscard]] bool read(const Dialect& dialect, std::string_view payload,
                        const SymbolTable& symbols, MessageBatch& out) noexcept {
  QuickCursor cursor{payload};
  std::string_view stream;
  const bool wrapped = cursor.skip("{\"stream\":\"");
  if (wrapped) {
    stream = cursor.text<'@'>();
    // "@depth20" is another kind of stream.
    if (!cursor.skip("depth") || (cursor.skip('@') ? cursor.text().empty() : !cursor.skip('"'))) {
      return false;
    }
    if (!cursor.skip(",\"data\":")) return false;
  }
  std::string_view time;
  std::string_view text;
  std::uint64_t milliseconds = 0;
  std::uint64_t number = 0;
  if (!cursor.skip("{\"e\":\"depthUpdate\",\"E\":")) return false;
  // Times of this many digits are milliseconds, as in json::parse_time, and this one is of our
  // days.
  if (!cursor.digits(time, milliseconds) || time.size() != 13) return false;
  if (milliseconds >= 5'000'000'000'000U) return false;
  if (cursor.skip(",\"T\":") && !cursor.digits(text, number)) return false;
  if (!cursor.skip(",\"s\":\"")) return false;
  const std::string_view symbol = cursor.text();
  // What a stream is named after is its event's symbol in lower case.
  if (wrapped && !QuickCursor::is_lower_case_of(stream, symbol)) return false;
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr || dialect.books[entry->channel].snapshot != SnapshotSource::OutOfBand) {
    return false;
  }
  if (cursor.skip(",\"ps\":\"") && cursor.text().empty()) return false;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t previous = 0;
  if (!cursor.skip(",\"U\":") || !cursor.digits(text, first)) return false;
  if (!cursor.skip(",\"u\":") || !cursor.digits(text, last) || last < first) return false;
  const bool chained = cursor.skip(",\"pu\":");
  if (chained != dialect.futures || (chained && !cursor.digits(text, previous))) return false;

  Message* const message = out.add();
  if (message == nullptr) return false;
  if (!cursor.skip(",\"b\":[") || !cursor.levels<0>(*entry, out, message->bids)) return false;
  if (!cursor.skip(",\"a\":[") || !cursor.levels<0>(*entry, out, message->asks)) return false;
  if (!cursor.skip('}') || (wrapped && !cursor.skip('}')) || !cursor.at_end()) return false;
  message->kind = MessageKind::Delta;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->ids = kHasFirst | kHasLast;
  message->first = SequenceNo{first};
  message->last = SequenceNo{last};
  message->venue_time = TimestampNs{static_cast<std::int64_t>(milliseconds * 1'000'000)};
  if (chained) {
    message->ids |= kHasPrev;
    message->prev = SequenceNo{previous};
  }
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

}  // namespace steelyard::binance
