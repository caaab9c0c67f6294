#include "sim/kucoin_sim.hpp"

#include <algorithm>
#include <set>

#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPingLimit{60};  // nothing heard for so long, whatever flows
constexpr std::uint32_t kMostInTenSeconds = 100;
constexpr std::size_t kMostTopics = 300;  // of a connection
constexpr std::size_t kMostInRequest = 100;
constexpr std::size_t kSnapshotDepth = 100;  // deeper ones are for those who have a key

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"BTC-USDT", "BTC", "USDT", 1, 8, 618'362, 9'000'000, 0.0, "", 2.0},
          {"ETH-USDT", "ETH", "USDT", 2, 7, 268'061, 9'000'000, 0.0, "", 1.5},
          {"SOL-USDT", "SOL", "USDT", 3, 4, 155'213, 300'000, 0.0, "", 1.0}};
}

// "12" of 12'000 at three decimals: as short as it can be.
[[nodiscard]] std::string pair(const InstrumentSpec& spec, std::int64_t price, std::int64_t qty) {
  return "\"" + decimal_text(price, spec.price_decimals, false) + "\",\"" +
         decimal_text(qty, spec.qty_decimals, false) + "\"";
}

class KucoinSim final : public VenueSim {
 public:
  explicit KucoinSim(const VenueSimOptions& options) : VenueSim{instruments(), options, false} {}

  HttpReply on_request(std::string_view target) override;
  HttpReply on_post(std::string_view target, std::string_view body) override;
  void on_open(Session& session) override;
  void on_text(Session& session, std::string_view text) override;

 protected:
  void step(Market& market) override;
  void keep_alive(Session& session, Clock::time_point now) override {
    if (now - std::max(session.last_heard, session.opened) > kPingLimit) session.close();
  }
  [[nodiscard]] bool knows(Fault fault) const override {
    return VenueSim::knows(fault) || fault == Fault::SnapshotLate || fault == Fault::SnapshotOld ||
           fault == Fault::TooManyRequests;
  }
  std::string delta_stream(const Session& session, const Market& market) const override {
    const std::string stream = "/market/level2:" + market.spec().symbol;
    return session.streams.contains(stream) ? stream : std::string{};
  }

 private:
  [[nodiscard]] HttpReply depth(std::string_view target);
  void change(Session& session, bool subscribes, const std::string& id, std::string_view topic);
  void refuse(Session& session, const std::string& id, int code, const std::string& why) {
    tell(session, "{\"id\":" + id + ",\"type\":\"error\",\"code\":" + std::to_string(code) +
                      ",\"data\":\"" + why + "\"}");
  }
  void message(const std::string& topic, const std::string& subject, const std::string& data) {
    publish(topic, envelope(topic, subject, data));
  }
  [[nodiscard]] static std::string envelope(const std::string& topic, const std::string& subject,
                                            const std::string& data) {
    return "{\"topic\":\"" + topic + "\",\"type\":\"message\",\"subject\":\"" + subject +
           "\",\"data\":" + data + "}";
  }
  void publish_books(const Market& market, const Market::Diff& diff);

  std::set<std::string> tokens_;
};

HttpReply KucoinSim::on_post(std::string_view target, std::string_view) {
  HttpReply reply;
  if (target != "/api/v1/bullet-public") return on_request(target);
  const std::string token = "2neAiuYvAU61ZDXANAGAsiL4-" + std::to_string(tokens_.size()) + "==";
  tokens_.insert(token);
  reply.body = "{\"code\":\"200000\",\"data\":{\"token\":\"" + token +
               "\",\"instanceServers\":[{\"endpoint\":\"wss://ws-api-spot.kucoin.com/\","
               "\"encrypt\":true,\"protocol\":\"websocket\",\"pingInterval\":18000,"
               "\"pingTimeout\":10000}]}}";
  return reply;
}

