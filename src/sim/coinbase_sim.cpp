#include "sim/coinbase_sim.hpp"

#include <algorithm>
#include <deque>

#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kMostInSecond = 8;           // messages of an address: of all clients
constexpr std::chrono::seconds kFirstRequest{5};     // else the connection is closed
constexpr std::chrono::seconds kWithoutUpdates{90};  // so is one on which nothing happens
constexpr std::chrono::seconds kHeartbeat{1};
constexpr std::size_t kOldTrades = 50;
// Books that are asked for by another name.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {{"BTC-USDC", "BTC-USD"}};

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"BTC-USD", "BTC", "USD", 2, 8, 6'184'120, 9'000'000, 0.0, "", 2.0},
          {"ETH-USD", "ETH", "USD", 2, 8, 268'049, 120'000'000, 0.0, "", 1.5},
          {"SOL-USD", "SOL", "USD", 2, 8, 15'519, 3'000'000'000, 0.0, "", 1.0}};
}

[[nodiscard]] std::string row(const Market& market, bool bid, std::int64_t price, std::int64_t qty,
                              const std::string& now) {
  return std::string{"{\"side\":\""} + (bid ? "bid" : "offer") + "\",\"event_time\":\"" + now +
         "\",\"price_level\":\"" + market.price_text(price) + "\",\"new_quantity\":\"" +
         decimal_text(qty, market.spec().qty_decimals, false) + "\"}";
}

[[nodiscard]] std::string message(const std::string& channel, const std::string& events) {
  return "{\"channel\":\"" + channel + "\",\"client_id\":\"\",\"timestamp\":\"" + now_iso() +
         "\",\"events\":[" + events + "]}";
}

class CoinbaseSim final : public VenueSim {
 public:
  explicit CoinbaseSim(const VenueSimOptions& options) : VenueSim{instruments(), options, false} {}

  HttpReply on_request(std::string_view target) override;
  void on_text(Session& session, std::string_view text) override;
  void on_closed(Session& session) override {
    VenueSim::on_closed(session);
    counts_.erase(&session);
    beats_.erase(&session);
  }

 protected:
  void step(Market& market) override;
  void keep_alive(Session& session, Clock::time_point now) override;
  // The count is of the connection, whatever a message is of.
  WireFrame on_wire(Session& session, std::string text) override {
    const std::size_t at = text.find(",\"events\"");
    if (at != std::string::npos) {
      text.insert(at, ",\"sequence_num\":" + std::to_string(counts_[&session]++));
    }
    return {std::move(text), false};
  }

 private:
  void refuse(Session& session, const std::string& reason) {
    tell(session, "{\"type\":\"error\",\"message\":\"" + reason + "\"}");
  }
  // The market that a product's messages are of; nullptr: no such product.
  [[nodiscard]] const Market* book_of(std::string_view product) {
    for (const auto& [alias, of] : kAliases) {
      if (alias == product) product = of;
    }
    return market(std::string{product});
  }
  void change(Session& session, bool subscribes, const std::string& channel,
              std::string_view product);
  void acknowledge(Session& session);
  // Counts a message, whichever connection it came on: all clients here are of one address.
  [[nodiscard]] bool is_too_fast() {
    const Clock::time_point now = steady_now();
    if (now - second_began_ >= std::chrono::seconds{1}) {
      second_began_ = now;
      said_in_second_ = 0;
    }
    return ++said_in_second_ > kMostInSecond;
  }

  Clock::time_point second_began_ = steady_now();
  std::uint32_t said_in_second_ = 0;
  std::map<const Session*, std::uint64_t> counts_;
  std::map<const Session*, std::uint64_t> beats_;
  std::map<std::string, std::deque<std::string>> trades_;
};

HttpReply CoinbaseSim::on_request(std::string_view target) {
  HttpReply reply;
  if (target.substr(0, target.find('?')) != "/api/v3/brokerage/market/products") {
    reply.status = 404;
    reply.body = R"({"error":"NOT_FOUND","message":"route not found"})";
    return reply;
  }
  std::string list;
  const auto entry = [&](std::string_view id, const InstrumentSpec& spec, std::string_view alias) {
    list += list.empty() ? "{" : ",{";
    list.append("\"product_id\":\"").append(id).append("\",\"price_increment\":\"");
    list += decimal_text(1, spec.price_decimals, false) + "\",\"base_increment\":\"" +
            decimal_text(1, spec.qty_decimals, false) +
            "\",\"status\":\"online\",\"trading_disabled\":false,\"is_disabled\":false,"
            "\"product_type\":\"SPOT\",\"quote_currency_id\":\"USD\",\"alias\":\"";
    list.append(alias).append("\",\"alias_to\":[]}");
  };
  for (const auto& [symbol, market] : markets()) entry(symbol, market->spec(), "");
  for (const auto& [alias, of] : kAliases) entry(alias, book_of(alias)->spec(), of);
  reply.body = "{\"products\":[" + list +
               "],\"num_products\":" + std::to_string(markets().size() + std::size(kAliases)) + "}";
  return reply;
}

