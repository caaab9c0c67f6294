#include "venues/okx_quick.hpp"

#include "venues/quick_cursor.hpp"
#include "venues/quick_frame.hpp"

namespace steelyard::okx {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// "seqId" or "prevSeqId", whose numbers are there in either order, or not at all in old recordings.
[[nodiscard]] bool read_ids(QuickCursor& cursor, Message& message) noexcept {
  std::string_view text;
  std::uint64_t number = 0;
  for (int i = 0; i < 2; ++i) {
    if ((message.ids & kHasLast) == 0 && cursor.skip(",\"seqId\":")) {
      if (!cursor.digits(text, number)) return false;
      message.ids |= kHasLast;
      message.last = SequenceNo{number};
    } else if ((message.ids & kHasPrev) == 0 && cursor.skip(",\"prevSeqId\":")) {
      if (cursor.skip("-1")) continue;  // there is none before it
      if (!cursor.digits(text, number)) return false;
      message.ids |= kHasPrev;
      message.prev = SequenceNo{number};
    }
  }
  return true;
}

// {"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"asks":[..],"bids":[..],
// "ts":"..","checksum":..[,"prevSeqId":..,"seqId":..]}]}
[[nodiscard]] bool read(std::span<const BookChannel> books, std::string_view payload,
                        const SymbolTable& symbols, MessageBatch& out) noexcept {
  QuickCursor cursor{payload};
  if (!cursor.skip("{\"arg\":{\"channel\":\"")) return false;
  const std::string_view channel = cursor.text();
  if (!cursor.skip(",\"instId\":\"")) return false;
  const std::string_view symbol = cursor.text();
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  if (entry == nullptr || entry->channel >= books.size()) return false;
  const BookChannel& book = books[entry->channel];
  if (book.snapshot != SnapshotSource::InBand || channel != book.channel) return false;
  if (!cursor.skip("},\"action\":\"")) return false;
  const bool update = cursor.skip("update");
  if (!update && !cursor.skip("snapshot")) return false;
  if (!cursor.skip("\",\"data\":[{\"asks\":[")) return false;

  Message* const message = out.add();
  if (message == nullptr) return false;
  if (!cursor.levels<2>(*entry, out, message->asks)) return false;
  if (!cursor.skip(",\"bids\":[") || !cursor.levels<2>(*entry, out, message->bids)) return false;
  std::string_view text;
  std::uint64_t milliseconds = 0;
  std::uint64_t number = 0;
  if (!cursor.skip(",\"ts\":\"") || !cursor.digits(text, milliseconds) || text.size() != 13 ||
      milliseconds >= 5'000'000'000'000U || !cursor.skip('"')) {
    return false;
  }
  if (cursor.skip(",\"checksum\":")) {
    const bool negative = cursor.skip('-');
    if (!cursor.digits(text, number) || number > 0xffff'ffffU) return false;
    const auto bits = static_cast<std::uint32_t>(number);
    message->checksum = static_cast<std::int32_t>(negative ? ~bits + 1 : bits);
    if (bits != 0) message->ids |= kHasChecksum;
  }
  if (!read_ids(cursor, *message)) return false;
  if (!cursor.skip("}]}") || !cursor.at_end()) return false;
  // What is numbered but names no predecessor is for the careful decoder to refuse.
  if (update && (message->ids & (kHasLast | kHasPrev)) == kHasLast) return false;

  if (!put_bids_first(out, *message)) return false;
  message->kind = update ? MessageKind::Delta : MessageKind::Snapshot;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->venue_time = TimestampNs{static_cast<std::int64_t>(milliseconds * 1'000'000)};
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

}  // namespace steelyard::okx
