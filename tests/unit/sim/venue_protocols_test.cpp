// The simulated venues against what their documents say: paths, acknowledgements, errors, cadence
// and sequence rules. Read with a JSON parser, never with a decoder of ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <thread>

#include "sim/binance_sim.hpp"
#include "sim/okx_sim.hpp"
#include "support/scripted_session.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Json {
 public:
  explicit Json(const std::string& text) : text_{text} {
    EXPECT_EQ(parser_.parse(text_).get(root_), simdjson::SUCCESS) << text;
  }
  // By JSON pointer, as text; empty: not there.
  [[nodiscard]] std::string at(const std::string& pointer) const {
    simdjson::dom::element value;
    if (root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return {};
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return std::string{text};
    return simdjson::minify(value);
  }
  [[nodiscard]] std::uint64_t number(const std::string& pointer) const {
    const std::string text = at(pointer);
    return text.empty() ? 0 : std::stoull(text);
  }
  [[nodiscard]] std::size_t size(const std::string& pointer) const {
    simdjson::dom::array list;
    EXPECT_EQ(root_.at_pointer(pointer).get_array().get(list), simdjson::SUCCESS) << text_;
    return list.size();
  }

 private:
  std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

// All messages that have this text in them.
[[nodiscard]] std::vector<std::string> with(const std::vector<std::string>& all,
                                            const std::string& part) {
  std::vector<std::string> found;
  for (const std::string& text : all) {
    if (text.find(part) != std::string::npos) found.push_back(text);
  }
  return found;
}

[[nodiscard]] std::string header_of(const HttpReply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return {};
}

VenueSimOptions busy() {
  VenueSimOptions options;
  options.changes_per_tick = 60;
  return options;
}

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

struct Okx {
  explicit Okx(const VenueSimOptions& options = busy()) : venue{okx_instruments(), options} {
    venue.on_open(client);
  }
  void subscribe(const std::string& channel, const std::string& symbol) {
    venue.on_text(client, R"({"op":"subscribe","args":[{"channel":")" + channel +
                              R"(","instId":")" + symbol + R"("}]})");
  }
  OkxSim venue;
  ScriptedSession client{"/ws/v5/public"};
};

TEST(OkxSim, AcknowledgesEveryArgumentWithTheRequestsId) {
  Okx okx;
  okx.venue.on_text(okx.client,
                    R"({"id":"1512","op":"subscribe","args":[{"channel":"trades","instId":)"
                    R"("BTC-USDT"},{"channel":"liquidation-orders","instType":"SWAP"}]})");
  okx.venue.on_text(okx.client,
                    R"({"op":"unsubscribe","args":[{"channel":"trades","instId":"BTC-USDT"}]})");

  const auto said = okx.client.take();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0], R"({"id":"1512","event":"subscribe","arg":{"channel":"trades",)"
                     R"("instId":"BTC-USDT"},"connId":"a4d3ae55"})");
  EXPECT_EQ(Json{said[1]}.at("/arg/instType"), "SWAP");
  EXPECT_EQ(Json{said[2]}.at("/event"), "unsubscribe");
  EXPECT_EQ(Json{said[2]}.at("/id"), "");
}

TEST(OkxSim, RefusesWithTheDocumentedCodes) {
  Okx okx;
  const auto code_of = [&](const std::string& request) {
    okx.venue.on_text(okx.client, request);
    const Json said{okx.client.take().at(0)};
    EXPECT_EQ(said.at("/event"), "error");
    return said.at("/code");
  };
  EXPECT_EQ(code_of("hello"), "60012");
  EXPECT_EQ(code_of(R"({"op":"shout","args":[]})"), "60012");
  EXPECT_EQ(code_of(R"({"op":"subscribe"})"), "60012");
  EXPECT_EQ(code_of(R"({"op":"subscribe","args":[{"channel":"books","instId":"NO-NO"}]})"),
            "60018");
  EXPECT_EQ(code_of(R"({"op":"subscribe","args":[{"channel":"candle1D","instId":"BTC-USDT"}]})"),
            "60018");
  EXPECT_EQ(code_of(R"({"op":"subscribe","args":[{"channel":"books","instId":")" +
                    std::string(65'536, 'X') + R"("}]})"),
            "60012");
  okx.client.path = "/ws/v5/business";
  EXPECT_EQ(code_of(R"({"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]})"),
            "60018");
}

