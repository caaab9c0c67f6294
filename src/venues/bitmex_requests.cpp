#include "venues/bitmex_requests.hpp"

#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/bitmex.hpp"
#include "venues/json.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::bitmex {
namespace {

using metadata::member;

[[nodiscard]] std::string topic(const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  switch (stream.kind) {
    case StreamKind::Book:
      return std::string{kBitmex.books[stream.instrument->channel].channel} + ':' + symbol;
    case StreamKind::Trades:
      return "trade:" + symbol;
    case StreamKind::Bbo:
      return "quote:" + symbol;
    case StreamKind::Liquidations:
      return "liquidation:" + symbol;
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::vector<std::string> requests(std::string_view operation,
                                                std::span<const Stream> streams) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < streams.size();) {
    std::string text = R"({"op":")" + std::string{operation} + R"(","args":[)";
    for (std::uint32_t args = 0; at < streams.size(); ++at, ++args) {
      const std::string name = topic(streams[at]);
      if (args == kBitmex.limits.args_per_request ||
          text.size() + name.size() + 8 > kBitmex.limits.bytes_per_request) {
        break;
      }
      if (args != 0) text += ',';
      text.append(1, '"').append(name).append(1, '"');
    }
    out.push_back(text.append("]}"));
  }
  return out;
}

[[nodiscard]] std::string coin(const std::string& name) { return name == "XBT" ? "BTC" : name; }

// 1 / `divisor` as exact decimal text; empty where there is none.
[[nodiscard]] std::string inverse_of(const std::string& divisor) {
  std::uint64_t number = 0;
  if (!json::parse_id(divisor, number) || number == 0) return {};
  std::uint64_t power = 1;
  for (int places = 0; places <= -kMinExponent && places <= 18; ++places, power *= 10) {
    if (power % number != 0) continue;
    char text[kMaxDecimalText];
    return std::string{format_decimal(static_cast<std::int64_t>(power / number), -places, text)};
  }
  return {};
}

// a / b of numbers that may have signs; empty where b does not divide a power of ten.
[[nodiscard]] std::string ratio(std::string a, std::string b) {
  for (std::string* text : {&a, &b}) {
    if (text->starts_with('-')) text->erase(0, 1);
  }
  return metadata::product(a, inverse_of(b));
}

// "2026-09-25T12:00:00.000Z" -> "260925"
[[nodiscard]] std::string date(const std::string& expiry) {
  if (expiry.size() < 10) return {};
  return expiry.substr(2, 2) + expiry.substr(5, 2) + expiry.substr(8, 2);
}

// The type is a code of ISO 10962: FFWCSX perpetuals, FFCCSX futures, IFXXXP spot.
[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry) {
  InstrumentInfo info;
  info.symbol = member(entry, "symbol");
  info.tick_size = member(entry, "tickSize");
  info.lot_size = member(entry, "lotSize");
  info.multiplier = "1";
  const std::string type = member(entry, "typ");
  const std::string pair =
      coin(member(entry, "underlying")) + '-' + coin(member(entry, "quoteCurrency"));
  info.trading = member(entry, "state") == "Open";
  if (type == "FFWCSX") {
    info.name = pair + "-PERP";
  } else if (type == "FFCCSX") {
    info.name = pair + '-' + date(member(entry, "expiry"));
  } else if (type == "IFXXXP") {
    info.name = pair;
  } else {
    info.name = info.symbol;
    info.trading = false;  // spreads have prices below zero; indexes have no book
  }
  const std::string settled = member(entry, "underlyingToSettleMultiplier");
  if (member(entry, "isInverse") == "true") {
    info.kind = ContractKind::Inverse;
    const std::string dollars = ratio(member(entry, "multiplier"), settled);
    info.contract_size = dollars.empty() ? 1.0 : std::stod(dollars);
  } else if (member(entry, "isQuanto") == "true") {
    info.kind = ContractKind::Quanto;
  } else {
    info.kind = type == "IFXXXP" ? ContractKind::Spot : ContractKind::Linear;
    // A contract is a part of the underlying; where that is not said, of what it settles in.
    std::string part = inverse_of(member(entry, "underlyingToPositionMultiplier"));
    if (part.empty()) {
      part = ratio(member(entry, "multiplier"), member(entry, "quoteToSettleMultiplier"));
    }
    if (!part.empty()) info.multiplier = part;
  }
  return info;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  if (payload == "pong") {
    control.kind = Control::Kind::Pong;
    return control;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  simdjson::dom::element value;
  const auto has = [&](const char* key) { return root[key].get(value) == simdjson::SUCCESS; };
  if (has("error")) {
    control.kind = Control::Kind::Rejected;
  } else if (has("subscribe")) {
    control.kind =
        member(root, "success") == "true" ? Control::Kind::Acknowledged : Control::Kind::Rejected;
  } else if (has("info") || has("unsubscribe")) {
    control.kind = Control::Kind::Other;
  }
  return control;
}

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t) {
  return requests("subscribe", streams);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t) {
  return requests("unsubscribe", streams);
}

std::vector<RestRequest> instrument_lists() { return {{.target = "/api/v1/instrument/active"}}; }

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "")) {
    out.push_back(read_instrument(entry));
  }
  return out;
}

}  // namespace steelyard::bitmex
