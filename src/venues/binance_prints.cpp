#include "venues/binance_prints.hpp"

namespace steelyard::binance {

using json::Token;

namespace {

// An empty side is sent as zeros.
[[nodiscard]] DecodeStatus push_quote(const Token& price, const Token& size,
                                      const SymbolEntry& entry, DecodeScratch& scratch,
                                      MessageBatch& out, std::uint32_t& count) noexcept {
  if (!price.there() || !size.there()) return DecodeStatus::Malformed;
  const DecimalResult none = parse_decimal(price.text, 0);
  if (none.status == DecimalStatus::Ok && none.mantissa == 0) return DecodeStatus::Ok;
  Level level;
  const DecodeStatus status = json::parse_level(price.text, size.text, entry, scratch, level);
  if (status != DecodeStatus::Ok) return status;
  if (level.qty.raw() == 0) return DecodeStatus::Ok;
  if (!out.push(level)) return DecodeStatus::TooLarge;
  ++count;
  return DecodeStatus::Ok;
}

[[nodiscard]] DecodeStatus add_print(MessageKind kind, const SymbolEntry& entry, const Token& price,
                                     const Token& size, const Token& id, const Token& time,
                                     Aggressor aggressor, DecodeScratch& scratch,
                                     MessageBatch& out) noexcept {
  Message* const message = out.add();
  if (message == nullptr) return DecodeStatus::TooLarge;
  message->kind = kind;
  message->instrument = entry.id;
  message->aggressor = aggressor;
  if (!json::parse_time(time.text, message->venue_time)) return DecodeStatus::Malformed;
  std::uint64_t number = 0;
  if (json::parse_id(id.text, number)) {
    message->ids = kHasLast;
    message->last = SequenceNo{number};
  }
  Level level;
  const DecodeStatus status = json::parse_level(price.text, size.text, entry, scratch, level);
  if (status != DecodeStatus::Ok) return status;
  if (!out.push(level)) return DecodeStatus::TooLarge;
  message->bids = 1;
  return DecodeStatus::Ok;
}

}  // namespace

bool is_best(Event& event) noexcept {
  std::uint64_t last = 0;
  return event.letter['s'].there() && json::parse_id(event.letter['u'].text, last);
}

bool is_trade(Event& event) noexcept {
  Letters& letter = event.letter;
  return letter['s'].there() && letter['p'].there() && letter['q'].there() && letter['m'].there();
}

bool is_liquidation(Event& event) noexcept {
  Letters& letter = event.letter;
  return event.other_letters_object && letter['s'].there() && letter['p'].there() &&
         letter['q'].there();
}

DecodeStatus add_best(Event& event, const SymbolEntry& entry, DecodeScratch& scratch,
                      MessageBatch& out) noexcept {
  Letters& letter = event.letter;
  std::uint64_t last = 0;
  if (!json::parse_id(letter['u'].text, last)) return DecodeStatus::Malformed;
  Message* const message = out.add();
  if (message == nullptr) return DecodeStatus::TooLarge;
  message->kind = MessageKind::Bbo;
  message->instrument = entry.id;
  message->ids = kHasLast;
  message->last = SequenceNo{last};
  DecodeStatus status = push_quote(letter['b'], letter['B'], entry, scratch, out, message->bids);
  if (status == DecodeStatus::Ok) {
    status = push_quote(letter['a'], letter['A'], entry, scratch, out, message->asks);
  }
  (void)json::parse_time(letter['E'].text, message->venue_time);
  return status;
}

DecodeStatus add_trade(const Dialect& dialect, Event& event, const SymbolEntry& entry,
                       DecodeScratch& scratch, MessageBatch& out) noexcept {
  Letters& letter = event.letter;
  // Insurance fund and auto-deleveraging: no trades of the book.
  if (dialect.futures && letter['X'].there() && letter['X'].text != "MARKET") {
    ++scratch.not_events;
    return DecodeStatus::Ok;
  }
  const bool buyer_is_maker = letter['m'].text == "true";
  if (!buyer_is_maker && letter['m'].text != "false") return DecodeStatus::Malformed;
  Token& id = letter[letter['e'].text == "trade" ? 't' : 'a'];
  return add_print(MessageKind::Trade, entry, letter['p'], letter['q'], id,
                   letter['T'].there() ? letter['T'] : letter['E'],
                   buyer_is_maker ? Aggressor::Sell : Aggressor::Buy, scratch, out);
}

// The side is that of the forced order: SELL means that a long was liquidated.
DecodeStatus add_liquidation(Event& event, const SymbolEntry& entry, DecodeScratch& scratch,
                             MessageBatch& out) noexcept {
  Letters& letter = event.letter;
  const bool sell = letter['S'].text == "SELL";
  if (!sell && letter['S'].text != "BUY") return DecodeStatus::Malformed;
  return add_print(MessageKind::Liquidation, entry, letter['p'], letter['q'], Token{}, letter['T'],
                   sell ? Aggressor::Sell : Aggressor::Buy, scratch, out);
}

}  // namespace steelyard::binance
