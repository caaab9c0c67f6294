// The life of a connection: subscribing, keeping alive, noticing that it died. Time is given.
#include "net/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "support/connection_fixture.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConnectionLife : public ConnectionFixture {};

TEST_F(ConnectionLife, SubscribesAllOfItsPlanAndSaysWhatItSent) {
  add("A");
  add("A", StreamKind::Trades);
  add("B");
  connect();

  EXPECT_THAT(said(0), ElementsAre("sub BOOK-A 1", "sub TRADES-A 2", "sub BOOK-B 3"));
  EXPECT_EQ(sent_, said(0));
  EXPECT_THAT(frames_, ElementsAre("up 10"));
  EXPECT_EQ(session(0).path, "/ws");
  EXPECT_TRUE(connection_->is_open());
  EXPECT_TRUE(connection_->awaits_data());
  EXPECT_EQ(counters_.connects, 1U);
}

TEST_F(ConnectionLife, HandsOnFramesWithTheirKindAndTime) {
  add("A");
  connect();
  // The kernel's clock may be a tick behind.
  const TimestampNs before{wall_clock().raw() - 10'000'000};

  session(0).send_binary("data A");
  ASSERT_TRUE(run_until([&] { return counters_.frames == 1; }));

  EXPECT_TRUE(has_frame("10 data A"));
  EXPECT_EQ(last_kind_, FrameKind::Binary);
  EXPECT_EQ(counters_.bytes, 6U);
  EXPECT_FALSE(connection_->awaits_data());
  EXPECT_GE(last_received_, before);
  EXPECT_LE(last_received_, wall_clock());
}

TEST_F(ConnectionLife, SendsNoFasterThanTheVenueAllows) {
  venue_.venue.limits.requests_per_second = 4.0;
  for (const char* const symbol : {"A", "B", "C", "D"}) add(symbol);
  make();
  ASSERT_TRUE(run_until([&] { return sent_.size() >= 1; }));
  settle();
  EXPECT_EQ(sent_.size(), 1U) << "no burst: venues count every second";

  for (std::size_t sent = 2; sent <= 4; ++sent) {
    advance(100ms);
    EXPECT_EQ(sent_.size(), sent - 1);
    advance(150ms);
    EXPECT_EQ(sent_.size(), sent);
  }
}

TEST_F(ConnectionLife, IsGivenUpWhenNothingComesAndMadeAnew) {
  add("A");
  connect();

  advance(59s);
  EXPECT_TRUE(connection_->is_open());
  advance(2s);
  EXPECT_FALSE(connection_->is_open());
  EXPECT_TRUE(has_frame("down 10"));
  EXPECT_EQ(counters_.silences, 1U);
  EXPECT_THAT(events_.back().text, HasSubstr("silent for 60000 ms"));

  advance(1s);
  ASSERT_TRUE(run_until([&] { return counters_.connects == 2; }));
  EXPECT_THAT(frames_, ElementsAre("up 10", "down 10", "up 10"));
}

TEST_F(ConnectionLife, IsKeptByPingsAndByFramesOfNoUse) {
  add("A", StreamKind::Trades);
  connect();
  for (int i = 0; i < 4; ++i) {
    advance(40s);
    if (i % 2 == 0) {
      const std::uint64_t pings = counters_.pings;
      session(0).ping();
      ASSERT_TRUE(run_until([&] { return counters_.pings > pings; }));
    } else {
      deliver(0, "other");
    }
  }

  EXPECT_TRUE(connection_->is_open());
  EXPECT_EQ(counters_.silences, 0U);
}

TEST_F(ConnectionLife, AnswersPingsOfTheProtocol) {
  add("A");
  connect();
  const auto before = session(0).last_pong;

  session(0).ping();

  EXPECT_TRUE(run_until([&] { return session(0).last_pong > before; }));
}

