#include "venues/hyperliquid_quick.hpp"

#include "venues/quick_frame.hpp"
#include "venues/quick_rows.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::hyperliquid {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// "levels":[[..],[..]]: bids and asks.
template <QuickRow kRow>
[[nodiscard]] bool read_levels(QuickRows& cursor, const SymbolEntry& entry, MessageBatch& out,
                               Message& message) noexcept {
  return cursor.objects<kRow>(entry, out, message.bids) && cursor.skip(",[") &&
         cursor.objects<kRow>(entry, out, message.asks) && cursor.skip(']');
}

// {"channel":"l2Book","data":{"coin":"BTC","time":..,"levels":[[{"px":"..","sz":"..","n":..},..],
// [..]]}}; a recorder that sorts keys has the time last, and "n" first.
[[nodiscard]] bool read(std::string_view payload, const SymbolTable& symbols,
                        MessageBatch& out) noexcept {
  QuickRows cursor{payload};
  if (!cursor.skip("{\"channel\":\"l2Book\",\"data\":{\"coin\":\"")) return false;
  const std::string_view symbol = cursor.text();
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr) return false;
  TimestampNs time;
  const bool time_first = cursor.skip(",\"time\":");
  if (time_first && !read_milliseconds(cursor, time)) return false;

  Message* const message = out.add();
  if (message == nullptr || !cursor.skip(",\"levels\":[[")) return false;
  const bool read = time_first
                        ? read_levels<QuickRow::PriceSizeCount>(cursor, *entry, out, *message)
                        : read_levels<QuickRow::CountPriceSize>(cursor, *entry, out, *message);
  if (!read) return false;
  if (!time_first && !(cursor.skip(",\"time\":") && read_milliseconds(cursor, time))) return false;
  if (!cursor.skip("}}") || !cursor.at_end()) return false;
  message->kind = MessageKind::Snapshot;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->venue_time = time;
  message->ids = kHasLast;
  message->last = SequenceNo{static_cast<std::uint64_t>(time.raw() / 1'000'000)};
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

}  // namespace steelyard::hyperliquid
