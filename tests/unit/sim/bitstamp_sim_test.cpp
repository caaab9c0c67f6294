// Simulated Bitstamp against what its documents say: times in place of numbers.
#include "sim/bitstamp_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;

struct Bitstamp {
  Bitstamp() { venue->on_open(client); }
  void say(const std::string& event, const std::string& channel) {
    venue->on_text(client,
                   R"({"event":"bts:)" + event + R"(","data":{"channel":")" + channel + R"("}})");
  }
  std::unique_ptr<VenueSim> venue = make_bitstamp(busy());
  ScriptedSession client{"/"};
};

TEST(BitstampSim, AcknowledgesOneChannelAMessageAndRefusesTheRest) {
  Bitstamp venue;
  venue.say("subscribe", "diff_order_book_btcusd");
  venue.say("unsubscribe", "diff_order_book_btcusd");
  venue.say("subscribe", "diff_order_book_nono");
  venue.venue->on_text(venue.client, "hello");
  const auto said = venue.client.take();

  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(
      said[0],
      R"({"event":"bts:subscription_succeeded","channel":"diff_order_book_btcusd","data":{}})");
  EXPECT_EQ(Json{said[1]}.at("/event"), "bts:unsubscription_succeeded");
  EXPECT_EQ(Json{said[2]}.at("/data/message"), "Bad subscription string.");
  EXPECT_EQ(Json{said[3]}.at("/event"), "bts:error");
}

// Changes that are later than the fetched book make the book that is.
TEST(BitstampSim, StampsChangesAndBooksSoThatTheyCanBeJoined) {
  Bitstamp venue;
  venue.say("subscribe", "diff_order_book_btcusd");
  (void)venue.client.take();
  std::map<double, double> bids;
  std::uint64_t last = 0;
  std::uint64_t joined_at = 0;
  for (int i = 0; i < 40; ++i) {
    if (i == 10) {
      const Json book{venue.venue->on_request("/api/v2/order_book/btcusd/?group=1").body};
      joined_at = book.number("/microtimestamp");
      EXPECT_EQ(joined_at, last);
      for (std::size_t k = 0; k < book.size("/bids"); ++k) {
        const std::string at = "/bids/" + std::to_string(k);
        bids[std::stod(book.at(at + "/0"))] = std::stod(book.at(at + "/1"));
      }
    }
    venue.venue->on_tick();
    for (const std::string& text : venue.client.take()) {
      const Json change{text};
      ASSERT_EQ(change.at("/event"), "data");
      ASSERT_GT(change.number("/data/microtimestamp"), last);
      last = change.number("/data/microtimestamp");
      for (std::size_t k = 0; joined_at != 0 && k < change.size("/data/bids"); ++k) {
        const std::string at = "/data/bids/" + std::to_string(k);
        const double price = std::stod(change.at(at + "/0"));
        bids[price] = std::stod(change.at(at + "/1"));
        if (bids[price] == 0.0) bids.erase(price);
      }
    }
  }
  EXPECT_EQ(bids.size(), venue.venue->market("btcusd")->bids().size());
}

TEST(BitstampSim, SendsTradesAndWholeTops) {
  Bitstamp venue;
  venue.say("subscribe", "live_trades_btcusd");
  venue.say("subscribe", "order_book_btcusd");
  for (int i = 0; i < 30; ++i) venue.venue->on_tick();
  const auto said = venue.client.take();

  const Json trade{with(said, "\"event\":\"trade\"").back()};
  EXPECT_EQ(trade.at("/channel"), "live_trades_btcusd");
  EXPECT_THAT(trade.at("/data/type"), testing::AnyOf("0", "1"));
  EXPECT_NE(trade.at("/data/amount_str"), "");
  EXPECT_EQ(Json{with(said, "\"channel\":\"order_book_btcusd\",\"event\":\"data\"").back()}.size(
                "/data/bids"),
            100U);
}

TEST(BitstampSim, AnswersHeartbeatsAndAsksToReconnect) {
  Bitstamp venue;
  venue.venue->on_text(venue.client, R"({"event":"bts:heartbeat"})");
  EXPECT_EQ(Json{venue.client.take().at(0)}.at("/data/status"), "success");

  ASSERT_TRUE(venue.venue->cause(Fault::ShutdownNotice, ""));
  EXPECT_EQ(Json{venue.client.take().at(0)}.at("/event"), "bts:request_reconnect");
}

TEST(BitstampSim, GivesOldBooksAndRefusesOnDemand) {
  Bitstamp venue;
  const std::string target = "/api/v2/order_book/btcusd/?group=1";
  const std::uint64_t now = Json{venue.venue->on_request(target).body}.number("/microtimestamp");
  ASSERT_TRUE(venue.venue->cause(Fault::SnapshotOld, "btcusd"));
  EXPECT_LT(Json{venue.venue->on_request(target).body}.number("/microtimestamp"), now);
  ASSERT_TRUE(venue.venue->cause(Fault::TooManyRequests, "btcusd"));
  EXPECT_EQ(venue.venue->on_request(target).status, 429);
  EXPECT_EQ(venue.venue->on_request("/api/v2/order_book/nono/").status, 404);
}

TEST(BitstampSim, ListsMarkets) {
  Bitstamp venue;
  const Json list{venue.venue->on_request("/api/v2/markets/").body};
  EXPECT_EQ(list.at("/0/market_symbol"), "btcusd");
  EXPECT_EQ(list.at("/0/counter_decimals"), "2");
}

}  // namespace
}  // namespace steelyard::sim
