// Simulated Binance against what its documents say: paths, acknowledgements, errors, cadence and
// sequence rules.
#include "sim/binance_sim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/scripted_session.hpp"
#include "support/sim_answers.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct Spot {
  BinanceSim venue{binance_spot_instruments(), busy(), false};
  ScriptedSession client{"/stream"};
};
struct Futures {
  BinanceSim venue{binance_usdm_instruments(), busy(), true};
};

TEST(BinanceSpotSim, AcknowledgesWithTheRequestsIdOfAnyKind) {
  Spot spot;
  spot.venue.on_open(spot.client);

  spot.venue.on_text(spot.client, R"({"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1})");
  spot.venue.on_text(spot.client, R"({"method":"UNSUBSCRIBE","params":["x"],"id":"a7"})");
  spot.venue.on_text(spot.client, R"({"method":"LIST_SUBSCRIPTIONS","id":-3})");

  EXPECT_THAT(spot.client.take(),
              ElementsAre(R"({"result":null,"id":1})", R"({"result":null,"id":"a7"})",
                          R"({"result":["btcusdt@trade"],"id":-3})"));
}

TEST(BinanceSpotSim, RefusesWhatIsNoRequest) {
  Spot spot;
  spot.venue.on_open(spot.client);
  spot.venue.on_text(spot.client, "hello");
  spot.venue.on_text(spot.client, R"({"id":1})");
  spot.venue.on_text(spot.client, R"({"method":"SUBSCRIBE","params":"btcusdt@trade","id":4})");

  const auto said = spot.client.take();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(Json{said[0]}.at("/code"), "3");
  EXPECT_EQ(Json{said[1]}.at("/code"), "2");
  EXPECT_EQ(Json{said[2]}.at("/error/code"), "2");
  EXPECT_EQ(Json{said[2]}.at("/id"), "4");
}

TEST(BinanceSpotSim, CountsOnByOneAndItsSnapshotFits) {
  Spot spot;
  spot.venue.on_open(spot.client);
  spot.venue.on_text(spot.client,
                     R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1})");
  (void)spot.client.take();
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    spot.venue.on_tick();
    for (const std::string& text : spot.client.take()) {
      const Json event{text};
      ASSERT_EQ(event.at("/stream"), "btcusdt@depth@100ms");
      ASSERT_EQ(event.at("/data/e"), "depthUpdate");
      ASSERT_EQ(event.at("/data/s"), "BTCUSDT");
      ASSERT_EQ(event.at("/data/pu"), "") << "of futures only";
      if (last != 0) ASSERT_EQ(event.number("/data/U"), last + 1);
      ASSERT_LE(event.number("/data/U"), event.number("/data/u"));
      last = event.number("/data/u");
    }
  }
  ASSERT_NE(last, 0U);
  const Json snapshot{spot.venue.on_request("/api/v3/depth?symbol=BTCUSDT&limit=5000").body};
  EXPECT_EQ(snapshot.number("/lastUpdateId"), last);
  EXPECT_GT(snapshot.size("/bids"), 200U);
}

TEST(BinanceSpotSim, TellsTheBestInTheBooksOwnNumbersWithoutTypeOrTime) {
  Spot spot;
  spot.client.path = "/ws/btcusdt@bookTicker";
  spot.venue.on_open(spot.client);
  std::uint64_t last = 0;
  for (int i = 0; i < 20; ++i) spot.venue.on_tick();

  const auto said = spot.client.take();
  ASSERT_GT(said.size(), 5U);
  for (const std::string& text : said) {
    const Json event{text};
    EXPECT_EQ(event.at("/stream"), "") << "a raw stream has no envelope";
    EXPECT_EQ(event.at("/e"), "");
    EXPECT_EQ(event.at("/E"), "");
    EXPECT_GT(event.number("/u"), last);
    last = event.number("/u");
  }
  EXPECT_LE(last, spot.venue.market("BTCUSDT")->last_id());
}

TEST(BinanceSpotSim, SubscribesByPathAndQueryToo) {
  Spot spot;
  spot.client.path = "/stream?streams=btcusdt@trade/ethusdt@bookTicker";
  spot.venue.on_open(spot.client);

  EXPECT_THAT(spot.client.streams, ElementsAre("btcusdt@trade", "ethusdt@bookTicker"));
}

