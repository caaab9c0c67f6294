#include "venues/bitfinex_requests.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/bitfinex.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::bitfinex {
namespace {

using metadata::member;

[[nodiscard]] std::string request(const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  switch (stream.kind) {
    case StreamKind::Book: {
      // "P0.100" of a row: prices of five significant digits, a hundred levels.
      const std::string_view row = kBitfinex.books[stream.instrument->channel].channel;
      const std::size_t dot = row.find('.');
      return R"({"event":"subscribe","channel":"book","symbol":")" + symbol + R"(","prec":")" +
             std::string{row.substr(0, dot)} + R"(","freq":"F0","len":")" +
             std::string{row.substr(dot + 1)} + R"("})";
    }
    case StreamKind::Trades:
      return R"({"event":"subscribe","channel":"trades","symbol":")" + symbol + R"("})";
    case StreamKind::Liquidations:  // of all derivatives together
      return R"({"event":"subscribe","channel":"status","key":"liq:global"})";
    case StreamKind::Bbo:
      break;
  }
  // The ticker is sent every few seconds only.
  return {};
}

// UST is what the venue calls USDT, UDC what it calls USDC; derivatives have F0 behind the coin.
[[nodiscard]] std::string coin(std::string_view text) {
  if (text.size() > 2 && text.ends_with("F0")) text.remove_suffix(2);
  if (text == "UST") return "USDT";
  if (text == "UDC") return "USDC";
  return std::string{text};
}

// A price has five significant digits, so its step follows from where it stands; one digit more, in
// case it falls.
[[nodiscard]] std::string tick_of(const std::string& last_price) {
  const Significand price = parse_significand(last_price);
  if (!price.valid || price.mantissa <= 0) return "0";
  int digits = 0;
  for (std::int64_t left = price.mantissa; left != 0; left /= 10) ++digits;
  const int places = 5 - (digits + price.exponent) + 1;
  return metadata::step_of_places(std::to_string(std::clamp(places, 0, -kMinExponent)));
}

[[nodiscard]] InstrumentInfo read_ticker(simdjson::dom::array row) {
  InstrumentInfo info;
  info.symbol = metadata::text_of(row.at(0).value());
  std::string_view pair{info.symbol};
  if (!pair.starts_with('t') || row.size() < 8) return info;  // "f...": lending
  pair.remove_prefix(1);
  std::size_t colon = pair.find(':');
  const std::size_t quote = colon == std::string_view::npos ? 3 : colon + 1;
  if (colon == std::string_view::npos) colon = 3;
  const bool perpetual = pair.substr(0, colon).ends_with("F0");
  info.name = coin(pair.substr(0, colon)) + '-' + coin(pair.substr(std::min(quote, pair.size())));
  if (perpetual) info.name += "-PERP";
  info.kind = perpetual ? ContractKind::Linear : ContractKind::Spot;
  info.tick_size = tick_of(metadata::text_of(row.at(7).value()));
  info.lot_size = "0.00000001";
  info.multiplier = "1";
  return info;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  if (root.is_array()) {
    control.kind = Control::Kind::Other;  // a channel's heartbeat
    return control;
  }
  const std::string event = member(root, "event");
  const std::string code = member(root, "code");
  if (event == "error" || member(root, "status") == "FAILED") {
    control.kind = Control::Kind::Rejected;
  } else if (event == "subscribed" || event == "unsubscribed" || event == "conf") {
    control.kind = Control::Kind::Acknowledged;
  } else if (event == "pong") {
    control.kind = Control::Kind::Pong;
  } else if (event == "info") {
    // 20051: the server stops or starts anew; 20061: it is back, everything is to be subscribed
    // again.
    control.kind =
        code == "20051" || code == "20061" ? Control::Kind::PleaseReconnect : Control::Kind::Other;
  }
  return control;
}

// Times (32768), a count over all frames of the connection (65536), checksums of books (131072).
std::vector<std::string> greeting() { return {R"({"event":"conf","flags":229376})"}; }

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t /*id*/) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const Stream& stream : streams) {
    std::string text = request(stream);
    if (!text.empty() && seen.insert(text).second) out.push_back(std::move(text));
  }
  return out;
}

// Subscriptions end by the number that the connection gave them, which nobody here knows: books
// begin anew by a new connection.
std::vector<std::string> unsubscribe(std::span<const Stream> /*streams*/, std::uint64_t /*id*/) {
  return {};
}

std::vector<RestRequest> instrument_lists() { return {{.target = "/v2/tickers?symbols=ALL"}}; }

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "")) {
    simdjson::dom::array row;
    if (entry.get_array().get(row) != simdjson::SUCCESS || row.size() == 0) continue;
    InstrumentInfo info = read_ticker(row);
    if (!info.name.empty()) out.push_back(std::move(info));
  }
  return out;
}

}  // namespace steelyard::bitfinex
