#include "sim/hyperliquid_sim.hpp"

#include <algorithm>
#include <deque>

#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Measured: one clock for all coins.
constexpr milliseconds kSlow{5'360};
constexpr milliseconds kFast{540};
constexpr std::size_t kSlowDepth = 20, kFastDepth = 5;
constexpr std::chrono::seconds kQuietLimit{60};  // nothing sent for so long
constexpr std::size_t kMostClients = 10;         // of one address
constexpr std::size_t kMostInMinute = 30;        // new ones
constexpr std::size_t kMostStreams = 1'000;
constexpr std::size_t kOldTrades = 10;

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"BTC", "BTC", "USD", 0, 5, 61'837, 40'000, 0.0, "", 2.0},
          {"ETH", "ETH", "USD", 1, 4, 26'806, 25'000, 0.0, "", 1.5},
          {"SOL", "SOL", "USD", 2, 2, 15'523, 6'000, 0.0, "", 1.0}};
}

// "84143.0": whole numbers too have a decimal.
[[nodiscard]] std::string number(std::int64_t value, int decimals) {
  const std::string text = decimal_text(value, decimals, false);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

[[nodiscard]] std::string level(const InstrumentSpec& spec, std::int64_t price, std::int64_t qty) {
  return "{\"px\":\"" + number(price, spec.price_decimals) + "\",\"sz\":\"" +
         number(qty, spec.qty_decimals) + "\",\"n\":" + std::to_string(1 + qty % 7) + "}";
}

[[nodiscard]] std::string book_data(const Market& market, std::size_t depth) {
  const auto write = [&market](std::int64_t price, std::int64_t qty) {
    return level(market.spec(), price, qty);
  };
  return "{\"coin\":\"" + market.spec().symbol + "\",\"time\":" + now_ms() + ",\"levels\":[[" +
         best_rows(market.bids(), depth, write) + "],[" + best_rows(market.asks(), depth, write) +
         "]]}";
}

class HyperliquidSim final : public VenueSim {
 public:
  explicit HyperliquidSim(const VenueSimOptions& options)
      : VenueSim{instruments(), options, false} {}

  bool accepts(std::string_view path) const override;
  HttpReply on_request(std::string_view) override {
    return {.status = 405, .body = {}, .headers = {}};
  }
  HttpReply on_post(std::string_view target, std::string_view body) override;
  void on_open(Session& session) override {
    VenueSim::on_open(session);
    opened_.push_back(steady_now());
  }
  void on_text(Session& session, std::string_view text) override;
  void on_tick() override;

 protected:
  void step(Market& market) override;
  void idle(Market& market, Clock::time_point) override { publish_books(market); }
  void keep_alive(Session& session, Clock::time_point now) override {
    if (now - session.last_pushed > kQuietLimit) session.close();
  }
  std::string delta_stream(const Session& session, const Market& market) const override {
    for (const char* const kind : {"l2Book|", "l2BookFast|"}) {
      const std::string stream = kind + market.spec().symbol;
      if (session.streams.contains(stream)) return stream;
    }
    return {};
  }

 private:
  void refuse(Session& session, const std::string& why) {
    tell(session, "{\"channel\":\"error\",\"data\":\"" + why + "\"}");
  }
  void change(Session& session, bool subscribes, simdjson::dom::element wanted);
  void publish_books(const Market& market);

  mutable std::deque<Clock::time_point> opened_;  // in the last minute
  Clock::time_point next_slow_ = steady_now();
  Clock::time_point next_fast_ = steady_now();
  bool slow_ = false, fast_ = false;  // due in this tick
  std::map<std::string, std::deque<std::string>> trades_;
};

bool HyperliquidSim::accepts(std::string_view path) const {
  const auto now = steady_now();
  while (!opened_.empty() && now - opened_.front() > std::chrono::minutes{1}) opened_.pop_front();
  return path == "/ws" && client_count() < kMostClients && opened_.size() < kMostInMinute;
}

HttpReply HyperliquidSim::on_post(std::string_view target, std::string_view body) {
  HttpReply reply;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const bool is_json = parser.parse(body.data(), body.size()).get(root) == simdjson::SUCCESS;
  const std::string_view type = is_json ? text_of(root, "type") : std::string_view{};
  if (target != "/info") {
    reply.status = 404;
  } else if (type == "meta") {
    reply.body =
        "{\"universe\":[" +
        joined(markets(),
               [](const auto& each) {
                 return "{\"szDecimals\":" + std::to_string(each.second->spec().qty_decimals) +
                        ",\"name\":\"" + each.first + "\",\"maxLeverage\":40}";
               }) +
        "]}";
  } else if (type == "spotMeta") {
    reply.body = R"({"universe":[],"tokens":[]})";
  } else if (type == "perpDexs") {
    reply.body = "[null]";
  } else if (const Market* const of =
                 type == "l2Book" ? market(std::string{text_of(root, "coin")}) : nullptr;
             of != nullptr) {
    reply.body = book_data(*of, kSlowDepth);
  } else {
    reply.status = 422;
    reply.body = "Failed to deserialize the JSON body into the target type";
  }
  return reply;
}

void HyperliquidSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root, wanted;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return refuse(session, "Error parsing JSON into valid websocket request");
  }
  const std::string_view method = text_of(root, "method");
  if (method == "ping") {
    session.last_pushed = steady_now();
    return tell(session, R"({"channel":"pong"})");
  }
  if ((method != "subscribe" && method != "unsubscribe") ||
      root["subscription"].get(wanted) != simdjson::SUCCESS) {
    return refuse(session, "Error parsing JSON into valid websocket request");
  }
  change(session, method == "subscribe", wanted);
}

