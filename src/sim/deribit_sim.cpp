#include "sim/deribit_sim.hpp"

#include <algorithm>
#include <set>

#include "sim/level_window.hpp"
#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kAnswerWithin{10};  // to a test request
constexpr std::chrono::seconds kIdleLimit{60};     // nothing subscribed and nothing said
constexpr std::size_t kMostClients = 32;
// Of a subscription: 3000 credits of 30000, which come back at 10000 a second.
constexpr double kCredits = 30'000, kCreditsPerSecond = 10'000, kCost = 3'000;

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"BTC-PERPETUAL", "BTC", "USD", 1, 0, 618'020, 4'000, 1.0, "", 2.0},
          {"ETH-PERPETUAL", "ETH", "USD", 2, 0, 268'020, 2'500, 1.0, "", 1.0},
          {"BTC_USDC-PERPETUAL", "BTC", "USDC", 1, 4, 618'110, 1'500, 0.0, "", 1.0},
          {"BTC-25DEC26-80000-C", "BTC", "USD", 4, 1, 412, 90, 0.0, "", 0.5}};
}

[[nodiscard]] std::string kind_of(const InstrumentSpec& spec) {
  return spec.symbol.ends_with("-C") ? "option" : "future";
}

// Numbers as Python writes floats, large round ones with an exponent now and then.
[[nodiscard]] std::string number(std::int64_t value, int decimals) {
  std::string text = decimal_text(value, decimals, false);
  if (text.find('.') != std::string::npos) return text;
  const bool round = text.size() > 3 && text.ends_with("00");
  if (!round) return text + ".0";
  return text.substr(0, 1) + '.' + text.substr(1, text.size() - 3) + "e" +
         std::to_string(text.size() - 1);
}

[[nodiscard]] std::string row(const InstrumentSpec& spec, const WindowChange& change) {
  const char* const action = change.qty == 0 ? "delete" : change.before == 0 ? "new" : "change";
  return std::string{"[\""} + action + "\"," + number(change.price, spec.price_decimals) + "," +
         number(change.qty, spec.qty_decimals) + "]";
}

[[nodiscard]] std::string notification(const std::string& channel, const std::string& data) {
  return "{\"jsonrpc\":\"2.0\",\"method\":\"subscription\",\"params\":{\"channel\":\"" + channel +
         "\",\"data\":" + data + "}}";
}

class DeribitSim final : public VenueSim {
 public:
  explicit DeribitSim(const VenueSimOptions& options) : VenueSim{instruments(), options, true} {
    for (const auto& [symbol, market] : markets()) {
      books_.emplace(symbol, LevelWindow{*market});
      change_ids_[symbol] = market->last_id();
    }
  }

  bool accepts(std::string_view path) const override {
    return path.starts_with("/ws/api/v2") && client_count() < kMostClients;
  }
  HttpReply on_request(std::string_view target) override;
  void on_text(Session& session, std::string_view text) override;
  void on_closed(Session& session) override {
    VenueSim::on_closed(session);
    duties_.erase(&session);
  }

 protected:
  void step(Market& market) override;
  void keep_alive(Session& session, Clock::time_point now) override;
  std::string delta_stream(const Session& session, const Market& market) const override {
    const std::string stream = "book." + market.spec().symbol + ".100ms";
    return session.streams.contains(stream) ? stream : std::string{};
  }

