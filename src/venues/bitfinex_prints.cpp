#include "venues/bitfinex_prints.hpp"

namespace steelyard::bitfinex {

using json::Token;
using json::Value;

namespace {

[[nodiscard]] DecodeStatus add_print(MessageKind kind, const SymbolEntry& entry,
                                     std::string_view price, std::string_view amount,
                                     Aggressor aggressor, std::string_view id,
                                     std::string_view time, DecodeScratch& scratch,
                                     MessageBatch& out) noexcept {
  Level level;
  const DecodeStatus parsed =
      json::parse_level(price, amount, entry, scratch, level, kFinestAmount);
  if (parsed != DecodeStatus::Ok) return parsed;
  return json::add_print(out, kind, entry, level, aggressor, id, time);
}

}  // namespace

// [id, time, amount, price]: an amount above zero was bought by the taker.
DecodeStatus read_trade(Value& value, const SymbolEntry& entry, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  Token cells[4];
  int found = 0;
  const DecodeStatus status = json::each(value, [&](Value& cell) noexcept {
    if (found < 4) cells[found++] = json::token(cell);
    return DecodeStatus::Ok;
  });
  if (status != DecodeStatus::Ok) return status;
  if (found != 4) return DecodeStatus::Malformed;
  std::string_view amount = cells[2].text;
  const bool sell = amount.starts_with('-');
  if (sell) amount.remove_prefix(1);
  return add_print(MessageKind::Trade, entry, cells[3].text, amount,
                   sell ? Aggressor::Sell : Aggressor::Buy, cells[0].text, cells[1].text, scratch,
                   out);
}

// Rows of ["pos", position, time, null, symbol, amount, base price, null, is_match,
// is_market_sold, null, price]. A position is told of when it is to be closed and when it is
// (is_match 1): that is the event. A long one, above zero, is sold.
DecodeStatus read_liquidations(Value& value, const SymbolTable& symbols, DecodeScratch& scratch,
                               MessageBatch& out) noexcept {
  return json::each(value, [&](Value& row) noexcept {
    Token cells[12];
    int found = 0;
    const DecodeStatus status = json::each(row, [&](Value& cell) noexcept {
      if (found < 12) cells[found++] = json::token(cell);
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    if (found < 9 || cells[0].text != "pos") return DecodeStatus::Malformed;
    const SymbolEntry* const entry = symbols.find(cells[4].text);
    if (cells[8].text != "1") {
      ++scratch.not_events;
      return DecodeStatus::Ok;
    }
    if (entry == nullptr) return DecodeStatus::Ok;
    const bool told = found == 12 && !cells[11].text.empty() && cells[11].text != "null";
    std::string_view amount = cells[5].text;
    const bool is_short = amount.starts_with('-');
    if (is_short) amount.remove_prefix(1);
    return add_print(MessageKind::Liquidation, *entry, cells[told ? 11 : 6].text, amount,
                     is_short ? Aggressor::Buy : Aggressor::Sell, cells[1].text, cells[2].text,
                     scratch, out);
  });
}

}  // namespace steelyard::bitfinex
