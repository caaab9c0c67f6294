#include "sim/okx_sim.hpp"

#include <simdjson.h>

#include <algorithm>

namespace steelyard::sim {
namespace {

[[nodiscard]] std::string type_of(const InstrumentSpec& spec) {
  return spec.symbol.ends_with("-SWAP") ? "SWAP" : "SPOT";
}

[[nodiscard]] std::string row(const InstrumentSpec& spec, std::int64_t price, std::int64_t qty) {
  return "[\"" + decimal_text(price, spec.price_decimals, false) + "\",\"" +
         decimal_text(qty, spec.qty_decimals, false) + "\",\"0\",\"" + (qty == 0 ? "0" : "1") +
         "\"]";
}

template <typename Levels>
[[nodiscard]] std::string levels(const InstrumentSpec& spec, const Levels& side,
                                 std::size_t limit) {
  std::string text;
  for (const auto& [price, qty] : side) {
    if (limit-- == 0) break;
    text += (text.empty() ? "" : ",") + row(spec, price, qty);
  }
  return text;
}

[[nodiscard]] std::string arg_text(const std::string& channel, const std::string& symbol) {
  return "{\"channel\":\"" + channel + "\",\"instId\":\"" + symbol + "\"}";
}

}  // namespace

std::vector<InstrumentSpec> okx_instruments() {
  return {{"BTC-USDT", "BTC", "USDT", 1, 8, 618'376, 9'000'000, 0.0, "", 1.5},
          {"ETH-USDT", "ETH", "USDT", 2, 6, 268'051, 1'200'000, 0.0, "", 1.0},
          {"BTC-USDT-SWAP", "BTC", "USDT", 1, 2, 618'002, 1'500, 0.0, "0.01", 2.0},
          {"BTC-USD-SWAP", "BTC", "USD", 1, 0, 618'010, 60, 100.0, "", 1.0}};
}

OkxSim::OkxSim(std::vector<InstrumentSpec> specs, const VenueSimOptions& options)
    : VenueSim{std::move(specs), options, true} {
  for (const auto& [symbol, market] : markets()) previous_[symbol] = market->last_id();
}

HttpReply OkxSim::on_request(std::string_view target) {
  HttpReply reply;
  if (auto refused = refusal({})) {
    reply = std::move(*refused);
    reply.body = R"({"code":"50011","data":[],"msg":"Rate limit reached."})";
    return reply;
  }
  if (target.find("/api/v5/public/instruments") == std::string_view::npos) {
    reply.status = 404;
    reply.body = R"({"code":"404","data":[],"msg":""})";
    return reply;
  }
  std::string list;
  for (const auto& [symbol, market] : markets()) {
    const InstrumentSpec& spec = market->spec();
    const std::string type = type_of(spec);
    if (target.find("instType=" + type) == std::string_view::npos) continue;
    if (!list.empty()) list += ',';
    const bool inverse = spec.contract_size > 0.0;
    list += "{\"instType\":\"" + type + "\",\"instId\":\"" + symbol + "\",\"tickSz\":\"" +
            decimal_text(1, spec.price_decimals, false) + "\",\"lotSz\":\"" +
            decimal_text(1, spec.qty_decimals, false) + "\",\"state\":\"live\",\"ctType\":\"" +
            (type == "SPOT" ? ""
             : inverse      ? "inverse"
                            : "linear") +
            "\",\"ctVal\":\"" + (inverse ? "100" : spec.contract_value) + "\",\"ctMult\":\"" +
            (type == "SPOT" ? "" : "1") + "\",\"ctValCcy\":\"" +
            (type == "SPOT" ? ""
             : inverse      ? "USD"
                            : spec.base) +
            "\"}";
  }
  reply.body = "{\"code\":\"0\",\"data\":[" + list + "],\"msg\":\"\"}";
  return reply;
}

void OkxSim::on_text(Session& session, std::string_view text) {
  if (text == "ping") {
    session.send("pong");
    return;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view operation;
  simdjson::dom::array args;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS ||
      root["op"].get_string().get(operation) != simdjson::SUCCESS ||
      root["args"].get_array().get(args) != simdjson::SUCCESS) {
    session.send(R"({"event":"error","code":"60012","msg":"Invalid request","connId":"a4d3ae55"})");
    return;
  }
  for (const simdjson::dom::element arg : args) {
    const auto text_of = [&arg](std::string_view key) {
      std::string_view value;
      return arg[key].get_string().get(value) == simdjson::SUCCESS ? value : std::string_view{};
    };
    const std::string_view channel = text_of("channel");
    const std::string_view symbol = text_of("instId");
    const std::string_view type = text_of("instType");
    const bool known = channel == "books" || channel == "bbo-tbt" || channel == "trades" ||
                       channel == "liquidation-orders";
    const bool by_type = channel == "liquidation-orders";
    if (!known || (!by_type && market(std::string{symbol}) == nullptr)) {
      session.send("{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:" +
                   std::string{channel} + ",instId:" + std::string{symbol} +
                   " doesn't exist.\",\"connId\":\"a4d3ae55\"}");
      continue;
    }
    const std::string stream = std::string{channel} + "|" + std::string{by_type ? type : symbol};
    session.send("{\"event\":\"" + std::string{operation} + "\",\"arg\":" + simdjson::minify(arg) +
                 ",\"connId\":\"a4d3ae55\"}");
    if (operation == "unsubscribe") {
      session.streams.erase(stream);
      continue;
    }
    session.streams.insert(stream);
    if (channel == "books" && take(Fault::AckWithoutData, std::string{symbol})) {
      session.silent.insert(stream);
      continue;
    }
    session.silent.erase(stream);
    if (channel == "books") send_snapshot(session, *market(std::string{symbol}));
  }
}

void OkxSim::send_snapshot(Session& session, const Market& market) {
  const InstrumentSpec& spec = market.spec();
  const std::string stream = "books|" + spec.symbol;
  send(session, stream,
       "{\"arg\":" + arg_text("books", spec.symbol) +
           ",\"action\":\"snapshot\",\"data\":[{\"asks\":[" + levels(spec, market.asks(), 400) +
           "],\"bids\":[" + levels(spec, market.bids(), 400) + "],\"ts\":\"" + now_ms() +
           "\",\"checksum\":0,\"prevSeqId\":-1,\"seqId\":" +
           std::to_string(previous_[spec.symbol]) + "}]}");
}

void OkxSim::publish(const std::string& stream, const std::string& text) {
  for (Session* const session : std::vector<Session*>{sessions_}) {
    if (session->streams.contains(stream)) send(*session, stream, text);
  }
}

std::string OkxSim::delta_stream(const Session& session, const Market& market) const {
  const std::string stream = "books|" + market.spec().symbol;
  return session.streams.contains(stream) ? stream : std::string{};
}

// After maintenance numbers go on from lower ones, and the link still holds.
void OkxSim::restart_ids(Market& market) { market.restart_ids(3); }

void OkxSim::step(Market& market) {
  const InstrumentSpec& spec = market.spec();
  const std::string& symbol = spec.symbol;
  const auto price_of = [&](std::int64_t v) { return decimal_text(v, spec.price_decimals, false); };
  const auto qty_of = [&](std::int64_t v) { return decimal_text(v, spec.qty_decimals, false); };
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t id) {
    publish("bbo-tbt|" + symbol, "{\"arg\":" + arg_text("bbo-tbt", symbol) +
                                     ",\"data\":[{\"asks\":[" + row(spec, best.ask, best.ask_qty) +
                                     "],\"bids\":[" + row(spec, best.bid, best.bid_qty) +
                                     "],\"ts\":\"" + now_ms() +
                                     "\",\"seqId\":" + std::to_string(id) + "}]}");
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    publish("trades|" + symbol,
            "{\"arg\":" + arg_text("trades", symbol) + ",\"data\":[{\"instId\":\"" + symbol +
                "\",\"tradeId\":\"" + std::to_string(trade.id) + "\",\"px\":\"" +
                price_of(trade.price) + "\",\"sz\":\"" + qty_of(trade.qty) + "\",\"side\":\"" +
                (trade.buyer_is_taker ? "buy" : "sell") + "\",\"ts\":\"" + now_ms() +
                "\",\"count\":\"1\",\"source\":\"0\"}]}");
  };
  observer.on_liquidation = [&](const MarketTrade& trade) {
    if (type_of(spec) != "SWAP") return;
    publish("liquidation-orders|SWAP",
            "{\"arg\":{\"channel\":\"liquidation-orders\",\"instType\":\"SWAP\"},\"data\":[{"
            "\"details\":[{\"bkLoss\":\"0\",\"bkPx\":\"" +
                price_of(trade.price) + "\",\"ccy\":\"\",\"posSide\":\"" +
                (trade.buyer_is_taker ? "short" : "long") + "\",\"side\":\"" +
                (trade.buyer_is_taker ? "buy" : "sell") + "\",\"sz\":\"" + qty_of(trade.qty) +
                "\",\"ts\":\"" + now_ms() + "\"}],\"instFamily\":\"\",\"instId\":\"" + symbol +
                "\",\"instType\":\"SWAP\",\"uly\":\"\"}]}");
  };
  market.step(changes_of(market), observer);

  const Market::Diff diff = market.take_diff();
  if (diff.empty()) return;
  std::string asks, bids;
  for (const Change& change : diff.changes) {
    std::string& side = change.bid ? bids : asks;
    side += (side.empty() ? "" : ",") + row(spec, change.price, change.qty);
  }
  const std::string text = "{\"arg\":" + arg_text("books", symbol) +
                           ",\"action\":\"update\",\"data\":[{\"asks\":[" + asks + "],\"bids\":[" +
                           bids + "],\"ts\":\"" + now_ms() +
                           "\",\"checksum\":0,\"prevSeqId\":" + std::to_string(previous_[symbol]) +
                           ",\"seqId\":" + std::to_string(diff.last) + "}]}";
  previous_[symbol] = diff.last;
  for (Session* const session : std::vector<Session*>{sessions_}) {
    const std::string stream = delta_stream(*session, market);
    if (!stream.empty()) send_delta(*session, stream, symbol, text);
  }
}

void OkxSim::keep_alive(Session& session, std::chrono::steady_clock::time_point now) {
  // Data keeps the connection, but a client that subscribed to nothing and says nothing is cut.
  if (session.streams.empty() && now - session.last_heard > options_.silence_limit) session.close();
}

// Snapshots come on the stream, and 418 is another venue's answer.
bool OkxSim::knows(Fault fault) const {
  return fault != Fault::SnapshotLate && fault != Fault::SnapshotOld && fault != Fault::Banned;
}

void OkxSim::announce_shutdown(Session& session) {
  session.send(
      R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"})");
}

}  // namespace steelyard::sim