 private:
  struct Duties {
    milliseconds heartbeat{0};
    Clock::time_point asked{};  // a test request without an answer; epoch: none
    double credits = kCredits;
    Clock::time_point counted = steady_now();
    std::set<std::string> seen;  // subscribed to before: no snapshot again
  };
  void answer(Session& session, const std::string& id, const std::string& result) {
    tell(session, "{\"jsonrpc\":\"2.0\"" + (id.empty() ? id : ",\"id\":" + id) + ",\"result\":" +
                      result + ",\"usIn\":1,\"usOut\":2,\"usDiff\":1,\"testnet\":false}");
  }
  void refuse(Session& session, const std::string& id, int code, const std::string& message) {
    tell(session, "{\"jsonrpc\":\"2.0\"" + (id.empty() ? id : ",\"id\":" + id) +
                      ",\"error\":{\"code\":" + std::to_string(code) + ",\"message\":\"" + message +
                      "\"}}");
  }
  void set_heartbeat(Session& session, const std::string& id, simdjson::dom::element root);
  void change(Session& session, bool subscribes, const std::string& id,
              simdjson::dom::element root);
  [[nodiscard]] bool spend(Session& session);
  // The market of a channel that there is; nullptr: none.
  [[nodiscard]] const Market* market_of(const std::string& channel);
  void begin(Session& session, const std::string& channel, const Market& of);
  [[nodiscard]] std::string whole(const Market& market, std::size_t depth);
  void publish_trades(const Market& market, const std::vector<std::string>& trades);

  std::map<std::string, LevelWindow> books_;
  std::map<std::string, std::uint64_t> change_ids_;  // told last
  std::map<const Session*, Duties> duties_;
};

HttpReply DeribitSim::on_request(std::string_view target) {
  HttpReply reply;
  if (target.substr(0, target.find('?')) != "/api/v2/public/get_instruments") {
    reply.status = 404;
    reply.body = R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"}})";
    return reply;
  }
  std::string list;
  for (const auto& [symbol, market] : markets()) {
    const InstrumentSpec& spec = market->spec();
    const bool option = kind_of(spec) == "option";
    const bool inverse = spec.contract_size > 0.0;
    list += (list.empty() ? "{" : ",{") + std::string{"\"instrument_name\":\""} + symbol +
            "\",\"kind\":\"" + kind_of(spec) + "\",\"instrument_type\":\"" +
            (inverse || option ? "reversed" : "linear") + "\",\"base_currency\":\"" + spec.base +
            "\",\"quote_currency\":\"" + spec.quote +
            "\",\"tick_size\":" + decimal_text(1, spec.price_decimals, false) +
            ",\"tick_size_steps\":[" +
            (option ? R"({"above_price":0.005,"tick_size":0.0005})" : "") +
            "],\"min_trade_amount\":" + decimal_text(1, spec.qty_decimals, false) +
            ",\"contract_size\":" + decimal_text(1, spec.qty_decimals, false) +
            ",\"expiration_timestamp\":" + (option ? "1798185600000" : "32503708800000") +
            ",\"is_active\":true}";
  }
  reply.body = "{\"jsonrpc\":\"2.0\",\"result\":[" + list + "]}";
  return reply;
}

void DeribitSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return refuse(session, "", 11050, "bad_request");
  }
  const std::string id = raw_of(root, "id", "");
  const std::string_view method = text_of(root, "method");
  if (method == "public/set_heartbeat") return set_heartbeat(session, id, root);
  if (method == "public/disable_heartbeat") {
    duties_[&session].heartbeat = milliseconds{0};
    return answer(session, id, "\"ok\"");
  }
  if (method == "public/test") {
    duties_[&session].asked = {};
    return answer(session, id, R"({"version":"1.2.26"})");
  }
  if (method == "public/subscribe" || method == "public/unsubscribe") {
    return change(session, method == "public/subscribe", id, root);
  }
  refuse(session, id, -32601, "Method not found");
}

void DeribitSim::set_heartbeat(Session& session, const std::string& id,
                               simdjson::dom::element root) {
  std::int64_t seconds = 0;
  if (root["params"]["interval"].get_int64().get(seconds) != simdjson::SUCCESS || seconds < 10) {
    return refuse(session, id, -32602, "Invalid params");
  }
  duties_[&session].heartbeat =
      options_.ping_every.count() != 0 ? options_.ping_every : milliseconds{1000 * seconds};
  session.last_ping = steady_now();
  answer(session, id, "\"ok\"");
}

