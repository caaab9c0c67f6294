#include "venues/coinbase_requests.hpp"

#include <algorithm>
#include <map>

#include "venues/coinbase.hpp"
#include "venues/coinbase_exchange.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::coinbase {
namespace {

using metadata::member;

// What a request says beside its products, for each kind of stream; empty: there is no such stream.
using Channels = std::string (*)(const Stream&);

[[nodiscard]] std::vector<std::string> requests(std::string_view type, const Limits& limits,
                                                std::span<const Stream> streams,
                                                Channels channels) {
  std::vector<std::string> groups;  // in the order in which they are asked for first
  std::map<std::string, std::vector<std::string_view>> products;
  for (const Stream& stream : streams) {
    std::string group = channels(stream);
    if (group.empty()) continue;
    std::vector<std::string_view>& list = products[group];
    if (list.empty()) groups.push_back(std::move(group));
    list.push_back(stream.instrument->symbol);
  }
  std::vector<std::string> out;
  for (const std::string& group : groups) {
    const std::vector<std::string_view>& list = products[group];
    for (std::size_t at = 0; at < list.size();) {
      std::string text = R"({"type":")";
      text.append(type).append(R"(","product_ids":[)");
      for (std::uint32_t args = 0; at < list.size(); ++at, ++args) {
        if (args == limits.args_per_request ||
            text.size() + list[at].size() + group.size() + 16 > limits.bytes_per_request) {
          break;
        }
        if (args != 0) text += ',';
        text.append(1, '"').append(list[at]).append(1, '"');
      }
      out.push_back(text.append("],").append(group).append(1, '}'));
    }
  }
  return out;
}

// One channel a message.
[[nodiscard]] std::string channel_of(const Stream& stream) {
  if (stream.kind == StreamKind::Book) return R"("channel":"level2")";
  return stream.kind == StreamKind::Trades ? R"("channel":"market_trades")" : std::string{};
}

[[nodiscard]] std::string exchange_channel(const Stream& stream) {
  if (stream.kind == StreamKind::Book) {
    return R"("channels":[")" +
           std::string{kCoinbaseExchange.books[stream.instrument->channel].channel} + "\"]";
  }
  return stream.kind == StreamKind::Trades ? R"("channels":["matches"])" : std::string{};
}

// A quiet connection is told from a dead one by a heartbeat a second.
[[nodiscard]] std::string exchange_channels(const Stream& stream) {
  std::string text = exchange_channel(stream);
  if (!text.empty()) text.insert(text.size() - 1, R"(,"heartbeat")");
  return text;
}

[[nodiscard]] std::string of_details(simdjson::dom::element product, std::string_view name) {
  simdjson::dom::element details;
  if (product["future_product_details"].get(details) != simdjson::SUCCESS) return {};
  return details.is_object() ? member(details, name) : std::string{};
}

// "2026-09-25T08:00:00Z" is 260925.
[[nodiscard]] std::string date_of(const std::string& time) {
  if (time.size() < 10 || time[4] != '-' || time[7] != '-') return {};
  return time.substr(2, 2) + time.substr(5, 2) + time.substr(8, 2);
}

[[nodiscard]] InstrumentInfo read_product(simdjson::dom::element product) {
  InstrumentInfo info;
  info.symbol = member(product, "product_id");
  info.name = info.symbol;
  info.tick_size = member(product, "price_increment");
  if (info.tick_size.empty()) info.tick_size = member(product, "quote_increment");
  info.lot_size = member(product, "base_increment");
  info.multiplier = "1";
  info.trading = member(product, "status") != "delisted" &&
                 member(product, "trading_disabled") != "true" &&
                 member(product, "is_disabled") != "true" && member(product, "view_only") != "true";
  if (member(product, "product_type") != "FUTURE") return info;
  info.kind = ContractKind::Linear;
  const std::string size = of_details(product, "contract_size");
  if (!size.empty()) info.multiplier = size;
  const std::string base = of_details(product, "contract_root_unit");
  const std::string quote = member(product, "quote_currency_id");
  const std::string date = date_of(of_details(product, "contract_expiry"));
  const bool perpetual = of_details(product, "contract_expiry_type") == "PERPETUAL";
  if (!base.empty() && !quote.empty() && (perpetual || !date.empty())) {
    info.name = base + '-' + quote + '-' + (perpetual ? "PERP" : date);
  }
  return info;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string type = member(root, "type");
  const std::string channel = member(root, "channel");
  if (type == "error") {
    control.kind = Control::Kind::Rejected;
  } else if (type == "subscriptions" || channel == "subscriptions") {
    control.kind = Control::Kind::Acknowledged;
  } else if (type == "heartbeat" || channel == "heartbeats") {
    control.kind = Control::Kind::Other;
  }
  return control;
}

// A connection of which nothing is asked within five seconds is closed, and channels without
// updates are after a minute or more.
std::vector<std::string> greeting() { return {R"({"type":"subscribe","channel":"heartbeats"})"}; }

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t) {
  return requests("subscribe", kCoinbase.limits, streams, channel_of);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t) {
  return requests("unsubscribe", kCoinbase.limits, streams, channel_of);
}

std::vector<RestRequest> instrument_lists() {
  return {{.target = "/api/v3/brokerage/market/products"}};
}

// BTC-USDC has no book of its own: it is asked for by that name, and arrives as BTC-USD.
std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  std::map<std::string, std::vector<std::string>> aliases;
  for (const simdjson::dom::element product : metadata::list(parser, answer, "products")) {
    const std::string alias = member(product, "alias");
    if (alias.empty()) {
      out.push_back(read_product(product));
    } else {
      aliases[alias].push_back(member(product, "product_id"));
    }
  }
  for (InstrumentInfo& info : out) {
    if (const auto found = aliases.find(info.symbol); found != aliases.end()) {
      info.aliases = found->second;
    }
  }
  return out;
}

std::vector<std::string> subscribe_to_exchange(std::span<const Stream> streams, std::uint64_t) {
  return requests("subscribe", kCoinbaseExchange.limits, streams, exchange_channels);
}
std::vector<std::string> unsubscribe_from_exchange(std::span<const Stream> streams, std::uint64_t) {
  return requests("unsubscribe", kCoinbaseExchange.limits, streams, exchange_channel);
}

std::vector<RestRequest> exchange_lists() { return {{.target = "/products"}}; }

std::vector<InstrumentInfo> exchange_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element product : metadata::list(parser, answer, "")) {
    InstrumentInfo info;
    info.symbol = member(product, "id");
    info.name = info.symbol;
    info.tick_size = member(product, "quote_increment");
    info.lot_size = member(product, "base_increment");
    info.multiplier = "1";
    info.trading =
        member(product, "status") == "online" && member(product, "trading_disabled") != "true";
    out.push_back(std::move(info));
  }
  return out;
}

}  // namespace steelyard::coinbase
