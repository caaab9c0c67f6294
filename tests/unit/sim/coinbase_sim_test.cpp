// Simulated Coinbase Advanced Trade against what its documents say: one count a connection.
#include "sim/coinbase_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;

struct Coinbase {
  explicit Coinbase(const VenueSimOptions& options = busy()) : venue{make_coinbase(options)} {
    venue->on_open(client);
  }
  void subscribe(const std::string& channel, const std::string& products) {
    venue->on_text(client, R"({"type":"subscribe","channel":")" + channel + R"(","product_ids":[)" +
                               products + "]}");
  }
  std::unique_ptr<VenueSim> venue;
  ScriptedSession client{"/"};
};

TEST(CoinbaseSim, CountsEveryMessageOfAConnectionWhateverItIsOf) {
  Coinbase coinbase;
  ScriptedSession other{"/"};
  coinbase.venue->on_open(other);
  coinbase.venue->on_text(coinbase.client, R"({"type":"subscribe","channel":"heartbeats"})");
  coinbase.subscribe("level2", R"("BTC-USD","ETH-USD")");
  coinbase.subscribe("market_trades", R"("BTC-USD")");
  coinbase.venue->on_text(other, R"({"type":"subscribe","channel":"heartbeats"})");
  for (int i = 0; i < 20; ++i) {
    if (i == 10) coinbase.client.last_ping -= 2s;
    coinbase.venue->on_tick();
  }
  const auto said = coinbase.client.take();
  ASSERT_GT(said.size(), 45U);
  for (std::size_t i = 0; i < said.size(); ++i) {
    ASSERT_EQ(Json{said[i]}.number("/sequence_num"), i) << said[i].substr(0, 200);
  }
  for (const char* const channel : {"subscriptions", "l2_data", "market_trades", "heartbeats"}) {
    EXPECT_FALSE(with(said, "{\"channel\":\"" + std::string{channel}).empty()) << channel;
  }
  EXPECT_EQ(Json{other.take().at(0)}.number("/sequence_num"), 0U) << "each counts by itself";
}

TEST(CoinbaseSim, CountsWhatALossyWireDoesNotDeliver) {
  Coinbase coinbase;
  coinbase.subscribe("level2", R"("BTC-USD")");
  coinbase.venue->on_tick();
  const std::uint64_t before = Json{coinbase.client.take().back()}.number("/sequence_num");

  ASSERT_TRUE(coinbase.venue->cause(Fault::DropDelta, "BTC-USD"));
  coinbase.venue->on_tick();
  EXPECT_TRUE(coinbase.client.take().empty());
  coinbase.venue->on_tick();
  EXPECT_EQ(Json{coinbase.client.take().at(0)}.number("/sequence_num"), before + 2);
}

TEST(CoinbaseSim, SendsWholeBooksAndTheirChangesInItsOwnWords) {
  Coinbase coinbase;
  coinbase.subscribe("level2", R"("BTC-USDC")");
  const auto snapshots = with(coinbase.client.take(), "l2_data");
  ASSERT_EQ(snapshots.size(), 1U);
  const Json snapshot{snapshots[0]};
  const Market& market = *coinbase.venue->market("BTC-USD");
  EXPECT_EQ(snapshot.at("/events/0/type"), "snapshot");
  EXPECT_EQ(snapshot.at("/events/0/product_id"), "BTC-USD") << "asked for by its alias";
  EXPECT_EQ(snapshot.size("/events/0/updates"), market.bids().size() + market.asks().size());
  EXPECT_EQ(snapshot.at("/events/0/updates/0/side"), "bid");

  coinbase.venue->on_tick();
  const Json update{coinbase.client.take().at(0)};
  EXPECT_EQ(update.at("/events/0/type"), "update");
  EXPECT_NE(update.at("/events/0/updates").find("\"offer\""), std::string::npos);
}

TEST(CoinbaseSim, NamesTheMakersSideOfATrade) {
  VenueSimOptions quiet;
  quiet.changes_per_tick = 2;
  Coinbase coinbase{quiet};
  coinbase.subscribe("level2", R"("BTC-USD")");
  coinbase.subscribe("market_trades", R"("BTC-USD")");
  (void)coinbase.client.take();
  int trades = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t bid = coinbase.venue->market("BTC-USD")->bids().begin()->first;
    const std::int64_t ask = coinbase.venue->market("BTC-USD")->asks().begin()->first;
    coinbase.venue->on_tick();
    for (const std::string& text : with(coinbase.client.take(), "market_trades")) {
      const Json message{text};
      if (message.size("/events/0/trades") != 1) continue;
      // Bought from a maker who sold: at the ask or above, seen from where the book was.
      const bool maker_sells = message.at("/events/0/trades/0/side") == "SELL";
      const double price = std::stod(message.at("/events/0/trades/0/price"));
      const double mid = static_cast<double>(bid + ask) / 200.0;
      trades += (price > mid) == maker_sells ? 1 : -1;
    }
  }
  EXPECT_GT(trades, 20) << "as many on the wrong side as on the right one";
}

TEST(CoinbaseSim, CutsWhoAsksForNothingInFiveSecondsOrHearsNothingForNinety) {
  Coinbase coinbase;
  coinbase.client.opened -= 6s;
  coinbase.venue->on_tick();
  EXPECT_TRUE(coinbase.client.closed);

  Coinbase other;
  other.venue->on_text(other.client, R"({"type":"subscribe","channel":"heartbeats"})");
  other.client.opened -= 100s;
  other.venue->on_tick();
  EXPECT_FALSE(other.client.closed);
  other.client.last_pushed -= 91s;
  other.venue->on_tick();
  EXPECT_TRUE(other.client.closed);
}

TEST(CoinbaseSim, RefusesWithoutACount) {
  Coinbase coinbase;
  coinbase.venue->on_text(coinbase.client, "hello");
  coinbase.subscribe("level3", R"("BTC-USD")");
  coinbase.subscribe("level2", R"("NO-NO")");
  const auto refusals = with(coinbase.client.take(), "\"type\":\"error\"");
  ASSERT_EQ(refusals.size(), 3U);
  for (const std::string& text : refusals) EXPECT_EQ(Json{text}.at("/sequence_num"), "");

  for (int i = 0; i < 8; ++i) coinbase.subscribe("level2", R"("BTC-USD")");
  EXPECT_FALSE(with(coinbase.client.take(), "rate limit").empty()) << "eight a second";
}

TEST(CoinbaseSim, CountsTheMessagesOfAllConnectionsOfAnAddressTogether) {
  Coinbase coinbase;
  ScriptedSession other{"/"};
  coinbase.venue->on_open(other);
  for (int i = 0; i < 8; ++i) coinbase.subscribe("market_trades", R"("BTC-USD")");
  EXPECT_TRUE(with(coinbase.client.take(), "rate limit").empty());
  coinbase.venue->on_text(other, R"({"type":"subscribe","channel":"heartbeats"})");
  EXPECT_EQ(with(other.take(), "rate limit").size(), 1U) << "the ninth, though its first";
}

TEST(CoinbaseSim, ListsProductsAndTheirAliases) {
  Coinbase coinbase;
  const Json list{coinbase.venue->on_request("/api/v3/brokerage/market/products").body};

  EXPECT_EQ(list.at("/products/0/product_id"), "BTC-USD");
  EXPECT_EQ(list.at("/products/0/price_increment"), "0.01");
  EXPECT_EQ(list.at("/products/3/product_id"), "BTC-USDC");
  EXPECT_EQ(list.at("/products/3/alias"), "BTC-USD");
}

}  // namespace
}  // namespace steelyard::sim
