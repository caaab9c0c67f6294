#include "sim/okx_sim.hpp"

#include <simdjson.h>

#include <algorithm>

#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

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

// Of a whole connection, in an hour; and the length of one request.
constexpr std::uint32_t kMostRequests = 480;
constexpr std::size_t kLongestRequest = 64 * 1024;

[[nodiscard]] std::string error_text(std::string_view id, int code, const std::string& what) {
  std::string text = "{";
  if (!id.empty()) text.append("\"id\":\"").append(id).append("\",");
  return text + "\"event\":\"error\",\"code\":\"" + std::to_string(code) + "\",\"msg\":\"" + what +
         "\",\"connId\":\"a4d3ae55\"}";
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
  const bool is_json = parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS;
  const std::string_view id = is_json ? text_of(root, "id") : std::string_view{};
  if (is_json) operation = text_of(root, "op");
  if (!is_json || text.size() > kLongestRequest ||
      (operation != "subscribe" && operation != "unsubscribe") ||
      root["args"].get_array().get(args) != simdjson::SUCCESS) {
    session.send(error_text(id, 60012, "Invalid request"));
    return;
  }
  if (++session.requests > kMostRequests) {
    session.send(error_text(id, 60014, "Requests too frequent"));
    return;
  }
  for (const simdjson::dom::element arg : args) {
    change(session, operation, id, text_of(arg, "channel"), text_of(arg, "instId"),
           text_of(arg, "instType"));
  }
}

// One acknowledgement an argument. What belongs to another path is refused, as what does not exist.
void OkxSim::change(Session& session, std::string_view operation, std::string_view id,
                    std::string_view channel, std::string_view symbol, std::string_view type) {
  const bool by_type = channel == "liquidation-orders";
  const bool known = channel == "books" || channel == "books5" || channel == "bbo-tbt" ||
                     channel == "trades" || by_type;
  Market* const of = market(std::string{symbol});
  if (!known || (by_type ? type.empty() : of == nullptr) ||
      !session.path.starts_with("/ws/v5/public")) {
    session.send(error_text(id, 60018,
                            "Wrong URL or channel:" + std::string{channel} +
                                ",instId:" + std::string{symbol} + " doesn't exist."));
    return;
  }
  const std::string stream = std::string{channel} + "|" + std::string{by_type ? type : symbol};
  std::string acknowledged = "{";
  if (!id.empty()) acknowledged.append("\"id\":\"").append(id).append("\",");
  session.send(acknowledged + "\"event\":\"" + std::string{operation} +
               "\",\"arg\":{\"channel\":\"" + std::string{channel} + "\",\"" +
               (by_type ? "instType" : "instId") + "\":\"" + std::string{by_type ? type : symbol} +
               "\"},\"connId\":\"a4d3ae55\"}");
  if (operation == "unsubscribe") {
    session.streams.erase(stream);
    return;
  }
  session.streams.insert(stream);
  if (channel == "books" && take(Fault::AckWithoutData, std::string{symbol})) {
    session.silent.insert(stream);
    return;
  }
  session.silent.erase(stream);
  if (channel == "books") send_snapshot(session, *of);
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
  push(market, asks, bids, diff.last);
  publish("books5|" + symbol, "{\"arg\":" + arg_text("books5", symbol) + ",\"data\":[{\"asks\":[" +
                                  levels(spec, market.asks(), 5) + "],\"bids\":[" +
                                  levels(spec, market.bids(), 5) + "],\"instId\":\"" + symbol +
                                  "\",\"ts\":\"" + now_ms() +
                                  "\",\"seqId\":" + std::to_string(diff.last) + "}]}");
}

void OkxSim::push(const Market& market, const std::string& asks, const std::string& bids,
                  std::uint64_t id) {
  const std::string& symbol = market.spec().symbol;
  const std::string text = "{\"arg\":" + arg_text("books", symbol) +
                           ",\"action\":\"update\",\"data\":[{\"asks\":[" + asks + "],\"bids\":[" +
                           bids + "],\"ts\":\"" + now_ms() +
                           "\",\"checksum\":0,\"prevSeqId\":" + std::to_string(previous_[symbol]) +
                           ",\"seqId\":" + std::to_string(id) + "}]}";
  previous_[symbol] = id;
  last_update_[symbol] = steady_now();
  for (Session* const session : std::vector<Session*>{sessions_}) {
    const std::string stream = delta_stream(*session, market);
    if (!stream.empty()) send_delta(*session, stream, symbol, text);
  }
}

// Without a change for a minute: an update of nothing, whose numbers are equal.
void OkxSim::idle(Market& market, std::chrono::steady_clock::time_point now) {
  const std::string& symbol = market.spec().symbol;
  const auto [last, first] = last_update_.try_emplace(symbol, now);
  if (first || now - last->second < options_.idle_frame_every) return;
  push(market, {}, {}, previous_[symbol]);
}

void OkxSim::keep_alive(Session& session, std::chrono::steady_clock::time_point now) {
  const auto last = std::max(session.last_heard, session.last_pushed);
  if (now - last > options_.silence_limit) session.close();
}

// Snapshots come on the stream, and 418 is another venue's answer.
bool OkxSim::knows(Fault fault) const {
  return fault != Fault::SnapshotLate && fault != Fault::SnapshotOld && fault != Fault::Banned;
}

void OkxSim::announce_shutdown(Session& session) {
  session.send(
      R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"})");
}

std::unique_ptr<VenueSim> make_okx(const VenueSimOptions& options) {
  return std::make_unique<OkxSim>(okx_instruments(), options);
}

}  // namespace steelyard::sim
