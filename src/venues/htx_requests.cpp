// src/venues/htx_requests.cpp -- the cold half of HTX: requests, control messages, metadata.
#include <stdexcept>

#include "venues/htx_codec.hpp"
#include "venues/inflate.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::htx {
namespace {

using metadata::member;

[[nodiscard]] std::string topic(const Dialect& dialect, const Stream& stream) {
  std::string text = "market." + stream.instrument->symbol + '.';
  switch (stream.kind) {
    case StreamKind::Book:
      return text.append(dialect.books[stream.instrument->channel].channel);
    case StreamKind::Trades:
      return text.append("trade.detail");
    case StreamKind::Bbo:
      return text.append("bbo");
    case StreamKind::Liquidations:
      return "public." + stream.instrument->symbol + ".liquidation_orders";
  }
  throw std::logic_error{"no such stream kind"};
}

// "BTC-USDT" is a swap; "BTC-USDT-260925" a dated contract.
[[nodiscard]] std::string contract_name(const std::string& code) {
  const bool dated = code.find('-') != code.rfind('-');
  return dated ? code : code + "-PERP";
}

[[nodiscard]] InstrumentInfo contract(simdjson::dom::element entry) {
  InstrumentInfo info;
  info.symbol = member(entry, "contract_code");
  info.name = contract_name(info.symbol);
  info.tick_size = member(entry, "price_tick");
  info.lot_size = "1";
  info.multiplier = "1";
  info.trading = member(entry, "contract_status") == "1";
  return info;
}

// Streams of dated coin-margined contracts are named by their place in the calendar: BTC_CQ.
void name_by_place(simdjson::dom::element entry, InstrumentInfo& info) {
  const std::string type = member(entry, "contract_type");
  const std::string place = type == "this_week"      ? "CW"
                            : type == "next_week"    ? "NW"
                            : type == "quarter"      ? "CQ"
                            : type == "next_quarter" ? "NQ"
                                                     : "";
  if (place.empty()) return;
  const std::string coin = member(entry, "symbol");
  info.name = coin + "-USD-" + info.symbol.substr(std::min(coin.size(), info.symbol.size()));
  info.symbol = coin + '_' + place;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  const std::string text = plain_text(payload);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = text.substr(0, 300);
  const std::string op = member(root, "op");
  if (const std::string ping = member(root, "ping"); !ping.empty()) {
    control.kind = Control::Kind::Probe;
    control.answer = "{\"pong\":" + ping + "}";
  } else if (op == "ping") {
    control.kind = Control::Kind::Probe;
    control.answer = "{\"op\":\"pong\",\"ts\":\"" + member(root, "ts") + "\"}";
  } else if (op == "close" || op == "error") {
    control.kind = op == "close" ? Control::Kind::PleaseReconnect : Control::Kind::Rejected;
  } else if (const std::string error = member(root, "err-code");
             member(root, "status") == "error" || (!error.empty() && error != "0")) {
    control.kind = Control::Kind::Rejected;
  } else if (!member(root, "subbed").empty() || !member(root, "unsubbed").empty() || op == "sub" ||
             op == "unsub") {
    control.kind = Control::Kind::Acknowledged;
  } else {
    control.kind = Control::Kind::Other;
  }
  return control;
}

std::vector<std::string> requests(const Dialect& dialect, std::string_view operation,
                                  std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> out;
  for (const Stream& stream : streams) {
    const std::string number = std::to_string(id + out.size());
    const std::string name = topic(dialect, stream);
    std::string text;
    if (stream.kind == StreamKind::Liquidations) {
      text.append("{\"op\":\"").append(operation).append("\",\"cid\":\"").append(number);
      text.append("\",\"topic\":\"").append(name).append("\"}");
    } else {
      text.append("{\"").append(operation).append("\":\"").append(name);
      const bool changes = stream.kind == StreamKind::Book &&
                           dialect.books[stream.instrument->channel].link.link == Link::Step;
      if (changes) text.append("\",\"data_type\":\"incremental");
      text.append("\",\"id\":\"").append(number).append("\"}");
    }
    out.push_back(std::move(text));
  }
  return out;
}

std::string snapshot_message(const Dialect& dialect, const Instrument& instrument,
                             std::uint64_t id) {
  return "{\"req\":\"" + topic(dialect, {StreamKind::Book, &instrument}) + "\",\"id\":\"" +
         std::to_string(id) + "\"}";
}

// Both lists: /v1/settings/common/symbols abbreviates what /v1/common/symbols spells out.
std::vector<InstrumentInfo> spot_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data")) {
    const auto either = [&](std::string_view brief, std::string_view full) {
      std::string text = member(entry, brief);
      return text.empty() ? member(entry, full) : text;
    };
    InstrumentInfo& info = out.emplace_back();
    info.symbol = either("sc", "symbol");
    info.name = metadata::upper(either("bc", "base-currency")) + '-' +
                metadata::upper(either("qc", "quote-currency"));
    info.tick_size = metadata::step_of_places(either("tpp", "price-precision"));
    info.lot_size = metadata::step_of_places(either("tap", "amount-precision"));
    info.multiplier = "1";
    info.trading = member(entry, "state") == "online";
  }
  return out;
}

std::vector<InstrumentInfo> linear_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data")) {
    InstrumentInfo& info = out.emplace_back(contract(entry));
    info.kind = ContractKind::Linear;
    info.multiplier = member(entry, "contract_size");
  }
  return out;
}

std::vector<InstrumentInfo> coin_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data")) {
    InstrumentInfo& info = out.emplace_back(contract(entry));
    info.kind = ContractKind::Inverse;
    const std::string size = member(entry, "contract_size");
    if (!size.empty()) info.contract_size = std::stod(size);
    name_by_place(entry, info);
  }
  return out;
}

}  // namespace steelyard::htx
