#include "sim/kraken_sim.hpp"

#include <zlib.h>

#include <algorithm>
#include <deque>

#include "sim/level_window.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kDepths[] = {10, 25, 100, 500, 1000};
constexpr std::size_t kOldTrades = 50;
constexpr std::chrono::seconds kHeartbeat{1};
constexpr std::chrono::minutes kIdleLimit{1};  // of a connection without subscriptions
// Connections of one address, all clients here being of one; above, it is shut out for as long.
constexpr std::size_t kMostConnections = 150;
constexpr std::chrono::minutes kConnectionsIn{10};

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"BTC/USD", "XBT", "USD", 1, 8, 618'412, 12'000'000, 0.0, "", 2.0},
          {"DOGE/USD", "XDG", "USD", 7, 8, 1'623'004, 40'000'000'000, 0.0, "", 1.0},
          {"ETH/USD", "ETH", "USD", 2, 8, 268'071, 150'000'000, 0.0, "", 1.0}};
}

[[nodiscard]] std::string row(const Market& market, std::int64_t price, std::int64_t qty) {
  return "{\"price\":" + market.price_text(price) + ",\"qty\":" + market.qty_text(qty) + "}";
}

[[nodiscard]] std::string digits(const std::string& number) {
  std::string text;
  for (const char c : number) {
    if (c != '.' && !(c == '0' && text.empty())) text += c;
  }
  return text;
}

template <typename Side>
[[nodiscard]] TextLevels best_ten(const Market& market, const Side& side) {
  TextLevels levels;
  for (const auto& [price, qty] : side) {
    if (levels.size() == 10) break;
    levels.emplace_back(market.price_text(price), market.qty_text(qty));
  }
  return levels;
}

[[nodiscard]] std::string book_message(const Market& market, const std::string& type,
                                       const std::string& bids, const std::string& asks) {
  const std::uint32_t checksum =
      kraken_checksum(best_ten(market, market.asks()), best_ten(market, market.bids()));
  return "{\"channel\":\"book\",\"type\":\"" + type + "\",\"data\":[{\"symbol\":\"" +
         market.spec().symbol + "\",\"bids\":[" + bids + "],\"asks\":[" + asks +
         "],\"checksum\":" + std::to_string(checksum) + ",\"timestamp\":\"" + now_iso() + "\"}]}";
}

// What a request says; `times` of arrival and answer close every answer.
struct Request {
  std::string method, id, channel, trigger;
  std::size_t depth = 10;
  bool snapshot = true;
  [[nodiscard]] std::string head() const {
    return "{\"method\":\"" + method + "\"" + (id.empty() ? "" : ",\"req_id\":" + id);
  }
};

[[nodiscard]] std::string times() {
  const std::string now = now_iso();
  return ",\"time_in\":\"" + now + "\",\"time_out\":\"" + now + "\"}";
}

class KrakenSim final : public VenueSim {
 public:
  explicit KrakenSim(const VenueSimOptions& options) : VenueSim{instruments(), options, false} {
    for (const auto& [symbol, market] : markets()) {
      for (const std::size_t depth : kDepths) {
        windows_.emplace(stream_of(depth, symbol), LevelWindow{*market, depth});
      }
    }
  }

  bool accepts(std::string_view path) const override { return path.starts_with("/v2"); }

  HttpReply on_request(std::string_view target) override;
  void on_open(Session& session) override {
    VenueSim::on_open(session);
    if (is_shut_out(session.opened)) return session.close();
    tell(session,
         R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online",)"
         R"("api_version":"v2","connection_id":4242424242}]})");
  }
  void on_text(Session& session, std::string_view text) override;

 protected:
  void step(Market& market) override;
  void keep_alive(Session& session, Clock::time_point now) override;

 private:
  [[nodiscard]] static std::string stream_of(std::size_t depth, const std::string& symbol) {
    return "book" + std::to_string(depth) + "|" + symbol;
  }
  void refuse(Session& session, const Request& request, const std::string& error,
              const std::string& symbol = {}) {
    tell(session, "{\"error\":\"" + error + "\"," + request.head().substr(1) +
                      ",\"success\":false" +
                      (symbol.empty() ? "" : ",\"symbol\":\"" + symbol + "\"") + times());
  }
  // Counts a connection.
  [[nodiscard]] bool is_shut_out(Clock::time_point now) {
    if (now < shut_until_) return true;
    while (!opened_.empty() && now - opened_.front() >= kConnectionsIn) opened_.pop_front();
    opened_.push_back(now);
    if (opened_.size() <= kMostConnections) return false;
    shut_until_ = now + kConnectionsIn;
    return true;
  }
  void change(Session& session, const Request& request, const std::string& symbol);
  void begin(Session& session, const Request& request, const Market& market,
             const std::string& stream);
  [[nodiscard]] std::string ticker(const Market& market, const Best& best) const;

  std::map<std::string, LevelWindow> windows_;  // by stream
  std::deque<Clock::time_point> opened_;
  Clock::time_point shut_until_{};
  std::map<std::string, std::deque<std::string>> trades_;
};

HttpReply KrakenSim::on_request(std::string_view target) {
  HttpReply reply;
  if (!target.starts_with("/0/public/AssetPairs")) {
    reply.status = 404;
    reply.body = R"({"error":["EGeneral:Unknown method"]})";
    return reply;
  }
  std::string list;
  for (const auto& [symbol, market] : markets()) {
    const InstrumentSpec& spec = market->spec();
    const std::string old = spec.base + spec.quote;
    list += (list.empty() ? "\"" : ",\"") + old + "\":{\"altname\":\"" + old + "\",\"wsname\":\"" +
            spec.base + "/" + spec.quote + "\",\"base\":\"" + spec.base + "\",\"quote\":\"" +
            spec.quote + "\",\"pair_decimals\":" + std::to_string(spec.price_decimals) +
            ",\"lot_decimals\":" + std::to_string(spec.qty_decimals) + ",\"tick_size\":\"" +
            decimal_text(1, spec.price_decimals, false) + "\",\"status\":\"online\"}";
  }
  reply.body = "{\"error\":[],\"result\":{" + list + "}}";
  return reply;
}

void KrakenSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root, params;
  Request request;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return refuse(session, request, "Malformed request");
  }
  request.method = text_of(root, "method");
  request.id = raw_of(root, "req_id", "");
  if (request.method == "ping")
    return tell(session, request.head().replace(11, 4, "pong") + times());
  if (request.method != "subscribe" && request.method != "unsubscribe") {
    return refuse(session, request, "Unsupported method");
  }
  simdjson::dom::array symbols;
  if (root["params"].get(params) != simdjson::SUCCESS) {
    return refuse(session, request, "Field 'params' missing");
  }
  request.channel = text_of(params, "channel");
  request.trigger = text_of(params, "event_trigger");
  request.snapshot = raw_of(params, "snapshot", "true") == "true";
  if (std::uint64_t depth = 0; params["depth"].get_uint64().get(depth) == simdjson::SUCCESS) {
    request.depth = depth;
  }
  if (params["symbol"].get_array().get(symbols) != simdjson::SUCCESS) {
    return refuse(session, request, "Field 'symbol' missing");
  }
  for (const simdjson::dom::element symbol : symbols) {
    std::string_view name;
    if (symbol.get_string().get(name) == simdjson::SUCCESS) {
      change(session, request, std::string{name});
    }
  }
}

