// Simulated Deribit against what its documents say: JSON-RPC, the chain of change ids, and test
// requests.
#include "sim/deribit_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr const char* kBook = "book.BTC-PERPETUAL.100ms";

struct Deribit {
  explicit Deribit(const VenueSimOptions& options = busy()) : venue{make_deribit(options)} {
    venue->on_open(client);
  }
  void call(const std::string& method, const std::string& params, int id = 5) {
    venue->on_text(client, R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" +
                               method + R"(","params":{)" + params + "}}");
  }
  void subscribe(const std::string& channel) {
    call("public/subscribe", R"("channels":[")" + channel + R"("])");
  }
  std::unique_ptr<VenueSim> venue;
  ScriptedSession client{"/ws/api/v2"};
};

TEST(DeribitSim, LeavesOutOfItsAnswerWhatThereIsNot) {
  Deribit deribit;
  deribit.call(
      "public/subscribe",
      R"("channels":["trades.BTC-PERPETUAL.100ms","quote.NO","book.BTC-PERPETUAL.100ms"])");
  const Json answer{deribit.client.take().at(0)};

  EXPECT_EQ(answer.at("/id"), "5");
  EXPECT_EQ(answer.at("/result"), R"(["book.BTC-PERPETUAL.100ms","trades.BTC-PERPETUAL.100ms"])");
}

TEST(DeribitSim, ChainsChangesFromTheSnapshotOn) {
  Deribit deribit;
  for (int i = 0; i < 3; ++i) deribit.venue->on_tick();
  deribit.subscribe(kBook);
  const Json snapshot{deribit.client.take().at(1)};
  EXPECT_EQ(snapshot.at("/params/data/type"), "snapshot");
  EXPECT_EQ(snapshot.at("/params/data/prev_change_id"), "");
  EXPECT_EQ(snapshot.at("/params/data/bids/0/0"), "new");
  EXPECT_EQ(snapshot.size("/params/data/bids"),
            deribit.venue->market("BTC-PERPETUAL")->bids().size());
  std::uint64_t last = snapshot.number("/params/data/change_id");
  for (int i = 0; i < 50; ++i) {
    deribit.venue->on_tick();
    for (const std::string& text : deribit.client.take()) {
      const Json change{text};
      ASSERT_EQ(change.at("/params/data/type"), "change");
      ASSERT_EQ(change.number("/params/data/prev_change_id"), last);
      last = change.number("/params/data/change_id");
    }
  }
  EXPECT_EQ(last, deribit.venue->market("BTC-PERPETUAL")->last_id());
}

// What was there is changed or deleted, what was not is new; a delete has the size zero.
TEST(DeribitSim, SaysWithItsActionsWhatWasThereBefore) {
  Deribit deribit;
  deribit.subscribe(kBook);
  std::map<std::string, std::string> held[2];
  std::map<std::string, int> seen;
  const auto take = [&] {
    for (const std::string& text : with(deribit.client.take(), "\"channel\":\"book.")) {
      const Json message{text};
      for (const int side : {0, 1}) {
        const std::string list = side == 0 ? "/params/data/bids" : "/params/data/asks";
        for (std::size_t i = 0; i < message.size(list); ++i) {
          const std::string at = list + "/" + std::to_string(i);
          const std::string action = message.at(at + "/0");
          const std::string price = message.at(at + "/1");
          ++seen[action];
          ASSERT_EQ(held[side].contains(price), action != "new") << action << ' ' << price;
          if (action == "delete") {
            ASSERT_EQ(std::stod(message.at(at + "/2")), 0.0);
            held[side].erase(price);
          } else {
            held[side][price] = message.at(at + "/2");
          }
        }
      }
    }
  };
  for (int i = 0; i < 40; ++i) {
    take();
    deribit.venue->on_tick();
  }
  EXPECT_GT(seen["new"] * seen["change"] * seen["delete"], 0);
}

TEST(DeribitSim, SendsNoSecondSnapshotOnAConnection) {
  Deribit deribit;
  deribit.subscribe(kBook);
  deribit.subscribe(kBook);
  deribit.call("public/unsubscribe", R"("channels":["book.BTC-PERPETUAL.100ms"])");
  deribit.subscribe(kBook);

  EXPECT_EQ(with(deribit.client.take(), "\"snapshot\"").size(), 1U);
  deribit.venue->on_tick();
  EXPECT_EQ(with(deribit.client.take(), "\"change\"").size(), 1U) << "changes come";
}