TEST(OkxSim, RationsRequestsByTheHour) {
  Okx okx;
  for (int i = 0; i < 480; ++i) okx.subscribe("trades", "BTC-USDT");
  EXPECT_THAT(with(okx.client.take(), "error"), IsEmpty());

  okx.subscribe("trades", "BTC-USDT");
  EXPECT_EQ(Json{okx.client.take().at(0)}.at("/code"), "60014");
}

TEST(OkxSim, SendsTheSnapshotOnTheStreamAndChainsFromIt) {
  Okx okx;
  for (int i = 0; i < 3; ++i) okx.venue.on_tick();
  okx.subscribe("books", "ETH-USDT");
  auto said = okx.client.take();
  ASSERT_EQ(said.size(), 2U);
  const Json snapshot{said[1]};
  EXPECT_EQ(snapshot.at("/action"), "snapshot");
  EXPECT_EQ(snapshot.at("/data/0/prevSeqId"), "-1");
  EXPECT_EQ(snapshot.at("/data/0/checksum"), "0");
  EXPECT_LE(snapshot.size("/data/0/bids"), 400U);
  EXPECT_EQ(snapshot.size("/data/0/bids/0"), 4U);
  std::uint64_t last = snapshot.number("/data/0/seqId");

  for (int i = 0; i < 20; ++i) {
    if (i == 10) ASSERT_TRUE(okx.venue.cause(Fault::SequenceReset, "ETH-USDT"));
    okx.venue.on_tick();
    said = okx.client.take();
    ASSERT_EQ(said.size(), 1U);
    const Json update{said[0]};
    EXPECT_EQ(update.at("/action"), "update");
    ASSERT_EQ(update.number("/data/0/prevSeqId"), last) << "also across a reset to lower numbers";
    EXPECT_EQ(update.number("/data/0/seqId") < last, i == 10);
    last = update.number("/data/0/seqId");
  }
}

TEST(OkxSim, SendsAnUpdateOfNothingOfABookThatDoesNotChange) {
  VenueSimOptions options = busy();
  options.idle_frame_every = 30ms;
  Okx okx{options};
  okx.subscribe("books", "BTC-USDT");
  okx.venue.on_tick();
  const Json last{okx.client.take().back()};
  okx.venue.pause(true);

  const auto until = std::chrono::steady_clock::now() + 5s;
  while (okx.client.received.empty() && std::chrono::steady_clock::now() < until) {
    okx.venue.on_tick();
    std::this_thread::sleep_for(1ms);
  }

  const auto said = okx.client.take();
  ASSERT_EQ(said.size(), 1U);
  const Json idle{said[0]};
  EXPECT_EQ(idle.size("/data/0/asks") + idle.size("/data/0/bids"), 0U);
  EXPECT_EQ(idle.at("/data/0/seqId"), idle.at("/data/0/prevSeqId"));
  EXPECT_EQ(idle.at("/data/0/seqId"), last.at("/data/0/seqId"));
}

