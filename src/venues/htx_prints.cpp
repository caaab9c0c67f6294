#include "venues/htx_prints.hpp"

namespace steelyard::htx {

using json::Token;
using json::Value;

namespace {

// Of spot; contracts have [price, size] for either side.
struct Best {
  Token bid, ask, bid_size, ask_size, quote_id, order_id, time;
};

[[nodiscard]] DecodeStatus parse_quote(const Token& price, const Token& size,
                                       const SymbolEntry& entry, DecodeScratch& scratch,
                                       Level& level, bool& has) noexcept {
  if (!price.there() || price.text == "null" || price.text == "0") return DecodeStatus::Ok;
  if (!size.there()) return DecodeStatus::Malformed;
  has = true;
  return json::parse_level(price.text, size.text, entry, scratch, level, kFinestSize);
}

// [price, size]; null or empty is a side without levels.
[[nodiscard]] DecodeStatus read_quote(Value& value, const SymbolEntry& entry,
                                      DecodeScratch& scratch, Level& level, bool& has) noexcept {
  if (json::is_null(value)) return DecodeStatus::Ok;
  Token cells[2];
  std::size_t at = 0;
  const DecodeStatus status = json::each(value, [&](Value& cell) noexcept {
    if (at < 2) cells[at] = json::token(cell);
    ++at;
    return DecodeStatus::Ok;
  });
  if (status != DecodeStatus::Ok || at == 0) return status;
  return parse_quote(cells[0], cells[1], entry, scratch, level, has);
}

}  // namespace

// Contracts count both sides of a trade in "amount". "id" may have 27 digits: then it is none.
DecodeStatus read_trade(Value& value, bool past, const SymbolEntry& entry, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  Token price, size, side, time, id, trade_id;
  const DecodeStatus status = json::walk(value, [&](std::string_view key, Value& member) noexcept {
    Token* const token = key == "price"       ? &price
                         : key == "amount"    ? &size
                         : key == "direction" ? &side
                         : key == "ts"        ? &time
                         : key == "id"        ? &id
                         : key == "tradeId"   ? &trade_id
                                              : nullptr;
    if (token != nullptr) *token = json::token(member);
    return DecodeStatus::Ok;
  });
  if (status != DecodeStatus::Ok) return status;
  if (!price.there() || !size.there()) return DecodeStatus::Malformed;
  Level level;
  const DecodeStatus parsed =
      json::parse_level(price.text, size.text, entry, scratch, level, kFinestSize);
  if (parsed != DecodeStatus::Ok) return parsed;
  if (past) {
    ++scratch.not_events;
    return DecodeStatus::Ok;
  }
  const Aggressor aggressor = side.text == "buy"    ? Aggressor::Buy
                              : side.text == "sell" ? Aggressor::Sell
                                                    : Aggressor::Unknown;
  return json::add_print(out, MessageKind::Trade, entry, level, aggressor,
                         trade_id.there() ? trade_id.text : id.text, time.text);
}

// The direction is that of the forced order: "sell" closes a long. One topic may be of a whole
// market: what nobody follows is passed over.
DecodeStatus read_liquidation(Value& value, const SymbolTable& symbols, DecodeScratch& scratch,
                              MessageBatch& out, DecodeStatus& result) noexcept {
  Token symbol, price, size, side, time;
  const DecodeStatus status = json::walk(value, [&](std::string_view key, Value& member) noexcept {
    Token* const token = key == "contract_code" ? &symbol
                         : key == "price"       ? &price
                         : key == "volume"      ? &size
                         : key == "direction"   ? &side
                         : key == "created_at"  ? &time
                                                : nullptr;
    if (token != nullptr) *token = json::token(member);
    return DecodeStatus::Ok;
  });
  if (status != DecodeStatus::Ok) return status;
  const bool buy = side.text == "buy";
  if (!symbol.there() || !price.there() || !size.there() || (!buy && side.text != "sell")) {
    return DecodeStatus::Malformed;
  }
  const SymbolEntry* const entry = symbols.find(symbol.text);
  if (entry == nullptr) return DecodeStatus::Ok;
  Level level;
  const DecodeStatus parsed =
      json::parse_level(price.text, size.text, *entry, scratch, level, kFinestSize);
  if (parsed != DecodeStatus::Ok) return parsed;
  result = DecodeStatus::Ok;
  return json::add_print(out, MessageKind::Liquidation, *entry, level,
                         buy ? Aggressor::Buy : Aggressor::Sell, {}, time.text);
}

DecodeStatus read_best(const Dialect& dialect, Value& value, const SymbolEntry& entry,
                       DecodeScratch& scratch, MessageBatch& out) noexcept {
  Level bid, ask;
  bool has_bid = false, has_ask = false;
  Best tick;
  const DecodeStatus status = json::walk(value, [&](std::string_view key, Value& member) noexcept {
    if (!dialect.spot && key == "bid") return read_quote(member, entry, scratch, bid, has_bid);
    if (!dialect.spot && key == "ask") return read_quote(member, entry, scratch, ask, has_ask);
    Token* const token = key == "bid"         ? &tick.bid
                         : key == "ask"       ? &tick.ask
                         : key == "bidSize"   ? &tick.bid_size
                         : key == "askSize"   ? &tick.ask_size
                         : key == "seqId"     ? &tick.quote_id
                         : key == "mrid"      ? &tick.order_id
                         : key == "quoteTime" ? &tick.time
                         : key == "ts"        ? &tick.time
                                              : nullptr;
    if (token != nullptr) *token = json::token(member);
    return DecodeStatus::Ok;
  });
  if (status != DecodeStatus::Ok) return status;
  if (dialect.spot) {
    DecodeStatus parsed = parse_quote(tick.bid, tick.bid_size, entry, scratch, bid, has_bid);
    if (parsed == DecodeStatus::Ok)
      parsed = parse_quote(tick.ask, tick.ask_size, entry, scratch, ask, has_ask);
    if (parsed != DecodeStatus::Ok) return parsed;
  }
  Message* const message = out.add();
  if (message == nullptr) return DecodeStatus::TooLarge;
  message->kind = MessageKind::Bbo;
  message->instrument = entry.id;
  (void)json::parse_time(tick.time.text, message->venue_time);
  // Comparable with the book's numbers only where those are not versions of a stream.
  const Token& id = dialect.spot ? tick.quote_id : tick.order_id;
  const bool versions = dialect.books[entry.channel].link.link == Link::Step;
  std::uint64_t last = 0;
  if (!versions && json::parse_id(id.text, last)) {
    message->ids = kHasLast;
    message->last = SequenceNo{last};
  }
  if ((has_bid && !out.push(bid)) || (has_ask && !out.push(ask))) return DecodeStatus::TooLarge;
  message->bids = has_bid ? 1 : 0;
  message->asks = has_ask ? 1 : 0;
  return DecodeStatus::Ok;
}

}  // namespace steelyard::htx
