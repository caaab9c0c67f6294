#include "venues/hyperliquid_requests.hpp"

#include <map>
#include <stdexcept>

#include "venues/hyperliquid.hpp"
#include "venues/json.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::hyperliquid {
namespace {

using metadata::member;

// One subscription a request. A coin that there is not closes the socket without a word: symbols
// come from the venue's own lists.
[[nodiscard]] std::string request(const char* method, const Stream& stream) {
  std::string text = R"({"method":")";
  text.append(method).append(R"(","subscription":{"type":")");
  switch (stream.kind) {
    case StreamKind::Book:
      text += "l2Book";
      break;
    case StreamKind::Trades:
      text += "trades";
      break;
    case StreamKind::Bbo:
      text += "bbo";
      break;
    case StreamKind::Liquidations:
      throw std::logic_error{"no such stream kind"};
  }
  text.append(R"(","coin":")").append(stream.instrument->symbol).append(1, '"');
  if (stream.kind == StreamKind::Book &&
      kHyperliquid.books[stream.instrument->channel].channel == "fast") {
    text += R"(,"fast":true)";
  }
  return text.append("}}");
}

[[nodiscard]] std::vector<std::string> requests(const char* method,
                                                std::span<const Stream> streams) {
  std::vector<std::string> out;
  for (const Stream& stream : streams) out.push_back(request(method, stream));
  return out;
}

// "Tick and lot size": so many decimals less those of the size, and never below none.
[[nodiscard]] std::string tick_of(int most, std::string_view size_decimals) {
  std::uint64_t decimals = 0;
  for (const char c : size_decimals) {
    if (c < '0' || c > '9') return "0";
    decimals = decimals * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (size_decimals.empty() || size_decimals.size() > 2) return "0";
  const int places = most - static_cast<int>(decimals);
  return metadata::step_of_places(std::to_string(places < 0 ? 0 : places));
}

// Sizes are of the coin; kPEPE is a thousand of them, by that name.
[[nodiscard]] InstrumentInfo read_perpetual(simdjson::dom::element entry) {
  InstrumentInfo info;
  info.symbol = member(entry, "name");
  info.name = info.symbol + "-USDC-PERP";
  info.kind = ContractKind::Linear;
  const std::string decimals = member(entry, "szDecimals");
  info.tick_size = tick_of(6, decimals);
  info.lot_size = metadata::step_of_places(decimals);
  info.multiplier = "1";
  info.trading = member(entry, "isDelisted") != "true";
  return info;
}

struct Token {
  std::string name, size_decimals;
};

// A pair names its tokens by their numbers; most have no name of their own but "@107".
[[nodiscard]] InstrumentInfo read_pair(simdjson::dom::element entry,
                                       const std::map<std::string, Token>& tokens) {
  InstrumentInfo info;
  info.symbol = member(entry, "name");
  info.name = info.symbol;
  info.kind = ContractKind::Spot;
  info.multiplier = "1";
  info.tick_size = info.lot_size = "0";
  simdjson::dom::array pair;
  if (entry["tokens"].get_array().get(pair) != simdjson::SUCCESS || pair.size() != 2) return info;
  const auto base = tokens.find(metadata::text_of(pair.at(0).value()));
  const auto quote = tokens.find(metadata::text_of(pair.at(1).value()));
  if (base == tokens.end() || quote == tokens.end()) return info;
  info.name = base->second.name + '-' + quote->second.name;
  info.tick_size = tick_of(8, base->second.size_decimals);
  info.lot_size = metadata::step_of_places(base->second.size_decimals);
  return info;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string channel = member(root, "channel");
  if (channel == "pong") {
    control.kind = Control::Kind::Pong;
  } else if (channel == "error") {
    control.kind = Control::Kind::Rejected;
  } else if (channel == "subscriptionResponse") {
    control.kind = Control::Kind::Acknowledged;
  }
  return control;
}

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t /*id*/) {
  return requests("subscribe", streams);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t /*id*/) {
  return requests("unsubscribe", streams);
}

std::vector<RestRequest> instrument_lists() {
  return {{.target = "/info", .weight = 20, .post = true, .body = R"({"type":"meta"})"},
          {.target = "/info", .weight = 20, .post = true, .body = R"({"type":"spotMeta"})"}};
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  const simdjson::dom::array universe = metadata::list(parser, answer, "universe");
  simdjson::dom::parser again;
  const simdjson::padded_string text{answer};
  simdjson::dom::array list;
  if (again.parse(text)["tokens"].get_array().get(list) != simdjson::SUCCESS) {
    for (const simdjson::dom::element entry : universe) out.push_back(read_perpetual(entry));
    return out;
  }
  std::map<std::string, Token> tokens;
  for (const simdjson::dom::element token : list) {
    tokens[member(token, "index")] = {member(token, "name"), member(token, "szDecimals")};
  }
  for (const simdjson::dom::element entry : universe) out.push_back(read_pair(entry, tokens));
  return out;
}

}  // namespace steelyard::hyperliquid