HttpReply KucoinSim::on_request(std::string_view target) {
  HttpReply reply;
  const std::string_view path = target.substr(0, target.find('?'));
  if (auto refused = refusal(query(target, "symbol"))) {
    reply = std::move(*refused);
    reply.body = R"({"code":"429000","msg":"Too Many Requests"})";
  } else if (path == "/api/v1/market/orderbook/level2_100") {
    reply = depth(target);
  } else if (path == "/api/v2/symbols") {
    const std::string list = joined(markets(), [](const auto& each) {
      const InstrumentSpec& spec = each.second->spec();
      return "{\"symbol\":\"" + spec.symbol + "\",\"name\":\"" + spec.symbol +
             "\",\"baseCurrency\":\"" + spec.base + "\",\"quoteCurrency\":\"" + spec.quote +
             "\",\"baseIncrement\":\"" + decimal_text(1, spec.qty_decimals, false) +
             "\",\"priceIncrement\":\"" + decimal_text(1, spec.price_decimals, false) +
             "\",\"quoteIncrement\":\"0.000001\",\"enableTrading\":true}";
    });
    reply.body = "{\"code\":\"200000\",\"data\":[" + list + "]}";
  } else {
    reply.status = 404;
    reply.body = R"({"code":"404","msg":"Not Found"})";
  }
  return reply;
}

HttpReply KucoinSim::depth(std::string_view target) {
  HttpReply reply;
  const std::string symbol = query(target, "symbol");
  const Market* const of = market(symbol);
  if (of == nullptr) {
    reply.body = R"({"code":"400100","msg":"symbol is not exist"})";
    return reply;
  }
  std::uint64_t id = of->diff_id();
  if (take(Fault::SnapshotOld, symbol)) id -= std::min<std::uint64_t>(id, 100'000);
  if (take(Fault::SnapshotLate, symbol)) reply.delay = std::chrono::milliseconds{2000};
  const auto write = [of](std::int64_t price, std::int64_t qty) {
    return '[' + pair(of->spec(), price, qty) + ']';
  };
  reply.body = "{\"code\":\"200000\",\"data\":{\"time\":" + now_ms() + ",\"sequence\":\"" +
               std::to_string(id) + "\",\"bids\":[" + best_rows(of->bids(), kSnapshotDepth, write) +
               "],\"asks\":[" + best_rows(of->asks(), kSnapshotDepth, write) + "]}}";
  return reply;
}

void KucoinSim::on_open(Session& session) {
  VenueSim::on_open(session);
  const std::string id = '"' + query(session.path, "connectId") + '"';
  if (!tokens_.contains(query(session.path, "token"))) {
    refuse(session, id, 401, "token is invalid");
    return session.close();
  }
  tell(session, "{\"id\":" + id + ",\"type\":\"welcome\"}");
}

void KucoinSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return refuse(session, "\"\"", 400, "malformed message");
  }
  const std::string id = raw_of(root, "id", "\"\"");
  const std::string_view type = text_of(root, "type");
  if (is_too_fast(session, kMostInTenSeconds, std::chrono::seconds{10})) {
    return refuse(session, id, 509, "exceed max permits");
  }
  if (type == "ping") {
    return tell(session, "{\"id\":" + id + ",\"type\":\"pong\",\"timestamp\":" + now_ms() + "000}");
  }
  if (type != "subscribe" && type != "unsubscribe") {
    return refuse(session, id, 404, "type " + std::string{type} + " is not supported");
  }
  change(session, type == "subscribe", id, text_of(root, "topic"));
}

// "/market/level2:BTC-USDT,ETH-USDT": a topic of several symbols. Symbols that there are not are
// acknowledged, and silent.
void KucoinSim::change(Session& session, bool subscribes, const std::string& id,
                       std::string_view topic) {
  const std::string name{topic.substr(0, topic.find(':'))};
  const bool books = name == "/market/level2";
  const bool known = books || name == "/market/match" || name == "/market/ticker" ||
                     name == "/spotMarket/level1" || name == "/spotMarket/level2Depth5" ||
                     name == "/spotMarket/level2Depth50";
  if (!known || topic.size() <= name.size() + 1) {
    return refuse(session, id, 404, "topic " + std::string{topic} + " is not found");
  }
  const auto count = std::count(topic.begin(), topic.end(), ',') + 1;
  if (static_cast<std::size_t>(count) > kMostInRequest ||
      (subscribes && session.streams.size() + static_cast<std::size_t>(count) > kMostTopics)) {
    return refuse(session, id, 509, "exceed max subscription count limitation");
  }
  tell(session, "{\"id\":" + id + ",\"type\":\"ack\"}");
  for (std::size_t at = name.size() + 1; at < topic.size();) {
    const std::size_t end = std::min(topic.find(',', at), topic.size());
    const std::string symbol{topic.substr(at, end - at)};
    const std::string stream = name + ':' + symbol;
    if (!subscribes) {
      remove(session, stream);
    } else if (books) {
      (void)add_book(session, stream, symbol);
    } else {
      add(session, stream);
    }
    at = end + 1;
  }
}

