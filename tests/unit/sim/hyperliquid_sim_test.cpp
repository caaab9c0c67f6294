// Simulated Hyperliquid against what was measured of it: whole books on two clocks, and connections
// that end without a word.
#include "sim/hyperliquid_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct Hyperliquid {
  Hyperliquid() { venue->on_open(client); }
  void say(const std::string& method, const std::string& subscription) {
    venue->on_text(client, R"({"method":")" + method + R"(","subscription":)" + subscription + "}");
  }
  std::unique_ptr<VenueSim> venue = make_hyperliquid(busy());
  ScriptedSession client{"/ws"};
};

TEST(HyperliquidSim, AcknowledgesWithWhatItMadeOfTheSubscription) {
  Hyperliquid venue;
  venue.say("subscribe", R"({"type":"l2Book","coin":"BTC"})");
  venue.say("subscribe", R"({"type":"l2Book","coin":"BTC"})");
  venue.say("unsubscribe", R"({"type":"l2Book","coin":"BTC"})");
  const auto said = venue.client.take();

  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(Json{said[0]}.at("/channel"), "subscriptionResponse");
  EXPECT_EQ(Json{said[0]}.at("/data/subscription/fast"), "false");
  EXPECT_EQ(Json{said[1]}.at("/channel"), "error");
  EXPECT_EQ(Json{said[2]}.at("/data/method"), "unsubscribe");
}

TEST(HyperliquidSim, EndsAConnectionThatNamesACoinThatThereIsNot) {
  Hyperliquid venue;
  venue.say("subscribe", R"({"type":"bbo","coin":"btc"})");

  EXPECT_TRUE(venue.client.torn);
  EXPECT_TRUE(venue.client.take().empty()) << "and does not say why";
}

TEST(HyperliquidSim, SendsWholeBooksEvenIfNothingChanges) {
  Hyperliquid venue;
  venue.venue->on_tick();
  venue.say("subscribe", R"({"type":"l2Book","coin":"BTC","fast":true})");
  (void)venue.client.take();
  venue.venue->pause(true);
  std::vector<std::string> books;
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (books.size() < 2 && std::chrono::steady_clock::now() < until) {
    venue.venue->on_tick();
    for (const std::string& text : venue.client.take()) books.push_back(text);
    std::this_thread::sleep_for(5ms);
  }

  ASSERT_EQ(books.size(), 2U);
  const Json first{books[0]};
  const Json second{books[1]};
  EXPECT_EQ(first.size("/data/levels/0"), 5U);
  EXPECT_EQ(first.at("/data/levels"), second.at("/data/levels"));
  EXPECT_GE(second.number("/data/time") - first.number("/data/time"), 500U);
  const auto& best = *venue.venue->market("BTC")->bids().begin();
  EXPECT_EQ(first.at("/data/levels/0/0/px"), std::to_string(best.first) + ".0");
}

TEST(HyperliquidSim, SendsTwentyLevelsOnItsSlowClock) {
  Hyperliquid venue;
  venue.say("subscribe", R"({"type":"l2Book","coin":"ETH"})");
  (void)venue.client.take();
  for (int i = 0; i < 50; ++i) venue.venue->on_tick();

  const auto said = venue.client.take();
  ASSERT_EQ(said.size(), 1U) << "the next one comes five seconds later";
  EXPECT_EQ(Json{said[0]}.size("/data/levels/1"), 20U);
}

TEST(HyperliquidSim, SendsTheBestAndTradesWithTheirTakers) {
  Hyperliquid venue;
  for (int i = 0; i < 30; ++i) venue.venue->on_tick();
  venue.say("subscribe", R"({"type":"trades","coin":"BTC"})");
  venue.say("subscribe", R"({"type":"bbo","coin":"BTC"})");
  const auto before = with(venue.client.take(), "\"channel\":\"trades\"");
  EXPECT_EQ(before.size(), 1U) << "trades of before";
  for (int i = 0; i < 30; ++i) venue.venue->on_tick();
  const auto said = venue.client.take();

  const Json trades{with(said, "\"channel\":\"trades\"").back()};
  EXPECT_THAT(trades.at("/data/0/side"), testing::AnyOf("A", "B"));
  EXPECT_EQ(Json{with(said, "\"channel\":\"bbo\"").back()}.size("/data/bbo"), 2U);
}

TEST(HyperliquidSim, TakesTenConnectionsAndThirtyNewOnesAMinute) {
  Hyperliquid venue;
  EXPECT_FALSE(venue.venue->accepts("/elsewhere"));
  std::vector<std::unique_ptr<ScriptedSession>> sessions;
  for (int i = 1; i < 10; ++i) {
    EXPECT_TRUE(venue.venue->accepts("/ws"));
    sessions.push_back(std::make_unique<ScriptedSession>("/ws"));
    venue.venue->on_open(*sessions.back());
  }
  EXPECT_FALSE(venue.venue->accepts("/ws"));
  for (int i = 0; i < 20; ++i) {
    venue.venue->on_closed(*sessions.back());
    EXPECT_TRUE(venue.venue->accepts("/ws"));
    venue.venue->on_open(*sessions.back());
  }
  venue.venue->on_closed(*sessions.back());
  EXPECT_FALSE(venue.venue->accepts("/ws")) << "the thirty-first in a minute";
}

TEST(HyperliquidSim, CutsAConnectionOnWhichItHasSaidNothingForAMinute) {
  Hyperliquid venue;
  venue.client.last_pushed -= 61s;
  venue.venue->on_text(venue.client, R"({"method":"ping"})");
  venue.venue->on_tick();
  EXPECT_FALSE(venue.client.closed);
  EXPECT_THAT(venue.client.take(), ElementsAre(R"({"channel":"pong"})"));

  venue.client.last_pushed -= 61s;
  venue.venue->on_tick();
  EXPECT_TRUE(venue.client.closed);
}

TEST(HyperliquidSim, TellsOfItsCoinsByPost) {
  Hyperliquid venue;
  const Json meta{venue.venue->on_post("/info", R"({"type":"meta"})").body};
  EXPECT_EQ(meta.at("/universe/0/name"), "BTC");
  EXPECT_EQ(meta.at("/universe/0/szDecimals"), "5");
  EXPECT_EQ(venue.venue->on_post("/info", R"({"type":"nothing"})").status, 422);
  EXPECT_EQ(venue.venue->on_request("/info").status, 405);
}

}  // namespace
}  // namespace steelyard::sim
