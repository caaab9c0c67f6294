#include "venues/okx_requests.hpp"

#include <simdjson.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/decimal.hpp"

namespace steelyard::okx {
namespace {

constexpr std::size_t kMaxArgs = 100;
constexpr std::size_t kMaxBytes = 48 * 1024;

// The type by which liquidations are subscribed, told from the shape of the instrument's name.
[[nodiscard]] std::string_view type_of(std::string_view symbol) {
  const auto dashes = std::count(symbol.begin(), symbol.end(), '-');
  if (symbol.ends_with("-SWAP")) return "SWAP";
  if (dashes >= 4) return "OPTION";
  return dashes == 2 ? "FUTURES" : "MARGIN";
}

[[nodiscard]] std::string argument(std::span<const BookChannel> books, const Stream& stream) {
  const auto with_symbol = [&](std::string_view channel) {
    std::string text = "{\"channel\":\"";
    text.append(channel).append("\",\"instId\":\"").append(stream.instrument->symbol);
    return text.append("\"}");
  };
  switch (stream.kind) {
    case StreamKind::Book:
      return with_symbol(books[stream.instrument->channel].channel);
    case StreamKind::Trades:
      return with_symbol("trades");
    case StreamKind::Bbo:
      return with_symbol("bbo-tbt");
    case StreamKind::Liquidations:
      return std::string{"{\"channel\":\"liquidation-orders\",\"instType\":\""}
          .append(type_of(stream.instrument->symbol))
          .append("\"}");
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::string member(simdjson::dom::element object, std::string_view name) {
  std::string_view text;
  return object[name].get_string().get(text) == simdjson::SUCCESS ? std::string{text}
                                                                  : std::string{};
}

// a * b as exact decimal text; empty where one of them is none.
[[nodiscard]] std::string product(const std::string& a, const std::string& b) {
  for (int exponent = 0; exponent >= kMinExponent / 2; --exponent) {
    const DecimalResult x = parse_decimal(a, exponent);
    const DecimalResult y = parse_decimal(b, exponent);
    if (x.status != DecimalStatus::Ok || y.status != DecimalStatus::Ok) continue;
    std::int64_t mantissa = 0;
    if (__builtin_mul_overflow(x.mantissa, y.mantissa, &mantissa)) return {};
    char out[kMaxDecimalText];
    return std::string{format_decimal(mantissa, 2 * exponent, out)};
  }
  return {};
}

[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry) {
  InstrumentInfo info;
  info.symbol = member(entry, "instId");
  info.name = info.symbol;
  info.tick_size = member(entry, "tickSz");
  info.lot_size = member(entry, "lotSz");
  info.multiplier = "1";
  info.trading = member(entry, "state") == "live";
  const std::string type = member(entry, "instType");
  if (type == "SPOT" || type == "MARGIN") return info;
  if (type == "SWAP") info.name.replace(info.name.size() - 4, 4, "PERP");
  std::string multiplier = member(entry, "ctMult");
  if (multiplier.empty()) multiplier = "1";
  const std::string size = product(member(entry, "ctVal"), multiplier);
  const std::string contract = member(entry, "ctType");
  const std::string unit = member(entry, "ctValCcy");
  const std::string base = info.symbol.substr(0, info.symbol.find('-'));
  info.kind = type == "OPTION" ? ContractKind::Option : ContractKind::Quanto;
  if (contract == "inverse" && !size.empty()) {
    info.kind = ContractKind::Inverse;
    info.contract_size = std::stod(size);
  } else if (unit == base && !size.empty()) {
    if (type != "OPTION") info.kind = ContractKind::Linear;
    info.multiplier = size;
  }
  return info;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  if (payload == "pong") return {Control::Kind::Pong, "pong", {}};
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string event = member(root, "event");
  if (event == "subscribe" || event == "unsubscribe") {
    control.kind = Control::Kind::Acknowledged;
  } else if (event == "error" || event == "channel-conn-count-error") {
    control.kind = Control::Kind::Rejected;
  } else if (event == "notice") {
    control.kind =
        member(root, "code") == "64008" ? Control::Kind::PleaseReconnect : Control::Kind::Other;
  } else if (event == "channel-conn-count" || event == "login") {
    control.kind = Control::Kind::Other;
  } else if (!member(root, "code").empty()) {
    control.kind = Control::Kind::Rejected;
  }
  return control;
}

std::vector<std::string> requests(std::string_view operation, std::span<const BookChannel> books,
                                  std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> args;
  std::set<std::string> seen;  // liquidations of one type are one argument, whatever is asked for
  for (const Stream& stream : streams) {
    std::string arg = argument(books, stream);
    if (seen.insert(arg).second) args.push_back(std::move(arg));
  }
  std::vector<std::string> out;
  for (std::size_t at = 0; at < args.size();) {
    std::string text = "{\"id\":\"" + std::to_string(id + out.size()) + "\",\"op\":\"";
    text.append(operation).append("\",\"args\":[");
    for (std::size_t count = 0; at < args.size() && count < kMaxArgs; ++at, ++count) {
      if (count != 0 && text.size() + args[at].size() + 4 > kMaxBytes) break;
      if (count != 0) text += ',';
      text += args[at];
    }
    out.push_back(text.append("]}"));
  }
  return out;
}

RestRequest snapshot(const Instrument& instrument) {
  return {"/api/v5/market/books?instId=" + instrument.symbol + "&sz=400", 1};
}

std::vector<RestRequest> instrument_lists() {
  return {{"/api/v5/public/instruments?instType=SPOT", 1},
          {"/api/v5/public/instruments?instType=SWAP", 1},
          {"/api/v5/public/instruments?instType=FUTURES", 1}};
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  const simdjson::padded_string text{answer};
  const auto error = parser.parse(text)["data"].get_array().get(list);
  if (error) {
    throw std::runtime_error{std::string{"instruments: no list in the answer: "} +
                             simdjson::error_message(error)};
  }
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : list) out.push_back(read_instrument(entry));
  return out;
}

}  // namespace steelyard::okx
