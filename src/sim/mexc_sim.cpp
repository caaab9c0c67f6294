#include "sim/mexc_sim.hpp"

#include <algorithm>
#include <charconv>

#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostStreams = 30;          // of a connection
constexpr std::chrono::seconds kPingLimit{60};    // nothing heard for so long
constexpr std::chrono::seconds kUnusedLimit{30};  // nothing subscribed
constexpr std::size_t kDepths[] = {5, 10, 20};    // of whole books

// Numbers of PushDataV3ApiWrapper's bodies.
constexpr std::uint32_t kLimitDepths = 303;
constexpr std::uint32_t kAggreDepths = 313;
constexpr std::uint32_t kAggreDeals = 314;
constexpr std::uint32_t kAggreBookTicker = 315;

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"BTCUSDT", "BTC", "USDT", 2, 8, 6'183'640, 11'000'000, 0.0, "", 2.0},
          {"ETHUSDT", "ETH", "USDT", 2, 5, 268'066, 130'000, 0.0, "", 1.5},
          {"SOLUSDT", "SOL", "USDT", 2, 3, 15'524, 40'000, 0.0, "", 1.0}};
}

[[nodiscard]] std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}
[[nodiscard]] std::string field(std::uint32_t number, std::string_view bytes) {
  return varint(std::uint64_t{number} << 3 | 2) + varint(bytes.size()) + std::string{bytes};
}
[[nodiscard]] std::string field(std::uint32_t number, std::uint64_t value) {
  return varint(std::uint64_t{number} << 3) + varint(value);
}

[[nodiscard]] std::uint64_t ms() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(wall_now()).count());
}

class MexcSim final : public VenueSim {
 public:
  explicit MexcSim(const VenueSimOptions& options) : VenueSim{instruments(), options, false} {}

  bool accepts(std::string_view path) const override { return path == "/ws"; }
  HttpReply on_request(std::string_view target) override;
  void on_text(Session& session, std::string_view text) override;

 protected:
  void step(Market& market) override;
  void keep_alive(Session& session, Clock::time_point now) override;
  [[nodiscard]] bool knows(Fault fault) const override {
    return VenueSim::knows(fault) || fault == Fault::SnapshotLate || fault == Fault::SnapshotOld ||
           fault == Fault::TooManyRequests;
  }
  // Two cadences: whichever it has.
  std::string delta_stream(const Session& session, const Market& market) const override {
    for (const char* const cadence : {"10ms", "100ms"}) {
      const std::string stream = channel("aggre.depth", cadence, market.spec().symbol);
      if (session.streams.contains(stream)) return stream;
    }
    return {};
  }
  // Control messages are text, data are not.
  WireFrame on_wire(Session&, std::string text) override {
    const bool data = !text.empty() && text.front() != '{';
    return {std::move(text), data};
  }

 private:
  [[nodiscard]] static std::string channel(const std::string& what, const std::string& cadence,
                                           const std::string& symbol) {
    return "spot@public." + what + ".v3.api.pb@" + cadence + "@" + symbol;
  }
  [[nodiscard]] static std::string limited(const std::string& symbol, std::size_t depth) {
    return "spot@public.limit.depth.v3.api.pb@" + symbol + "@" + std::to_string(depth);
  }
  [[nodiscard]] static std::string wrapped(const std::string& channel, const std::string& symbol,
                                           std::uint32_t number, const std::string& body) {
    return field(1, channel) + field(3, symbol) + field(5, ms()) + field(6, ms()) +
           field(number, body);
  }
  // The market of a channel that there is; nullptr: none.
  [[nodiscard]] const Market* market_of(const std::string& channel);
  [[nodiscard]] HttpReply depth(std::string_view target);
  void publish_books(const Market& market, const Market::Diff& diff);
};

