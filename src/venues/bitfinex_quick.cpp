// src/venues/bitfinex_quick.cpp -- the book changes of Bitfinex as they have come for years, read
// quickly.
#include "venues/bitfinex_codec.hpp"
#include "venues/quick_frame.hpp"
#include "venues/quick_rows.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::bitfinex {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// Where the careful decoder ends to take a number for a count.
constexpr TimestampNs kNoCount{1'000'000'000'000 * 1'000'000};

// The instrument that follows this channel of its connection by a book of prices.
[[nodiscard]] const SymbolEntry* find(const SymbolTable& symbols,
                                      const ChannelTable::Entry* channel) noexcept {
  if (channel == nullptr || channel->kind >= std::size(kBooks)) return nullptr;
  if (kBooks[channel->kind].note != RowNote::None || channel->bytes == 0) return nullptr;
  const SymbolEntry* const entry = symbols.find(channel->symbol());
  return entry == nullptr || entry->channel != channel->kind ? nullptr : entry;
}

// [943592,[70125,2,0.75],5,1790000000223]: channel, change, count, and the time where it is asked
// for.
[[nodiscard]] bool read(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  QuickRows cursor{frame.payload};
  std::uint64_t number = 0;
  if (!cursor.skip('[') || !cursor.number(number) || !cursor.skip(",[")) return false;
  const SymbolEntry* const entry = find(symbols, scratch.channels.find(frame.connection, number));
  Message* const message = entry == nullptr ? nullptr : out.add();
  if (message == nullptr) return false;
  Level level;
  bool ask = false;
  if (!cursor.counted_row(*entry, level, ask)) return false;
  std::string_view text;
  std::uint64_t count = 0;
  if (!cursor.skip(',') || !cursor.digits(text, count) || text.size() > 12) return false;
  if (cursor.skip(',') &&
      !(read_milliseconds(cursor, message->venue_time) && message->venue_time > kNoCount)) {
    return false;
  }
  if (!cursor.skip(']') || !cursor.at_end() || !out.push(level)) return false;
  message->kind = MessageKind::Delta;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->bids = ask ? 0 : 1;
  message->asks = 1 - message->bids;
  scratch.counted = true;
  scratch.count = count;
  return true;
}

STEELYARD_QUICK_END

}  // namespace
#else
constexpr ReadsNothing read;
#endif

bool decode_quickly(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  return read_quickly(frame, scratch, out, [&](std::string_view) noexcept {
    return read(frame, symbols, scratch, out);
  });
}

}  // namespace steelyard::bitfinex