// One answer a symbol.
void KrakenSim::change(Session& session, const Request& request, const std::string& symbol) {
  const Market* const of = market(symbol);
  if (of == nullptr) {
    return refuse(session, request, "Currency pair not supported " + symbol, symbol);
  }
  std::string stream = request.channel + "|" + symbol;
  std::string result = "\"channel\":\"" + request.channel + "\"";
  if (request.channel == "book") {
    if (std::find(std::begin(kDepths), std::end(kDepths), request.depth) == std::end(kDepths)) {
      return refuse(session, request, "Subscription depth not supported", symbol);
    }
    stream = stream_of(request.depth, symbol);
    result += ",\"depth\":" + std::to_string(request.depth);
  } else if (request.channel == "ticker") {
    if (!request.trigger.empty()) result += ",\"event_trigger\":\"" + request.trigger + "\"";
  } else if (request.channel != "trade") {
    return refuse(session, request, "Unsupported channel", symbol);
  }
  const bool subscribes = request.method == "subscribe";
  if (subscribes == session.streams.contains(stream)) {
    return refuse(session, request, subscribes ? "Already subscribed" : "Subscription Not Found",
                  symbol);
  }
  if (subscribes) result += std::string{",\"snapshot\":"} + (request.snapshot ? "true" : "false");
  tell(session, request.head() + ",\"result\":{" + result + ",\"symbol\":\"" + symbol +
                    "\"},\"success\":true" + times());
  if (subscribes) {
    begin(session, request, *of, stream);
  } else {
    remove(session, stream);
  }
}

