#include "venues/kraken_futures_requests.hpp"

#include <set>
#include <stdexcept>

#include "venues/kraken_futures.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::kraken_futures {
namespace {

using metadata::member;

// Liquidations are trades: whoever asks for either gets both.
[[nodiscard]] std::string_view feed_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::Book:
      return "book";
    case StreamKind::Trades:
    case StreamKind::Liquidations:
      return "trade";
    case StreamKind::Bbo:
      return "ticker";
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::vector<std::string> requests(std::string_view event,
                                                std::span<const Stream> streams) {
  std::vector<std::string> out;
  for (const std::string_view feed : {"book", "trade", "ticker"}) {
    std::string list;
    std::uint32_t count = 0;
    const auto finish = [&] {
      if (count == 0) return;
      std::string text = R"({"event":")";
      text.append(event).append(R"(","feed":")").append(feed);
      out.push_back(text.append(R"(","product_ids":[)").append(list).append("]}"));
      list.clear();
      count = 0;
    };
    std::set<std::string_view> seen;
    for (const Stream& stream : streams) {
      const std::string& symbol = stream.instrument->symbol;
      if (feed_of(stream.kind) != feed || !seen.insert(symbol).second) continue;
      if (count == kKrakenFutures.limits.args_per_request ||
          list.size() + symbol.size() + 100 > kKrakenFutures.limits.bytes_per_request) {
        finish();
      }
      if (count++ != 0) list += ',';
      list.append(1, '"').append(symbol).append(1, '"');
    }
    finish();
  }
  return out;
}

[[nodiscard]] std::string asset(std::string_view text) {
  if (text == "XBT") return "BTC";
  return text == "XDG" ? "DOGE" : std::string{text};
}

// PF_XBTUSD: BTC-USD-PERP, FI_XBTUSD_210924: BTC-USD-210924.
[[nodiscard]] std::string normalised(const std::string& symbol) {
  const std::size_t first = symbol.find('_');
  if (first == std::string::npos) return symbol;
  const std::size_t second = symbol.find('_', first + 1);
  const std::string_view pair = std::string_view{symbol}.substr(
      first + 1, second == std::string::npos ? std::string::npos : second - first - 1);
  for (const std::string_view quote : {"USDT", "USDC", "USD", "EUR", "XBT"}) {
    if (pair.size() <= quote.size() || !pair.ends_with(quote)) continue;
    const std::string name =
        asset(pair.substr(0, pair.size() - quote.size())) + '-' + asset(quote) + '-';
    return name + (second == std::string::npos ? "PERP" : symbol.substr(second + 1));
  }
  return symbol;
}

[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry) {
  InstrumentInfo info;
  info.symbol = metadata::upper(member(entry, "symbol"));
  info.name = normalised(info.symbol);
  info.tick_size = member(entry, "tickSize");
  const std::string places = member(entry, "contractValueTradePrecision");
  info.lot_size = metadata::step_of_places(places.empty() ? "0" : places);
  info.multiplier = "1";
  info.trading = member(entry, "tradeable") == "true";
  const std::string type = member(entry, "type");
  const std::string size = member(entry, "contractSize");
  if (type == "futures_inverse") {
    info.kind = ContractKind::Inverse;
    info.contract_size = size.empty() ? 1.0 : std::stod(size);
  } else if (type == "flexible_futures" || type == "futures_vanilla") {
    info.kind = ContractKind::Linear;
    if (!size.empty()) info.multiplier = size;
  } else {
    info.trading = false;  // an index
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
  const std::string event = member(root, "event");
  if (event == "subscribed" || event == "unsubscribed") {
    control.kind = Control::Kind::Acknowledged;
  } else if (event == "error" || event == "subscribed_failed" || event == "unsubscribed_failed") {
    control.kind = Control::Kind::Rejected;
  } else if (event == "pong") {
    control.kind = Control::Kind::Pong;
  } else if (event == "info" || event == "alert" || event == "challenge" ||
             member(root, "feed") == "heartbeat") {
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

std::vector<RestRequest> instrument_lists() {
  return {{.target = "/derivatives/api/v3/instruments"}};
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "instruments")) {
    out.push_back(read_instrument(entry));
  }
  return out;
}

}  // namespace steelyard::kraken_futures
