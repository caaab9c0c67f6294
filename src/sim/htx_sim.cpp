#include "sim/htx_sim.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

#include "sim/level_window.hpp"
#include "sim/sim_clock.hpp"
#include "sim/wire_text.hpp"

namespace steelyard::sim {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kDepths[] = {5, 20, 150, 400};  // of changes, at /feed
constexpr std::size_t kRefreshes[] = {5, 10, 20};     // of whole books, at /ws
constexpr std::chrono::seconds kPingEvery{5};
constexpr std::uint32_t kMostUnanswered = 4;  // pings
constexpr milliseconds kLate{2000};
constexpr std::uint32_t kMostInSecond = 50;

[[nodiscard]] std::vector<InstrumentSpec> instruments() {
  return {{"btcusdt", "btc", "usdt", 2, 6, 6'183'910, 120'000, 0.0, "", 2.0},
          {"ethusdt", "eth", "usdt", 2, 4, 268'033, 14'000, 0.0, "", 1.5},
          {"solusdt", "sol", "usdt", 4, 4, 1'551'700, 500'000, 0.0, "", 1.0}};
}

// As Java writes doubles: small ones with an exponent.
[[nodiscard]] std::string number(std::int64_t value, int decimals) {
  const std::string plain = decimal_text(value, decimals, false);
  if (!plain.starts_with("0.000")) return plain;
  const std::size_t first = plain.find_first_not_of("0.");
  const std::string digits = plain.substr(first);
  return digits.substr(0, 1) + "." + (digits.size() > 1 ? digits.substr(1) : "0") + "E-" +
         std::to_string(first - 1);
}

[[nodiscard]] std::string row(const InstrumentSpec& spec, std::int64_t price, std::int64_t qty) {
  return "[" + number(price, spec.price_decimals) + "," + number(qty, spec.qty_decimals) + "]";
}

// One gzip member.
[[nodiscard]] std::string packed(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error{"simulator: zlib cannot begin"};
  }
  std::string bytes(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

class HtxSim final : public VenueSim {
 public:
  explicit HtxSim(const VenueSimOptions& options) : VenueSim{instruments(), options, true} {
    for (const auto& [symbol, market] : markets()) {
      for (const std::size_t depth : kDepths) {
        windows_.emplace(changes_of_depth(symbol, depth),
                         Window{LevelWindow{*market, depth}, market->last_id(), depth});
      }
    }
  }

  bool accepts(std::string_view path) const override { return path == "/feed" || path == "/ws"; }
  HttpReply on_request(std::string_view target) override;
  void on_text(Session& session, std::string_view text) override;
  void on_closed(Session& session) override {
    VenueSim::on_closed(session);
    unanswered_.erase(&session);
    std::erase_if(late_, [&session](const Late& each) { return each.session == &session; });
  }

 protected:
  void step(Market& market) override;
  void keep_alive(Session& session, Clock::time_point now) override;
  [[nodiscard]] bool knows(Fault fault) const override {
    return VenueSim::knows(fault) || fault == Fault::SnapshotLate || fault == Fault::SnapshotOld;
  }
  std::string delta_stream(const Session& session, const Market& market) const override {
    for (const std::size_t depth : kDepths) {
      const std::string stream = changes_of_depth(market.spec().symbol, depth);
      if (session.streams.contains(stream)) return stream;
    }
    return {};
  }
  WireFrame on_wire(Session&, std::string text) override { return {packed(text), true}; }

 private:
  struct Window {
    LevelWindow levels;
    std::uint64_t last;  // seqNum told last
    std::size_t depth;
  };
  struct Late {
    Session* session;
    Clock::time_point due;
    std::string text;
  };
  [[nodiscard]] static std::string changes_of_depth(const std::string& symbol, std::size_t depth) {
    return "market." + symbol + ".mbp." + std::to_string(depth);
  }
  void refuse(Session& session, const std::string& id, const std::string& why) {
    tell(session, "{\"status\":\"error\",\"ts\":" + now_ms() + id +
                      ",\"err-code\":\"bad-request\",\"err-msg\":\"" + why + "\"}");
  }
  // Whether this topic is served at this path, and of which market; nullptr: it is not.
  [[nodiscard]] const Market* topic(const Session& session, const std::string& name);
  void snapshot(Session& session, const std::string& id, const std::string& name);
  void publish_books(const Market& market, std::uint64_t id);

  std::map<std::string, Window> windows_;  // by topic
  std::map<const Session*, std::uint32_t> unanswered_;
  std::vector<Late> late_;
};

HttpReply HtxSim::on_request(std::string_view target) {
  HttpReply reply;
  if (!target.starts_with("/v1/settings/common/symbols")) {
    reply.status = 404;
    reply.body = R"({"status":"error","err-code":"not-found","err-msg":"no such path"})";
    return reply;
  }
  const std::string list = joined(markets(), [](const auto& each) {
    const InstrumentSpec& spec = each.second->spec();
    return "{\"sc\":\"" + spec.symbol + "\",\"bc\":\"" + spec.base + "\",\"qc\":\"" + spec.quote +
           "\",\"tpp\":" + std::to_string(spec.price_decimals) +
           ",\"tap\":" + std::to_string(spec.qty_decimals) + ",\"state\":\"online\"}";
  });
  reply.body = "{\"status\":\"ok\",\"data\":[" + list + "],\"ts\":\"" + now_ms() + "\",\"full\":1}";
  return reply;
}

const Market* HtxSim::topic(const Session& session, const std::string& name) {
  const bool feed = session.path == "/feed";
  for (const auto& [symbol, market] : markets()) {
    const std::string prefix = "market." + symbol + ".";
    if (!name.starts_with(prefix)) continue;
    const std::string rest = name.substr(prefix.size());
    if (windows_.contains(name)) return feed ? market.get() : nullptr;
    bool known = rest == "trade.detail" || rest == "bbo" || rest == "depth.step0";
    for (const std::size_t depth : kRefreshes) {
      known = known || rest == "mbp.refresh." + std::to_string(depth);
    }
    return known && !feed ? market.get() : nullptr;
  }
  return nullptr;
}

void HtxSim::on_text(Session& session, std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return refuse(session, "", "malformed request");
  }
  if (!raw_of(root, "pong", "").empty()) {
    unanswered_[&session] = 0;
    return;
  }
  if (is_too_fast(session, kMostInSecond)) return session.close();
  const std::string number = raw_of(root, "id", "");
  const std::string id = number.empty() ? number : ",\"id\":" + number;
  for (const char* const operation : {"sub", "unsub", "req"}) {
    const std::string name{text_of(root, operation)};
    if (name.empty()) continue;
    const Market* const of = topic(session, name);
    if (of == nullptr) return refuse(session, id, "invalid topic " + name);
    if (operation == std::string_view{"req"}) return snapshot(session, number, name);
    tell(session, "{" + (number.empty() ? number : "\"id\":" + number + ",") +
                      "\"status\":\"ok\",\"" + operation + "bed\":\"" + name +
                      "\",\"ts\":" + now_ms() + "}");
    if (operation == std::string_view{"unsub"}) {
      remove(session, name);
    } else if (windows_.contains(name)) {
      (void)add_book(session, name, of->spec().symbol);
    } else {
      add(session, name);
    }
    return;
  }
  refuse(session, id, "invalid request");
}

// The book as it was told last, in the numbers of its changes.
void HtxSim::snapshot(Session& session, const std::string& id, const std::string& name) {
  const auto window = windows_.find(name);
  if (window == windows_.end()) return refuse(session, ",\"id\":" + id, "invalid topic " + name);
  const Market& of = *topic(session, name);
  const InstrumentSpec& spec = of.spec();
  std::uint64_t seen = window->second.last;
  if (take(Fault::SnapshotOld, spec.symbol)) seen -= std::min<std::uint64_t>(seen, 100'000);
  const auto write = [&spec](std::int64_t price, std::int64_t qty) {
    return row(spec, price, qty);
  };
  std::string text = "{" + (id.empty() ? id : "\"id\":" + id + ",") +
                     "\"status\":\"ok\",\"ts\":" + now_ms() + ",\"rep\":\"" + name +
                     "\",\"data\":{\"bids\":[" + best_rows(of.bids(), window->second.depth, write) +
                     "],\"asks\":[" + best_rows(of.asks(), window->second.depth, write) +
                     "],\"seqNum\":" + std::to_string(seen) + "}}";
  if (session.stalled) return;
  if (take(Fault::SnapshotLate, spec.symbol)) {
    late_.push_back({&session, steady_now() + kLate, std::move(text)});
  } else {
    tell(session, std::move(text));
  }
}

void HtxSim::step(Market& market) {
  const InstrumentSpec& spec = market.spec();
  const std::string prefix = "market." + spec.symbol + ".";
  const auto message = [&](const std::string& channel, const std::string& tick) {
    publish(prefix + channel,
            "{\"ch\":\"" + prefix + channel + "\",\"ts\":" + now_ms() + ",\"tick\":" + tick + "}");
  };
  std::vector<std::string> trades;
  Market::Observer observer;
  observer.on_best = [&](const Best& best, std::uint64_t id) {
    message("bbo", "{\"seqId\":" + std::to_string(id) +
                       ",\"ask\":" + number(best.ask, spec.price_decimals) +
                       ",\"askSize\":" + number(best.ask_qty, spec.qty_decimals) +
                       ",\"bid\":" + number(best.bid, spec.price_decimals) +
                       ",\"bidSize\":" + number(best.bid_qty, spec.qty_decimals) +
                       ",\"quoteTime\":" + now_ms() + ",\"symbol\":\"" + spec.symbol + "\"}");
  };
  observer.on_trade = [&](const MarketTrade& trade) {
    // Ids beyond 64 bits, as the venue has them.
    const std::string id = std::to_string(trade.id);
    trades.push_back("{\"id\":123140716701236887" + id + "00,\"ts\":" + now_ms() +
                     ",\"tradeId\":" + id + ",\"amount\":" + number(trade.qty, spec.qty_decimals) +
                     ",\"price\":" + number(trade.price, spec.price_decimals) +
                     ",\"direction\":\"" + (trade.buyer_is_taker ? "buy" : "sell") + "\"}");
  };
  market.step(changes_of(market), observer);
  if (!trades.empty()) {
    message("trade.detail",
            "{\"id\":" + std::to_string(market.last_id()) + ",\"ts\":" + now_ms() + ",\"data\":[" +
                joined(trades, [](const std::string& each) { return each; }) + "]}");
  }
  const Market::Diff diff = market.take_diff();
  if (!diff.empty()) publish_books(market, diff.last);
}

void HtxSim::publish_books(const Market& market, std::uint64_t id) {
  const InstrumentSpec& spec = market.spec();
  const auto write = [&spec](const WindowChange& change) {
    return row(spec, change.price, change.qty);
  };
  for (const std::size_t depth : kDepths) {
    const std::string name = changes_of_depth(spec.symbol, depth);
    Window& window = windows_.at(name);
    const std::vector<WindowChange> changes = window.levels.update(market);
    if (changes.empty()) continue;
    publish_delta(name, spec.symbol,
                  "{\"ch\":\"" + name + "\",\"ts\":" + now_ms() + ",\"tick\":{\"seqNum\":" +
                      std::to_string(id) + ",\"prevSeqNum\":" + std::to_string(window.last) +
                      ",\"asks\":[" + change_rows(changes, false, write) + "],\"bids\":[" +
                      change_rows(changes, true, write) + "]}}");
    window.last = id;
  }
  const auto level = [&spec](std::int64_t price, std::int64_t qty) {
    return row(spec, price, qty);
  };
  const auto whole = [&](const std::string& channel, std::size_t depth, const std::string& number) {
    const std::string name = "market." + spec.symbol + "." + channel;
    publish(name, "{\"ch\":\"" + name + "\",\"ts\":" + now_ms() + ",\"tick\":{" + number +
                      std::to_string(id) + ",\"bids\":[" + best_rows(market.bids(), depth, level) +
                      "],\"asks\":[" + best_rows(market.asks(), depth, level) + "]}}");
  };
  for (const std::size_t depth : kRefreshes) {
    whole("mbp.refresh." + std::to_string(depth), depth, "\"seqNum\":");
  }
  whole("depth.step0", 150, "\"version\":");
}

void HtxSim::keep_alive(Session& session, Clock::time_point now) {
  for (Late& each : late_) {
    if (each.session != &session || now < each.due) continue;
    tell(session, std::move(each.text));
    each.session = nullptr;
  }
  std::erase_if(late_, [](const Late& each) { return each.session == nullptr; });
  const milliseconds every =
      options_.ping_every.count() != 0 ? options_.ping_every : milliseconds{kPingEvery};
  if (now - session.last_ping < every) return;
  if (unanswered_[&session]++ == kMostUnanswered) return session.close();
  session.last_ping = now;
  tell(session, "{\"ping\":" + now_ms() + "}");
}

}  // namespace

std::unique_ptr<VenueSim> make_htx(const VenueSimOptions& options) {
  return std::make_unique<HtxSim>(options);
}

}  // namespace steelyard::sim