void HyperliquidSim::change(Session& session, bool subscribes, simdjson::dom::element wanted) {
  const std::string coin{text_of(wanted, "coin")};
  const std::string kind{text_of(wanted, "type")};
  const bool fast = raw_of(wanted, "fast", "false") == "true";
  const bool books = kind == "l2Book";
  // The whole connection ends with a coin that there is not, and nobody says why.
  if (market(coin) == nullptr) return session.tear();
  if (!books && kind != "bbo" && kind != "trades") return refuse(session, "Invalid subscription");
  const std::string stream = (books && fast ? "l2BookFast|" : kind + "|") + coin;
  const std::string asked = simdjson::minify(wanted);
  if (subscribes == session.streams.contains(stream)) {
    return refuse(session, subscribes ? "Already subscribed" : "Already unsubscribed");
  }
  if (subscribes && session.streams.size() >= kMostStreams) {
    return refuse(session, "Cannot track more than 1000 total subscriptions");
  }
  const std::string said = books ? R"({"type":"l2Book","coin":")" + coin +
                                       R"(","nSigFigs":null,"mantissa":null,"fast":)" +
                                       (fast ? "true}" : "false}")
                                 : asked;
  tell(session, std::string{R"({"channel":"subscriptionResponse","data":{"method":")"} +
                    (subscribes ? "subscribe" : "unsubscribe") + R"(","subscription":)" + said +
                    "}}");
  if (!subscribes) return remove(session, stream);
  if (books) {
    (void)add_book(session, stream, coin);
    return;
  }
  add(session, stream);
  // The first frame tells of trades before it.
  if (kind != "trades" || trades_[coin].empty()) return;
  send(session, stream,
       "{\"channel\":\"trades\",\"data\":[" +
           joined(trades_[coin], [](const std::string& each) { return each; }) + "]}");
}

void HyperliquidSim::on_tick() {
  const auto now = steady_now();
  slow_ = now >= next_slow_;
  fast_ = now >= next_fast_;
  if (slow_) next_slow_ = now + kSlow;
  if (fast_) next_fast_ = now + kFast;
  VenueSim::on_tick();
}

void HyperliquidSim::step(Market& market) {
  const InstrumentSpec& spec = market.spec();
  const std::string& coin = spec.symbol;
  std::vector<std::string> trades;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t) {
    publish("bbo|" + coin, "{\"channel\":\"bbo\",\"data\":{\"coin\":\"" + coin + "\",\"time\":" +
                               now_ms() + ",\"bbo\":[" + level(spec, best.bid, best.bid_qty) + "," +
                               level(spec, best.ask, best.ask_qty) + "]}}");
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    trades.push_back("{\"coin\":\"" + coin + "\",\"side\":\"" + (trade.buyer_is_taker ? "B" : "A") +
                     "\",\"px\":\"" + number(trade.price, spec.price_decimals) + "\",\"sz\":\"" +
                     number(trade.qty, spec.qty_decimals) + "\",\"time\":" + now_ms() +
                     ",\"hash\":\"0x00\",\"tid\":" + std::to_string(trade.id) +
                     ",\"users\":[\"0xa\",\"0xb\"]}");
  };
  market.step(changes_of(market), observer);
  (void)market.take_diff();
  if (!trades.empty()) {
    publish("trades|" + coin, "{\"channel\":\"trades\",\"data\":[" +
                                  joined(trades, [](const std::string& each) { return each; }) +
                                  "]}");
    std::deque<std::string>& old = trades_[coin];
    old.insert(old.end(), trades.begin(), trades.end());
    while (old.size() > kOldTrades) old.pop_front();
  }
  publish_books(market);
}

// Whether or not they changed.
void HyperliquidSim::publish_books(const Market& market) {
  const std::string& coin = market.spec().symbol;
  const auto message = [&](std::size_t depth) {
    return "{\"channel\":\"l2Book\",\"data\":" + book_data(market, depth) + "}";
  };
  if (slow_) publish_delta("l2Book|" + coin, coin, message(kSlowDepth));
  if (fast_) publish_delta("l2BookFast|" + coin, coin, message(kFastDepth));
}

}  // namespace

std::unique_ptr<VenueSim> make_hyperliquid(const VenueSimOptions& options) {
  return std::make_unique<HyperliquidSim>(options);
}

}  // namespace steelyard::sim