TEST(BinanceSpotSim, SendsWholeTopsOnPartialDepthStreams) {
  Spot spot;
  spot.venue.on_open(spot.client);
  spot.venue.on_text(spot.client,
                     R"({"method":"SUBSCRIBE","params":["btcusdt@depth5@100ms"],"id":1})");
  (void)spot.client.take();
  spot.venue.on_tick();

  const auto said = spot.client.take();
  ASSERT_EQ(said.size(), 1U);
  const Json event{said[0]};
  EXPECT_EQ(event.at("/stream"), "btcusdt@depth5@100ms");
  EXPECT_EQ(event.at("/data/e"), "");
  EXPECT_EQ(event.number("/data/lastUpdateId"), spot.venue.market("BTCUSDT")->diff_id());
  EXPECT_EQ(event.size("/data/bids"), 5U);
  EXPECT_EQ(event.size("/data/asks"), 5U);
}

TEST(BinanceSpotSim, SaysNothingOfASymbolThatItDoesNotKnow) {
  Spot spot;
  spot.venue.on_open(spot.client);
  spot.venue.on_text(spot.client, R"({"method":"SUBSCRIBE","params":["nono@depth"],"id":1})");
  for (int i = 0; i < 5; ++i) spot.venue.on_tick();

  EXPECT_THAT(spot.client.take(), ElementsAre(R"({"result":null,"id":1})"));
}

