#include "venues/bitget_requests.hpp"

#include <set>
#include <stdexcept>

#include "venues/metadata_text.hpp"

namespace steelyard::bitget {
namespace {

using metadata::member;

// The type of a futures symbol, told from its text: coin-M ends in _CM (BTCUSD_CM), USDC-M in PERP
// (BTCPERP), USDT-M names its currency (BTCUSDT).
[[nodiscard]] std::string_view type_of(std::string_view symbol) {
  if (symbol.ends_with("_CM")) return "coin-futures";
  if (symbol.ends_with("PERP") || symbol.find("USDC") != std::string_view::npos) {
    return "usdc-futures";
  }
  return symbol.find("USDT") != std::string_view::npos ? "usdt-futures" : "coin-futures";
}

[[nodiscard]] std::string argument(const Venue& venue, bool spot, const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  const std::string_view type = spot ? std::string_view{"spot"} : type_of(symbol);
  std::string_view topic = "liquidation";
  if (stream.kind == StreamKind::Book) topic = venue.books[stream.instrument->channel].channel;
  if (stream.kind == StreamKind::Trades) topic = "publicTrade";
  if (stream.kind == StreamKind::Bbo) topic = "books1";
  std::string text = "{\"instType\":\"";
  text.append(type).append("\",\"topic\":\"").append(topic).append("\"");
  // Liquidations are of a whole market.
  if (stream.kind != StreamKind::Liquidations) {
    text.append(",\"symbol\":\"").append(symbol).append("\"");
  }
  return text.append("}");
}

[[nodiscard]] std::string first_of(simdjson::dom::element entry,
                                   std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (std::string text = member(entry, name); !text.empty()) return text;
  }
  return {};
}

[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry) {
  InstrumentInfo info;
  // v1 calls BTCUSDT_SPBL what its streams call BTCUSDT.
  info.symbol = first_of(entry, {"symbolName", "symbol"});
  const std::string category = member(entry, "category");
  const std::string base = member(entry, "baseCoin");
  const std::string quote = member(entry, "quoteCoin");
  // v3: the steps themselves, or places; v2 futures: priceEndStep * 10^-pricePlace; v1: scales.
  info.tick_size = member(entry, "priceMultiplier");
  if (info.tick_size.empty()) {
    const std::string places = first_of(entry, {"pricePrecision", "pricePlace", "priceScale"});
    std::string steps = member(entry, "priceEndStep");
    if (steps.empty()) steps = "1";
    info.tick_size = metadata::product(steps, metadata::step_of_places(places));
  }
  info.lot_size = first_of(entry, {"quantityMultiplier", "sizeMultiplier"});
  if (info.lot_size.empty()) {
    info.lot_size = metadata::step_of_places(
        first_of(entry, {"quantityPrecision", "volumePlace", "quantityScale"}));
  }
  info.multiplier = "1";
  const std::string status = first_of(entry, {"status", "symbolStatus"});
  info.trading = status.empty() || status == "online" || status == "normal";
  const bool futures = category.empty() ? !first_of(entry, {"pricePlace", "symbolType"}).empty()
                                        : !is_spot(category) && category != "MARGIN";
  info.name = base + '-' + quote;
  if (!futures) return info;
  info.kind = ContractKind::Linear;
  if (info.symbol.ends_with("_CM")) {
    // The unified account counts coin-M contracts of one quote unit, where v2 counted coins.
    info.kind = ContractKind::Inverse;
    info.contract_size = 1.0;
  }
  const std::string kind = first_of(entry, {"type", "symbolType"});
  std::string date;
  if (kind == "delivery") date = metadata::date_of_ms(member(entry, "deliveryTime"));
  if (kind == "delivery" && date.empty()) {
    info.name = info.symbol;
  } else {
    info.name += date.empty() ? std::string{"-PERP"} : '-' + date;
  }
  return info;
}

}  // namespace

bool is_spot(std::string_view type) noexcept {
  const auto lower = [](char c) noexcept { return static_cast<char>(c | 0x20); };
  for (const std::string_view word : {"sp", "spot", "spbl"}) {
    if (type.size() != word.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < word.size(); ++i) same = same && lower(type[i]) == word[i];
    if (same) return true;
  }
  return false;
}

Control control(std::string_view payload) {
  if (payload == "pong") return {Control::Kind::Pong, "pong", {}};
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string event = member(root, "event");
  if (event == "subscribe" || event == "unsubscribe") {
    control.kind = Control::Kind::Acknowledged;
  } else if (event == "error" || (event.empty() && !member(root, "code").empty())) {
    control.kind = Control::Kind::Rejected;
  } else if (!event.empty()) {
    control.kind = Control::Kind::Other;
  }
  return control;
}

std::vector<std::string> requests(std::string_view operation, bool spot, const Venue& venue,
                                  std::span<const Stream> streams) {
  std::vector<std::string> args;
  std::set<std::string> seen;
  for (const Stream& stream : streams) {
    std::string arg = argument(venue, spot, stream);
    if (seen.insert(arg).second) args.push_back(std::move(arg));
  }
  std::vector<std::string> out;
  for (std::size_t at = 0; at < args.size();) {
    std::string text = "{\"op\":\"";
    text.append(operation).append("\",\"args\":[");
    for (std::uint32_t count = 0; at < args.size() && count < venue.limits.args_per_request;
         ++at, ++count) {
      if (count != 0 && text.size() + args[at].size() + 3 > venue.limits.bytes_per_request) break;
      if (count != 0) text += ',';
      text += args[at];
    }
    out.push_back(text.append("]}"));
  }
  return out;
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data")) {
    out.push_back(read_instrument(entry));
  }
  return out;
}

Market market_of(std::string_view payload, std::string_view request) {
  if (!request.empty()) {
    if (request.find("/mix/") != std::string_view::npos) return Market::Futures;
    if (request.find("/spot/") != std::string_view::npos) return Market::Spot;
    const std::size_t at = request.find("category=");
    if (at == std::string_view::npos) return Market::Unsaid;
    const std::string_view category = request.substr(at + 9);
    return is_spot(category.substr(0, category.find('&'))) ? Market::Spot : Market::Futures;
  }
  constexpr std::string_view kKey = "\"instType\"";
  std::size_t at = payload.find(kKey);
  if (at == std::string_view::npos) return Market::Unsaid;
  at = payload.find('"', at + kKey.size());
  if (at == std::string_view::npos) return Market::Unsaid;
  const std::string_view type = payload.substr(at + 1);
  return is_spot(type.substr(0, type.find('"'))) ? Market::Spot : Market::Futures;
}

}  // namespace steelyard::bitget
