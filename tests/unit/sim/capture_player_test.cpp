#include "sim/capture_player.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_session.hpp"

namespace steelyard::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = RecordedLine::Kind;
using Clock = CapturePlayer::Clock;

constexpr const char* kUrl = "wss://venue.example:9443/public/stream";

RecordedLine line(std::int64_t ms, std::uint32_t connection, Kind kind, std::string payload,
                  std::string url = kUrl) {
  return {.ts_ns = 1'700'000'000'000'000'000 + ms * 1'000'000,
          .connection = connection,
          .kind = kind,
          .url = std::move(url),
          .payload = std::move(payload)};
}

// Subscribed at 100 ms; an acknowledgement, and two messages half a second apart.
RecordedVenue one_connection() {
  return {"venue",
          {line(0, 1, Kind::Up, {}), line(100, 1, Kind::Sent, R"({"op":"subscribe","id":1})"),
           line(150, 1, Kind::Text, "acknowledged"), line(200, 1, Kind::Text, "first"),
           line(700, 1, Kind::Binary, "second")}};
}

TEST(CapturePlayer, PlaysAtTheRecordingsPaceFromTheSubscriptionOn) {
  CapturePlayer player{one_connection(), 1.0};
  ScriptedSession client{"/public/stream"};
  player.on_open(client);
  player.play(Clock::now() + 1s);
  EXPECT_THAT(client.take(), IsEmpty()) << "it has not subscribed";

  player.on_text(client, "subscribe");
  const auto start = Clock::now();
  player.play(start);
  EXPECT_THAT(client.take(), IsEmpty());
  player.play(start + 60ms);
  EXPECT_THAT(client.take(), ElementsAre("acknowledged"));
  player.play(start + 590ms);
  EXPECT_THAT(client.take(), ElementsAre("first"));
  EXPECT_FALSE(player.is_finished());
  player.play(start + 601ms);
  EXPECT_THAT(client.take(), ElementsAre("binary second"));
  EXPECT_TRUE(player.is_finished());
  EXPECT_FALSE(client.closed) << "the recording ends with the connection open";
  EXPECT_EQ(player.played(), 3U);
}

TEST(CapturePlayer, PlaysFasterAndAtOnceIfTold) {
  for (const double speed : {10.0, 0.0}) {
    CapturePlayer player{one_connection(), speed};
    ScriptedSession client{"/public/stream"};
    player.on_open(client);
    player.on_text(client, "subscribe");
    const auto start = Clock::now();

    player.play(start);

    EXPECT_EQ(client.take().size(), speed == 0.0 ? 3U : 0U);
    player.play(start + 61ms);
    EXPECT_TRUE(player.is_finished()) << speed;
  }
}

TEST(CapturePlayer, WaitsForAClientThatDoesNotRead) {
  RecordedVenue venue = one_connection();
  CapturePlayer player{venue, 0.0};
  ScriptedSession client{"/public/stream"};
  player.on_open(client);
  player.on_text(client, "subscribe");
  client.unread = 64U << 20;

  player.play(Clock::now());
  EXPECT_THAT(client.take(), IsEmpty());

  client.unread = 1;
  player.play(Clock::now());
  EXPECT_EQ(client.take().size(), 3U);
  EXPECT_FALSE(player.is_finished()) << "one byte is still under way";
  client.unread = 0;
  player.play(Clock::now());
  EXPECT_TRUE(player.is_finished());
}

TEST(CapturePlayer, GivesEachClientTheConnectionOfItsPathAndRequest) {
  const std::string business = "wss://venue.example/business";
  CapturePlayer player{
      {"venue",
       {line(0, 1, Kind::Sent, R"({"id":7,"args":["a"]})"), line(1, 1, Kind::Text, "of a"),
        line(0, 2, Kind::Sent, R"({"id":1,"args":["b"]})"), line(1, 2, Kind::Text, "of b"),
        line(0, 3, Kind::Text, "of business", business)}},
      0.0};
  ScriptedSession a{"/public/stream"};
  ScriptedSession b{"/public/stream?x=1"};
  ScriptedSession third{"/public/stream"};
  ScriptedSession other{"/business"};
  for (ScriptedSession* const client : {&b, &a, &third, &other}) player.on_open(*client);
  player.on_text(b, R"({"id":22,"args":["b"]})");
  player.play(Clock::now());
  player.on_text(a, R"({"id":1,"args":["c"]})");
  player.on_text(third, R"({"id":1,"args":["a"]})");
  player.on_text(other, "anything");

  player.play(Clock::now());

  EXPECT_THAT(b.take(), ElementsAre("of b")) << "whatever the number of its request";
  EXPECT_EQ(a.take().size() + third.take().size(), 1U) << "each connection is played once";
  EXPECT_THAT(other.take(), ElementsAre("of business"));
}

