// src/venues/kucoin_requests.cpp -- the cold half of KuCoin: requests, tickets, control, metadata.
#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

#include "venues/kucoin.hpp"
#include "venues/kucoin_codec.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::kucoin {
namespace {

using metadata::member;

// What a row or kind is called ahead of ":BTC-USDT".
[[nodiscard]] std::string topic(const Dialect& dialect, const Stream& stream) {
  const std::string_view market = dialect.futures ? "/contractMarket/" : "/market/";
  switch (stream.kind) {
    case StreamKind::Book: {
      const std::string_view row = dialect.books[stream.instrument->channel].channel;
      const bool shallow = !dialect.futures && row != "level2";
      return std::string{shallow ? "/spotMarket/" : market}.append(row);
    }
    case StreamKind::Trades:
      return std::string{market}.append(dialect.futures ? "execution" : "match");
    case StreamKind::Bbo:  // spot has level1 too, which is faster and says not of which book it is
      return std::string{market}.append(dialect.futures ? "tickerV2" : "ticker");
    case StreamKind::Liquidations:
      break;
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::string coin(std::string text) { return text == "XBT" ? "BTC" : text; }

[[nodiscard]] std::string pair(simdjson::dom::element entry) {
  return coin(member(entry, "baseCurrency")) + '-' + coin(member(entry, "quoteCurrency"));
}

// Linear: so much of the coin; inverse: so many dollars, told as -1 or as 1.
void size_contract(InstrumentInfo& info, bool inverse, std::string size) {
  if (!size.empty() && size[0] == '-') size.erase(0, 1);
  info.multiplier = "1";
  if (inverse) {
    info.kind = ContractKind::Inverse;
    info.contract_size = size.empty() ? 1.0 : std::stod(size);
  } else {
    info.kind = ContractKind::Linear;
    if (!size.empty()) info.multiplier = size;
  }
}

void date_contract(InstrumentInfo& info, const std::string& expiry) {
  const std::string date = metadata::date_of_ms(expiry);
  info.name += date.empty() ? "-PERP" : '-' + date;
}

// Tokens are put into a query: what would not survive there is escaped.
[[nodiscard]] std::string escaped(std::string_view text) {
  constexpr std::string_view kSafe = "-_.~=";
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || kSafe.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return out;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string type = member(root, "type");
  const std::string result = member(root, "result");
  const std::string code = member(root, "code");
  if (type == "welcome" || member(root, "message") == "welcome") {
    control.kind = Control::Kind::Welcome;
  } else if (type == "pong") {
    control.kind = Control::Kind::Pong;
  } else if (type == "ack" || result == "true") {
    control.kind = Control::Kind::Acknowledged;
  } else if (type == "error" || result == "false" || (!code.empty() && code != "200000")) {
    control.kind = Control::Kind::Rejected;
  } else if (!type.empty() || !result.empty() || !member(root, "message").empty()) {
    control.kind = Control::Kind::Other;
  }
  return control;
}

// {"id":"2","type":"subscribe","topic":"/market/level2:BTC-USDT,ETH-USDT",...}
std::vector<std::string> classic_requests(const Dialect& dialect, std::string_view operation,
                                          std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> names;  // in the order in which they come first
  std::map<std::string, std::vector<std::string_view>> symbols;
  for (const Stream& stream : streams) {
    const std::string name = topic(dialect, stream);
    std::vector<std::string_view>& of = symbols[name];
    if (of.empty()) names.push_back(name);
    of.push_back(stream.instrument->symbol);
  }
  const Limits& limits = kKucoin.limits;
  std::vector<std::string> out;
  for (const std::string& name : names) {
    const std::vector<std::string_view>& of = symbols[name];
    for (std::size_t at = 0; at < of.size();) {
      std::string text = R"({"id":")" + std::to_string(id + out.size()) + R"(","type":")";
      text.append(operation).append(R"(","topic":")").append(name).append(1, ':');
      for (std::uint32_t count = 0; at < of.size(); ++at, ++count) {
        if (count == limits.args_per_request ||
            text.size() + of[at].size() + 64 > limits.bytes_per_request) {
          break;
        }
        if (count != 0) text += ',';
        text.append(of[at]);
      }
      out.push_back(text.append(R"(","privateChannel":false,"response":true})"));
    }
  }
  return out;
}

// One symbol a request.
std::vector<std::string> unified_requests(const Dialect& dialect, std::string_view operation,
                                          std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> out;
  for (const Stream& stream : streams) {
    const bool trades = stream.kind == StreamKind::Trades;
    std::string text = R"({"id":")" + std::to_string(id + out.size()) + R"(","action":")";
    text.append(operation).append(R"(","channel":")").append(trades ? "trade" : "obu");
    text.append(R"(","tradeType":")").append(dialect.trade_type);
    text.append(R"(","symbol":")").append(stream.instrument->symbol).append(1, '"');
    if (!trades) {
      const std::string_view depth = stream.kind == StreamKind::Bbo
                                         ? std::string_view{"1"}
                                         : dialect.books[stream.instrument->channel].channel;
      // Without orders that only retail may take.
      text.append(R"(,"depth":")").append(depth).append(R"(","rpiFilter":0)");
    }
    out.push_back(text.append(1, '}'));
  }
  return out;
}

RestRequest ticket_request() {
  return {.target = "/api/v1/bullet-public", .weight = 10, .post = true};
}

// {"code":"200000","data":{"token":"...","instanceServers":[{"endpoint":"wss://host/","...
Ticket ticket(std::string_view answer) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text{answer};
  simdjson::dom::element root, data;
  std::string token, endpoint;
  if (parser.parse(text).get(root) == simdjson::SUCCESS &&
      root["data"].get(data) == simdjson::SUCCESS) {
    token = member(data, "token");
    simdjson::dom::element server;
    if (data["instanceServers"].at(0).get(server) == simdjson::SUCCESS) {
      endpoint = member(server, "endpoint");
    }
  }
  constexpr std::string_view kScheme = "wss://";
  if (token.empty() || !endpoint.starts_with(kScheme)) {
    throw std::runtime_error{"no token and endpoint in the answer: " +
                             std::string{answer.substr(0, 200)}};
  }
  const std::string_view rest = std::string_view{endpoint}.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  Ticket to;
  to.host = authority.substr(0, colon);
  to.port = colon == authority.size() ? "443" : authority.substr(colon + 1);
  to.path = slash == rest.size() ? "/" : rest.substr(slash);
  to.path += "?token=" + escaped(token);
  return to;
}