TEST(OkxSim, SendsWholeTopsWithoutAnAction) {
  Okx okx;
  okx.subscribe("books5", "BTC-USDT");
  okx.subscribe("bbo-tbt", "BTC-USDT");
  (void)okx.client.take();
  for (int i = 0; i < 10; ++i) okx.venue.on_tick();

  const auto said = okx.client.take();
  const auto books = with(said, "books5");
  const auto best = with(said, "bbo-tbt");
  ASSERT_EQ(books.size(), 10U);
  ASSERT_FALSE(best.empty());
  for (const std::string& text : said) EXPECT_EQ(Json{text}.at("/action"), "");
  EXPECT_EQ(Json{books.back()}.size("/data/0/asks"), 5U);
  EXPECT_EQ(Json{best.back()}.size("/data/0/asks"), 1U);
  EXPECT_EQ(Json{books.back()}.at("/data/0/bids/0/0"), Json{best.back()}.at("/data/0/bids/0/0"));
}

TEST(OkxSim, AnswersItsTextPingAndCutsWhoNeitherSpeaksNorListens) {
  Okx okx;
  okx.venue.on_text(okx.client, "ping");
  EXPECT_THAT(okx.client.take(), ElementsAre("pong"));

  okx.subscribe("liquidation-orders", "");
  okx.client.last_heard -= 31s;
  okx.client.last_pushed = std::chrono::steady_clock::now();
  okx.venue.on_tick();
  EXPECT_FALSE(okx.client.closed) << "what is pushed counts";

  okx.client.last_pushed -= 31s;
  okx.venue.on_tick();
  EXPECT_TRUE(okx.client.closed);
}

TEST(OkxSim, ListsInstrumentsByType) {
  Okx okx;
  const Json swaps{okx.venue.on_request("/api/v5/public/instruments?instType=SWAP").body};

  ASSERT_EQ(swaps.size("/data"), 2U);
  EXPECT_EQ(swaps.at("/data/0/instId"), "BTC-USD-SWAP");
  EXPECT_EQ(swaps.at("/data/0/ctType"), "inverse");
  EXPECT_EQ(swaps.at("/data/0/ctVal"), "100");
  EXPECT_EQ(swaps.at("/data/1/ctValCcy"), "BTC");
  EXPECT_EQ(okx.venue.on_request("/elsewhere").status, 404);
}

TEST(OkxSim, GivesNoticeAMinuteBeforeAnUpgrade) {
  Okx okx;
  ASSERT_TRUE(okx.venue.cause(Fault::ShutdownNotice, ""));

  const Json notice{okx.client.take().at(0)};
  EXPECT_EQ(notice.at("/event"), "notice");
  EXPECT_EQ(notice.at("/code"), "64008");
}

TEST(Faults, HappenOnceToTheStreamThatIsNamed) {
  Spot spot;
  spot.venue.on_open(spot.client);
  spot.venue.on_text(
      spot.client,
      R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms","ethusdt@depth@100ms"],"id":1})");
  const auto tick = [&] {
    (void)spot.client.take();
    spot.venue.on_tick();
    return with(spot.client.take(), "btcusdt@depth");
  };

  ASSERT_TRUE(spot.venue.cause(Fault::DropDelta, "BTCUSDT"));
  EXPECT_EQ(tick().size(), 0U);
  EXPECT_EQ(tick().size(), 1U);

  ASSERT_TRUE(spot.venue.cause(Fault::DuplicateDelta, "BTCUSDT"));
  const auto twice = tick();
  ASSERT_EQ(twice.size(), 2U);
  EXPECT_EQ(twice[0], twice[1]);

  ASSERT_TRUE(spot.venue.cause(Fault::ReorderDeltas, "BTCUSDT"));
  EXPECT_EQ(tick().size(), 0U);
  const auto swapped = tick();
  ASSERT_EQ(swapped.size(), 2U);
  EXPECT_GT(Json{swapped[0]}.number("/data/U"), Json{swapped[1]}.number("/data/u"));

  ASSERT_TRUE(spot.venue.cause(Fault::TruncateFrame, "BTCUSDT"));
  simdjson::dom::parser parser;
  EXPECT_NE(parser.parse(tick().at(0)).error(), simdjson::SUCCESS);

  ASSERT_TRUE(spot.venue.cause(Fault::SlowDrip, "BTCUSDT"));
  EXPECT_THAT(tick().at(0), testing::StartsWith("slowly "));

  ASSERT_TRUE(spot.venue.cause(Fault::Garbage, "BTCUSDT"));
  spot.venue.on_tick();
  EXPECT_EQ(with(spot.client.take(), "garbage").size(), 1U);
}