HttpReply MexcSim::on_request(std::string_view target) {
  HttpReply reply;
  const std::string_view path = target.substr(0, target.find('?'));
  if (auto refused = refusal(query(target, "symbol"))) {
    reply = std::move(*refused);
    reply.body = R"({"code":429,"msg":"Too many requests"})";
  } else if (path == "/api/v3/depth") {
    reply = depth(target);
  } else if (path == "/api/v3/exchangeInfo") {
    reply.body = "{\"timezone\":\"CST\",\"serverTime\":" + now_ms() + ",\"symbols\":[" +
                 joined(markets(),
                        [](const auto& each) {
                          const InstrumentSpec& spec = each.second->spec();
                          return "{\"symbol\":\"" + spec.symbol +
                                 "\",\"status\":\"1\",\"baseAsset\":\"" + spec.base +
                                 "\",\"baseAssetPrecision\":" + std::to_string(spec.qty_decimals) +
                                 ",\"quoteAsset\":\"" + spec.quote +
                                 "\",\"quotePrecision\":" + std::to_string(spec.price_decimals) +
                                 ",\"baseSizePrecision\":\"" +
                                 decimal_text(1, spec.qty_decimals, false) + "\"}";
                        }) +
                 "]}";
  } else {
    reply.status = 404;
    reply.body = R"({"code":404,"msg":"no such path"})";
  }
  return reply;
}

HttpReply MexcSim::depth(std::string_view target) {
  HttpReply reply;
  const std::string symbol = query(target, "symbol");
  const std::string asked = query(target, "limit");
  std::size_t limit = 100;
  if (!asked.empty()) std::from_chars(asked.data(), asked.data() + asked.size(), limit);
  const Market* const of = market(symbol);
  if (of == nullptr || limit == 0 || limit > 5000) {
    reply.status = 400;
    reply.body = R"({"code":-1121,"msg":"Invalid symbol."})";
    return reply;
  }
  std::uint64_t id = of->diff_id();
  if (take(Fault::SnapshotOld, symbol)) id -= std::min<std::uint64_t>(id, 100'000);
  if (take(Fault::SnapshotLate, symbol)) reply.delay = std::chrono::milliseconds{2000};
  const auto write = [&](std::int64_t price, std::int64_t qty) {
    return "[\"" + of->price_text(price) + "\",\"" + of->qty_text(qty) + "\"]";
  };
  reply.body = "{\"lastUpdateId\":" + std::to_string(id) + ",\"bids\":[" +
               best_rows(of->bids(), limit, write) + "],\"asks\":[" +
               best_rows(of->asks(), limit, write) + "],\"timestamp\":" + now_ms() + "}";
  return reply;
}

void MexcSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const bool is_json = parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS;
  const std::string id = is_json ? raw_of(root, "id", "0") : "0";
  const std::string_view method = is_json ? text_of(root, "method") : std::string_view{};
  const auto say = [&](const std::string& what) {
    tell(session, "{\"id\":" + id + ",\"code\":0,\"msg\":\"" + what + "\"}");
  };
  if (method == "PING") return say("PONG");
  simdjson::dom::array params;
  const bool subscribes = method == "SUBSCRIPTION";
  if ((!subscribes && method != "UNSUBSCRIPTION") ||
      root["params"].get_array().get(params) != simdjson::SUCCESS) {
    return say("msg format invalid");
  }
  std::string accepted;
  std::string refused;
  for (const simdjson::dom::element element : params) {
    std::string_view view;
    if (element.get_string().get(view) != simdjson::SUCCESS) continue;
    const std::string name{view};
    const Market* const of = market_of(name);
    const bool full = session.streams.size() >= kMostStreams && !session.streams.contains(name);
    if (of == nullptr || (subscribes && full)) {
      refused += (refused.empty() ? "" : ",") + name;
      continue;
    }
    accepted += (accepted.empty() ? "" : ",") + name;
    if (!subscribes) {
      remove(session, name);
    } else if (name.find(".aggre.depth.") != std::string::npos) {
      (void)add_book(session, name, of->spec().symbol);
    } else {
      add(session, name);
    }
  }
  if (!accepted.empty()) say(accepted);
  if (!refused.empty()) say("Not Subscribed successfully! [" + refused + "].  Reason: Blocked!");
}