void CoinbaseSim::on_text(Session& session, std::string_view text) {
  if (is_too_fast()) return refuse(session, "rate limit exceeded");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return refuse(session, "malformed JSON");
  }
  const std::string_view type = text_of(root, "type");
  const std::string channel{text_of(root, "channel")};
  if (type != "subscribe" && type != "unsubscribe") return refuse(session, "unknown message type");
  if (channel != "level2" && channel != "market_trades" && channel != "heartbeats") {
    return refuse(session, "failure to subscribe: no such channel");
  }
  const bool subscribes = type == "subscribe";
  ++session.requests;
  simdjson::dom::array products;
  if (channel == "heartbeats") {
    subscribes ? add(session, channel) : remove(session, channel);
    return acknowledge(session);
  }
  if (root["product_ids"].get_array().get(products) != simdjson::SUCCESS) {
    return refuse(session, "failure to subscribe: no product_ids");
  }
  for (const simdjson::dom::element product : products) {
    std::string_view name;
    if (product.get_string().get(name) != simdjson::SUCCESS) continue;
    if (book_of(name) == nullptr) {
      refuse(session, "failure to subscribe: no such product " + std::string{name});
    } else {
      change(session, subscribes, channel, name);
    }
  }
  acknowledge(session);
}

void CoinbaseSim::change(Session& session, bool subscribes, const std::string& channel,
                         std::string_view product) {
  const Market& of = *book_of(product);
  const std::string& symbol = of.spec().symbol;
  const bool book = channel == "level2";
  const std::string stream = (book ? "book|" : "trades|") + symbol;
  if (!subscribes) return remove(session, stream);
  if (!book) {
    add(session, stream);
    const std::string old = joined(trades_[symbol], [](const std::string& each) { return each; });
    return send(session, stream,
                message("market_trades", "{\"type\":\"snapshot\",\"trades\":[" + old + "]}"));
  }
  if (!add_book(session, stream, symbol)) return;
  const std::string now = now_iso();
  std::string rows = best_rows(of.bids(), 0, [&](std::int64_t price, std::int64_t qty) {
    return row(of, true, price, qty, now);
  });
  rows += ',' + best_rows(of.asks(), 0, [&](std::int64_t price, std::int64_t qty) {
            return row(of, false, price, qty, now);
          });
  send(session, stream,
       message("l2_data", "{\"type\":\"snapshot\",\"product_id\":\"" + symbol + "\",\"updates\":[" +
                              rows + "]}"));
}

// All that the connection is subscribed to.
void CoinbaseSim::acknowledge(Session& session) {
  const auto of = [&](const std::string& prefix) {
    return joined(session.streams, [&](const std::string& stream) {
      return stream.starts_with(prefix) ? '"' + stream.substr(prefix.size()) + '"' : std::string{};
    });
  };
  std::string list;
  const auto entry = [&](const char* channel, const std::string& products) {
    if (products.empty()) return;
    list += (list.empty() ? "\"" : ",\"") + std::string{channel} + "\":[" + products + "]";
  };
  entry("level2", of("book|"));
  entry("market_trades", of("trades|"));
  entry("heartbeats", session.streams.contains("heartbeats") ? "\"heartbeats\"" : "");
  tell(session, message("subscriptions", "{\"subscriptions\":{" + list + "}}"));
}

void CoinbaseSim::step(Market& market) {
  const std::string& symbol = market.spec().symbol;
  const std::string now = now_iso();
  std::deque<std::string>& old = trades_[symbol];
  std::string trades;
  Market::Observer observer;
  observer.on_trade = [&](const MarketTrade& trade) {
    // The maker's side.
    old.push_front("{\"product_id\":\"" + symbol + "\",\"trade_id\":\"" + std::to_string(trade.id) +
                   "\",\"price\":\"" + market.price_text(trade.price) + "\",\"size\":\"" +
                   decimal_text(trade.qty, market.spec().qty_decimals, false) + "\",\"time\":\"" +
                   now + "\",\"side\":\"" + (trade.buyer_is_taker ? "SELL" : "BUY") + "\"}");
    trades = old.front() + (trades.empty() ? "" : ",") + trades;
    if (old.size() > kOldTrades) old.pop_back();
  };
  market.step(changes_of(market), observer);
  if (!trades.empty()) {
    publish("trades|" + symbol,
            message("market_trades", "{\"type\":\"update\",\"trades\":[" + trades + "]}"));
  }
  const Market::Diff diff = market.take_diff();
  if (diff.empty()) return;
  const std::string rows = joined(diff.changes, [&](const Change& change) {
    return row(market, change.bid, change.price, change.qty, now);
  });
  publish_delta("book|" + symbol, symbol,
                message("l2_data", "{\"type\":\"update\",\"product_id\":\"" + symbol +
                                       "\",\"updates\":[" + rows + "]}"));
}

void CoinbaseSim::keep_alive(Session& session, Clock::time_point now) {
  const bool late = session.requests == 0 && now - session.opened > kFirstRequest;
  if (late || now - session.last_pushed > kWithoutUpdates) return session.close();
  if (!session.streams.contains("heartbeats") || now - session.last_ping < kHeartbeat) return;
  session.last_ping = session.last_pushed = now;
  tell(session,
       message("heartbeats", "{\"current_time\":\"" + now_iso() + "\",\"heartbeat_counter\":" +
                                 std::to_string(++beats_[&session]) + "}"));
}

}  // namespace

std::unique_ptr<VenueSim> make_coinbase(const VenueSimOptions& options) {
  return std::make_unique<CoinbaseSim>(options);
}

}  // namespace steelyard::sim
