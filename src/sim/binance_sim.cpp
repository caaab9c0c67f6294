#include "sim/binance_sim.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

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

[[nodiscard]] std::uint32_t depth_weight(bool futures, std::size_t limit) {
  if (futures) return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
}

// The minute's budget is spent: until it is over.
[[nodiscard]] HttpReply too_heavy() {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(wall_now()).count();
  HttpReply reply;
  reply.status = 429;
  reply.headers.emplace_back("Retry-After", std::to_string(60 - now % 60));
  reply.body = R"({"code":-1003,"msg":"Too much request weight used."})";
  return reply;
}

// 0: a stream of changes; else how many levels each of its messages has.
[[nodiscard]] std::size_t partial_depth(std::string_view stream) {
  const std::size_t at = stream.find("@depth");
  if (at == std::string_view::npos) return 0;
  std::size_t levels = 0;
  std::from_chars(stream.data() + at + 6, stream.data() + stream.size(), levels);
  return levels;
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

bool BinanceSim::spend(std::uint32_t weight) {
  const std::int64_t minute = std::chrono::duration_cast<std::chrono::minutes>(wall_now()).count();
  if (minute != weight_minute_) used_weight_ = 0;
  weight_minute_ = minute;
  used_weight_ += weight;
  return used_weight_ <= (futures_ ? 2400U : 6000U);
}

HttpReply BinanceSim::on_request(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  HttpReply reply;
  if (auto refused = refusal(query(target, "symbol"))) {
    reply = std::move(*refused);
    reply.body =
        reply.status == 429
            ? R"({"code":-1003,"msg":"Too many requests; please use websocket for live updates."})"
            : R"({"code":-1003,"msg":"Way too many requests; IP banned."})";
  } else if (path.ends_with("/depth")) {
    reply = depth(target);
  } else if (path.ends_with("/exchangeInfo")) {
    if (spend(futures_ ? 1 : 20)) {
      reply.body = exchange_info();
    } else {
      reply = too_heavy();
    }
  } else {
    reply.status = 404;
    reply.body = "{}";
  }
  reply.headers.emplace_back("X-MBX-USED-WEIGHT-1M", std::to_string(used_weight_));
  return reply;
}

HttpReply BinanceSim::depth(std::string_view target) {
  HttpReply reply;
  const std::string symbol = query(target, "symbol");
  const std::string asked = query(target, "limit");
  std::size_t limit = 100;
  if (!asked.empty()) {
    const auto [end, error] = std::from_chars(asked.data(), asked.data() + asked.size(), limit);
    if (error != std::errc{} || end != asked.data() + asked.size() || limit == 0) {
      reply.status = 400;
      reply.body = R"({"code":-1100,"msg":"Illegal characters found in parameter 'limit'."})";
      return reply;
    }
  }
  limit = std::min<std::size_t>(limit, futures_ ? 1000 : 5000);
  if (!spend(depth_weight(futures_, limit))) return too_heavy();
  const Market* const of = market(symbol);
  if (of == nullptr) {
    reply.status = 400;
    reply.body = R"({"code":-1121,"msg":"Invalid symbol."})";
    return reply;
  }
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
  const std::string symbol = upper(stream.substr(0, stream.find('@')));
  if (!belongs(session, stream) || market(symbol) == nullptr ||
      (stream.find("@depth") != std::string::npos && take(Fault::AckWithoutData, symbol))) {
    session.silent.insert(stream);
  } else {
    session.silent.erase(stream);
  }
}

void BinanceSim::on_text(Session& session, std::string_view text) {
  if (is_too_fast(session, futures_ ? 10 : 5)) return session.close();
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
    if (stream.starts_with(prefix) && partial_depth(stream) == 0) return stream;
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
  if (!diff.empty()) publish_book(market, diff);
}

void BinanceSim::publish_book(const Market& market, const Market::Diff& diff) {
  const std::string& symbol = market.spec().symbol;
  const auto wrapped = [](const Session& session, const std::string& stream,
                          const std::string& body) {
    const bool combined = session.path.find("/stream") != std::string::npos;
    return combined ? "{\"stream\":\"" + stream + "\",\"data\":" + body + "}" : body;
  };
  std::string head = "{\"e\":\"depthUpdate\",\"E\":" + now_ms();
  if (futures_) head += ",\"T\":" + now_ms();
  head += ",\"s\":\"" + symbol + "\",\"U\":" + std::to_string(diff.first) +
          ",\"u\":" + std::to_string(diff.last);
  if (futures_) head += ",\"pu\":" + std::to_string(diff.previous);
  const std::string data =
      head + ",\"b\":[" + rows(market, diff, true) + "],\"a\":[" + rows(market, diff, false) + "]}";
  for (Session* const session : std::vector<Session*>{sessions_}) {
    const std::string stream = delta_stream(*session, market);
    if (!stream.empty()) send_delta(*session, stream, symbol, wrapped(*session, stream, data));
    const std::string prefix = lower(symbol) + "@depth";
    for (const std::string& partial : std::set<std::string>{session->streams}) {
      const std::size_t count = partial.starts_with(prefix) ? partial_depth(partial) : 0;
      if (count == 0) continue;
      const std::string bids = levels(market, market.bids(), count);
      const std::string asks = levels(market, market.asks(), count);
      // On futures it looks like a change, and is none.
      send(*session, partial,
           wrapped(*session, partial,
                   futures_ ? head + ",\"b\":[" + bids + "],\"a\":[" + asks + "]}"
                            : "{\"lastUpdateId\":" + std::to_string(diff.last) + ",\"bids\":[" +
                                  bids + "],\"asks\":[" + asks + "]}"));
    }
  }
}

void BinanceSim::keep_alive(Session& session, std::chrono::steady_clock::time_point now) {
  const auto or_documented = [this](std::chrono::milliseconds wanted, std::chrono::seconds spot,
                                    std::chrono::seconds futures) {
    return wanted.count() != 0 ? wanted : std::chrono::milliseconds{futures_ ? futures : spot};
  };
  using std::chrono::seconds;
  const auto pong_limit = or_documented(options_.pong_limit, seconds{60}, seconds{600});
  if (session.last_ping > session.last_pong && now - session.last_pong > pong_limit) {
    session.close();
    return;
  }
  if (now - session.last_ping > or_documented(options_.ping_every, seconds{20}, seconds{180})) {
    session.last_ping = now;
    session.ping();
  }
}

// Ids never go back, and for futures no notice is documented.
bool BinanceSim::knows(Fault fault) const {
  return fault != Fault::SequenceReset && !(futures_ && fault == Fault::ShutdownNotice);
}

void BinanceSim::announce_shutdown(Session& session) {
  if (session.path.find("/stream") != std::string::npos) {
    session.send("{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":" +
                 now_ms() + "}}");
  } else {
    session.send("{\"e\":\"serverShutdown\",\"E\":" + now_ms() + "}");
  }
}

std::unique_ptr<VenueSim> make_binance_spot(const VenueSimOptions& options) {
  return std::make_unique<BinanceSim>(binance_spot_instruments(), options, false);
}

std::unique_ptr<VenueSim> make_binance_usdm(const VenueSimOptions& options) {
  return std::make_unique<BinanceSim>(binance_usdm_instruments(), options, true);
}

}  // namespace steelyard::sim
