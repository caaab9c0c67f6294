// src/venues/bybit_quick.cpp -- the book frames of Bybit as they have come for years, read quickly.
#include "venues/bybit_codec.hpp"
#include "venues/quick_cursor.hpp"
#include "venues/quick_frame.hpp"

namespace steelyard::bybit {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

constexpr std::string_view kStem = "orderbook.";

// Of the rows whose books are kept up by deltas: "50.BTCUSDT" is row "orderbook.50" of BTCUSDT.
[[nodiscard]] bool row_of(std::string_view topic, std::uint8_t& row,
                          std::string_view& symbol) noexcept {
  const std::size_t point = topic.rfind('.');
  if (point == std::string_view::npos) return false;
  symbol = topic.substr(point + 1);
  for (row = 0; row < std::size(kBooks); ++row) {
    if (row != kBboRow && kBooks[row].channel.substr(kStem.size()) == topic.substr(0, point)) {
      return true;
    }
  }
  return false;
}

[[nodiscard]] bool read_time(QuickCursor& cursor, TimestampNs& time) noexcept {
  std::string_view text;
  std::uint64_t milliseconds = 0;
  // Times of this many digits are milliseconds, as in json::parse_time, and this one is of our
  // days.
  if (!cursor.digits(text, milliseconds) || text.size() != 13) return false;
  if (milliseconds >= 5'000'000'000'000U) return false;
  time = TimestampNs{static_cast<std::int64_t>(milliseconds * 1'000'000)};
  return true;
}

// {"topic":"orderbook.200.ETHUSDT","type":"delta","ts":..,"data":{"s":"ETHUSDT","b":[..],"a":[..],
// "u":..,"seq":..},"cts":..}; on spot "ts" comes before "type".
[[nodiscard]] bool read(std::string_view payload, const SymbolTable& symbols,
                        MessageBatch& out) noexcept {
  QuickCursor cursor{payload};
  if (!cursor.skip("{\"topic\":\"orderbook.")) return false;
  std::uint8_t row = 0;
  std::string_view symbol;
  if (!row_of(cursor.text(), row, symbol)) return false;
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr || entry->channel != row) return false;
  TimestampNs pushed;
  const bool time_first = cursor.skip(",\"ts\":");
  if (time_first && !read_time(cursor, pushed)) return false;
  if (!cursor.skip(",\"type\":\"")) return false;
  const bool delta = cursor.skip("delta\"");
  if (!delta && !cursor.skip("snapshot\"")) return false;
  if (!time_first && !(cursor.skip(",\"ts\":") && read_time(cursor, pushed))) return false;
  if (!cursor.skip(",\"data\":{\"s\":\"") || cursor.text().empty()) return false;

  Message* const message = out.add();
  if (message == nullptr) return false;
  if (!cursor.skip(",\"b\":[") || !cursor.levels<0>(*entry, out, message->bids)) return false;
  if (!cursor.skip(",\"a\":[") || !cursor.levels<0>(*entry, out, message->asks)) return false;
  std::string_view text;
  std::uint64_t update = 0;
  std::uint64_t number = 0;
  if (!cursor.skip(",\"u\":") || !cursor.digits(text, update)) return false;
  if (cursor.skip(",\"seq\":") && !cursor.digits(text, number)) return false;
  if (!cursor.skip('}')) return false;
  message->venue_time = pushed;
  if (cursor.skip(",\"cts\":") && !read_time(cursor, message->venue_time)) return false;
  if (!cursor.skip('}') || !cursor.at_end()) return false;
  // After a restart of the service the numbers begin again: a whole book, whatever it is called.
  const bool restart = update == 1;
  message->kind = restart || !delta ? MessageKind::Snapshot : MessageKind::Delta;
  message->channel = row;
  message->instrument = entry->id;
  message->ids = kHasFirst | kHasLast;
  if (restart) message->ids |= kRestarts;
  message->first = message->last = SequenceNo{update};
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
    return read(payload, symbols, out);
  });
}

}  // namespace steelyard::bybit
