// src/venues/mexc_requests.cpp -- the cold half of MEXC: requests, control messages, metadata.
#include <stdexcept>

#include "core/decimal.hpp"
#include "venues/metadata_text.hpp"
#include "venues/mexc.hpp"
#include "venues/mexc_codec.hpp"

namespace steelyard::mexc {
namespace {

using metadata::member;

// A row's "aggre.depth@10ms" is "spot@public.aggre.depth.v3.api.pb@10ms@BTCUSDT" on the wire, its
// "limit.depth@5" "spot@public.limit.depth.v3.api.pb@BTCUSDT@5".
[[nodiscard]] std::string spot_channel(const Stream& stream) {
  const std::string& symbol = stream.instrument->symbol;
  switch (stream.kind) {
    case StreamKind::Book: {
      const std::string_view row = kSpotBooks[stream.instrument->channel].channel;
      const std::size_t at = row.find('@');
      std::string text = "spot@public.";
      text.append(row.substr(0, at)).append(".v3.api.pb");
      if (row.starts_with("limit"))
        return text.append(1, '@').append(symbol).append(row.substr(at));
      return text.append(row.substr(at)).append(1, '@').append(symbol);
    }
    case StreamKind::Trades:
      return "spot@public.aggre.deals.v3.api.pb@10ms@" + symbol;
    case StreamKind::Bbo:
      return "spot@public.aggre.bookTicker.v3.api.pb@10ms@" + symbol;
    case StreamKind::Liquidations:
      break;
  }
  throw std::logic_error{"no such stream kind"};
}

// Where the steps of one size: "0" where the venue says nothing of use.
[[nodiscard]] bool is_positive(const std::string& text) {
  const Significand value = parse_significand(text);
  return value.valid && value.mantissa > 0;
}

}  // namespace

Control spot_control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string text = member(root, "msg");
  const std::string code = member(root, "code");
  if (text == "PONG") {
    control.kind = Control::Kind::Pong;
  } else if ((!code.empty() && code != "0") || text.starts_with("Not Subscribed") ||
             text.starts_with("no subscription")) {
    // A refusal comes with code 0, and says so in words.
    control.kind = Control::Kind::Rejected;
  } else if (!code.empty()) {
    control.kind = Control::Kind::Acknowledged;
  }
  return control;
}

Control futures_control(std::string_view payload) {
  Control control;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS) return control;
  control.text = std::string{payload.substr(0, 300)};
  const std::string channel = member(root, "channel");
  if (channel == "pong") {
    control.kind = Control::Kind::Pong;
  } else if (channel == "rs.error" || member(root, "success") == "false") {
    control.kind = Control::Kind::Rejected;
  } else if (channel.starts_with("rs.")) {
    control.kind = Control::Kind::Acknowledged;
  }
  return control;
}

std::vector<std::string> spot_requests(std::string_view method, std::span<const Stream> streams,
                                       std::uint64_t id) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < streams.size();) {
    std::string text = "{\"method\":\"";
    text.append(method).append("\",\"params\":[");
    for (std::uint32_t count = 0; at < streams.size() && count < kMexc.limits.args_per_request;
         ++at, ++count) {
      if (count != 0) text += ',';
      text.append(1, '"').append(spot_channel(streams[at])).append(1, '"');
    }
    out.push_back(text.append("],\"id\":").append(std::to_string(id + out.size())).append(1, '}'));
  }
  return out;
}

std::vector<std::string> futures_requests(std::string_view operation,
                                          std::span<const Stream> streams) {
  std::vector<std::string> out;
  for (const Stream& stream : streams) {
    std::string_view channel = "deal";
    std::string_view limit;
    if (stream.kind == StreamKind::Book) {
      channel = kFuturesBooks[stream.instrument->channel].channel;
      if (const std::size_t dot = channel.rfind('.'); dot != std::string_view::npos) {
        limit = channel.substr(dot + 1);
        channel = channel.substr(0, dot);
      }
    }
    if (stream.kind == StreamKind::Bbo) continue;  // the ticker has no sizes
    std::string text = "{\"method\":\"";
    text.append(operation).append(1, '.').append(channel).append("\",\"param\":{\"symbol\":\"");
    text.append(stream.instrument->symbol).append(1, '"');
    if (!limit.empty()) text.append(",\"limit\":").append(limit);
    out.push_back(text.append("}}"));
  }
  return out;
}

std::vector<InstrumentInfo> spot_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "symbols")) {
    InstrumentInfo& info = out.emplace_back();
    info.symbol = member(entry, "symbol");
    info.name = member(entry, "baseAsset") + '-' + member(entry, "quoteAsset");
    info.tick_size = metadata::step_of_places(member(entry, "quotePrecision"));
    info.lot_size = member(entry, "baseSizePrecision");
    if (!is_positive(info.lot_size)) {
      info.lot_size = metadata::step_of_places(member(entry, "baseAssetPrecision"));
    }
    info.multiplier = "1";
    const std::string status = member(entry, "status");
    info.trading = status == "1" || status == "ENABLED" || status == "TRADING";
  }
  return out;
}

std::vector<InstrumentInfo> futures_instruments(std::string_view answer) {
  simdjson::dom::parser parser;
  std::vector<InstrumentInfo> out;
  for (const simdjson::dom::element entry : metadata::list(parser, answer, "data")) {
    InstrumentInfo& info = out.emplace_back();
    info.symbol = member(entry, "symbol");
    const std::string base = member(entry, "baseCoin");
    const std::string size = member(entry, "contractSize");
    info.name = base + '-' + member(entry, "quoteCoin") + "-PERP";
    info.tick_size = member(entry, "priceUnit");
    info.lot_size = member(entry, "volUnit");
    info.multiplier = "1";
    info.kind = ContractKind::Linear;
    info.trading = member(entry, "state") == "0";
    // Settled in the coin itself: contracts of so many quote units.
    if (member(entry, "settleCoin") == base) {
      info.kind = ContractKind::Inverse;
      if (!size.empty()) info.contract_size = std::stod(size);
    } else if (!size.empty()) {
      info.multiplier = size;
    }
  }
  return out;
}

}  // namespace steelyard::mexc
