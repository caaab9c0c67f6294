// Simulated Kraken against what its documents say: acknowledgements, windows, and the checksum that
// is all the proof there is.
#include "sim/kraken_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

struct Kraken {
  Kraken() {
    venue->on_open(client);
    (void)client.take();
  }
  void request(const std::string& method, const std::string& params) {
    venue->on_text(client,
                   R"({"method":")" + method + R"(","params":{)" + params + R"(},"req_id":7})");
  }
  std::unique_ptr<VenueSim> venue = make_kraken(busy());
  ScriptedSession client{"/v2"};
};

// A client's book: levels by price, as text, cut off at the depth.
class ClientBook {
 public:
  explicit ClientBook(std::size_t depth) : depth_{depth} {}

  // Whether the checksum that came is the one of what is held now.
  [[nodiscard]] bool take(const std::string& text) {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded{text};
    const simdjson::dom::element data = parser.parse(padded)["data"].at(0);
    if (text.find("\"snapshot\"") != std::string::npos) sides_[0] = sides_[1] = {};
    for (const int side : {0, 1}) {
      for (const simdjson::dom::element level : data[side == 0 ? "asks" : "bids"]) {
        const double price = level["price"];
        const double qty = level["qty"];
        sides_[side].erase(side == 0 ? price : -price);
        if (qty != 0.0) sides_[side][side == 0 ? price : -price] = raw(text, price, qty);
      }
      while (sides_[side].size() > depth_) sides_[side].erase(std::prev(sides_[side].end()));
    }
    const std::uint64_t checksum = data["checksum"];
    return kraken_checksum(best(0), best(1)) == checksum;
  }
  [[nodiscard]] TextLevels best(int side) const {
    TextLevels levels;
    for (const auto& [price, level] : sides_[side]) levels.push_back(level);
    return levels;
  }
  [[nodiscard]] std::size_t size(int side) const { return sides_[side].size(); }

 private:
  // The tokens whose values these are, as they stand in the text.
  [[nodiscard]] static std::pair<std::string, std::string> raw(const std::string& text,
                                                               double price, double qty) {
    for (std::size_t at = text.find("{\"price\":"); at != std::string::npos;
         at = text.find("{\"price\":", at + 1)) {
      const std::string p = text.substr(at + 9, text.find(',', at) - at - 9);
      const std::size_t q = text.find("\"qty\":", at) + 6;
      const std::string size = text.substr(q, text.find('}', q) - q);
      if (std::stod(p) == price && std::stod(size) == qty) return {p, size};
    }
    return {};
  }

  std::size_t depth_;
  std::map<double, std::pair<std::string, std::string>> sides_[2];
};

// The example of docs.kraken.com, "Book checksum (v2)".
TEST(KrakenSim, ComputesTheChecksumOfItsDocuments) {
  const TextLevels asks{{"45285.2", "0.00100000"}, {"45286.4", "1.54571953"},
                        {"45286.6", "1.54571109"}, {"45289.6", "1.54560911"},
                        {"45290.2", "0.15890660"}, {"45291.8", "1.54553491"},
                        {"45294.7", "0.04454749"}, {"45296.1", "0.35380000"},
                        {"45297.5", "0.09945542"}, {"45299.5", "0.18772827"}};
  const TextLevels bids{{"45283.5", "0.10000000"}, {"45283.4", "1.54582015"},
                        {"45282.1", "0.10000000"}, {"45281.0", "0.10000000"},
                        {"45280.3", "1.54592586"}, {"45279.0", "0.07990000"},
                        {"45277.6", "0.03310103"}, {"45277.5", "0.30000000"},
                        {"45277.3", "1.54602737"}, {"45276.6", "0.15445238"}};

  EXPECT_EQ(kraken_checksum(asks, bids), 3310070434U);
}

TEST(KrakenSim, ProvesEveryMessageToAClientThatCutsItsBookOff) {
  for (const std::size_t depth : {10U, 25U, 100U}) {
    for (const char* const symbol : {"BTC/USD", "DOGE/USD"}) {
      Kraken kraken;
      kraken.venue->on_tick();
      kraken.request("subscribe", R"("channel":"book","depth":)" + std::to_string(depth) +
                                      R"(,"symbol":[")" + symbol + R"("])");
      ClientBook book{depth};
      int updates = 0;
      for (int i = 0; i < 60; ++i) {
        for (const std::string& text :
             with(kraken.client.take(), "\"channel\":\"book\",\"type\"")) {
          ASSERT_TRUE(book.take(text)) << depth << ' ' << symbol << ": " << text;
          ASSERT_EQ(book.size(0), depth);
          ASSERT_EQ(book.size(1), depth);
          ++updates;
        }
        kraken.venue->on_tick();
      }
      EXPECT_GT(updates, 30);
    }
  }
}

TEST(KrakenSim, SaysNothingOfWhatLeavesTheWindowAndIsStillThere) {
  Kraken kraken;
  kraken.request("subscribe", R"("channel":"book","symbol":["BTC/USD"])");
  (void)kraken.client.take();
  int removals = 0;
  for (int i = 0; i < 200; ++i) {
    kraken.venue->on_tick();
    for (const std::string& text : kraken.client.take()) {
      simdjson::dom::parser parser;
      const simdjson::padded_string padded{text};
      const simdjson::dom::element data = parser.parse(padded)["data"].at(0);
      for (const simdjson::dom::element level : data["asks"]) {
        if (double(level["qty"]) != 0.0) continue;
        ++removals;
        const auto ticks = static_cast<std::int64_t>(std::llround(double(level["price"]) * 10.0));
        ASSERT_FALSE(kraken.venue->market("BTC/USD")->asks().contains(ticks)) << text;
      }
    }
  }
  EXPECT_GT(removals, 20);
}

