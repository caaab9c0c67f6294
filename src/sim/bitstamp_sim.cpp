#include "sim/bitstamp_sim.hpp"

#include <algorithm>

#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTopDepth = 100;  // of order_book_ channels
constexpr std::string_view kChanges = "diff_order_book_";
constexpr std::string_view kTop = "order_book_";
constexpr std::string_view kTrades = "live_trades_";

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"btcusd", "BTC", "USD", 2, 8, 6'184'020, 12'000'000, 0.0, "", 2.0},
          {"ethusd", "ETH", "USD", 1, 8, 26'806, 150'000'000, 0.0, "", 1.5},
          {"xrpusd", "XRP", "USD", 5, 8, 215'430, 90'000'000'000, 0.0, "", 1.0}};
}

[[nodiscard]] std::uint64_t now_us() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(wall_now()).count());
}

[[nodiscard]] std::string row(const Market& market, std::int64_t price, std::int64_t qty) {
  return "[\"" + market.price_text(price) + "\",\"" + market.qty_text(qty) + "\"]";
}

[[nodiscard]] std::string times(std::uint64_t us) {
  return "\"timestamp\":\"" + std::to_string(us / 1'000'000) + "\",\"microtimestamp\":\"" +
         std::to_string(us) + "\"";
}

[[nodiscard]] std::string event(const std::string& name, const std::string& channel,
                                const std::string& data) {
  return "{\"data\":" + data + ",\"channel\":\"" + channel + "\",\"event\":\"" + name + "\"}";
}

class BitstampSim final : public VenueSim {
 public:
  explicit BitstampSim(const VenueSimOptions& options) : VenueSim{instruments(), options, false} {
    for (const auto& [symbol, market] : markets()) times_[symbol] = now_us();
  }

  HttpReply on_request(std::string_view target) override;
  void on_text(Session& session, std::string_view text) override;

 protected:
  void step(Market& market) override;
  void announce_shutdown(Session& session) override {
    tell(session, R"({"event":"bts:request_reconnect","channel":"","data":""})");
  }
  [[nodiscard]] bool knows(Fault fault) const override {
    return VenueSim::knows(fault) || fault == Fault::SnapshotLate || fault == Fault::SnapshotOld ||
           fault == Fault::TooManyRequests || fault == Fault::ShutdownNotice;
  }
  std::string delta_stream(const Session& session, const Market& market) const override {
    const std::string stream = std::string{kChanges} + market.spec().symbol;
    return session.streams.contains(stream) ? stream : std::string{};
  }

 private:
  [[nodiscard]] HttpReply depth(const std::string& symbol);
  void refuse(Session& session, const std::string& why) {
    tell(session,
         "{\"event\":\"bts:error\",\"channel\":\"\",\"data\":{\"code\":null,\"message\":\"" + why +
             "\"}}");
  }
  // The market of a channel that there is; nullptr: none.
  [[nodiscard]] const Market* market_of(std::string_view channel) {
    for (const std::string_view kind : {kChanges, kTop, kTrades}) {
      if (!channel.starts_with(kind)) continue;
      return market(std::string{channel.substr(kind.size())});
    }
    return nullptr;
  }

  std::map<std::string, std::uint64_t> times_;  // of a market's last change: grows with each
};

HttpReply BitstampSim::on_request(std::string_view target) {
  HttpReply reply;
  std::string_view path = target.substr(0, target.find('?'));
  while (path.ends_with('/')) path.remove_suffix(1);
  constexpr std::string_view kBook = "/api/v2/order_book/";
  const std::string symbol{path.starts_with(kBook) ? path.substr(kBook.size()) : ""};
  if (auto refused = refusal(symbol)) {
    reply = std::move(*refused);
    reply.body = R"({"status":"error","reason":"Too many requests","code":"400.002"})";
  } else if (!symbol.empty()) {
    reply = depth(symbol);
  } else if (path == "/api/v2/markets" || path == "/api/v2/trading-pairs-info") {
    reply.body = '[' +
                 joined(markets(),
                        [](const auto& each) {
                          const InstrumentSpec& spec = each.second->spec();
                          return "{\"name\":\"" + spec.base + "/" + spec.quote +
                                 "\",\"market_symbol\":\"" + spec.symbol + "\",\"url_symbol\":\"" +
                                 spec.symbol + "\",\"base_currency\":\"" + spec.base +
                                 "\",\"counter_currency\":\"" + spec.quote +
                                 "\",\"base_decimals\":" + std::to_string(spec.qty_decimals) +
                                 ",\"counter_decimals\":" + std::to_string(spec.price_decimals) +
                                 ",\"trading\":\"Enabled\",\"market_type\":\"SPOT\"}";
                        }) +
                 ']';
  } else {
    reply.status = 404;
  }
  return reply;
}

