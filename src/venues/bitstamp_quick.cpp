#include "venues/bitstamp_quick.hpp"

#include "venues/quick_frame.hpp"
#include "venues/quick_objects.hpp"

namespace steelyard::bitstamp {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// What the levels are of stands behind them: },"channel":"diff_order_book_btcusd","event":"data"}
struct Tail {
  std::string_view text;
  const SymbolEntry* entry = nullptr;
  std::uint8_t row = 0;
};

[[nodiscard]] Tail find_tail(std::span<const BookChannel> books, std::string_view payload,
                             const SymbolTable& symbols) noexcept {
  constexpr std::string_view kBegin = "},\"channel\":\"";
  constexpr std::string_view kEnd = "\",\"event\":\"data\"}";
  constexpr std::size_t kLongestSymbol = 31;
  Tail tail;
  if (!payload.ends_with(kEnd)) return tail;
  const std::string_view before = payload.substr(0, payload.size() - kEnd.size());
  const std::size_t mark = before.rfind('_');
  if (mark == std::string_view::npos || before.size() - mark > kLongestSymbol) return tail;
  const std::string_view named = before.substr(0, mark);
  for (; tail.row < books.size(); ++tail.row) {
    const std::string_view channel = books[tail.row].channel;
    if (!named.ends_with(channel)) continue;
    const std::string_view head = named.substr(0, named.size() - channel.size());
    if (!head.ends_with(kBegin)) continue;
    tail.text = payload.substr(head.size() - kBegin.size());
    tail.entry = symbols.find(before.substr(mark + 1));
    break;
  }
  return tail;
}

// {"data":{"timestamp":"..","microtimestamp":"..","bids":[..],"asks":[..]} and the tail.
[[nodiscard]] bool read(std::span<const BookChannel> books, std::string_view payload,
                        const SymbolTable& symbols, MessageBatch& out) noexcept {
  QuickObjects cursor{payload};
  if (!cursor.skip("{\"data\":{\"timestamp\":\"")) return false;
  const Tail tail = find_tail(books, payload, symbols);
  if (tail.entry == nullptr || tail.entry->channel != tail.row) return false;
  std::string_view text;
  std::uint64_t number = 0;
  std::uint64_t micros = 0;
  if (!cursor.digits(text, number) || !cursor.skip("\",\"microtimestamp\":\"") ||
      !cursor.sixteen_digits(micros) || micros >= 5'000'000'000'000'000U) {
    return false;
  }
  Message* const message = out.add();
  if (message == nullptr) return false;
  if (!cursor.skip(",\"bids\":[") || !cursor.levels<0>(*tail.entry, out, message->bids) ||
      !cursor.skip(",\"asks\":[") || !cursor.levels<0>(*tail.entry, out, message->asks) ||
      cursor.at() != tail.text.data()) {
    return false;
  }
  message->kind = books[tail.row].snapshot == SnapshotSource::Replace ? MessageKind::Snapshot
                                                                      : MessageKind::Delta;
  message->channel = tail.row;
  message->instrument = tail.entry->id;
  message->ids = kHasLast;
  message->last = SequenceNo{micros};
  message->venue_time = TimestampNs{static_cast<std::int64_t>(micros * 1'000)};
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

}  // namespace steelyard::bitstamp
