#include "venues/okx_prints.hpp"

namespace steelyard::okx {

using json::Token;
using json::Value;

// One trade or liquidation order, members in any order.
struct PrintReader::Print {
  Token symbol, price, size, side, time, id;
  Token liquidation_price;
};

void PrintReader::name(std::string_view symbol) noexcept {
  symbol_ = symbol;
  entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
}

DecodeStatus PrintReader::read_tokens(json::Object& object, Print& print) noexcept {
  return json::walk(object, [&](std::string_view key, Value& value) noexcept {
    Token* const token = key == "instId"    ? &print.symbol
                         : key == "px"      ? &print.price
                         : key == "bkPx"    ? &print.liquidation_price
                         : key == "sz"      ? &print.size
                         : key == "side"    ? &print.side
                         : key == "ts"      ? &print.time
                         : key == "tradeId" ? &print.id
                                            : nullptr;
    if (token != nullptr) *token = json::token(value);
    return DecodeStatus::Ok;
  });
}

DecodeStatus PrintReader::read_trade(json::Object& object) noexcept {
  Print print;
  const DecodeStatus status = read_tokens(object, print);
  if (status != DecodeStatus::Ok) return status;
  if (print.symbol.there()) name(print.symbol.text);
  if (symbol_.empty()) return DecodeStatus::Malformed;
  if (entry_ == nullptr) return json::unwanted(scratch_, symbol_, MessageKind::Trade, 0);
  return add_print(MessageKind::Trade, print.price, print);
}

// A frame mixes instruments of one type; those that nobody asked for are passed over.
DecodeStatus PrintReader::read_liquidations(json::Object& object) noexcept {
  Token symbol;
  bool early = false;
  for (int pass = 0; pass < 2; ++pass) {
    early = false;
    const DecodeStatus status =
        json::walk(object, [&](std::string_view key, Value& value) noexcept {
          if (key == "instId") {
            symbol = json::token(value);
            name(symbol.text);
          } else if (key == "details" && !symbol.there()) {
            early = true;
          } else if (key == "details" && entry_ != nullptr) {
            return read_details(value);
          }
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    if (!early || !symbol.there()) break;
    if (object.reset().error() != simdjson::SUCCESS) return DecodeStatus::Malformed;
  }
  if (!symbol.there()) return DecodeStatus::Malformed;
  return entry_ == nullptr && out_.messages().empty()
             ? json::unwanted(scratch_, symbol.text, MessageKind::Liquidation, 0)
             : DecodeStatus::Ok;
}

DecodeStatus PrintReader::read_details(Value& value) noexcept {
  return json::each(value, [&](Value& detail) noexcept {
    json::Object object;
    if (const auto error = detail.get_object().get(object)) return json::status_of(error);
    Print print;
    const DecodeStatus status = read_tokens(object, print);
    return status == DecodeStatus::Ok
               ? add_print(MessageKind::Liquidation, print.liquidation_price, print)
               : status;
  });
}

DecodeStatus PrintReader::add_print(MessageKind kind, const Token& price,
                                    const Print& print) noexcept {
  const bool buy = print.side.text == "buy";
  if (!price.there() || !print.size.there() || (!buy && print.side.text != "sell")) {
    return DecodeStatus::Malformed;
  }
  Level level;
  const DecodeStatus status =
      json::parse_level(price.text, print.size.text, *entry_, scratch_, level);
  if (status != DecodeStatus::Ok) return status;
  return json::add_print(out_, kind, *entry_, level, buy ? Aggressor::Buy : Aggressor::Sell,
                         print.id.text, print.time.text);
}

}  // namespace steelyard::okx
