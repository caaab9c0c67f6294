// src/venues/bybit_requests.cpp -- the cold half of the Bybit codec.
#include <set>
#include <stdexcept>

#include "venues/bybit_codec.hpp"
#include "venues/json.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::bybit {
namespace {

using metadata::member;

constexpr std::size_t kMaxBytes = 16 * 1024;

[[nodiscard]] std::string topic(const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  switch (stream.kind) {
    case StreamKind::Book:
      return std::string{kBooks[stream.instrument->channel].channel} + '.' + symbol;
    case StreamKind::Trades:
      return "publicTrade." + symbol;
    case StreamKind::Bbo:
      return "orderbook.1." + symbol;
    case StreamKind::Liquidations:
      return "allLiquidation." + symbol;
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::string step(simdjson::dom::element entry, std::string_view filter,
                               std::string_view name) {
  simdjson::dom::element members;
  if (entry[filter].get(members) != simdjson::SUCCESS) return {};
  return member(members, name);
}

[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry,
                                             std::string_view category) {
  InstrumentInfo info;
  info.symbol = member(entry, "symbol");
  info.name = member(entry, "baseCoin") + '-' + member(entry, "quoteCoin");
  info.tick_size = step(entry, "priceFilter", "tickSize");
  info.lot_size = step(entry, "lotSizeFilter", "qtyStep");
  if (info.lot_size.empty()) info.lot_size = step(entry, "lotSizeFilter", "basePrecision");
  info.multiplier = "1";
  info.trading = member(entry, "status") == "Trading";
  const std::string contract = member(entry, "contractType");
  if (contract.empty()) return info;
  const bool inverse = category == "inverse" || contract.starts_with("Inverse");
  info.kind = inverse ? ContractKind::Inverse : ContractKind::Linear;
  if (inverse) info.contract_size = 1.0;  // sizes are dollars
  const std::string date = metadata::date_of_ms(member(entry, "deliveryTime"));
  info.name += contract.ends_with("Perpetual") || date.empty() ? "-PERP" : '-' + date;
  return info;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string operation = member(root, "op");
  // The answer to a ping of spot and contracts has "ping" for its operation, too.
  if (operation == "pong" || operation == "ping" || member(root, "ret_msg") == "pong") {
    control.kind = Control::Kind::Pong;
  } else if (member(root, "success") == "false") {
    control.kind = Control::Kind::Rejected;
  } else if (operation == "subscribe" || operation == "unsubscribe" ||
             member(root, "type") == "COMMAND_RESP") {
    control.kind = Control::Kind::Acknowledged;
  } else if (!operation.empty()) {
    control.kind = Control::Kind::Other;
  }
  return control;
}

std::vector<std::string> requests(const Dialect& dialect, std::string_view operation,
                                  std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> topics;
  std::set<std::string> seen;  // a book by the BBO channel is the BBO channel
  for (const Stream& stream : streams) {
    std::string text = topic(stream);
    if (seen.insert(text).second) topics.push_back(std::move(text));
  }
  std::vector<std::string> out;
  for (std::size_t at = 0; at < topics.size();) {
    std::string text = R"({"req_id":")" + std::to_string(id + out.size()) + R"(","op":")";
    text.append(operation).append(R"(","args":[)");
    for (std::uint32_t args = 0; at < topics.size(); ++at, ++args) {
      if (args == dialect.args_per_request || text.size() + topics[at].size() + 8 > kMaxBytes) {
        break;
      }
      if (args != 0) text += ',';
      text.append(1, '"').append(topics[at]).append(1, '"');
    }
    out.push_back(text.append("]}"));
  }
  return out;
}

// A list has a thousand instruments at most. What is no longer, or not yet, traded is left out, so
// that one answer holds all.
std::vector<RestRequest> instrument_lists(const Dialect& dialect) {
  return {{.target = "/v5/market/instruments-info?category=" + std::string{dialect.category} +
                     "&status=Trading&limit=1000"}};
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  const simdjson::dom::array list = metadata::list(parser, answer, "result.list");
  const std::string_view category = category_of(answer, {});
  for (const simdjson::dom::element entry : list) out.push_back(read_instrument(entry, category));
  return out;
}

std::string_view category_of(std::string_view payload, std::string_view request) {
  constexpr std::string_view kCategories[] = {"spot", "linear", "inverse"};
  const std::string_view asked = json::query_value(request, "category");
  for (const std::string_view category : kCategories) {
    if (asked == category) return category;
  }
  if (!asked.empty()) return {};
  // It stands ahead of the list that it is of.
  const std::string_view head = payload.substr(0, 200);
  for (const std::string_view category : kCategories) {
    const std::string said = R"("category":")" + std::string{category} + '"';
    if (head.find(said) != std::string_view::npos) return category;
  }
  return {};
}

}  // namespace steelyard::bybit
