// src/venues/bitget_quick.cpp -- the book frames of Bitget as its documents have them, read
// quickly.
#include "venues/bitget_codec.hpp"
#include "venues/bitget_requests.hpp"
#include "venues/quick_cursor.hpp"
#include "venues/quick_frame.hpp"
#include "venues/quick_time.hpp"

namespace steelyard::bitget {

#if STEELYARD_QUICK
namespace {

STEELYARD_QUICK_BEGIN

// 9483814309734200, with quotes around it or without.
[[nodiscard]] bool read_number(QuickCursor& cursor, std::uint64_t& number) noexcept {
  const bool quoted = cursor.skip('"');
  return cursor.long_digits(number) && (!quoted || cursor.skip('"'));
}

// ,"seq":..,"pseq":.. or the other way round.
[[nodiscard]] bool read_chain(QuickCursor& cursor, std::uint64_t& last,
                              std::uint64_t& previous) noexcept {
  if (cursor.skip(",\"seq\":")) {
    return read_number(cursor, last) && cursor.skip(",\"pseq\":") && read_number(cursor, previous);
  }
  return cursor.skip(",\"pseq\":") && read_number(cursor, previous) && cursor.skip(",\"seq\":") &&
         read_number(cursor, last);
}

// The channel and the symbol, by the names that the unified account has for them or the classic.
[[nodiscard]] const SymbolEntry* read_arg(QuickCursor& cursor, bool unified,
                                          const SymbolTable& symbols) noexcept {
  const std::string_view channel = cursor.text();
  if (unified ? !cursor.skip(",\"symbol\":\"") : !cursor.skip(",\"instId\":\"")) return nullptr;
  const std::string_view symbol = cursor.text();
  const SymbolEntry* const entry = symbol.empty() ? nullptr : symbols.find(symbol);
  const bool follows = entry != nullptr && entry->channel < std::size(kBooks) &&
                       kBooks[entry->channel].channel == channel;
  return follows ? entry : nullptr;
}

// {"action":"update","arg":{"instType":"usdt-futures","topic":"books","symbol":"BTCUSDT"},"data":[{
// "a":[..],"b":[..],["checksum":..,]"seq":..,"pseq":..,"ts":".."}][,"ts":..]}; of the classic
// interface "channel", "instId", "asks" and "bids".
[[nodiscard]] bool read(bool spot, std::string_view payload, const SymbolTable& symbols,
                        MessageBatch& out) noexcept {
  QuickCursor cursor{payload};
  if (!cursor.skip("{\"action\":\"")) return false;
  const bool update = cursor.skip("update\"");
  if (!update && !cursor.skip("snapshot\"")) return false;
  if (!cursor.skip(",\"arg\":{\"instType\":\"")) return false;
  const std::string_view type = cursor.text();
  if (type.empty() || is_spot(type) != spot) return false;
  const bool unified = cursor.skip(",\"topic\":\"");
  if (!unified && !cursor.skip(",\"channel\":\"")) return false;
  const SymbolEntry* const entry = read_arg(cursor, unified, symbols);
  if (entry == nullptr || !cursor.skip("},\"data\":[{")) return false;

  Message* const message = out.add();
  if (message == nullptr) return false;
  if (unified ? !cursor.skip("\"a\":[") : !cursor.skip("\"asks\":[")) return false;
  if (!cursor.levels<0>(*entry, out, message->asks)) return false;
  if (unified ? !cursor.skip(",\"b\":[") : !cursor.skip(",\"bids\":[")) return false;
  if (!cursor.levels<0>(*entry, out, message->bids)) return false;
  std::string_view text;
  std::uint64_t number = 0;
  if (cursor.skip(",\"checksum\":")) {  // nothing, where there are numbers
    (void)cursor.skip('-');
    if (!cursor.digits(text, number)) return false;
  }
  std::uint64_t last = 0;
  std::uint64_t previous = 0;
  const bool replaces = kBooks[entry->channel].snapshot == SnapshotSource::Replace;
  const bool numbered = !replaces || !cursor.skip(",\"ts\":\"");
  if (numbered && !(read_chain(cursor, last, previous) && cursor.skip(",\"ts\":\""))) return false;
  if (!read_milliseconds(cursor, message->venue_time) || !cursor.skip("\"}]")) return false;
  if (cursor.skip(",\"ts\":") && !cursor.digits(text, number)) return false;
  if (!cursor.skip('}') || !cursor.at_end() || !put_bids_first(out, *message)) return false;
  const bool whole = !update || replaces;
  message->kind = whole ? MessageKind::Snapshot : MessageKind::Delta;
  message->channel = entry->channel;
  message->instrument = entry->id;
  message->ids = numbered ? kHasLast : 0;
  message->last = SequenceNo{last};
  if (!whole) {
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

bool decode_quickly(bool spot, const Frame& frame, const SymbolTable& symbols,
                    DecodeScratch& scratch, MessageBatch& out) noexcept {
  return read_quickly(frame, scratch, out, [&](std::string_view payload) noexcept {
    return read(spot, payload, symbols, out);
  });
}

}  // namespace steelyard::bitget