void KucoinSim::step(Market& market) {
  const InstrumentSpec& spec = market.spec();
  const std::string& symbol = spec.symbol;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t id) {
    message("/market/ticker:" + symbol, "trade.ticker",
            "{\"sequence\":\"" + std::to_string(id) + "\",\"bestBid\":\"" +
                decimal_text(best.bid, spec.price_decimals, false) + "\",\"bestBidSize\":\"" +
                decimal_text(best.bid_qty, spec.qty_decimals, false) + "\",\"bestAsk\":\"" +
                decimal_text(best.ask, spec.price_decimals, false) + "\",\"bestAskSize\":\"" +
                decimal_text(best.ask_qty, spec.qty_decimals, false) + "\",\"time\":" + now_ms() +
                "}");
    message("/spotMarket/level1:" + symbol, "level1",
            "{\"asks\":[" + pair(spec, best.ask, best.ask_qty) + "],\"bids\":[" +
                pair(spec, best.bid, best.bid_qty) + "],\"timestamp\":" + now_ms() + "}");
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    message("/market/match:" + symbol, "trade.l3match",
            "{\"symbol\":\"" + symbol + "\",\"type\":\"match\",\"side\":\"" +
                (trade.buyer_is_taker ? "buy" : "sell") + "\",\"price\":\"" +
                decimal_text(trade.price, spec.price_decimals, false) + "\",\"size\":\"" +
                decimal_text(trade.qty, spec.qty_decimals, false) + "\",\"tradeId\":\"" +
                std::to_string(trade.id) + "\",\"sequence\":\"" + std::to_string(trade.id) +
                "\",\"time\":\"" + now_ms() + "000000\"}");
  };
  market.step(changes_of(market), observer);
  const Market::Diff diff = market.take_diff();
  if (!diff.empty()) publish_books(market, diff);
}

// Every row has a number of its own; what changed and changed back is a row of price 0, which only
// counts.
void KucoinSim::publish_books(const Market& market, const Market::Diff& diff) {
  const InstrumentSpec& spec = market.spec();
  std::string asks, bids;
  std::uint64_t id = diff.first;
  for (const Change& change : diff.changes) {
    std::string& side = change.bid ? bids : asks;
    side += (side.empty() ? "[" : ",[") + pair(spec, change.price, change.qty) + ",\"" +
            std::to_string(id++) + "\"]";
  }
  if (id <= diff.last) {
    bids += (bids.empty() ? "" : ",") + std::string{"[\"0\",\"0\",\""} + std::to_string(diff.last) +
            "\"]";
  }
  const std::string topic = "/market/level2:" + spec.symbol;
  publish_delta(topic, spec.symbol,
                envelope(topic, "trade.l2update",
                         "{\"changes\":{\"asks\":[" + asks + "],\"bids\":[" + bids +
                             "]},\"sequenceEnd\":" + std::to_string(diff.last) +
                             ",\"sequenceStart\":" + std::to_string(diff.first) + ",\"symbol\":\"" +
                             spec.symbol + "\",\"time\":" + now_ms() + "}"));
  const auto write = [&spec](std::int64_t price, std::int64_t qty) {
    return '[' + pair(spec, price, qty) + ']';
  };
  for (const std::size_t depth : {5U, 50U}) {
    message("/spotMarket/level2Depth" + std::to_string(depth) + ':' + spec.symbol, "level2",
            "{\"asks\":[" + best_rows(market.asks(), depth, write) + "],\"bids\":[" +
                best_rows(market.bids(), depth, write) + "],\"timestamp\":" + now_ms() + "}");
  }
}

}  // namespace

std::unique_ptr<VenueSim> make_kucoin(const VenueSimOptions& options) {
  return std::make_unique<KucoinSim>(options);
}

}  // namespace steelyard::sim