// Binance pings every 20 s, whatever becomes of the data.
TEST_F(ConnectionLife, IsReplacedWhenPingsComeAndDataDoesNot) {
  add("A");
  connect();
  deliver(0, "data A");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(count_events(NetEvent::Kind::Rotating), 0U);
    advance(41s);
    const std::uint64_t pings = counters_.pings;
    session(0).ping();
    ASSERT_TRUE(run_until([&] { return counters_.pings > pings; }));
  }
  advance(1s);

  EXPECT_TRUE(connection_->is_open()) << "it is kept until another one delivers";
  ASSERT_TRUE(run_until([&] { return protocol_.clients.size() == 2; }));
  EXPECT_EQ(count_events(NetEvent::Kind::Rotating), 1U);
  EXPECT_EQ(counters_.silences, 1U);
}

TEST_F(ConnectionLife, SaysItsTextOnlyWhenIdleIfThatIsEnough) {
  venue_.venue.keepalive.client_text = "ping";
  venue_.venue.keepalive.interval = 25s;
  add("A", StreamKind::Trades);
  connect();

  advance(24s);
  settle();
  EXPECT_THAT(said(0), testing::Not(Contains("ping")));
  advance(2s);
  ASSERT_TRUE(run_until([&] { return said(0).back() == "ping"; }));
  advance(24s);
  settle();
  EXPECT_EQ(std::count(said(0).begin(), said(0).end(), "ping"), 1);
  deliver(0, "pong");
  EXPECT_EQ(counters_.rejected, 0U);
}

TEST_F(ConnectionLife, SaysItsTextAtEachIntervalHoweverMuchComesAndGoes) {
  venue_.venue.keepalive.client_text = R"({"op":"ping"})";
  venue_.venue.keepalive.interval = 20s;
  venue_.venue.keepalive.only_if_idle = false;
  add("A", StreamKind::Trades);
  add("B", StreamKind::Trades);
  connect();

  advance(15s);
  deliver(0, "other");
  connection_->resubscribe(streams_[0]);
  advance(6s);

  ASSERT_TRUE(run_until([&] { return said(0).back() == R"({"op":"ping"})"; }))
      << "a request in between is no ping";
  advance(19s);
  settle();
  EXPECT_EQ(std::count(said(0).begin(), said(0).end(), R"({"op":"ping"})"), 1);
  advance(2s);
  EXPECT_TRUE(run_until(
      [&] { return std::count(said(0).begin(), said(0).end(), R"({"op":"ping"})") == 2; }));
}

TEST_F(ConnectionLife, PingsByTheProtocolWhereTheVenueHasNoTextForIt) {
  venue_.venue.keepalive.interval = 20s;
  venue_.venue.keepalive.only_if_idle = false;
  add("A", StreamKind::Trades);
  connect();
  const std::size_t texts = said(0).size();

  for (int i = 0; i < 4; ++i) {
    advance(21s);
    settle();
  }

  EXPECT_TRUE(connection_->is_open()) << "the pongs are signs of life";
  EXPECT_EQ(counters_.silences, 0U);
  EXPECT_EQ(said(0).size(), texts) << "nothing is said in text";
}

TEST_F(ConnectionLife, AnswersAProbeAtOnceAndWhatWaitsALittleLater) {
  venue_.venue.limits.requests_per_second = 2.0;
  for (const char* const symbol : {"A", "B", "C", "D"}) add(symbol, StreamKind::Trades);
  make();
  ASSERT_TRUE(run_until([&] { return sent_.size() == 1; }));

  deliver(0, "probe: {\"pong\":17}");

  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_.back(), "{\"pong\":17}");
  advance(500ms);
  EXPECT_EQ(sent_.size(), 2U) << "the answer has taken its place";
  advance(500ms);
  EXPECT_EQ(sent_.size(), 3U);
}