TEST(CapturePlayer, ServesAPathThatHasMovedWithWhatIsFree) {
  CapturePlayer player{one_connection(), 1.0};
  ScriptedSession book{"/new/public"};
  ScriptedSession trades{"/new/market"};
  for (ScriptedSession* const client : {&book, &trades}) {
    player.on_open(*client);
    player.on_text(*client, "subscribe");
    player.play(Clock::now());
  }
  const auto start = Clock::now();

  player.play(start + 2s);

  EXPECT_EQ(book.take().size(), 3U);
  EXPECT_THAT(trades.take(), IsEmpty()) << "nothing is sent twice";
}

TEST(CapturePlayer, GivesNobodyAnotherPathsConnectionWhileItsOwnIsTaken) {
  RecordedVenue venue = one_connection();
  venue.lines.push_back(line(0, 2, Kind::Text, "of business", "wss://venue.example/business"));
  CapturePlayer player{venue, 1.0};
  ScriptedSession clients[] = {ScriptedSession{"/business"}, ScriptedSession{"/business"}};
  for (ScriptedSession& client : clients) {
    player.on_open(client);
    player.on_text(client, "subscribe");
  }

  player.play(Clock::now());
  player.play(Clock::now() + 2s);

  EXPECT_EQ(clients[0].take().size() + clients[1].take().size(), 1U);
  EXPECT_FALSE(player.is_finished()) << "the other path's client has not come yet";
}

TEST(CapturePlayer, TakesAQueryOrSilenceForASubscription) {
  const std::string url = "wss://venue.example/stream?streams=a@depth";
  CapturePlayer player{{"venue", {line(0, 1, Kind::Text, "a", url)}}, 1.0};
  ScriptedSession by_url{"/stream?streams=a@depth"};
  player.on_open(by_url);
  player.play(Clock::now());
  EXPECT_THAT(by_url.take(), ElementsAre("a"));

  CapturePlayer patient{{"venue", {line(0, 1, Kind::Text, "a", "wss://v.example/ws/a")}}, 1.0};
  ScriptedSession silent{"/ws/a"};
  patient.on_open(silent);
  patient.play(Clock::now() + 1s);
  EXPECT_THAT(silent.take(), IsEmpty());
  patient.play(Clock::now() + 3s);
  EXPECT_THAT(silent.take(), ElementsAre("a"));
}

TEST(CapturePlayer, LosesConnectionsAsTheRecordingDidAndGoesOnWithTheNextLife) {
  CapturePlayer player{{"venue",
                        {line(0, 1, Kind::Text, "one"), line(5, 1, Kind::Down, {}),
                         line(900, 1, Kind::Up, {}), line(910, 1, Kind::Text, "two")}},
                       1.0};
  ScriptedSession before{"/public/stream"};
  player.on_open(before);
  player.on_text(before, "subscribe");
  player.play(Clock::now());
  EXPECT_THAT(before.take(), ElementsAre("one"));
  EXPECT_TRUE(before.closed);
  EXPECT_FALSE(player.is_finished());
  player.on_closed(before);

  ScriptedSession after{"/public/stream"};
  player.on_open(after);
  player.on_text(after, "subscribe");
  player.play(Clock::now() + 11ms);
  player.play(Clock::now() + 22ms);

  EXPECT_THAT(after.take(), ElementsAre("two"));
  EXPECT_TRUE(player.is_finished());
}

TEST(CapturePlayer, StartsAConnectionOverWhoseClientLeftMidway) {
  CapturePlayer player{one_connection(), 1.0};
  {
    ScriptedSession leaves{"/public/stream"};
    player.on_open(leaves);
    player.on_text(leaves, "subscribe");
    player.play(Clock::now());
    player.play(Clock::now() + 300ms);
    EXPECT_EQ(leaves.take().size(), 2U);
    player.on_closed(leaves);
  }
  ScriptedSession comes{"/public/stream"};
  player.on_open(comes);
  player.on_text(comes, "subscribe");
  player.play(Clock::now());

  player.play(Clock::now() + 1s);

  EXPECT_EQ(comes.take().size(), 3U);
  EXPECT_EQ(player.played(), 3U);
}

