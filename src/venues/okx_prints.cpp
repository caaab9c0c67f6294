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
  for (auto member : object) {
    simdjson::ondemand::raw_json_string raw_key;
    if (const auto error = member.key().get(raw_key)) return json::status_of(error);
    const std::string_view key = json::key_text(raw_key);
    Value value;
    if (const auto error = member.value().get(value)) return json::status_of(error);
    Token* const token = key == "instId"    ? &print.symbol
                         : key == "px"      ? &print.price
                         : key == "bkPx"    ? &print.liquidation_price
                         : key == "sz"      ? &print.size
                         : key == "side"    ? &print.side
                         : key == "ts"      ? &print.time
                         : key == "tradeId" ? &print.id
                                            : nullptr;
    if (token != nullptr) *token = json::token_of(value.raw_json_token());
  }
  return DecodeStatus::Ok;
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
    for (auto member : object) {
      simdjson::ondemand::raw_json_string raw_key;
      if (const auto error = member.key().get(raw_key)) return json::status_of(error);
      const std::string_view key = json::key_text(raw_key);
      Value value;
      if (const auto error = member.value().get(value)) return json::status_of(error);
      if (key == "instId") {
        symbol = json::token_of(value.raw_json_token());
        name(symbol.text);
      } else if (key == "details" && !symbol.there()) {
        early = true;
      } else if (key == "details" && entry_ != nullptr) {
        const DecodeStatus status = read_details(value);
        if (status != DecodeStatus::Ok) return status;
      }
    }
    if (!early || !symbol.there()) break;
    if (object.reset().error() != simdjson::SUCCESS) return DecodeStatus::Malformed;
  }
  if (!symbol.there()) return DecodeStatus::Malformed;
  return entry_ == nullptr && out_.messages().empty()
             ? json::unwanted(scratch_, symbol.text, MessageKind::Liquidation, 0)
             : DecodeStatus::Ok;
}

DecodeStatus PrintReader::read_details(Value& value) noexcept {
  json::Array details;
  if (const auto error = value.get_array().get(details)) return json::status_of(error);
  for (auto detail : details) {
    json::Object object;
    if (const auto error = detail.get_object().get(object)) return json::status_of(error);
    Print print;
    DecodeStatus status = read_tokens(object, print);
    if (status != DecodeStatus::Ok) return status;
    status = add_print(MessageKind::Liquidation, print.liquidation_price, print);
    if (status != DecodeStatus::Ok) return status;
  }
  return DecodeStatus::Ok;
}

DecodeStatus PrintReader::add_print(MessageKind kind, const Token& price,
                                    const Print& print) noexcept {
  if (!price.there() || !print.size.there()) return DecodeStatus::Malformed;
  const bool buy = print.side.text == "buy";
  if (!buy && print.side.text != "sell") return DecodeStatus::Malformed;
  Message* const message = out_.add();
  if (message == nullptr) return DecodeStatus::TooLarge;
  message->kind = kind;
  message->instrument = entry_->id;
  message->aggressor = buy ? Aggressor::Buy : Aggressor::Sell;
  if (!json::parse_time(print.time.text, message->venue_time)) return DecodeStatus::Malformed;
  std::uint64_t id = 0;
  if (json::parse_id(print.id.text, id)) {
    message->ids = kHasLast;
    message->last = SequenceNo{id};
  }
  Level level;
  const DecodeStatus status =
      json::parse_level(price.text, print.size.text, *entry_, scratch_, level);
  if (status != DecodeStatus::Ok) return status;
  if (!out_.push(level)) return DecodeStatus::TooLarge;
  message->bids = 1;
  return DecodeStatus::Ok;
}

}  // namespace steelyard::okx
