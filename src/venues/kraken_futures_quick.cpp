#include "venues/kraken_futures_quick.hpp"

#include "venues/quick_frame.hpp"
#include "venues/quick_objects.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::kraken_futures {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

[[nodiscard, gnu::always_inline]] inline const SymbolEntry* read_product(
    QuickObjects& cursor, const SymbolTable& symbols) noexcept {
  if (!cursor.skip(",\"product_id\":\"")) return nullptr;
  const std::string_view product = cursor.text();
  return product.empty() ? nullptr : symbols.find(product);
}

// ..,"product_id":"PI_XBTUSD","side":"sell","seq":..,"price":1.5,"qty":2.0,"timestamp":..}
[[nodiscard, gnu::always_inline]] inline const SymbolEntry* read_delta(QuickObjects& cursor,
                                                                       const SymbolTable& symbols,
                                                                       MessageBatch& out,
                                                                       Message& message) noexcept {
  const SymbolEntry* const entry = read_product(cursor, symbols);
  QuickObjects::Scale scale;
  if (entry == nullptr || !QuickObjects::scale_of(*entry, scale)) return nullptr;
  bool bid = false;
  if (!cursor.skip(",\"side\":\"") || !cursor.skip_either("buy\"", "sell\"", bid)) return nullptr;
  std::string_view text;
  std::uint64_t number = 0;
  if (!cursor.skip(",\"seq\":") || !cursor.digits(text, number)) {
    return nullptr;
  }
  Level level;
  if (!cursor.skip(",\"price\":") || !cursor.level(scale, ",\"qty\":", level) ||
      !cursor.skip(",\"timestamp\":") || !read_milliseconds(cursor, message.venue_time) ||
      !cursor.skip('}') || !cursor.at_end() || !out.push(level)) {
    return nullptr;
  }
  message.kind = MessageKind::Delta;
  message.first = message.last = SequenceNo{number};
  message.bids = bid ? 1 : 0;
  message.asks = bid ? 0 : 1;
  return entry;
}

// ..,"product_id":"PI_XBTUSD","timestamp":..,"seq":..,"tickSize":null,"bids":[..],"asks":[..]}
[[nodiscard]] const SymbolEntry* read_snapshot(QuickObjects cursor, const SymbolTable& symbols,
                                               MessageBatch& out, Message& message) noexcept {
  const SymbolEntry* const entry = read_product(cursor, symbols);
  std::string_view text;
  std::uint64_t number = 0;
  if (entry == nullptr || !cursor.skip(",\"timestamp\":") ||
      !read_milliseconds(cursor, message.venue_time) || !cursor.skip(",\"seq\":") ||
      !cursor.digits(text, number) || !cursor.skip(",\"tickSize\":null,\"bids\":[") ||
      !cursor.object_levels(*entry, out, message.bids) || !cursor.skip(",\"asks\":[") ||
      !cursor.object_levels(*entry, out, message.asks) || !cursor.skip('}') || !cursor.at_end()) {
    return nullptr;
  }
  message.kind = MessageKind::Snapshot;
  message.first = message.last = SequenceNo{number};
  return entry;
}

// {"feed":"book",.. or {"feed":"book_snapshot",..
[[nodiscard]] bool read(std::string_view payload, const SymbolTable& symbols,
                        MessageBatch& out) noexcept {
  QuickObjects cursor{payload};
  if (!cursor.skip("{\"feed\":\"book")) return false;
  const bool delta = cursor.skip('"');
  if (!delta && !cursor.skip("_snapshot\"")) return false;
  Message* const message = out.add();
  if (message == nullptr) return false;
  const SymbolEntry* const entry = delta ? read_delta(cursor, symbols, out, *message)
                                         : read_snapshot(cursor, symbols, out, *message);
  if (entry == nullptr) return false;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->ids = kHasFirst | kHasLast;
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

}  // namespace steelyard::kraken_futures