TEST(BinanceSpotSim, CutsAClientThatSaysMoreThanFiveThingsInASecond) {
  Spot spot;
  spot.venue.on_open(spot.client);
  for (int i = 0; i < 5; ++i) {
    spot.venue.on_text(spot.client, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  }
  EXPECT_FALSE(spot.client.closed);

  spot.venue.on_text(spot.client, R"({"method":"LIST_SUBSCRIPTIONS","id":1})");
  EXPECT_TRUE(spot.client.closed);
}

TEST(BinanceSpotSim, PingsWhateverElseIsSaidAndCutsWhoDoesNotAnswer) {
  VenueSimOptions options;
  options.ping_every = 20ms;
  options.pong_limit = 60ms;
  BinanceSim venue{binance_spot_instruments(), options, false};
  ScriptedSession answers{"/stream"};
  ScriptedSession silent{"/stream"};
  venue.on_open(answers);
  venue.on_open(silent);
  const auto until = std::chrono::steady_clock::now() + 150ms;
  while (std::chrono::steady_clock::now() < until) {
    const int pings = answers.pings;
    venue.on_tick();
    answers.last_heard = silent.last_heard = std::chrono::steady_clock::now();
    if (answers.pings != pings) answers.last_pong = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(1ms);
  }

  EXPECT_GE(answers.pings, 4);
  EXPECT_FALSE(answers.closed);
  EXPECT_TRUE(silent.closed);
}

TEST(BinanceSim, PingsAtTheIntervalOfItsDocuments) {
  Spot spot;
  Futures futures;
  ScriptedSession public_client{"/public/stream"};
  spot.venue.on_open(spot.client);
  futures.venue.on_open(public_client);
  const auto age = [](ScriptedSession& client, std::chrono::seconds by) {
    client.last_ping -= by;
    client.last_pong = client.last_ping;
  };
  age(spot.client, 19s);
  age(public_client, 179s);
  spot.venue.on_tick();
  futures.venue.on_tick();
  EXPECT_EQ(spot.client.pings + public_client.pings, 0);

  age(spot.client, 2s);
  age(public_client, 2s);
  spot.venue.on_tick();
  futures.venue.on_tick();
  EXPECT_EQ(spot.client.pings, 1);
  EXPECT_EQ(public_client.pings, 1);
}

TEST(BinanceSim, ChargesRequestsByTheirDepthAndRefusesWhenTheMinuteIsSpent) {
  const auto charged = [](bool futures, const std::string& limit) {
    BinanceSim venue{
        futures ? binance_usdm_instruments() : binance_spot_instruments(), {}, futures};
    return header_of(venue.on_request("/depth?symbol=BTCUSDT" + limit), "X-MBX-USED-WEIGHT-1M");
  };
  EXPECT_EQ(charged(false, ""), "5");
  EXPECT_EQ(charged(false, "&limit=500"), "25");
  EXPECT_EQ(charged(false, "&limit=1000"), "50");
  EXPECT_EQ(charged(false, "&limit=5000"), "250");
  EXPECT_EQ(charged(true, "&limit=50"), "2");
  EXPECT_EQ(charged(true, "&limit=100"), "5");
  EXPECT_EQ(charged(true, "&limit=500"), "10");
  EXPECT_EQ(charged(true, "&limit=1000"), "20");

  Spot spot;
  HttpReply reply;
  for (int i = 0; i < 60 && reply.status == 200; ++i) {
    reply = spot.venue.on_request("/api/v3/depth?symbol=BTCUSDT&limit=5000");
  }
  EXPECT_EQ(reply.status, 429);
  const std::string wait = header_of(reply, "Retry-After");
  ASSERT_FALSE(wait.empty());
  EXPECT_GE(std::stoi(wait), 1);
  EXPECT_LE(std::stoi(wait), 60);
}

TEST(BinanceSim, RefusesRequestsThatAreNone) {
  Spot spot;
  EXPECT_EQ(spot.venue.on_request("/api/v3/depth?symbol=NONO").status, 400);
  EXPECT_EQ(Json{spot.venue.on_request("/api/v3/depth?symbol=NONO").body}.at("/code"), "-1121");
  EXPECT_EQ(spot.venue.on_request("/api/v3/depth?symbol=BTCUSDT&limit=many").status, 400);
  EXPECT_EQ(spot.venue.on_request("/api/v3/depth?symbol=BTCUSDT&limit=99999999999999999999").status,
            400);
  EXPECT_EQ(spot.venue.on_request("/nothing").status, 404);
}

TEST(BinanceSim, ListsItsInstrumentsWithTheirSteps) {
  Futures futures;
  const Json list{futures.venue.on_request("/fapi/v1/exchangeInfo").body};

  EXPECT_EQ(list.at("/symbols/0/symbol"), "BTCUSDT");
  EXPECT_EQ(list.at("/symbols/0/contractType"), "PERPETUAL");
  EXPECT_EQ(list.at("/symbols/0/filters/0/tickSize"), "0.1");
  EXPECT_EQ(list.at("/symbols/0/filters/1/stepSize"), "0.001");
}

TEST(BinanceFuturesSim, AcknowledgesAStreamOfTheOtherPathAndIsSilent) {
  for (const bool right : {true, false}) {
    Futures futures;
    ScriptedSession books{right ? "/public/stream" : "/market/stream"};
    ScriptedSession trades{right ? "/market/stream" : "/public/stream"};
    futures.venue.on_open(books);
    futures.venue.on_open(trades);
    futures.venue.on_text(
        books,
        R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","btcusdt@bookTicker"],"id":1})");
    futures.venue.on_text(
        trades,
        R"({"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@forceOrder"],"id":2})");
    EXPECT_THAT(books.take(), ElementsAre(R"({"result":null,"id":1})"));
    EXPECT_THAT(trades.take(), ElementsAre(R"({"result":null,"id":2})"));
    for (int i = 0; i < 40; ++i) futures.venue.on_tick();

    EXPECT_EQ(books.take().empty(), !right);
    EXPECT_EQ(trades.take().empty(), !right);
  }
}

TEST(BinanceFuturesSim, ChainsByPreviousIdsAndNeverByOne) {
  Futures futures;
  ScriptedSession client{"/public/stream"};
  futures.venue.on_open(client);
  futures.venue.on_text(client,
                        R"({"method":"SUBSCRIBE","params":["ethusdt@depth@100ms"],"id":1})");
  (void)client.take();
  std::uint64_t last = 0;
  int follows = 0;
  int events = 0;
  for (int i = 0; i < 50; ++i) {
    futures.venue.on_tick();
    for (const std::string& text : client.take()) {
      const Json event{text};
      if (last != 0) ASSERT_EQ(event.number("/data/pu"), last);
      follows += event.number("/data/U") == last + 1 ? 1 : 0;
      last = event.number("/data/u");
      ++events;
      EXPECT_NE(event.at("/data/T"), "");
    }
  }
  EXPECT_EQ(events, 50);
  EXPECT_LT(follows, 10) << "U does not follow pu";
  const Json snapshot{futures.venue.on_request("/fapi/v1/depth?symbol=ETHUSDT&limit=1000").body};
  EXPECT_EQ(snapshot.number("/lastUpdateId"), last);
}

TEST(BinanceFuturesSim, HasNoRawTradesAndDocumentsNoShutdown) {
  Futures futures;
  ScriptedSession client{"/market/stream"};
  futures.venue.on_open(client);
  futures.venue.on_text(client, R"({"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1})");
  (void)client.take();
  for (int i = 0; i < 40; ++i) futures.venue.on_tick();

  EXPECT_THAT(client.take(), IsEmpty());
  EXPECT_FALSE(futures.venue.cause(Fault::ShutdownNotice, ""));
  EXPECT_FALSE(futures.venue.cause(Fault::SequenceReset, ""));
}

TEST(BinanceSpotSim, AnnouncesItsShutdownInTheEnvelopeOfTheConnection) {
  Spot spot;
  ScriptedSession raw{"/ws/btcusdt@trade"};
  spot.venue.on_open(spot.client);
  spot.venue.on_open(raw);

  ASSERT_TRUE(spot.venue.cause(Fault::ShutdownNotice, ""));

  EXPECT_EQ(Json{spot.client.take().at(0)}.at("/stream"), "!serverShutdown");
  EXPECT_EQ(Json{raw.take().at(0)}.at("/e"), "serverShutdown");
}

}  // namespace
}  // namespace steelyard::sim