HttpReply BitstampSim::depth(const std::string& symbol) {
  HttpReply reply;
  const Market* const of = market(symbol);
  if (of == nullptr) {
    reply.status = 404;
    return reply;
  }
  std::uint64_t us = times_[symbol];
  if (take(Fault::SnapshotOld, symbol)) us -= 3'600'000'000;
  if (take(Fault::SnapshotLate, symbol)) reply.delay = std::chrono::milliseconds{2000};
  const auto write = [of](std::int64_t price, std::int64_t qty) { return row(*of, price, qty); };
  reply.body = "{" + times(us) + ",\"bids\":[" + best_rows(of->bids(), 0, write) + "],\"asks\":[" +
               best_rows(of->asks(), 0, write) + "]}";
  return reply;
}

void BitstampSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root, data;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return refuse(session, "Incorrect JSON format.");
  }
  const std::string_view name = text_of(root, "event");
  if (name == "bts:heartbeat") {
    return tell(session, R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})");
  }
  const bool subscribes = name == "bts:subscribe";
  if (!subscribes && name != "bts:unsubscribe") return refuse(session, "Bad event.");
  std::string channel;
  if (root["data"].get(data) == simdjson::SUCCESS) channel = text_of(data, "channel");
  const Market* const of = market_of(channel);
  if (of == nullptr) return refuse(session, "Bad subscription string.");
  tell(session, std::string{"{\"event\":\"bts:"} +
                    (subscribes ? "subscription" : "unsubscription") +
                    "_succeeded\",\"channel\":\"" + channel + "\",\"data\":{}}");
  if (!subscribes) {
    remove(session, channel);
  } else if (channel.starts_with(kChanges)) {
    (void)add_book(session, channel, of->spec().symbol);
  } else {
    add(session, channel);
  }
}

void BitstampSim::step(Market& market) {
  const std::string& symbol = market.spec().symbol;
  Market::Observer observer;
  observer.on_trade = [&](const MarketTrade& trade) {
    const std::string channel = std::string{kTrades} + symbol;
    const std::string price = market.price_text(trade.price);
    const std::string amount = market.qty_text(trade.qty);
    publish(channel, event("trade", channel,
                           "{\"id\":" + std::to_string(trade.id) + "," + times(now_us()) +
                               ",\"amount\":" + amount + ",\"amount_str\":\"" + amount +
                               "\",\"price\":" + price + ",\"price_str\":\"" + price +
                               "\",\"type\":" + (trade.buyer_is_taker ? "0" : "1") +
                               ",\"buy_order_id\":1,\"sell_order_id\":2}"));
  };
  market.step(changes_of(market), observer);
  const Market::Diff diff = market.take_diff();
  if (diff.empty()) return;
  // Times never stand still, whatever the clock does.
  const std::uint64_t us = times_[symbol] = std::max(times_[symbol] + 1, now_us());
  const auto write = [&market](const Change& change) {
    return row(market, change.price, change.qty);
  };
  const std::string channel = std::string{kChanges} + symbol;
  publish_delta(channel, symbol,
                event("data", channel,
                      "{" + times(us) + ",\"bids\":[" + change_rows(diff.changes, true, write) +
                          "],\"asks\":[" + change_rows(diff.changes, false, write) + "]}"));
  const auto best = [&market](std::int64_t price, std::int64_t qty) {
    return row(market, price, qty);
  };
  const std::string top = std::string{kTop} + symbol;
  publish(top, event("data", top,
                     "{" + times(us) + ",\"bids\":[" + best_rows(market.bids(), kTopDepth, best) +
                         "],\"asks\":[" + best_rows(market.asks(), kTopDepth, best) + "]}"));
}

}  // namespace

std::unique_ptr<VenueSim> make_bitstamp(const VenueSimOptions& options) {
  return std::make_unique<BitstampSim>(options);
}

}  // namespace steelyard::sim