TEST_F(ConnectionLife, CountsAcknowledgementsAndTellsRefusals) {
  add("A");
  connect();

  deliver(0, "ack");
  deliver(0, "no: wrong symbol");

  EXPECT_EQ(counters_.acknowledged, 1U);
  EXPECT_EQ(counters_.rejected, 1U);
  EXPECT_EQ(events_.back().kind, NetEvent::Kind::Rejected);
  EXPECT_EQ(events_.back().text, "no: wrong symbol");
  EXPECT_TRUE(connection_->is_open());
}

TEST_F(ConnectionLife, SubscribesABookAgainThatBringsNothingInTime) {
  add("A");
  add("B");
  options_.data_deadline = 5s;
  connect();
  deliver(0, "ack");
  deliver(0, "data A");

  advance(6s);

  EXPECT_EQ(counters_.no_data, 1U);
  EXPECT_THAT(events_.back().text, HasSubstr("B: subscribed, and no data for 5000 ms"));
  ASSERT_TRUE(run_until([&] { return said(0).size() == 4; }));
  EXPECT_THAT(said(0),
              ElementsAre("sub BOOK-A 1", "sub BOOK-B 2", "unsub BOOK-B 3", "sub BOOK-B 4"));
  advance(9s);
  EXPECT_EQ(counters_.no_data, 1U) << "the second time it is given twice as long";
  advance(2s);
  EXPECT_EQ(counters_.no_data, 2U) << "for as long as it takes";
  deliver(0, "data B");
  advance(30s);
  EXPECT_EQ(counters_.no_data, 2U);
}

TEST_F(ConnectionLife, RenewsWhatIsAskedForTogetherInOneRequestAndOnce) {
  ScriptedVenue joined{true};
  venue_.venue.subscribe = joined.venue.subscribe;
  venue_.venue.unsubscribe = joined.venue.unsubscribe;
  venue_.venue.limits.requests_per_second = 1.0;
  for (const char* const symbol : {"A", "B", "C"}) add(symbol);
  connect();
  EXPECT_THAT(said(0), ElementsAre("sub BOOK-A BOOK-B BOOK-C 1"));

  connection_->resubscribe(streams_[0]);
  for (int i = 0; i < 3; ++i) connection_->resubscribe(streams_[1]);
  connection_->resubscribe(streams_[2]);
  for (int i = 0; i < 5; ++i) advance(1100ms);

  ASSERT_TRUE(run_until([&] { return said(0).size() == 3; }));
  EXPECT_THAT(said(0), ElementsAre("sub BOOK-A BOOK-B BOOK-C 1", "unsub BOOK-A BOOK-B BOOK-C 2",
                                   "sub BOOK-A BOOK-B BOOK-C 3"));
  EXPECT_EQ(counters_.resubscribes, 3U);
}

TEST_F(ConnectionLife, RenewsOnlyAfterTheFirstSubscriptionsAreOut) {
  venue_.venue.limits.requests_per_second = 1.0;
  for (const char* const symbol : {"A", "B", "C"}) add(symbol);
  make();
  ASSERT_TRUE(run_until([&] { return sent_.size() == 1; }));

  connection_->resubscribe(streams_[2]);
  for (int i = 0; i < 4; ++i) advance(1100ms);

  EXPECT_THAT(sent_, ElementsAre("sub BOOK-A 1", "sub BOOK-B 2", "sub BOOK-C 3", "unsub BOOK-C 4",
                                 "sub BOOK-C 5"));
}

TEST_F(ConnectionLife, ComesBackWithNewSubscriptionsAfterALoss) {
  add("A");
  connect();
  deliver(0, "data A");

  session(0).tear();

  ASSERT_TRUE(run_until([&] { return counters_.connects == 2; }));
  EXPECT_THAT(frames_, ElementsAre("up 10", "10 data A", "down 10", "up 10"));
  ASSERT_TRUE(run_until([&] { return said(1).size() == 1; }));
  EXPECT_EQ(said(1).front(), "sub BOOK-A 2") << "numbers go on";
  EXPECT_TRUE(connection_->awaits_data());
}

