// Simulated OKX against what its documents say: acknowledgements, errors, limits and the chain.
#include "sim/okx_sim.hpp"

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

}  // namespace
}  // namespace steelyard::sim
