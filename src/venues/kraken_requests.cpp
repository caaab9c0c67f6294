#include "venues/kraken_requests.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/json.hpp"
#include "venues/kraken.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::kraken {
namespace {

using metadata::member;

// What is the same for all symbols of one request, without its closing brace.
[[nodiscard]] std::string params_of(const Stream& stream, bool subscribe) {
  switch (stream.kind) {
    case StreamKind::Book:
      return R"("channel":"book","depth":)" +
             std::to_string(kKraken.books[stream.instrument->channel].depth) +
             (subscribe ? R"(,"snapshot":true)" : "");
    case StreamKind::Trades:
      return subscribe ? R"("channel":"trade","snapshot":false)" : R"("channel":"trade")";
    case StreamKind::Bbo:
      return R"("channel":"ticker","event_trigger":"bbo")";
    case StreamKind::Liquidations:
      break;
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::vector<std::string> requests(bool subscribe, std::span<const Stream> streams,
                                                std::uint64_t id) {
  std::vector<std::string> groups;  // in the order in which they are asked for first
  std::map<std::string, std::vector<const Stream*>> members;
  for (const Stream& stream : streams) {
    std::string params = params_of(stream, subscribe);
    std::vector<const Stream*>& list = members[params];
    if (list.empty()) groups.push_back(std::move(params));
    list.push_back(&stream);
  }
  std::vector<std::string> out;
  for (const std::string& params : groups) {
    const std::vector<const Stream*>& list = members[params];
    for (std::size_t at = 0; at < list.size();) {
      std::string text = R"({"method":")";
      text.append(subscribe ? "subscribe" : "unsubscribe").append(R"(","params":{)");
      text.append(params).append(R"(,"symbol":[)");
      for (std::uint32_t args = 0; at < list.size(); ++at, ++args) {
        const std::string& symbol = list[at]->instrument->symbol;
        if (args == kKraken.limits.args_per_request ||
            text.size() + symbol.size() + 64 > kKraken.limits.bytes_per_request) {
          break;
        }
        if (args != 0) text += ',';
        text.append(1, '"').append(symbol).append(1, '"');
      }
      text.append(R"(]},"req_id":)").append(std::to_string(id + out.size())).append(1, '}');
      out.push_back(std::move(text));
    }
  }
  return out;
}

[[nodiscard]] int places_in(const std::string& text) {
  std::uint64_t places = 0;
  return json::parse_id(text, places) && places <= static_cast<std::uint64_t>(-kMinExponent)
             ? static_cast<int>(places)
             : 0;
}

[[nodiscard]] std::string first_of(std::string a, std::string b) {
  return a.empty() ? std::move(b) : std::move(a);
}

// REST still writes the names of old: XBT/USD is BTC/USD on the wire.
[[nodiscard]] std::string on_the_wire(const std::string& asset) {
  if (asset == "XBT") return "BTC";
  return asset == "XDG" ? "DOGE" : asset;
}

[[nodiscard]] InstrumentInfo read_pair(simdjson::dom::element pair) {
  InstrumentInfo info;
  const std::string wsname = member(pair, "wsname");
  if (const std::size_t slash = wsname.find('/'); slash != std::string::npos) {
    info.symbol =
        on_the_wire(wsname.substr(0, slash)) + '/' + on_the_wire(wsname.substr(slash + 1));
  } else {
    info.symbol = member(pair, "symbol");
  }
  info.name = info.symbol;
  std::replace(info.name.begin(), info.name.end(), '/', '-');
  info.price_places =
      places_in(first_of(member(pair, "pair_decimals"), member(pair, "price_precision")));
  info.qty_places =
      places_in(first_of(member(pair, "lot_decimals"), member(pair, "qty_precision")));
  info.tick_size = first_of(member(pair, "tick_size"), member(pair, "price_increment"));
  if (info.tick_size.empty()) {
    info.tick_size = metadata::step_of_places(std::to_string(info.price_places));
  }
  info.lot_size = metadata::step_of_places(std::to_string(info.qty_places));
  info.multiplier = "1";
  info.trading = member(pair, "status") == "online";
  return info;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string method = member(root, "method");
  const std::string channel = member(root, "channel");
  if (method == "pong") {
    control.kind = Control::Kind::Pong;
  } else if (!member(root, "error").empty() || member(root, "success") == "false") {
    control.kind = Control::Kind::Rejected;
  } else if (method == "subscribe" || method == "unsubscribe") {
    control.kind = Control::Kind::Acknowledged;
  } else if (channel == "heartbeat" || channel == "status" || !method.empty()) {
    control.kind = Control::Kind::Other;
  }
  return control;
}

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return requests(true, streams, id);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return requests(false, streams, id);
}

std::vector<RestRequest> instrument_lists() { return {{.target = "/0/public/AssetPairs"}}; }

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  const simdjson::padded_string text{answer};
  simdjson::dom::object pairs;
  if (parser.parse(text)["result"].get_object().get(pairs) == simdjson::SUCCESS) {
    for (const simdjson::dom::key_value_pair& pair : pairs) out.push_back(read_pair(pair.value));
  } else {
    for (const simdjson::dom::element pair : metadata::list(parser, answer, "data.pairs")) {
      out.push_back(read_pair(pair));
    }
  }
  return out;
}

}  // namespace steelyard::kraken