bool DeribitSim::spend(Session& session) {
  Duties& of = duties_[&session];
  const auto now = steady_now();
  const double seconds = std::chrono::duration<double>(now - of.counted).count();
  of.counted = now;
  of.credits = std::min(kCredits, of.credits + seconds * kCreditsPerSecond) - kCost;
  return of.credits >= 0;
}

void DeribitSim::change(Session& session, bool subscribes, const std::string& id,
                        simdjson::dom::element root) {
  if (!spend(session)) {
    refuse(session, id, 10028, "too_many_requests");
    return session.close();
  }
  simdjson::dom::array list;
  if (root["params"]["channels"].get_array().get(list) != simdjson::SUCCESS) {
    return refuse(session, id, -32602, "Invalid params");
  }
  std::set<std::string> accepted;  // in another order than they were asked for
  for (const simdjson::dom::element element : list) {
    std::string_view name;
    if (element.get_string().get(name) != simdjson::SUCCESS) continue;
    if (name.ends_with(".raw")) {
      return refuse(session, id, 13778, "raw_subscriptions_not_available_for_unauthorized");
    }
    // What there is not is left out, without a word.
    if (market_of(std::string{name}) != nullptr) accepted.emplace(name);
  }
  answer(session, id, '[' + joined(accepted, [](const std::string& channel) {
                        return '"' + channel + '"';
                      }) + ']');
  for (const std::string& channel : accepted) {
    if (!subscribes) {
      remove(session, channel);
    } else if (!session.streams.contains(channel)) {
      begin(session, channel, *market_of(channel));
    }
  }
}

const Market* DeribitSim::market_of(const std::string& channel) {
  for (const auto& [symbol, market] : markets()) {
    for (const char* const form : {"book.*.100ms", "book.*.none.20.100ms", "book.*.none.10.100ms",
                                   "book.*.none.1.100ms", "trades.*.100ms", "quote.*"}) {
      std::string name = form;
      if (name.replace(name.find('*'), 1, symbol) == channel) return market.get();
    }
  }
  return nullptr;
}

// A snapshot comes with the first subscription of a connection, and not with another.
void DeribitSim::begin(Session& session, const std::string& channel, const Market& of) {
  const InstrumentSpec& spec = of.spec();
  if (channel != "book." + spec.symbol + ".100ms") return add(session, channel);
  const bool first = duties_[&session].seen.insert(channel).second;
  if (!add_book(session, channel, spec.symbol) || !first) return;
  const auto write = [&spec](std::int64_t price, std::int64_t qty) {
    return row(spec, {true, price, qty, 0, false});
  };
  send(session, channel,
       notification(channel, "{\"type\":\"snapshot\",\"timestamp\":" + now_ms() +
                                 ",\"instrument_name\":\"" + spec.symbol +
                                 "\",\"change_id\":" + std::to_string(change_ids_[spec.symbol]) +
                                 ",\"bids\":[" + best_rows(of.bids(), 0, write) + "],\"asks\":[" +
                                 best_rows(of.asks(), 0, write) + "]}"));
}

std::string DeribitSim::whole(const Market& market, std::size_t depth) {
  const InstrumentSpec& spec = market.spec();
  const auto write = [&spec](std::int64_t price, std::int64_t qty) {
    return '[' + number(price, spec.price_decimals) + ',' + number(qty, spec.qty_decimals) + ']';
  };
  return "{\"timestamp\":" + now_ms() + ",\"instrument_name\":\"" + spec.symbol +
         "\",\"change_id\":" + std::to_string(change_ids_[spec.symbol]) + ",\"bids\":[" +
         best_rows(market.bids(), depth, write) + "],\"asks\":[" +
         best_rows(market.asks(), depth, write) + "]}";
}

