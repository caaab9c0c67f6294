// Replacing a connection by another: make before break, and what can go wrong with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/connection_fixture.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class Rotation : public ConnectionFixture {
 protected:
  // The first connection delivers, and is then due to be replaced.
  void rotate_by_age() {
    options_.max_age = 3600s;
    venue_.venue.keepalive.silence_limit = 2h;
    connect();
    for (const Stream& stream : streams_) deliver(0, "data " + stream.instrument->symbol);
    ahead_ += 3601s;
    ASSERT_TRUE(run_until([&] { return protocol_.clients.size() == 2; }));
    ASSERT_TRUE(run_until([&] { return said(1).size() == requests_; }));
  }
};

TEST_F(Rotation, KeepsTheOldConnectionUntilTheNewOneHasDeliveredEveryBook) {
  add("A");
  add("B");
  rotate_by_age();

  deliver(0, "data A");
  deliver(1, "data A");
  EXPECT_EQ(counters_.rotations, 0U) << "B is not there yet";
  EXPECT_EQ(protocol_.open_clients(), 2U);
  deliver(1, "data B");

  EXPECT_EQ(counters_.rotations, 1U);
  EXPECT_THAT(frames_, ElementsAre("up 10", "10 data A", "10 data B", "up 11", "10 data A",
                                   "11 data A", "11 data B", "down 10 planned"));
  EXPECT_TRUE(run_until([&] { return protocol_.open_clients() == 1; }));
  EXPECT_NE(protocol_.clients[1].session, nullptr);
  EXPECT_EQ(counters_.disconnects, 0U);
  deliver(1, "data A");
  EXPECT_TRUE(connection_->is_open());
}

TEST_F(Rotation, LeavesTheOldConnectionWithAGoodbye) {
  add("A");
  rotate_by_age();
  deliver(1, "data A");

  ASSERT_TRUE(run_until([&] { return protocol_.open_clients() == 1; }));
  EXPECT_TRUE(protocol_.clients[0].said_goodbye);
}

TEST_F(Rotation, GoesOnWithTheOldConnectionWhereTheNewOneFailsAndTriesAgainLater) {
  add("A");
  rotate_by_age();
  ASSERT_TRUE(connection_->awaits_data());

  session(1).tear();
  ASSERT_TRUE(run_until([&] { return count_events(NetEvent::Kind::Disconnected) == 1; }));

  EXPECT_TRUE(connection_->is_open());
  EXPECT_FALSE(connection_->awaits_data()) << "the old one has delivered long ago";
  deliver(0, "data A");
  ASSERT_TRUE(run_until([&] { return protocol_.clients.size() == 3; }));
  ASSERT_TRUE(run_until([&] { return said(2).size() == 1; }));
  deliver(2, "data A");
  EXPECT_EQ(counters_.rotations, 1U);
}

TEST_F(Rotation, TriesAtGrowingIntervalsWhileNewConnectionsFail) {
  add("A");
  options_.backoff = {.base = 1000ms, .cap = 64'000ms};
  rotate_by_age();
  protocol_.opened = [](sim::Session& session) { session.tear(); };
  session(1).tear();
  ASSERT_TRUE(run_until([&] { return count_events(NetEvent::Kind::Disconnected) == 1; }));

  const auto start = ahead_;
  for (int i = 0; i < 4000 && protocol_.clients.size() < 9; ++i) {
    advance(250ms);
    settle(4ms);
  }

  EXPECT_EQ(protocol_.clients.size(), 9U);
  EXPECT_GT(ahead_ - start, 5s) << "seven attempts within the shortest intervals";
  EXPECT_TRUE(connection_->is_open()) << "the old one is still there";
}

TEST_F(Rotation, GoesOnWithTheNewConnectionWhereTheOldOneIsLostFirst) {
  add("A");
  rotate_by_age();

  session(0).tear();
  ASSERT_TRUE(run_until([&] { return counters_.disconnects == 1; }));
  EXPECT_TRUE(connection_->is_open());
  deliver(1, "data A");

  EXPECT_THAT(frames_, ElementsAre("up 10", "10 data A", "up 11", "down 10", "11 data A"));
  settle();
  EXPECT_EQ(protocol_.clients.size(), 2U);
}

TEST_F(Rotation, WaitsNoLongerThanTheDeadlineForABookThatStaysSilent) {
  add("A");
  add("B");
  rotate_by_age();
  deliver(1, "data A");
  EXPECT_EQ(counters_.rotations, 0U);

  advance(31s);

  EXPECT_EQ(counters_.rotations, 1U);
  ASSERT_TRUE(run_until([&] { return said(1).size() == 4; }));
  EXPECT_THAT(said(1),
              ElementsAre("sub BOOK-A 3", "sub BOOK-B 4", "unsub BOOK-B 5", "sub BOOK-B 6"))
      << "what is still missing is asked for on the new one";
}

TEST_F(Rotation, IsWhatAVenueGetsThatAsksForIt) {
  add("A");
  connect();
  deliver(0, "data A");

  deliver(0, "bye");

  EXPECT_EQ(count_events(NetEvent::Kind::PleaseReconnect), 1U);
  ASSERT_TRUE(run_until([&] { return protocol_.clients.size() == 2; }));
  EXPECT_TRUE(connection_->is_open());
  ASSERT_TRUE(run_until([&] { return said(1).size() == 1; }));
  deliver(1, "data A");
  EXPECT_EQ(counters_.rotations, 1U);
}

TEST_F(Rotation, HappensLessAndLessOftenToAVenueThatKeepsAskingForIt) {
  add("A");
  options_.backoff = {.base = 1000ms, .cap = 64'000ms};
  protocol_.heard = [](sim::Session& session, std::string_view) {
    session.send("data A");
    session.send("bye");
  };
  connect();

  for (int i = 0; i < 4000 && protocol_.clients.size() < 9; ++i) {
    advance(250ms);
    settle(4ms);
  }

  EXPECT_EQ(protocol_.clients.size(), 9U);
  EXPECT_GT(ahead_, 5s) << "eight connections within the shortest intervals";
}

TEST_F(Rotation, LeavesAMarginBeforeTheVenueCuts) {
  venue_.venue.limits.max_age = 24h;
  venue_.venue.keepalive.silence_limit = 48h;
  add("A");
  connect();
  deliver(0, "data A");

  advance(23h + 49min);
  settle();
  EXPECT_EQ(protocol_.clients.size(), 1U);
  ahead_ += 2min;

  EXPECT_TRUE(run_until([&] { return protocol_.clients.size() == 2; }));
}

TEST_F(Rotation, EndsAtItsFirstDataWhereNoBookIsCarried) {
  add("A", StreamKind::Trades);
  options_.max_age = 3600s;
  venue_.venue.keepalive.silence_limit = 2h;
  connect();
  ahead_ += 3601s;
  ASSERT_TRUE(run_until([&] { return protocol_.clients.size() == 2; }));

  deliver(1, "other");
  EXPECT_EQ(counters_.rotations, 0U);
  deliver(1, "data A");

  EXPECT_EQ(counters_.rotations, 1U);
}

}  // namespace
}  // namespace steelyard