TEST(CapturePlayer, BeginsAgainWithAllOfIt) {
  RecordedVenue venue = one_connection();
  venue.lines.push_back(line(0, 0, Kind::Answer, "A", "https://venue.example/depth"));
  venue.lines.push_back(line(9, 0, Kind::Answer, "B", "https://venue.example/depth"));
  CapturePlayer player{venue, 0.0};
  ScriptedSession client{"/public/stream"};
  player.on_open(client);
  player.on_text(client, "subscribe");
  player.play(Clock::now());
  ASSERT_TRUE(player.is_finished());
  EXPECT_EQ(player.on_request("/depth").body, "A");

  player.restart();

  EXPECT_TRUE(client.closed);
  EXPECT_FALSE(player.is_finished());
  EXPECT_EQ(player.on_request("/depth").body, "A");
  (void)client.take();
  player.play(Clock::now());
  EXPECT_THAT(client.take(), IsEmpty()) << "it is leaving";
}

TEST(CapturePlayer, PingsAClientToWhomItHasNothingToSay) {
  CapturePlayer player{one_connection(), 1.0};
  ScriptedSession client{"/public/stream"};
  player.on_open(client);

  player.play(Clock::now() + 11s);
  player.play(Clock::now() + 12s);
  EXPECT_EQ(client.pings, 1);
  player.play(Clock::now() + 23s);
  EXPECT_EQ(client.pings, 2);
}

TEST(CapturePlayer, KnowsNoWebSocketWhereNoneWasRecorded) {
  const CapturePlayer rest{
      {"venue", {line(0, 0, Kind::Answer, "{}", "https://venue.example/depth")}}, 1.0};

  EXPECT_FALSE(rest.accepts("/ws"));
  EXPECT_TRUE(CapturePlayer(one_connection(), 1.0).accepts("/ws"));
}

TEST(RecordedAnswers, GivesTheNthAnswerToTheNthRequestAndThenTheLastOne) {
  RecordedAnswers answers;
  answers.add("/depth?symbol=A&limit=1000", "a1");
  answers.add("/depth?symbol=A&limit=1000", "a2");
  answers.add("/depth?symbol=B&limit=1000", "b1");

  EXPECT_EQ(answers.answer("/depth?symbol=A&limit=1000").body, "a1");
  EXPECT_EQ(answers.answer("/depth?symbol=B&limit=1000").body, "b1");
  EXPECT_EQ(answers.answer("/depth?symbol=A&limit=1000").body, "a2");
  EXPECT_EQ(answers.answer("/depth?symbol=A&limit=1000").body, "a2");
}

TEST(RecordedAnswers, TakesWhatIsMostAlikeButNeverAnotherSymbol) {
  RecordedAnswers answers;
  answers.add("/api/v1/depth?symbol=A&limit=1000", "old a");
  answers.add("/api/v3/depth?symbol=B&limit=1000", "b");
  answers.add("/api/v5/instruments?instType=SPOT", "spot");
  answers.add("/api/v5/instruments?instType=OPTION&uly=C", "options");

  EXPECT_EQ(answers.answer("/api/v3/depth?symbol=B&limit=5000").body, "b") << "another limit";
  EXPECT_EQ(answers.answer("/api/v3/depth?symbol=A&limit=5000").body, "old a") << "another path";
  EXPECT_EQ(answers.answer("/api/v3/depth?symbol=C&limit=1000").status, 404) << "another symbol";
  EXPECT_EQ(answers.answer("/api/v5/instruments?instType=SWAP").status, 404);
  EXPECT_EQ(answers.answer("/api/v5/instruments?instType=OPTION&uly=C").body, "options");
  EXPECT_EQ(answers.answer("/elsewhere").status, 404);
}

TEST(RecordedAnswers, TakesTheOneThatWasRecordedFirstOfThoseThatAreEquallyAlike) {
  RecordedAnswers answers;
  answers.add("/depth?symbol=A&limit=100", "first");
  answers.add("/depth?symbol=A&limit=500", "second");

  EXPECT_EQ(answers.answer("/depth?symbol=A&limit=1000").body, "first");
}

TEST(RecordedAnswers, ServesARecordingThatKeptNoQueries) {
  RecordedAnswers answers;
  answers.add("/api/v3/depth", "any");

  EXPECT_EQ(answers.answer("/api/v3/depth?symbol=A&limit=5000").body, "any");
}

TEST(TargetOf, IsPathAndQuery) {
  EXPECT_EQ(target_of("wss://a.b:9443/x/y?q=1"), "/x/y?q=1");
  EXPECT_EQ(target_of("https://a.b?q=1"), "/?q=1");
  EXPECT_EQ(target_of("https://a.b"), "/");
  EXPECT_EQ(target_of(""), "/");
}

}  // namespace
}  // namespace steelyard::sim