// What came with the frame that cost the connection, or a moment later.
TEST_F(ConnectionLife, HandsOnNothingOfALinkThatIsDown) {
  add("A");
  connect();
  each_round_ = {};  // what is given up is freed at a tick
  on_text_ = [this](const std::string& text) {
    if (text == "other 1") connection_->reconnect("a book needs it");
  };

  for (const char* const text : {"other 1", "data A", "ack"}) session(0).send(text);
  settle();
  session(0).send("bye");
  session(0).ping();
  settle();

  EXPECT_THAT(frames_, ElementsAre("up 10", "10 other 1", "down 10"));
  EXPECT_EQ(counters_.frames, 1U);
  EXPECT_EQ(counters_.pings, 0U);
  EXPECT_EQ(counters_.acknowledged, 0U);
  EXPECT_EQ(counters_.disconnects, 1U);
  each_round_ = [this] { tick(); };
  ASSERT_TRUE(run_until([&] { return counters_.connects == 2; }));
  EXPECT_EQ(frames_.back(), "up 10");
}

TEST_F(ConnectionLife, ReconnectsWhenAskedButNotWhileItIsConnecting) {
  add("A");
  make();
  tick();
  connection_->reconnect("a book needs it");
  EXPECT_EQ(count_events(NetEvent::Kind::Disconnected), 0U) << "it is about to be new";
  ASSERT_TRUE(run_until([&] { return counters_.connects == 1; }));

  connection_->reconnect("a book needs it");

  EXPECT_FALSE(connection_->is_open());
  EXPECT_EQ(count_events(NetEvent::Kind::Disconnected), 1U);
  EXPECT_TRUE(run_until([&] { return counters_.connects == 2; }));
}

TEST_F(ConnectionLife, TriesAtGrowingIntervalsWhileNobodyAnswers) {
  add("A");
  options_.backoff = {.base = 1000ms, .cap = 64'000ms};
  make();
  server_->stop();

  std::vector<std::chrono::milliseconds> attempts;
  std::size_t seen = 0;
  for (int i = 0; i < 4000 && attempts.size() < 8; ++i) {
    advance(100ms);
    settle(2ms);
    if (count_events(NetEvent::Kind::Disconnected) == seen) continue;
    ++seen;
    attempts.push_back(ahead_);
  }

  ASSERT_EQ(attempts.size(), 8U);
  EXPECT_GT(attempts.back(), 5s) << "eight attempts within the shortest intervals";
  EXPECT_THAT(events_.back().text, HasSubstr("refused"));
  EXPECT_THAT(frames_, IsEmpty()) << "what was never up does not go down";
  EXPECT_EQ(counters_.disconnects, 0U);
}

TEST_F(ConnectionLife, TakesItsTurnAmongTheVenuesConnections) {
  add("A");
  connects_ = Pacer{0.5, 1.0};
  ASSERT_EQ(connects_.take(now()).count(), 0);
  make();

  settle();
  EXPECT_EQ(protocol_.clients.size(), 0U);
  advance(2100ms);

  EXPECT_TRUE(run_until([&] { return protocol_.clients.size() == 1; }));
}

TEST_F(ConnectionLife, SaysGoodbyeWhenStoppedWithoutALinkDown) {
  add("A");
  connect();

  connection_->stop();

  ASSERT_TRUE(run_until([&] { return protocol_.open_clients() == 0; }));
  EXPECT_TRUE(protocol_.clients[0].said_goodbye);
  EXPECT_FALSE(connection_->is_open());
  EXPECT_THAT(frames_, ElementsAre("up 10")) << "a book that ends with us is not told that it does";
  advance(60s);
  settle();
  EXPECT_EQ(protocol_.clients.size(), 1U) << "it does not come back";
}

}  // namespace
}  // namespace steelyard
