#include "venues/gate_channels.hpp"

namespace steelyard::gate {

using json::Token;
using json::Value;

Feed feed_of(const Dialect& dialect, std::string_view channel) noexcept {
  if (!channel.starts_with(dialect.prefix)) return Feed::None;
  channel.remove_prefix(dialect.prefix.size());
  if (channel == "obu") return Feed::Window;
  if (channel == "order_book_update") return Feed::Updates;
  if (channel == "order_book") return Feed::Whole;
  if (channel == "trades") return Feed::Trades;
  if (channel == "book_ticker") return Feed::Best;
  if (channel == "public_liquidates") return Feed::Forced;
  if (channel == "ping" || channel == "pong" || channel == "system") return Feed::Control;
  for (const std::string_view known : {"tickers",
                                       "candlesticks",
                                       "contract_stats",
                                       "contract_info",
                                       "trades_v2",
                                       "orders",
                                       "orders_v2",
                                       "usertrades",
                                       "usertrades_v2",
                                       "liquidates",
                                       "auto_deleverages",
                                       "position_closes",
                                       "positions",
                                       "balances",
                                       "reduce_risk_limits",
                                       "autoorders",
                                       "margin_balances",
                                       "funding_balances",
                                       "cross_balances",
                                       "cross_loan",
                                       "priceorders",
                                       "position_adl_rank",
                                       "login"}) {
    if (channel == known) return Feed::Other;
  }
  return Feed::None;
}

bool parse_stamp(std::string_view text, TimestampNs& time) noexcept {
  const std::size_t dot = text.find('.');
  std::uint64_t value = 0;
  const std::string_view whole = text.substr(0, dot);
  if (whole.size() > 13 || !json::parse_id(whole, value)) return false;
  std::uint64_t unit = whole.size() <= 10 ? 1'000'000'000U : 1'000'000U;
  value *= unit;
  if (dot != std::string_view::npos) {
    for (const char c : text.substr(dot + 1)) {
      if (c < '0' || c > '9') return false;
      unit /= 10;
      value += unit * static_cast<std::uint64_t>(c - '0');
    }
  }
  if (value > static_cast<std::uint64_t>(INT64_MAX)) return false;
  time = TimestampNs{static_cast<std::int64_t>(value)};
  return true;
}

// Spot says who took; of contracts, sizes below zero are sold.
DecodeStatus read_print(const Dialect& dialect, bool forced, Value& value,
                        const SymbolTable& symbols, DecodeScratch& scratch, MessageBatch& out,
                        DecodeStatus& result) noexcept {
  Token symbol, price, size, side, id, ms, seconds;
  const DecodeStatus status = json::walk(value, [&](std::string_view key, Value& member) noexcept {
    Token* const token = key == "currency_pair" || key == "contract"   ? &symbol
                         : key == "price"                              ? &price
                         : key == "amount" || key == "size"            ? &size
                         : key == "side"                               ? &side
                         : key == "id"                                 ? &id
                         : key == "create_time_ms" || key == "time_ms" ? &ms
                         : key == "create_time" || key == "time"       ? &seconds
                                                                       : nullptr;
    if (token != nullptr) *token = json::token(member);
    return DecodeStatus::Ok;
  });
  if (status != DecodeStatus::Ok) return status;
  const MessageKind kind = forced ? MessageKind::Liquidation : MessageKind::Trade;
  const bool below_zero = !size.text.empty() && size.text[0] == '-';
  const bool sells = dialect.futures ? below_zero : side.text == "sell";
  if (!price.there() || !size.there() || (!dialect.futures && !sells && side.text != "buy")) {
    return DecodeStatus::Malformed;
  }
  const SymbolEntry* const entry = symbols.find(symbol.text);
  if (entry == nullptr) {
    const DecodeStatus missed = json::unwanted(scratch, symbol.text, kind, 0);
    if (is_defect(missed)) return missed;
    if (out.messages().empty()) result = missed;
    return DecodeStatus::Ok;
  }
  if (dialect.futures && below_zero) size.text.remove_prefix(1);
  Level level;
  const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry, scratch, level);
  if (parsed != DecodeStatus::Ok) return parsed;
  TimestampNs time;
  if (!parse_stamp(ms.there() ? ms.text : seconds.text, time)) return DecodeStatus::Malformed;
  result = DecodeStatus::Ok;
  return json::add_print(out, kind, *entry, level, sells ? Aggressor::Sell : Aggressor::Buy,
                         forced ? std::string_view{} : id.text, time);
}

}  // namespace steelyard::gate
