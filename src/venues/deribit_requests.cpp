#include "venues/deribit_requests.hpp"

#include <set>
#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/deribit.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::deribit {
namespace {

using metadata::member;

[[nodiscard]] std::string channel(const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  switch (stream.kind) {
    case StreamKind::Book: {
      // "book.100ms" of a row is "book.SYMBOL.100ms" on the wire.
      const std::string_view row = kDeribit.books[stream.instrument->channel].channel;
      return "book." + symbol + std::string{row.substr(row.find('.'))};
    }
    case StreamKind::Trades:
    case StreamKind::Liquidations:  // trades that are marked
      return "trades." + symbol + ".100ms";
    case StreamKind::Bbo:
      return "quote." + symbol;
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::vector<std::string> requests(std::string_view method,
                                                std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> channels;
  std::set<std::string> seen;
  for (const Stream& stream : streams) {
    std::string text = channel(stream);
    if (seen.insert(text).second) channels.push_back(std::move(text));
  }
  std::vector<std::string> out;
  for (std::size_t at = 0; at < channels.size();) {
    std::string text = R"({"jsonrpc":"2.0","id":)" + std::to_string(id + out.size());
    text.append(R"(,"method":")").append(method).append(R"(","params":{"channels":[)");
    for (std::uint32_t args = 0; at < channels.size(); ++at, ++args) {
      if (args == kDeribit.limits.args_per_request ||
          text.size() + channels[at].size() + 8 > kDeribit.limits.bytes_per_request) {
        break;
      }
      if (args != 0) text += ',';
      text.append(1, '"').append(channels[at]).append(1, '"');
    }
    out.push_back(text.append("]}}"));
  }
  return out;
}

[[nodiscard]] bool is_less(const std::string& a, const std::string& b) {
  const DecimalResult x = parse_decimal(a, kMinExponent / 2);
  const DecimalResult y = parse_decimal(b, kMinExponent / 2);
  return x.status == DecimalStatus::Ok && x.mantissa > 0 &&
         (y.status != DecimalStatus::Ok || x.mantissa < y.mantissa);
}

// Steps of options grow with their price: the smallest of them all.
[[nodiscard]] std::string smallest_tick(simdjson::dom::element entry) {
  std::string tick = member(entry, "tick_size");
  simdjson::dom::array steps;
  if (entry["tick_size_steps"].get_array().get(steps) != simdjson::SUCCESS) return tick;
  for (const simdjson::dom::element step : steps) {
    std::string other = member(step, "tick_size");
    if (is_less(other, tick)) tick = std::move(other);
  }
  return tick;
}

// BTC-PERPETUAL is BTC-USD-PERP, BTC_USDC-25SEP26 is BTC-USDC-260925, an option has its strike and
// kind behind that.
[[nodiscard]] std::string normalised(simdjson::dom::element entry, const std::string& symbol,
                                     const std::string& kind) {
  const std::string_view all{symbol};
  const std::size_t dash = all.find('-');
  std::string pair{all.substr(0, dash)};
  const std::size_t line = pair.find('_');
  if (line == std::string::npos) {
    pair += "-USD";
  } else {
    pair[line] = '-';
  }
  if (kind == "spot" || dash == std::string_view::npos) return pair;
  const std::string_view rest = all.substr(dash + 1);
  if (rest == "PERPETUAL") return pair + "-PERP";
  const std::string date = metadata::date_of_ms(member(entry, "expiration_timestamp"));
  if (date.empty()) return symbol;
  const std::size_t strike = rest.find('-');
  return pair + '-' + date +
         (strike == std::string_view::npos ? std::string{} : std::string{rest.substr(strike)});
}

[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry) {
  InstrumentInfo info;
  info.symbol = member(entry, "instrument_name");
  const std::string kind = member(entry, "kind");
  info.name = normalised(entry, info.symbol, kind);
  info.tick_size = smallest_tick(entry);
  info.lot_size = member(entry, "min_trade_amount");
  info.multiplier = "1";  // amounts are of the base currency, or dollars: never contracts
  info.trading = member(entry, "is_active") == "true";
  if (kind == "option") {
    info.kind = ContractKind::Option;
  } else if (kind == "future") {
    // Lists of old do not say it; what is quoted in a coin has it in its name.
    std::string type = member(entry, "instrument_type");
    if (type.empty()) type = info.symbol.find('_') == std::string::npos ? "reversed" : "linear";
    info.kind = type == "reversed" ? ContractKind::Inverse : ContractKind::Linear;
    if (info.kind == ContractKind::Inverse) info.contract_size = 1.0;  // amounts are dollars
  } else if (kind != "spot") {
    info.trading = false;  // combinations have prices below zero
  }
  return info;
}

[[nodiscard]] bool is_empty_list(simdjson::dom::element value) {
  simdjson::dom::array list;
  return value.get_array().get(list) == simdjson::SUCCESS && list.size() == 0;
}

}  // namespace

Control control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  simdjson::dom::element value;
  if (member(root, "method") == "heartbeat") {
    control.kind = Control::Kind::Other;
    if (root["params"].get(value) == simdjson::SUCCESS && value.is_object() &&
        member(value, "type") == "test_request") {
      control.kind = Control::Kind::Probe;
      control.answer = R"({"jsonrpc":"2.0","id":0,"method":"public/test","params":{}})";
    }
  } else if (root["error"].get(value) == simdjson::SUCCESS) {
    control.kind = Control::Kind::Rejected;
  } else if (root["result"].get(value) == simdjson::SUCCESS) {
    // Channels that there are not are left out without a word.
    control.kind = is_empty_list(value) ? Control::Kind::Rejected
                   : value.is_array()   ? Control::Kind::Acknowledged
                                        : Control::Kind::Other;
  }
  return control;
}

// Ten seconds are the shortest interval. The venue then sends test requests, which are to be
// answered.
std::vector<std::string> greeting() {
  return {R"({"jsonrpc":"2.0","id":0,"method":"public/set_heartbeat","params":{"interval":10}})"};
}

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return requests("public/subscribe", streams, id);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return requests("public/unsubscribe", streams, id);
}

std::vector<RestRequest> instrument_lists() {
  return {{.target = "/api/v2/public/get_instruments?currency=any&expired=false"}};
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "result")) {
    out.push_back(read_instrument(entry));
  }
  return out;
}

}  // namespace steelyard::deribit