TEST(KrakenSim, AcknowledgesEverySymbolAndRefusesWhatThereIsNot) {
  Kraken kraken;
  kraken.request("subscribe",
                 R"("channel":"trade","snapshot":false,"symbol":["BTC/USD","BTC/XYZ"])");
  const auto said = kraken.client.take();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(Json{said[0]}.at("/success"), "true");
  EXPECT_EQ(Json{said[0]}.at("/req_id"), "7");
  EXPECT_EQ(Json{said[0]}.at("/result/symbol"), "BTC/USD");
  EXPECT_EQ(Json{said[1]}.at("/success"), "false");
  EXPECT_EQ(Json{said[1]}.at("/error"), "Currency pair not supported BTC/XYZ");

  kraken.request("subscribe", R"("channel":"book","depth":20,"symbol":["BTC/USD"])");
  kraken.request("unsubscribe", R"("channel":"book","depth":25,"symbol":["BTC/USD"])");
  kraken.request("shout", "");
  kraken.venue->on_text(kraken.client, "hello");
  for (const std::string& text : kraken.client.take()) {
    EXPECT_EQ(Json{text}.at("/success"), "false") << text;
  }
}

TEST(KrakenSim, WritesAllDecimalsAndTellsTheBestByTheTicker) {
  Kraken kraken;
  kraken.request("subscribe", R"("channel":"ticker","event_trigger":"bbo","symbol":["BTC/USD"])");
  for (int i = 0; i < 20; ++i) kraken.venue->on_tick();

  const auto tickers = with(kraken.client.take(), "\"channel\":\"ticker\",\"type\"");
  ASSERT_GT(tickers.size(), 5U);
  EXPECT_THAT(tickers.front(), HasSubstr("snapshot"));
  const std::string& text = tickers.back();
  const std::size_t at = text.find("\"bid_qty\":") + 10;
  EXPECT_EQ(text.find(',', at) - text.find('.', at) - 1, 8U) << text;
}

TEST(KrakenSim, BeatsOnlyWhileNothingElseIsSaidAndSomethingIsSubscribed) {
  Kraken kraken;
  const auto wait = [&](std::chrono::seconds by) {
    kraken.client.last_pushed -= by;
    kraken.client.last_ping -= by;
    kraken.venue->on_tick();
    return with(kraken.client.take(), "heartbeat").size();
  };
  EXPECT_EQ(wait(2s), 0U) << "nothing is subscribed";

  kraken.request("subscribe", R"("channel":"trade","snapshot":false,"symbol":["ETH/USD"])");
  EXPECT_EQ(wait(2s), 1U);
  kraken.client.last_pushed = std::chrono::steady_clock::now();
  EXPECT_EQ(wait(0s), 0U);
}

TEST(KrakenSim, AnswersPingsAndCutsAConnectionThatWantsNothing) {
  Kraken kraken;
  kraken.venue->on_text(kraken.client, R"({"method":"ping","req_id":101})");
  const Json pong{kraken.client.take().at(0)};
  EXPECT_EQ(pong.at("/method"), "pong");
  EXPECT_EQ(pong.at("/req_id"), "101");

  kraken.client.opened -= 61s;
  kraken.venue->on_tick();
  EXPECT_FALSE(kraken.client.closed) << "it has been heard of";
  kraken.client.last_heard -= 61s;
  kraken.venue->on_tick();
  EXPECT_TRUE(kraken.client.closed);
}

TEST(KrakenSim, ListsPairsByTheirOldNames) {
  Kraken kraken;
  const Json list{kraken.venue->on_request("/0/public/AssetPairs").body};

  EXPECT_EQ(list.at("/result/XBTUSD/wsname"), "XBT/USD");
  EXPECT_EQ(list.at("/result/XBTUSD/pair_decimals"), "1");
  EXPECT_EQ(list.at("/result/XDGUSD/tick_size"), "0.0000001");
  EXPECT_EQ(kraken.venue->on_request("/0/public/Nothing").status, 404);
}

TEST(KrakenSim, KnowsNoFaultsOfSnapshotsThatAreFetched) {
  Kraken kraken;
  EXPECT_FALSE(kraken.venue->cause(Fault::SnapshotOld, ""));
  EXPECT_FALSE(kraken.venue->cause(Fault::SequenceReset, ""));
  EXPECT_TRUE(kraken.venue->cause(Fault::DropDelta, "BTC/USD"));
  EXPECT_EQ(kraken.venue->waiting_faults(), 1U);
}

TEST(KrakenSim, ShutsOutForTenMinutesWhoConnectsMoreThan150TimesInTen) {
  Kraken kraken;  // one
  const auto start = kraken.client.opened;
  const auto is_let_in = [&](std::chrono::seconds after) {
    ScriptedSession session{"/v2"};
    session.opened = start + after;
    kraken.venue->on_open(session);
    kraken.venue->on_closed(session);
    return !session.closed;
  };
  for (int i = 1; i < 150; ++i) ASSERT_TRUE(is_let_in(1s)) << i;
  EXPECT_FALSE(is_let_in(599s)) << "the 151st";
  EXPECT_FALSE(is_let_in(700s)) << "though the first 150 are longer ago than ten minutes";
  EXPECT_TRUE(is_let_in(1200s));
}

}  // namespace
}  // namespace steelyard::sim