std::vector<InstrumentInfo> spot_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data")) {
    InstrumentInfo& info = out.emplace_back();
    info.symbol = member(entry, "symbol");
    info.name = pair(entry);
    info.tick_size = member(entry, "priceIncrement");
    info.lot_size = member(entry, "baseIncrement");
    info.multiplier = "1";
    info.trading = member(entry, "enableTrading") == "true";
  }
  return out;
}

std::vector<InstrumentInfo> futures_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data")) {
    InstrumentInfo& info = out.emplace_back();
    info.symbol = member(entry, "symbol");
    info.name = pair(entry);
    info.tick_size = member(entry, "tickSize");
    info.lot_size = member(entry, "lotSize");
    info.trading = member(entry, "status") == "Open";
    size_contract(info, member(entry, "isInverse") == "true", member(entry, "multiplier"));
    date_contract(info, member(entry, "expireDate"));
  }
  return out;
}

std::vector<InstrumentInfo> unified_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data.list")) {
    const auto either = [&entry](std::string_view one, std::string_view other) {
      std::string text = member(entry, one);
      return text.empty() ? member(entry, other) : text;
    };
    InstrumentInfo& info = out.emplace_back();
    info.symbol = member(entry, "symbol");
    info.name = pair(entry);
    info.tick_size = member(entry, "tickSize");
    info.lot_size = either("lotSize", "baseOrderStep");
    info.multiplier = "1";
    const std::string status = member(entry, "tradingStatus");
    info.trading = status == "1" || status == "TradingEnabled" || status == "Open";
    if (member(entry, "contractType").empty() && member(entry, "settlementCurrency").empty()) {
      continue;
    }
    size_contract(info, member(entry, "isInverse") == "true", either("unitSize", "multiplier"));
    date_contract(info, member(entry, "expiryTime"));
  }
  return out;
}

}  // namespace steelyard::kucoin