void DeribitSim::step(Market& market) {
  const InstrumentSpec& spec = market.spec();
  const std::string& symbol = spec.symbol;
  const std::string quotes = "quote." + symbol;
  std::vector<std::string> trades;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t) {
    publish(
        quotes,
        notification(quotes, "{\"timestamp\":" + now_ms() + ",\"instrument_name\":\"" + symbol +
                                 "\",\"best_bid_price\":" + number(best.bid, spec.price_decimals) +
                                 ",\"best_bid_amount\":" + number(best.bid_qty, spec.qty_decimals) +
                                 ",\"best_ask_price\":" + number(best.ask, spec.price_decimals) +
                                 ",\"best_ask_amount\":" + number(best.ask_qty, spec.qty_decimals) +
                                 "}"));
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    trades.push_back("{\"trade_seq\":" + std::to_string(trade.id - 1'000'000) + ",\"trade_id\":\"" +
                     std::to_string(trade.id) + "\",\"timestamp\":" + now_ms() + ",\"price\":" +
                     number(trade.price, spec.price_decimals) + ",\"instrument_name\":\"" + symbol +
                     "\",\"direction\":\"" + (trade.buyer_is_taker ? "buy" : "sell") +
                     "\",\"amount\":" + number(trade.qty, spec.qty_decimals) + "}");
  };
  // The trade that has just been told of, marked: its taker was liquidated.
  observer.on_liquidation = [&](const MarketTrade&) {
    trades.back().insert(trades.back().size() - 1, R"(,"liquidation":"T")");
  };
  market.step(changes_of(market), observer);
  publish_trades(market, trades);

  const Market::Diff diff = market.take_diff();
  const std::vector<WindowChange> changes = books_.at(symbol).update(market);
  if (changes.empty()) return;
  const std::uint64_t previous = std::exchange(change_ids_[symbol], diff.last);
  const auto write = [&spec](const WindowChange& change) { return row(spec, change); };
  const std::string channel = "book." + symbol + ".100ms";
  publish_delta(channel, symbol,
                notification(channel, "{\"type\":\"change\",\"timestamp\":" + now_ms() +
                                          ",\"prev_change_id\":" + std::to_string(previous) +
                                          ",\"instrument_name\":\"" + symbol + "\",\"change_id\":" +
                                          std::to_string(diff.last) + ",\"bids\":[" +
                                          change_rows(changes, true, write) + "],\"asks\":[" +
                                          change_rows(changes, false, write) + "]}"));
  for (const std::size_t depth : {20U, 10U, 1U}) {
    const std::string grouped = "book." + symbol + ".none." + std::to_string(depth) + ".100ms";
    publish(grouped, notification(grouped, whole(market, depth)));
  }
}

void DeribitSim::publish_trades(const Market& market, const std::vector<std::string>& trades) {
  if (trades.empty()) return;
  const std::string channel = "trades." + market.spec().symbol + ".100ms";
  const std::string list = joined(trades, [](const std::string& trade) { return trade; });
  publish(channel, notification(channel, '[' + list + ']'));
}

void DeribitSim::keep_alive(Session& session, Clock::time_point now) {
  Duties& of = duties_[&session];
  const milliseconds limit =
      options_.pong_limit.count() != 0 ? options_.pong_limit : milliseconds{kAnswerWithin};
  if (of.asked != Clock::time_point{} && now - of.asked > limit) return session.close();
  const bool idle = session.streams.empty() && of.heartbeat.count() == 0;
  if (idle && now - std::max(session.last_heard, session.opened) > kIdleLimit) {
    return session.close();
  }
  if (of.heartbeat.count() == 0 || now - session.last_ping < of.heartbeat) return;
  session.last_ping = now;
  tell(session, R"({"params":{"type":"heartbeat"},"method":"heartbeat","jsonrpc":"2.0"})");
  if (of.asked == Clock::time_point{}) of.asked = now;
  tell(session, R"({"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"})");
}

}  // namespace

std::unique_ptr<VenueSim> make_deribit(const VenueSimOptions& options) {
  return std::make_unique<DeribitSim>(options);
}

}  // namespace steelyard::sim
