// Simulated KuCoin (classic) against what its documents say: tokens, the welcome, numbered rows.
#include "sim/kucoin_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;

struct Kucoin {
  Kucoin() {
    const Json ticket{venue->on_post("/api/v1/bullet-public", "").body};
    client.path = "/?token=" + ticket.at("/data/token") + "&connectId=7";
    venue->on_open(client);
  }
  void say(const std::string& type, const std::string& topic) {
    venue->on_text(client, R"({"id":"3","type":")" + type + R"(","topic":")" + topic +
                               R"(","privateChannel":false,"response":true})");
  }
  std::unique_ptr<VenueSim> venue = make_kucoin(busy());
  ScriptedSession client;
};

TEST(KucoinSim, WelcomesWhoComesWithAToken) {
  Kucoin kucoin;
  const Json welcome{kucoin.client.take().at(0)};
  EXPECT_EQ(welcome.at("/type"), "welcome");
  EXPECT_EQ(welcome.at("/id"), "7");
  EXPECT_FALSE(kucoin.client.closed);

  ScriptedSession stranger{"/?token=stolen&connectId=8"};
  kucoin.venue->on_open(stranger);
  EXPECT_EQ(Json{stranger.take().at(0)}.at("/code"), "401");
  EXPECT_TRUE(stranger.closed);
}

TEST(KucoinSim, GivesTheTokenToAPostOnly) {
  Kucoin kucoin;
  EXPECT_EQ(kucoin.venue->on_request("/api/v1/bullet-public").status, 404);
  const Json ticket{kucoin.venue->on_post("/api/v1/bullet-public", "{}").body};
  EXPECT_EQ(ticket.at("/data/instanceServers/0/pingInterval"), "18000");
}

TEST(KucoinSim, AcknowledgesATopicAndRefusesWhatIsNone) {
  Kucoin kucoin;
  (void)kucoin.client.take();
  kucoin.say("subscribe", "/market/level2:BTC-USDT,ETH-USDT,NO-NO");
  kucoin.say("subscribe", "/market/nothing:BTC-USDT");
  kucoin.say("shout", "");
  const auto said = kucoin.client.take();

  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0], R"({"id":"3","type":"ack"})");
  EXPECT_EQ(Json{said[1]}.at("/code"), "404");
  EXPECT_EQ(Json{said[2]}.at("/type"), "error");
  EXPECT_EQ(kucoin.client.streams.size(), 3U);
}

// Every row has a number; a price of 0 is a number alone. Applied from a snapshot on, they make the
// book.
TEST(KucoinSim, NumbersItsRowsOnFromTheSnapshot) {
  Kucoin kucoin;
  kucoin.say("subscribe", "/market/level2:BTC-USDT");
  kucoin.venue->on_tick();
  (void)kucoin.client.take();
  const Json snapshot{
      kucoin.venue->on_request("/api/v1/market/orderbook/level2_100?symbol=BTC-USDT").body};
  EXPECT_EQ(snapshot.size("/data/bids"), 100U);
  std::uint64_t last = snapshot.number("/data/sequence");
  std::map<double, double> bids;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::string at = "/data/bids/" + std::to_string(i);
    bids[std::stod(snapshot.at(at + "/0"))] = std::stod(snapshot.at(at + "/1"));
  }
  int bare = 0;
  for (int tick = 0; tick < 30; ++tick) {
    kucoin.venue->on_tick();
    for (const std::string& text : with(kucoin.client.take(), "l2update")) {
      const Json update{text};
      ASSERT_EQ(update.number("/data/sequenceStart"), last + 1);
      for (const char* const side : {"bids", "asks"}) {
        const std::string list = std::string{"/data/changes/"} + side;
        for (std::size_t i = 0; i < update.size(list); ++i) {
          const std::string at = list + "/" + std::to_string(i);
          ASSERT_GT(update.number(at + "/2"), last);
          ASSERT_LE(update.number(at + "/2"), update.number("/data/sequenceEnd"));
          const double price = std::stod(update.at(at + "/0"));
          bare += price == 0.0 ? 1 : 0;
          if (price == 0.0 || side[0] == 'a') continue;
          bids[price] = std::stod(update.at(at + "/1"));
          if (bids[price] == 0.0) bids.erase(price);
        }
      }
      last = update.number("/data/sequenceEnd");
    }
  }
  EXPECT_GT(bare, 0);
  const auto& best = *kucoin.venue->market("BTC-USDT")->bids().begin();
  EXPECT_DOUBLE_EQ(bids.rbegin()->first, static_cast<double>(best.first) / 10.0);
  EXPECT_DOUBLE_EQ(bids.rbegin()->second, static_cast<double>(best.second) / 1e8);
}

TEST(KucoinSim, SendsTradesAndTops) {
  Kucoin kucoin;
  kucoin.say("subscribe", "/market/match:ETH-USDT");
  kucoin.say("subscribe", "/market/ticker:ETH-USDT");
  kucoin.say("subscribe", "/spotMarket/level2Depth5:ETH-USDT");
  for (int i = 0; i < 30; ++i) kucoin.venue->on_tick();
  const auto said = kucoin.client.take();

  ASSERT_FALSE(with(said, "trade.l3match").empty());
  EXPECT_EQ(Json{with(said, "trade.l3match").back()}.at("/data/time").size(), 19U) << "ns";
  EXPECT_EQ(Json{with(said, "level2Depth5").back()}.size("/data/bids"), 5U);
  EXPECT_EQ(Json{with(said, "trade.ticker").back()}.at("/data/bestBid"),
            Json{with(said, "level2Depth5").back()}.at("/data/bids/0/0"));
}

TEST(KucoinSim, AnswersPingsAndCutsWhoSendsNone) {
  Kucoin kucoin;
  (void)kucoin.client.take();
  kucoin.venue->on_text(kucoin.client, R"({"id":"9","type":"ping"})");
  EXPECT_EQ(Json{kucoin.client.take().at(0)}.at("/type"), "pong");

  kucoin.client.opened -= 61s;
  kucoin.client.last_heard -= 61s;
  kucoin.venue->on_tick();
  EXPECT_TRUE(kucoin.client.closed);
}

TEST(KucoinSim, RationsMessagesByTenSeconds) {
  Kucoin kucoin;
  for (int i = 0; i < 100; ++i) kucoin.say("subscribe", "/market/match:BTC-USDT");
  EXPECT_TRUE(with(kucoin.client.take(), "error").empty());
  kucoin.say("subscribe", "/market/match:BTC-USDT");
  EXPECT_EQ(Json{kucoin.client.take().at(0)}.at("/code"), "509");
}

}  // namespace
}  // namespace steelyard::sim