TEST(Faults, OfAConnectionMeetThoseThatCarryTheBook) {
  Spot spot;
  ScriptedSession other{"/stream"};
  spot.venue.on_open(spot.client);
  spot.venue.on_open(other);
  spot.venue.on_text(spot.client,
                     R"({"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1})");
  spot.venue.on_text(other, R"({"method":"SUBSCRIBE","params":["ethusdt@depth@100ms"],"id":1})");

  ASSERT_TRUE(spot.venue.cause(Fault::Stall, "BTCUSDT"));
  (void)spot.client.take();
  spot.venue.on_tick();
  EXPECT_THAT(spot.client.take(), IsEmpty());
  EXPECT_THAT(other.take(), testing::Not(IsEmpty()));

  ASSERT_TRUE(spot.venue.cause(Fault::Reset, "BTCUSDT"));
  EXPECT_TRUE(spot.client.torn);
  ASSERT_TRUE(spot.venue.cause(Fault::AgeCut, "ETHUSDT"));
  EXPECT_TRUE(other.closed);
  EXPECT_FALSE(spot.client.closed);
  EXPECT_FALSE(spot.venue.cause(Fault::Reset, "SOLUSDT")) << "nobody carries it";
  EXPECT_FALSE(spot.venue.cause(Fault::DropDelta, "NONO"));
}

TEST(Faults, OfSnapshotsAndRefusals) {
  Spot spot;
  const std::string target = "/api/v3/depth?symbol=BTCUSDT&limit=100";
  const std::uint64_t id = spot.venue.market("BTCUSDT")->last_id();

  ASSERT_TRUE(spot.venue.cause(Fault::SnapshotOld, "BTCUSDT"));
  EXPECT_LT(Json{spot.venue.on_request(target).body}.number("/lastUpdateId"), id);
  ASSERT_TRUE(spot.venue.cause(Fault::SnapshotLate, "BTCUSDT"));
  EXPECT_EQ(spot.venue.on_request(target).delay, 2000ms);
  ASSERT_TRUE(spot.venue.cause(Fault::TooManyRequests, "BTCUSDT"));
  const HttpReply refused = spot.venue.on_request(target);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
  EXPECT_EQ(spot.venue.impatient_requests(), 0U);
  EXPECT_EQ(spot.venue.on_request(target).status, 200);
  EXPECT_EQ(spot.venue.impatient_requests(), 1U) << "it was to wait";
}

TEST(Faults, ABanIsForAllRequestsUntilItIsOver) {
  Spot spot;
  ASSERT_TRUE(spot.venue.cause(Fault::Banned, ""));
  const HttpReply first = spot.venue.on_request("/api/v3/depth?symbol=BTCUSDT");
  const HttpReply second = spot.venue.on_request("/api/v3/exchangeInfo");

  EXPECT_EQ(first.status, 418);
  EXPECT_EQ(second.status, 418);
  EXPECT_EQ(header_of(first, "Retry-After"), "2");
}

TEST(Faults, HaveANameAndADescriptionEach) {
  EXPECT_EQ(std::size(kFaults), static_cast<std::size_t>(Fault::SequenceReset) + 1);
  for (const FaultName& fault : kFaults) {
    ASSERT_TRUE(fault_of(fault.name));
    EXPECT_EQ(to_text(*fault_of(fault.name)), fault.name);
    EXPECT_FALSE(fault.what.empty());
  }
  EXPECT_FALSE(fault_of("nonsense"));
}

}  // namespace
}  // namespace steelyard::sim
