#include "venues/kraken_quick.hpp"

#include <algorithm>

#include "venues/quick_frame.hpp"
#include "venues/quick_objects.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::kraken {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// {"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[..],"asks":[..],
// "checksum":..[,"timestamp":".."]}]}
[[nodiscard]] bool read(std::span<const BookChannel> books, std::string_view payload,
                        const SymbolTable& symbols, MessageBatch& out) noexcept {
  QuickObjects cursor{payload};
  if (!cursor.skip("{\"channel\":\"book\",\"type\":\"")) return false;
  const bool update = cursor.skip("update\"");
  if (!update && !cursor.skip("snapshot\"")) return false;
  if (!cursor.skip(",\"data\":[{\"symbol\":\"")) return false;
  const std::string_view symbol = cursor.text();
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr) return false;

  // The checksum is over the text: exponents hold every digit that is written.
  Message* const message = out.add();
  if (message == nullptr) return false;
  if (!cursor.skip(",\"bids\":[") || !cursor.object_levels<true>(*entry, out, message->bids) ||
      !cursor.skip(",\"asks\":[") || !cursor.object_levels<true>(*entry, out, message->asks)) {
    return false;
  }
  // Deeper than the window that is followed: of another subscription.
  if (!update && std::max(message->bids, message->asks) > books[entry->channel].depth) return false;
  std::string_view text;
  std::uint64_t checksum = 0;
  if (!cursor.skip(",\"checksum\":") || !cursor.digits(text, checksum) || checksum > 0xffff'ffffU) {
    return false;
  }
  if (cursor.skip(",\"timestamp\":\"") && !read_iso_time(cursor, message->venue_time)) return false;
  if (!cursor.skip("}]}") || !cursor.at_end()) return false;
  message->kind = update ? MessageKind::Delta : MessageKind::Snapshot;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->checksum = static_cast<std::int32_t>(static_cast<std::uint32_t>(checksum));
  if (checksum != 0) message->ids = kHasChecksum;
  return true;
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

}  // namespace steelyard::kraken