TEST(DeribitSim, SendsWholeWindowsOfGroupedBooksAndTheBestAsQuote) {
  Deribit deribit;
  deribit.subscribe("book.ETH-PERPETUAL.none.10.100ms");
  deribit.subscribe("quote.ETH-PERPETUAL");
  (void)deribit.client.take();
  for (int i = 0; i < 10; ++i) deribit.venue->on_tick();

  const auto said = deribit.client.take();
  const auto books = with(said, "none.10");
  const auto quotes = with(said, "quote.");
  ASSERT_EQ(books.size(), 10U);
  ASSERT_FALSE(quotes.empty());
  EXPECT_EQ(Json{books.back()}.size("/params/data/bids"), 10U);
  EXPECT_EQ(Json{books.back()}.at("/params/data/bids/0/0"),
            Json{quotes.back()}.at("/params/data/best_bid_price"));
}

TEST(DeribitSim, MarksTradesOfTheLiquidated) {
  Deribit deribit;
  deribit.subscribe("trades.BTC-PERPETUAL.100ms");
  (void)deribit.client.take();
  for (int i = 0; i < 400; ++i) deribit.venue->on_tick();

  const auto said = deribit.client.take();
  const auto marked = with(said, R"("liquidation":"T")");
  EXPECT_FALSE(marked.empty());
  EXPECT_LT(marked.size(), said.size() / 5);
  for (const std::string& text : marked) (void)Json{text};
}

TEST(DeribitSim, CutsWhoDoesNotAnswerItsTestRequests) {
  VenueSimOptions options = busy();
  options.ping_every = 20ms;
  options.pong_limit = 60ms;
  Deribit deribit{options};
  ScriptedSession silent{"/ws/api/v2"};
  deribit.venue->on_open(silent);
  deribit.call("public/set_heartbeat", R"("interval":10)");
  deribit.venue->on_text(silent, R"({"method":"public/set_heartbeat","params":{"interval":10}})");
  EXPECT_EQ(Json{silent.take().at(0)}.at("/id"), "") << "no id, none in the answer";
  int requests = 0;
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (!silent.closed && std::chrono::steady_clock::now() < until) {
    deribit.venue->on_tick();
    if (!with(deribit.client.take(), "test_request").empty()) {
      ++requests;
      deribit.call("public/test", "", 9);
    }
    std::this_thread::sleep_for(1ms);
  }

  EXPECT_TRUE(silent.closed);
  EXPECT_FALSE(deribit.client.closed);
  EXPECT_GE(requests, 3);
}

TEST(DeribitSim, CutsAnIdleConnectionWithoutAHeartbeat) {
  Deribit deribit;
  deribit.client.opened -= 61s;
  deribit.client.last_heard -= 61s;
  deribit.venue->on_tick();
  EXPECT_TRUE(deribit.client.closed);
}

TEST(DeribitSim, RefusesWithTheDocumentedCodes) {
  Deribit deribit;
  const auto code = [&] { return Json{deribit.client.take().at(0)}.at("/error/code"); };
  deribit.venue->on_text(deribit.client, "hello");
  EXPECT_EQ(code(), "11050");
  deribit.subscribe("book.BTC-PERPETUAL.raw");
  EXPECT_EQ(code(), "13778");
  deribit.call("public/set_heartbeat", R"("interval":9)");
  EXPECT_EQ(code(), "-32602");
  deribit.call("public/nothing", "");
  EXPECT_EQ(code(), "-32601");

  for (int i = 0; i < 12; ++i) deribit.subscribe("quote.BTC-PERPETUAL");
  EXPECT_FALSE(with(deribit.client.take(), "10028").empty()) << "a burst of ten";
  EXPECT_TRUE(deribit.client.closed);
}

TEST(DeribitSim, TakesNoMoreThan32Connections) {
  Deribit deribit;
  std::vector<std::unique_ptr<ScriptedSession>> sessions;
  for (int i = 1; i < 32; ++i) {
    EXPECT_TRUE(deribit.venue->accepts("/ws/api/v2"));
    sessions.push_back(std::make_unique<ScriptedSession>("/ws/api/v2"));
    deribit.venue->on_open(*sessions.back());
  }
  EXPECT_FALSE(deribit.venue->accepts("/ws/api/v2"));
}

TEST(DeribitSim, ListsInstrumentsWithTheStepsOfOptions) {
  Deribit deribit;
  const Json list{
      deribit.venue->on_request("/api/v2/public/get_instruments?currency=any&expired=false").body};

  EXPECT_EQ(list.at("/result/0/instrument_name"), "BTC-25DEC26-80000-C");
  EXPECT_EQ(list.at("/result/0/tick_size_steps/0/tick_size"), "0.0005");
  EXPECT_EQ(list.at("/result/1/instrument_type"), "reversed");
  EXPECT_EQ(list.at("/result/2/instrument_type"), "linear");
}

}  // namespace
}  // namespace steelyard::sim
