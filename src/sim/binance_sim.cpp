#include "sim/binance_sim.hpp"

#include <simdjson.h>

#include <algorithm>

namespace steelyard::sim {
namespace {

[[nodiscard]] std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

[[nodiscard]] std::string query(std::string_view target, std::string_view name) {
  const std::string key = std::string{name} + '=';
  for (std::size_t at = target.find('?'); at != std::string_view::npos;
       at = target.find('&', at + 1)) {
    if (target.substr(at + 1).starts_with(key)) {
      const std::string_view rest = target.substr(at + 1 + key.size());
      return std::string{rest.substr(0, rest.find('&'))};
    }
  }
  return {};
}

[[nodiscard]] std::string rows(const Market& market, const Market::Diff& diff, bool bids) {
  std::string text;
  for (const Change& change : diff.changes) {
    if (change.bid != bids) continue;
    if (!text.empty()) text += ',';
    text += "[\"" + market.price_text(change.price) + "\",\"" + market.qty_text(change.qty) + "\"]";
  }
  return text;
}

template <typename Levels>
[[nodiscard]] std::string levels(const Market& market, const Levels& side, std::size_t limit) {
  std::string text;
  for (const auto& [price, qty] : side) {
    if (limit-- == 0) break;
    if (!text.empty()) text += ',';
    text += "[\"" + market.price_text(price) + "\",\"" + market.qty_text(qty) + "\"]";
  }
  return text;
}

}  // namespace

std::vector<InstrumentSpec> binance_spot_instruments() {
  return {{"BTCUSDT", "BTC", "USDT", 2, 5, 6'183'763, 12'000, 0.0, "", 2.0},
          {"ETHUSDT", "ETH", "USDT", 2, 4, 268'055, 15'000, 0.0, "", 1.5},
          {"SOLUSDT", "SOL", "USDT", 2, 3, 15'523, 40'000, 0.0, "", 1.0}};
}

std::vector<InstrumentSpec> binance_usdm_instruments() {
  return {{"BTCUSDT", "BTC", "USDT", 1, 3, 618'002, 400, 0.0, "", 3.0},
          {"ETHUSDT", "ETH", "USDT", 2, 3, 267'990, 4'000, 0.0, "", 2.0},
          {"SOLUSDT", "SOL", "USDT", 3, 0, 155'210, 90, 0.0, "", 1.0}};
}

BinanceSim::BinanceSim(std::vector<InstrumentSpec> specs, const VenueSimOptions& options,
                       bool futures)
    : VenueSim{std::move(specs), options, futures}, futures_{futures} {}

HttpReply BinanceSim::on_request(std::string_view target) {
  const auto now = std::chrono::steady_clock::now();
  if (now - weight_window_ > std::chrono::minutes{1}) {
    weight_window_ = now;
    used_weight_ = 0;
  }
  const std::string_view path = target.substr(0, target.find('?'));
  HttpReply reply;
  if (auto refused = refusal(query(target, "symbol"))) {
    reply = std::move(*refused);
    reply.body =
        reply.status == 429
            ? R"({"code":-1003,"msg":"Too many requests; please use websocket for live updates."})"
            : R"({"code":-1003,"msg":"Way too many requests; IP banned."})";
  } else if (path.ends_with("/depth")) {
    const std::string limit = query(target, "limit");
    used_weight_ += futures_ ? 20 : 250;
    reply = depth(query(target, "symbol"), limit.empty() ? 100 : std::stoul(limit));
  } else if (path.ends_with("/exchangeInfo")) {
    used_weight_ += futures_ ? 1 : 20;
    reply.body = exchange_info();
  } else {
    reply.status = 404;
    reply.body = "{}";
  }
  reply.headers.emplace_back("X-MBX-USED-WEIGHT-1M", std::to_string(used_weight_));
  return reply;
}

HttpReply BinanceSim::depth(const std::string& symbol, std::size_t limit) {
  HttpReply reply;
  const Market* const of = market(symbol);
  if (of == nullptr) {
    reply.status = 400;
    reply.body = R"({"code":-1121,"msg":"Invalid symbol."})";
    return reply;
  }
  limit = std::min<std::size_t>(limit, futures_ ? 1000 : 5000);
  std::uint64_t id = of->last_id();
  if (take(Fault::SnapshotOld, symbol)) id -= std::min<std::uint64_t>(id, 1'000'000);
  if (take(Fault::SnapshotLate, symbol)) reply.delay = std::chrono::milliseconds{2000};
  reply.body = "{\"lastUpdateId\":" + std::to_string(id);
  if (futures_) reply.body += ",\"E\":" + now_ms() + ",\"T\":" + now_ms();
  reply.body += ",\"bids\":[" + levels(*of, of->bids(), limit) + "],\"asks\":[" +
                levels(*of, of->asks(), limit) + "]}";
  return reply;
}

std::string BinanceSim::exchange_info() const {
  std::string list;
  for (const auto& [symbol, market] : markets()) {
    const InstrumentSpec& spec = market->spec();
    if (!list.empty()) list += ',';
    list += "{\"symbol\":\"" + symbol + "\",\"status\":\"TRADING\",\"baseAsset\":\"" + spec.base +
            "\",\"quoteAsset\":\"" + spec.quote + "\"";
    if (futures_) list += ",\"contractType\":\"PERPETUAL\",\"pair\":\"" + symbol + "\"";
    list += ",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"" +
            decimal_text(1, spec.price_decimals, true) +
            "\"},{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"" +
            decimal_text(1, spec.qty_decimals, true) + "\"}]}";
  }
  return "{\"timezone\":\"UTC\",\"serverTime\":" + now_ms() + ",\"rateLimits\":[],\"symbols\":[" +
         list + "]}";
}

void BinanceSim::on_open(Session& session) {
  VenueSim::on_open(session);
  // /stream?streams=a/b, /ws/a
  const std::string_view path{session.path};
  std::string list = query(path, "streams");
  if (const std::size_t ws = path.find("/ws/"); ws != std::string_view::npos) {
    list = path.substr(ws + 4);
  }
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find('/', at), list.size());
    if (end != at) subscribe(session, list.substr(at, end - at));
    at = end + 1;
  }
}

bool BinanceSim::belongs(const Session& session, const std::string& stream) const {
  if (!futures_) return true;
  const bool of_book =
      stream.find("@depth") != std::string::npos || stream.find("@bookTicker") != std::string::npos;
  return session.path.starts_with(of_book ? "/public/" : "/market/");
}

void BinanceSim::subscribe(Session& session, const std::string& stream) {
  session.streams.insert(stream);
  std::string symbol = stream.substr(0, stream.find('@'));
  for (char& c : symbol) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (!belongs(session, stream) || market(symbol) == nullptr ||
      (stream.find("@depth") != std::string::npos && take(Fault::AckWithoutData, symbol))) {
    session.silent.insert(stream);
  } else {
    session.silent.erase(stream);
  }
}

void BinanceSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    session.send(R"({"code":3,"msg":"Invalid JSON"})");
    return;
  }
  std::string_view method;
  simdjson::dom::array params;
  std::string id = "null";
  if (simdjson::dom::element value; root["id"].get(value) == simdjson::SUCCESS) {
    id = simdjson::minify(value);
  }
  if (root["method"].get_string().get(method) != simdjson::SUCCESS) {
    session.send(R"({"code":2,"msg":"Invalid request: no method"})");
    return;
  }
  if (method == "LIST_SUBSCRIPTIONS") {
    std::string list;
    for (const std::string& stream : session.streams) {
      list += (list.empty() ? "\"" : ",\"") + stream + '"';
    }
    session.send("{\"result\":[" + list + "],\"id\":" + id + "}");
    return;
  }
  if (root["params"].get_array().get(params) != simdjson::SUCCESS ||
      (method != "SUBSCRIBE" && method != "UNSUBSCRIBE")) {
    session.send("{\"error\":{\"code\":2,\"msg\":\"Invalid request\"},\"id\":" + id + "}");
    return;
  }
  for (const simdjson::dom::element item : params) {
    std::string_view stream;
    if (item.get_string().get(stream) != simdjson::SUCCESS) continue;
    if (method == "SUBSCRIBE") {
      subscribe(session, std::string{stream});
    } else {
      session.streams.erase(std::string{stream});
    }
  }
  session.send("{\"result\":null,\"id\":" + id + "}");
}

void BinanceSim::publish(const Market& market, const std::string& suffix, const std::string& data) {
  const std::string stream = lower(market.spec().symbol) + suffix;
  for (Session* const session : std::vector<Session*>{sessions_}) {
    if (!session->streams.contains(stream)) continue;
    const bool combined = session->path.find("/stream") != std::string::npos;
    send(*session, stream,
         combined ? "{\"stream\":\"" + stream + "\",\"data\":" + data + "}" : data);
  }
}

std::string BinanceSim::delta_stream(const Session& session, const Market& market) const {
  const std::string prefix = lower(market.spec().symbol) + "@depth";
  for (const std::string& stream : session.streams) {
    if (stream.starts_with(prefix)) return stream;
  }
  return {};
}

void BinanceSim::step(Market& market) {
  const std::string symbol = market.spec().symbol;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t id) {
    std::string data = futures_ ? "{\"e\":\"bookTicker\"," : "{";
    data += "\"u\":" + std::to_string(id) + ",\"s\":\"" + symbol + "\",\"b\":\"" +
            market.price_text(best.bid) + "\",\"B\":\"" + market.qty_text(best.bid_qty) +
            "\",\"a\":\"" + market.price_text(best.ask) + "\",\"A\":\"" +
            market.qty_text(best.ask_qty) + "\"";
    if (futures_) data += ",\"T\":" + now_ms() + ",\"E\":" + now_ms();
    publish(market, "@bookTicker", data + "}");
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    const std::string common = "\"E\":" + now_ms() + ",\"s\":\"" + symbol + "\",\"p\":\"" +
                               market.price_text(trade.price) + "\",\"q\":\"" +
                               market.qty_text(trade.qty) + "\",\"T\":" + now_ms() +
                               ",\"m\":" + (trade.buyer_is_taker ? "false" : "true");
    const std::string id = std::to_string(trade.id);
    if (!futures_) {
      publish(market, "@trade", "{\"e\":\"trade\",\"t\":" + id + "," + common + ",\"M\":true}");
    }
    publish(
        market, "@aggTrade",
        "{\"e\":\"aggTrade\",\"a\":" + id + ",\"f\":" + id + ",\"l\":" + id + "," + common + "}");
  };
  observer.on_liquidation = [&](const MarketTrade& trade) {
    if (!futures_) return;
    publish(market, "@forceOrder",
            "{\"e\":\"forceOrder\",\"E\":" + now_ms() + ",\"o\":{\"s\":\"" + symbol +
                "\",\"S\":\"" + (trade.buyer_is_taker ? "BUY" : "SELL") +
                "\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"" + market.qty_text(trade.qty) +
                "\",\"p\":\"" + market.price_text(trade.price) + "\",\"ap\":\"" +
                market.price_text(trade.price) + "\",\"X\":\"FILLED\",\"l\":\"" +
                market.qty_text(trade.qty) + "\",\"z\":\"" + market.qty_text(trade.qty) +
                "\",\"T\":" + now_ms() + "}}");
  };
  market.step(changes_of(market), observer);

