#include "venues/bitstamp_requests.hpp"

#include <stdexcept>

#include "venues/bitstamp.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::bitstamp {
namespace {

using metadata::member;

[[nodiscard]] std::string channel(const Stream& stream) {
  switch (stream.kind) {
    case StreamKind::Book:
      return std::string{kBitstamp.books[stream.instrument->channel].channel} + '_' +
             stream.instrument->symbol;
    case StreamKind::Trades:
      return "live_trades_" + stream.instrument->symbol;
    case StreamKind::Bbo:
    case StreamKind::Liquidations:
      break;
  }
  throw std::logic_error{"no such stream kind"};
}

// One channel a message.
[[nodiscard]] std::vector<std::string> requests(std::string_view event,
                                                std::span<const Stream> streams) {
  std::vector<std::string> out;
  for (const Stream& stream : streams) {
    out.push_back(R"({"event":")" + std::string{event} + R"(","data":{"channel":")" +
                  channel(stream) + "\"}}");
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
  const std::string event = member(root, "event");
  if (event == "bts:subscription_succeeded" || event == "bts:unsubscription_succeeded") {
    control.kind = Control::Kind::Acknowledged;
  } else if (event == "bts:error") {
    control.kind = Control::Kind::Rejected;
  } else if (event == "bts:heartbeat") {
    control.kind = Control::Kind::Pong;
  } else if (event == "bts:request_reconnect") {
    control.kind = Control::Kind::PleaseReconnect;
  }
  return control;
}

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t) {
  return requests("bts:subscribe", streams);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t) {
  return requests("bts:unsubscribe", streams);
}

// group=1: one row a price.
RestRequest snapshot(const Instrument& instrument) {
  return {.target = "/api/v2/order_book/" + instrument.symbol + "/?group=1"};
}

std::vector<RestRequest> instrument_lists() { return {{.target = "/api/v2/markets/"}}; }

// `markets` says market_symbol, counter_decimals, market_type; the list before it url_symbol, and
// had spot pairs only.
std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "")) {
    InstrumentInfo info;
    info.symbol = member(entry, "market_symbol");
    if (info.symbol.empty()) info.symbol = member(entry, "url_symbol");
    info.name = member(entry, "name");
    const std::size_t slash = info.name.find('/');
    if (slash != std::string::npos) info.name[slash] = '-';
    const std::string type = member(entry, "market_type");
    if (type == "PERPETUAL") {
      info.kind = ContractKind::Linear;
      const std::string base = member(entry, "base_currency");
      const std::string counter = member(entry, "counter_currency");
      info.name = base + '-' + counter + "-PERP";
    }
    info.tick_size = metadata::step_of_places(member(entry, "counter_decimals"));
    info.lot_size = metadata::step_of_places(member(entry, "base_decimals"));
    info.multiplier = "1";
    info.trading = member(entry, "trading") == "Enabled";
    out.push_back(std::move(info));
  }
  return out;
}

}  // namespace steelyard::bitstamp
