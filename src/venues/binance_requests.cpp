// src/venues/binance_requests.cpp -- the cold half of the Binance codec.
#include <algorithm>
#include <stdexcept>

#include "venues/binance_codec.hpp"
#include "venues/json.hpp"

namespace steelyard::binance {
namespace {

[[nodiscard]] std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

[[nodiscard]] std::string stream_name(const Dialect& dialect, const Stream& stream) {
  std::string name = lower(stream.instrument->symbol) + '@';
  switch (stream.kind) {
    case StreamKind::Book:
      return name.append(dialect.books[stream.instrument->channel].channel);
    case StreamKind::Trades:
      return name.append(dialect.trade_stream);
    case StreamKind::Bbo:
      return name.append("bookTicker");
    case StreamKind::Liquidations:
      return name.append("forceOrder");
  }
  throw std::logic_error{"no such stream kind"};
}

[[nodiscard]] std::string text_of(simdjson::dom::element value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return std::string{text};
  return simdjson::minify(value);
}

[[nodiscard]] std::string member(simdjson::dom::element object, std::string_view name) {
  simdjson::dom::element value;
  return object[name].get(value) == simdjson::SUCCESS ? text_of(value) : std::string{};
}

[[nodiscard]] std::string normalised(const InstrumentInfo& info, const std::string& base,
                                     const std::string& quote, const std::string& contract) {
  if (contract.empty()) return base + '-' + quote;
  if (contract == "PERPETUAL") return base + '-' + quote + "-PERP";
  const std::size_t date = info.symbol.rfind('_');
  if (date != std::string::npos) return base + '-' + quote + '-' + info.symbol.substr(date + 1);
  return info.symbol;
}

[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry) {
  InstrumentInfo info;
  info.symbol = member(entry, "symbol");
  const std::string contract = member(entry, "contractType");
  info.name = normalised(info, member(entry, "baseAsset"), member(entry, "quoteAsset"), contract);
  info.multiplier = "1";
  info.tick_size = "0";
  info.lot_size = "0";
  info.kind = contract.empty() ? ContractKind::Spot : ContractKind::Linear;
  double contract_size = 0.0;
  if (entry["contractSize"].get_double().get(contract_size) == simdjson::SUCCESS &&
      contract_size > 0.0) {
    info.kind = ContractKind::Inverse;
    info.contract_size = contract_size;
  }
  std::string status = member(entry, "status");
  if (status.empty()) status = member(entry, "contractStatus");
  info.trading = status == "TRADING";
  simdjson::dom::array filters;
  if (entry["filters"].get_array().get(filters) != simdjson::SUCCESS) return info;
  for (const simdjson::dom::element filter : filters) {
    const std::string type = member(filter, "filterType");
    if (type == "PRICE_FILTER") info.tick_size = member(filter, "tickSize");
    if (type == "LOT_SIZE") info.lot_size = member(filter, "stepSize");
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
  if (payload.find("serverShutdown") != std::string_view::npos) {
    control.kind = Control::Kind::PleaseReconnect;
    return control;
  }
  simdjson::dom::element value;
  if (root["error"].get(value) == simdjson::SUCCESS ||
      root["code"].get(value) == simdjson::SUCCESS) {
    control.kind = Control::Kind::Rejected;
  } else if (root["result"].get(value) == simdjson::SUCCESS) {
    control.kind = value.is_null() ? Control::Kind::Acknowledged : Control::Kind::Other;
  }
  return control;
}

std::vector<std::string> requests(const Dialect& dialect, const Limits& limits,
                                  std::string_view method, std::span<const Stream> streams,
                                  std::uint64_t id) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < streams.size();) {
    std::string text = "{\"method\":\"";
    text.append(method).append("\",\"params\":[");
    std::uint32_t args = 0;
    for (; at < streams.size() && args < limits.args_per_request; ++at, ++args) {
      const std::string name = stream_name(dialect, streams[at]);
      if (args != 0 && text.size() + name.size() + 40 > limits.bytes_per_request) break;
      if (args != 0) text += ',';
      text.append(1, '"').append(name).append(1, '"');
    }
    text.append("],\"id\":").append(std::to_string(id + out.size())).append(1, '}');
    out.push_back(std::move(text));
  }
  return out;
}

RestRequest snapshot(const Dialect& dialect, const Instrument& instrument) {
  RestRequest request;
  request.target.append(dialect.snapshot_path)
      .append("?symbol=")
      .append(instrument.symbol)
      .append("&limit=")
      .append(std::to_string(dialect.snapshot_limit));
  request.weight = dialect.snapshot_weight;
  return request;
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  simdjson::dom::array symbols;
  const simdjson::padded_string text{answer};
  const auto error = parser.parse(text)["symbols"].get_array().get(symbols);
  if (error) {
    throw std::runtime_error{std::string{"exchangeInfo: no list of symbols: "} +
                             simdjson::error_message(error)};
  }
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : symbols) out.push_back(read_instrument(entry));
  return out;
}

}  // namespace steelyard::binance
