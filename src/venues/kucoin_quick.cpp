// src/venues/kucoin_quick.cpp -- the book changes of KuCoin's classic interface as they have come
// for years, read quickly.
#include "venues/kucoin_codec.hpp"
#include "venues/quick_frame.hpp"
#include "venues/quick_rows.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::kucoin {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

[[nodiscard]] const SymbolEntry* find(const SymbolTable& symbols,
                                      std::string_view symbol) noexcept {
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  return entry == nullptr || entry->channel != 0 ? nullptr : entry;
}

// "sequenceStart":..,"symbol":"BTC-USDT", which stand ahead of the changes or behind them.
[[nodiscard]] bool read_start(QuickRows& cursor, std::uint64_t& first,
                              std::string_view& symbol) noexcept {
  if (!cursor.number(first) || !cursor.skip(",\"symbol\":\"")) return false;
  symbol = cursor.text();
  return !symbol.empty();
}

// "changes":{"asks":[..],"bids":[..]},"sequenceEnd":..
[[nodiscard]] bool read_changes(QuickRows& cursor, const SymbolEntry& entry, MessageBatch& out,
                                Message& message, std::uint64_t& last) noexcept {
  if (!cursor.skip("\"changes\":{\"asks\":[")) return false;
  if (!cursor.noted_levels(entry, out, message.asks)) return false;
  if (!cursor.skip(",\"bids\":[") || !cursor.noted_levels(entry, out, message.bids)) return false;
  if (!cursor.skip("},\"sequenceEnd\":") || !cursor.number(last)) return false;
  return put_bids_first(out, message);
}

// {"topic":"/market/level2:BTC-USDT","type":"message","subject":"trade.l2update","data":{"changes":
// {..},"sequenceEnd":..,"sequenceStart":..,"symbol":"BTC-USDT","time":..}}, and in older recordings
// {"data":{"sequenceStart":..,"symbol":"BTC-USDT","changes":{..},"sequenceEnd":..},"subject":
// "trade.l2update","topic":"/market/level2:BTC-USDT","type":"message"}.
[[nodiscard]] bool read_spot(std::string_view payload, const SymbolTable& symbols,
                             MessageBatch& out) noexcept {
  QuickRows cursor{payload};
  std::string_view topic;
  std::string_view symbol;
  const bool topic_first = cursor.skip("{\"topic\":\"/market/level2:");
  if (topic_first) {
    topic = cursor.text();
    if (!cursor.skip(",\"type\":\"message\",\"subject\":\"trade.l2update\",")) return false;
  } else if (!cursor.skip('{')) {
    return false;
  }
  if (!cursor.skip("\"data\":{")) return false;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const bool start_first = cursor.skip("\"sequenceStart\":");
  if (start_first && !(read_start(cursor, first, symbol) && cursor.skip(','))) return false;
  if (!topic_first && !start_first) return false;  // levels ahead of their symbol
  const SymbolEntry* const entry = find(symbols, topic_first ? topic : symbol);
  if (entry == nullptr) return false;

  Message* const message = out.add();
  if (message == nullptr || !read_changes(cursor, *entry, out, *message, last)) return false;
  if (!start_first && !(cursor.skip(",\"sequenceStart\":") && read_start(cursor, first, symbol))) {
    return false;
  }
  if (cursor.skip(",\"time\":") && !read_milliseconds(cursor, message->venue_time)) return false;
  if (!cursor.skip('}')) return false;
  if (!topic_first) {
    if (!cursor.skip(",\"subject\":\"trade.l2update\",\"topic\":\"/market/level2:")) return false;
    topic = cursor.text();
    if (!cursor.skip(",\"type\":\"message\"")) return false;
  }
  if (!cursor.skip('}') || !cursor.at_end()) return false;
  // What both decoders go by is the topic.
  if (topic != symbol || last < first) return false;
  message->kind = MessageKind::Delta;
  message->instrument = entry->id;
  message->ids = kHasFirst | kHasLast | kHasNotes;
  message->first = SequenceNo{first};
  message->last = SequenceNo{last};
  return true;
}

// {"topic":"/contractMarket/level2:XBTUSDTM","type":"message","subject":"level2","sn":..,"data":
// {"sequence":..,"change":"61840.2,sell,120","timestamp":..}}
[[nodiscard]] bool read_change(std::string_view payload, const SymbolTable& symbols,
                               MessageBatch& out) noexcept {
  QuickRows cursor{payload};
  if (!cursor.skip("{\"topic\":\"/contractMarket/level2:")) return false;
  const SymbolEntry* const entry = find(symbols, cursor.text());
  if (entry == nullptr) return false;
  if (!cursor.skip(",\"type\":\"message\",\"subject\":\"level2\",")) return false;
  if (cursor.skip("\"sn\":") && !(cursor.number() && cursor.skip(','))) return false;
  std::uint64_t number = 0;
  if (!cursor.skip("\"data\":{\"sequence\":") || !cursor.number(number)) return false;
  Level level;
  bool ask = false;
  if (!cursor.skip(",\"change\":\"") ||
      !cursor.sided_level(*entry, ",buy,", ",sell,", level, ask)) {
    return false;
  }
  Message* const message = out.add();
  if (message == nullptr || !out.push(level)) return false;
  if (!cursor.skip(",\"timestamp\":") || !read_milliseconds(cursor, message->venue_time))
    return false;
  if (!cursor.skip("}}") || !cursor.at_end()) return false;
  message->kind = MessageKind::Delta;
  message->instrument = entry->id;
  message->bids = ask ? 0 : 1;
  message->asks = ask ? 1 : 0;
  message->ids = kHasFirst | kHasLast;
  message->first = message->last = SequenceNo{number};
  return true;
}

[[nodiscard]] bool read(const Dialect& dialect, std::string_view payload,
                        const SymbolTable& symbols, MessageBatch& out) noexcept {
  return dialect.futures ? read_change(payload, symbols, out) : read_spot(payload, symbols, out);
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

}  // namespace steelyard::kucoin
