#include "venues/cryptocom_requests.hpp"

#include <array>
#include <stdexcept>

#include "venues/cryptocom.hpp"
#include "venues/metadata_text.hpp"

namespace steelyard::cryptocom {
namespace {

using metadata::member;

[[nodiscard]] std::string channel(const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  switch (stream.kind) {
    case StreamKind::Book: {
      // "book.50" of a row is "book.SYMBOL.50" on the wire.
      const std::string_view row = kCryptocom.books[stream.instrument->channel].channel;
      return "book." + symbol + std::string{row.substr(row.find('.'))};
    }
    case StreamKind::Trades:
      return "trade." + symbol;
    case StreamKind::Bbo:
      return "ticker." + symbol;
    case StreamKind::Liquidations:
      break;
  }
  throw std::logic_error{"no such stream kind"};
}

// What must be said of book channels, and is said once a request: whole books and changes cannot
// share one.
enum class Group : std::uint8_t { Plain, Changes, Whole };
constexpr std::array<std::string_view, 3> kOptions = {
    "", R"(,"book_subscription_type":"SNAPSHOT_AND_UPDATE","book_update_frequency":10)",
    R"(,"book_subscription_type":"SNAPSHOT","book_update_frequency":500)"};

[[nodiscard]] Group group_of(const Stream& stream) {
  if (stream.kind != StreamKind::Book) return Group::Plain;
  const BookChannel& row = kCryptocom.books[stream.instrument->channel];
  return row.snapshot == SnapshotSource::Replace ? Group::Whole : Group::Changes;
}

[[nodiscard]] std::vector<std::string> requests(std::string_view method, bool options,
                                                std::span<const Stream> streams, std::uint64_t id) {
  std::vector<std::string> out;
  for (const Group group : {Group::Changes, Group::Whole, Group::Plain}) {
    std::string list;
    std::uint32_t count = 0;
    const auto finish = [&] {
      if (count == 0) return;
      std::string text = "{\"id\":" + std::to_string(id + out.size()) + ",\"method\":\"";
      text.append(method).append("\",\"params\":{\"channels\":[").append(list).append("]");
      if (options) text.append(kOptions[static_cast<std::size_t>(group)]);
      out.push_back(text.append("}}"));
      list.clear();
      count = 0;
    };
    for (const Stream& stream : streams) {
      if (group_of(stream) != group) continue;
      const std::string name = channel(stream);
      if (count == kCryptocom.limits.args_per_request ||
          list.size() + name.size() + 200 > kCryptocom.limits.bytes_per_request) {
        finish();
      }
      if (count++ != 0) list += ',';
      list.append(1, '"').append(name).append(1, '"');
    }
    finish();
  }
  return out;
}

// v1 says symbol, base_ccy, ...; v2 (until 2023) instrument_name, base_currency, ...
[[nodiscard]] InstrumentInfo read_instrument(simdjson::dom::element entry) {
  const auto either = [&](std::string_view now, std::string_view once) {
    std::string text = member(entry, now);
    return text.empty() ? member(entry, once) : text;
  };
  InstrumentInfo info;
  info.symbol = either("symbol", "instrument_name");
  const std::string pair =
      either("base_ccy", "base_currency") + '-' + either("quote_ccy", "quote_currency");
  info.tick_size = member(entry, "price_tick_size");
  if (info.tick_size.empty()) {
    info.tick_size = metadata::step_of_places(either("quote_decimals", "price_decimals"));
  }
  info.lot_size = member(entry, "qty_tick_size");
  if (info.lot_size.empty()) {
    info.lot_size = metadata::step_of_places(member(entry, "quantity_decimals"));
  }
  info.multiplier = member(entry, "contract_size");
  if (info.multiplier.empty()) info.multiplier = "1";
  const std::string tradable = member(entry, "tradable");
  info.trading = tradable.empty() || tradable == "true";
  const std::string type = member(entry, "inst_type");
  info.name = pair;
  if (type == "PERPETUAL_SWAP") {
    info.kind = ContractKind::Linear;
    info.name += "-PERP";
  } else if (type == "FUTURE") {
    info.kind = ContractKind::Linear;
    const std::string date = metadata::date_of_ms(member(entry, "expiry_timestamp_ms"));
    info.name = date.empty() ? info.symbol : pair + '-' + date;
  } else if (!type.empty() && type != "CCY_PAIR") {
    info.kind = ContractKind::Option;
    info.name = info.symbol;
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
  const std::string method = member(root, "method");
  const std::string code = member(root, "code");
  if (method == "public/heartbeat") {
    // Due within five seconds.
    control.kind = Control::Kind::Probe;
    control.answer = "{\"id\":" + member(root, "id") + ",\"method\":\"public/respond-heartbeat\"}";
  } else if (!code.empty() && code != "0") {
    control.kind = Control::Kind::Rejected;
  } else if (method == "subscribe" || method == "unsubscribe") {
    control.kind = Control::Kind::Acknowledged;
  } else if (!method.empty()) {
    control.kind = Control::Kind::Other;
  }
  return control;
}

std::vector<std::string> subscribe(std::span<const Stream> streams, std::uint64_t id) {
  return requests("subscribe", true, streams, id);
}
std::vector<std::string> unsubscribe(std::span<const Stream> streams, std::uint64_t id) {
  return requests("unsubscribe", false, streams, id);
}

std::vector<RestRequest> instrument_lists() {
  return {{.target = "/exchange/v1/public/get-instruments"}};
}

std::vector<InstrumentInfo> instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  const bool v2 = answer.find("\"instruments\"") != std::string_view::npos;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry :
       metadata::list(parser, answer, v2 ? "result.instruments" : "result.data")) {
    out.push_back(read_instrument(entry));
  }
  return out;
}

}  // namespace steelyard::cryptocom