  const Market::Diff diff = market.take_diff();
  if (diff.empty()) return;
  std::string data = "{\"e\":\"depthUpdate\",\"E\":" + now_ms();
  if (futures_) data += ",\"T\":" + now_ms();
  data += ",\"s\":\"" + symbol + "\",\"U\":" + std::to_string(diff.first) +
          ",\"u\":" + std::to_string(diff.last);
  if (futures_) data += ",\"pu\":" + std::to_string(diff.previous);
  data += ",\"b\":[" + rows(market, diff, true) + "],\"a\":[" + rows(market, diff, false) + "]}";
  for (Session* const session : std::vector<Session*>{sessions_}) {
    const std::string stream = delta_stream(*session, market);
    if (stream.empty()) continue;
    const bool combined = session->path.find("/stream") != std::string::npos;
    send_delta(*session, stream, symbol,
               combined ? "{\"stream\":\"" + stream + "\",\"data\":" + data + "}" : data);
  }
}

void BinanceSim::keep_alive(Session& session, std::chrono::steady_clock::time_point now) {
  if (now - session.last_pong > options_.pong_limit) {
    session.close();
    return;
  }
  if (now - session.last_heard > options_.ping_every) {
    session.last_heard = now;
    session.ping();
  }
}

bool BinanceSim::knows(Fault fault) const { return fault != Fault::SequenceReset; }

void BinanceSim::announce_shutdown(Session& session) {
  if (session.path.find("/stream") != std::string::npos) {
    session.send("{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":" +
                 now_ms() + "}}");
  } else {
    session.send("{\"e\":\"serverShutdown\",\"E\":" + now_ms() + "}");
  }
}

}  // namespace steelyard::sim
