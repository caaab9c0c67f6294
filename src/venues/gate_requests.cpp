// src/venues/gate_requests.cpp -- the cold half of Gate: requests, control messages, metadata.
#include <map>
#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/gate.hpp"
#include "venues/gate_codec.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::gate {
namespace {

using metadata::member;

// What is asked for, and whether a request may name several of it.
struct Wish {
  std::string channel;  // behind the prefix
  std::string payload;  // without its brackets
  bool listed = true;
};

[[nodiscard]] std::string in_quotes(std::string_view text) {
  return std::string{'"'}.append(text).append(1, '"');
}

[[nodiscard]] Wish wish(const Dialect& dialect, const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  switch (stream.kind) {
    case StreamKind::Book: {
      const std::uint8_t row = stream.instrument->channel;
      if (row == kUpdatesRow) {
        return {"order_book_update",
                in_quotes(symbol) + (dialect.futures ? R"(,"100ms","100")" : R"(,"100ms")"), false};
      }
      if (row == kWholeRow) {
        return {"order_book",
                in_quotes(symbol) + (dialect.futures ? R"(,"100","0")" : R"(,"100","100ms")"),
                false};
      }
      const std::string_view name = kBooks[row].channel;  // "obu.50"
      return {"obu", in_quotes("ob." + symbol + std::string{name.substr(name.find('.'))})};
    }
    case StreamKind::Trades:
      return {"trades", in_quotes(symbol)};
    case StreamKind::Bbo:
      return {"book_ticker", in_quotes(symbol)};
    case StreamKind::Liquidations:
      return {"public_liquidates", in_quotes(symbol)};
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] bool is_zero(const std::string& text) {
  const Significand value = parse_significand(text);
  return !value.valid || value.mantissa == 0;
}

// "BTC_USDT": BTC-USDT-PERP; "BTC_USDT_20260925": BTC-USDT-260925.
[[nodiscard]] std::string normalised(const std::string& contract) {
  const std::size_t first = contract.find('_');
  if (first == std::string::npos) return contract;
  const std::size_t second = contract.find('_', first + 1);
  const std::string pair =
      contract.substr(0, first) + '-' +
      contract.substr(first + 1,
                      second == std::string::npos ? std::string::npos : second - first - 1);
  if (second == std::string::npos) return pair + "-PERP";
  const std::string date = contract.substr(second + 1);
  return pair + '-' + (date.size() == 8 ? date.substr(2) : date);
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string channel = member(root, "channel");
  const std::string event = member(root, "event");
  simdjson::dom::element result;
  const bool has_result = root["result"].get(result) == simdjson::SUCCESS && result.is_object();
  if (channel.ends_with(".pong")) {
    control.kind = Control::Kind::Pong;
  } else if (!member(root, "error").empty() || !member(root, "label").empty()) {
    control.kind = Control::Kind::Rejected;
  } else if (event == "subscribe" || event == "unsubscribe") {
    const bool failed = has_result && member(result, "status") == "fail";
    control.kind = failed ? Control::Kind::Rejected : Control::Kind::Acknowledged;
  } else if (channel.ends_with(".system")) {
    const bool upgrade = has_result && member(result, "type") == "upgrade";
    control.kind = upgrade ? Control::Kind::PleaseReconnect : Control::Kind::Other;
  } else if (!channel.empty()) {
    control.kind = Control::Kind::Other;
  }
  return control;
}

// {"time":1,"id":7,"channel":"spot.obu","event":"subscribe","payload":["ob.BTC_USDT.50",...]}. The
// time is of use to those who sign.
std::vector<std::string> requests(const Dialect& dialect, std::string_view event,
                                  std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> channels;  // of lists, in the order in which they come first
  std::map<std::string, std::vector<std::string>> lists;
  std::vector<std::string> out;
  const auto ask = [&](std::string_view channel, std::string_view payload) {
    std::string text = R"({"time":1,"id":)" + std::to_string(id + out.size());
    text.append(R"(,"channel":")").append(dialect.prefix).append(channel);
    text.append(R"(","event":")").append(event).append(R"(","payload":[)");
    out.push_back(text.append(payload).append("]}"));
  };
  for (const Stream& stream : streams) {
    const Wish one = wish(dialect, stream);
    if (!one.listed) {
      ask(one.channel, one.payload);
      continue;
    }
    std::vector<std::string>& list = lists[one.channel];
    if (list.empty()) channels.push_back(one.channel);
    list.push_back(one.payload);
  }
  for (const std::string& channel : channels) {
    const std::vector<std::string>& list = lists[channel];
    for (std::size_t at = 0; at < list.size();) {
      std::string payload;
      for (std::uint32_t count = 0; at < list.size() && count < kGate.limits.args_per_request;
           ++at, ++count) {
        if (count != 0) payload += ',';
        payload += list[at];
      }
      ask(channel, payload);
    }
  }
  return out;
}

// As many levels as the updates cover.
RestRequest snapshot(const Dialect& dialect, const Instrument& instrument) {
  return {.target = std::string{dialect.book} + instrument.symbol + "&limit=100&with_id=true"};
}

std::vector<InstrumentInfo> spot_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "")) {
    InstrumentInfo& info = out.emplace_back();
    info.symbol = member(entry, "id");
    info.name = member(entry, "base") + '-' + member(entry, "quote");
    info.tick_size = metadata::step_of_places(member(entry, "precision"));
    info.lot_size = metadata::step_of_places(member(entry, "amount_precision"));
    info.multiplier = "1";
    info.trading = member(entry, "trade_status") == "tradable";
  }
  return out;
}

// A multiplier of zero: a contract is a dollar. Settled in bitcoin and with one: quanto.
std::vector<InstrumentInfo> futures_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "")) {
    InstrumentInfo& info = out.emplace_back();
    info.symbol = member(entry, "name");
    info.name = normalised(info.symbol);
    info.tick_size = member(entry, "order_price_round");
    const bool decimal = member(entry, "enable_decimal") == "true";
    const std::string least = member(entry, "order_size_min");
    info.lot_size = decimal && !is_zero(least) ? least : "1";
    info.multiplier = "1";
    info.trading = member(entry, "in_delisting") != "true" &&
                   (member(entry, "status").empty() || member(entry, "status") == "trading");
    const std::string size = member(entry, "quanto_multiplier");
    if (is_zero(size)) {
      info.kind = ContractKind::Inverse;
      info.contract_size = 1.0;
    } else if (info.symbol.ends_with("_USD")) {
      info.kind = ContractKind::Quanto;
    } else {
      info.kind = ContractKind::Linear;
      info.multiplier = size;
    }
  }
  return out;
}

}  // namespace steelyard::gate