const Market* MexcSim::market_of(const std::string& name) {
  for (const auto& [symbol, market] : markets()) {
    for (const char* const what : {"aggre.depth", "aggre.deals", "aggre.bookTicker"}) {
      for (const char* const cadence : {"10ms", "100ms"}) {
        if (name == channel(what, cadence, symbol)) return market.get();
      }
    }
    for (const std::size_t depth : kDepths) {
      if (name == limited(symbol, depth)) return market.get();
    }
  }
  return nullptr;
}

void MexcSim::step(Market& market) {
  const std::string& symbol = market.spec().symbol;
  const auto to_both = [&](const std::string& what, std::uint32_t number, const std::string& body) {
    for (const char* const cadence : {"10ms", "100ms"}) {
      const std::string name = channel(what, cadence, symbol);
      publish(name, wrapped(name, symbol, number, body));
    }
  };
  std::string deals;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t) {
    to_both("aggre.bookTicker", kAggreBookTicker,
            field(1, market.price_text(best.bid)) + field(2, market.qty_text(best.bid_qty)) +
                field(3, market.price_text(best.ask)) + field(4, market.qty_text(best.ask_qty)));
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    deals +=
        field(1, field(1, market.price_text(trade.price)) + field(2, market.qty_text(trade.qty)) +
                     field(3, std::uint64_t{trade.buyer_is_taker ? 1U : 2U}) + field(4, ms()) +
                     field(5, std::to_string(trade.id)));
  };
  market.step(changes_of(market), observer);
  if (!deals.empty()) {
    to_both("aggre.deals", kAggreDeals, deals + field(2, "spot@public.aggre.deals.v3.api.pb@10ms"));
  }
  const Market::Diff diff = market.take_diff();
  if (!diff.empty()) publish_books(market, diff);
}

void MexcSim::publish_books(const Market& market, const Market::Diff& diff) {
  const std::string& symbol = market.spec().symbol;
  const auto row = [&market](std::uint32_t number, std::int64_t price, std::int64_t qty) {
    return field(number, field(1, market.price_text(price)) + field(2, market.qty_text(qty)));
  };
  // Unordered: from the last change to the first.
  std::string rows;
  for (auto change = diff.changes.rbegin(); change != diff.changes.rend(); ++change) {
    rows += row(change->bid ? 2 : 1, change->price, change->qty);
  }
  for (const char* const cadence : {"10ms", "100ms"}) {
    const std::string name = channel("aggre.depth", cadence, symbol);
    const std::string body = rows + field(3, name.substr(0, name.rfind('@'))) +
                             field(4, std::to_string(diff.first)) +
                             field(5, std::to_string(diff.last));
    publish_delta(name, symbol, wrapped(name, symbol, kAggreDepths, body));
  }
  for (const std::size_t depth : kDepths) {
    std::string whole;
    std::size_t left = depth;
    for (const auto& [price, qty] : market.asks()) {
      if (left-- == 0) break;
      whole += row(1, price, qty);
    }
    left = depth;
    for (const auto& [price, qty] : market.bids()) {
      if (left-- == 0) break;
      whole += row(2, price, qty);
    }
    const std::string name = limited(symbol, depth);
    publish(name, wrapped(name, symbol, kLimitDepths,
                          whole + field(3, "spot@public.limit.depth.v3.api.pb") +
                              field(4, std::to_string(diff.last))));
  }
}

// Data that flow are no ping.
void MexcSim::keep_alive(Session& session, Clock::time_point now) {
  const auto silent = now - std::max(session.last_heard, session.opened);
  if (silent > kPingLimit || (session.streams.empty() && silent > kUnusedLimit)) session.close();
}

}  // namespace

std::unique_ptr<VenueSim> make_mexc(const VenueSimOptions& options) {
  return std::make_unique<MexcSim>(options);
}

}  // namespace steelyard::sim