void KrakenSim::begin(Session& session, const Request& request, const Market& of,
                      const std::string& stream) {
  const std::string& symbol = of.spec().symbol;
  if (request.channel == "book") {
    if (!add_book(session, stream, symbol) || !request.snapshot) return;
    const auto write = [&](std::int64_t price, std::int64_t qty) { return row(of, price, qty); };
    return send(session, stream,
                book_message(of, "snapshot", best_rows(of.bids(), request.depth, write),
                             best_rows(of.asks(), request.depth, write)));
  }
  add(session, stream);
  if (!request.snapshot) return;
  if (request.channel == "trade") {
    const std::string list = joined(trades_[symbol], [](const std::string& each) { return each; });
    return send(session, stream,
                "{\"channel\":\"trade\",\"type\":\"snapshot\",\"data\":[" + list + "]}");
  }
  std::string text = ticker(of, {of.bids().begin()->first, of.bids().begin()->second,
                                 of.asks().begin()->first, of.asks().begin()->second});
  send(session, stream, text.replace(text.find("update"), 6, "snapshot"));
}

std::string KrakenSim::ticker(const Market& market, const Best& best) const {
  return "{\"channel\":\"ticker\",\"type\":\"update\",\"data\":[{\"symbol\":\"" +
         market.spec().symbol + "\",\"bid\":" + market.price_text(best.bid) +
         ",\"bid_qty\":" + market.qty_text(best.bid_qty) +
         ",\"ask\":" + market.price_text(best.ask) +
         ",\"ask_qty\":" + market.qty_text(best.ask_qty) + ",\"timestamp\":\"" + now_iso() +
         "\"}]}";
}

void KrakenSim::step(Market& market) {
  const std::string& symbol = market.spec().symbol;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t) {
    publish("ticker|" + symbol, ticker(market, best));
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    const std::string text = "{\"symbol\":\"" + symbol + "\",\"side\":\"" +
                             (trade.buyer_is_taker ? "buy" : "sell") +
                             "\",\"price\":" + market.price_text(trade.price) +
                             ",\"qty\":" + market.qty_text(trade.qty) +
                             ",\"ord_type\":\"market\",\"trade_id\":" + std::to_string(trade.id) +
                             ",\"timestamp\":\"" + now_iso() + "\"}";
    publish("trade|" + symbol,
            "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[" + text + "]}");
    std::deque<std::string>& old = trades_[symbol];
    old.push_back(text);
    if (old.size() > kOldTrades) old.pop_front();
  };
  market.step(changes_of(market), observer);
  (void)market.take_diff();

  for (const std::size_t depth : kDepths) {
    const std::string stream = stream_of(depth, symbol);
    const std::vector<WindowChange> changes = windows_.at(stream).update(market);
    // Of what leaves the window below, nothing is said: clients cut their books off.
    const auto write = [&](const WindowChange& change) {
      return row(market, change.price, change.qty);
    };
    std::vector<WindowChange> said;
    std::copy_if(changes.begin(), changes.end(), std::back_inserter(said),
                 [](const WindowChange& change) { return !change.pushed_out; });
    if (said.empty()) continue;
    publish_delta(stream, symbol,
                  book_message(market, "update", change_rows(said, true, write),
                               change_rows(said, false, write)));
  }
}

void KrakenSim::keep_alive(Session& session, Clock::time_point now) {
  if (session.streams.empty()) {
    if (now - std::max(session.last_heard, session.opened) > kIdleLimit) session.close();
    return;
  }
  const auto last = std::max(session.last_pushed, session.last_ping);
  if (now - last < kHeartbeat) return;
  session.last_ping = now;
  tell(session, R"({"channel":"heartbeat"})");
}

}  // namespace

std::uint32_t kraken_checksum(const TextLevels& asks, const TextLevels& bids) {
  std::string text;
  for (const TextLevels* const side : {&asks, &bids}) {
    for (std::size_t i = 0; i < side->size() && i < 10; ++i) {
      text += digits((*side)[i].first) + digits((*side)[i].second);
    }
  }
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

std::unique_ptr<VenueSim> make_kraken(const VenueSimOptions& options) {
  return std::make_unique<KrakenSim>(options);
}

}  // namespace steelyard::sim
