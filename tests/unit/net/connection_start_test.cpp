// What venues want before a connection is of use: a greeting, a wait, a ticket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/connection_fixture.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConnectionStart : public ConnectionFixture {};

TEST_F(ConnectionStart, GreetsBeforeItSubscribes) {
  venue_.venue.greeting = [] { return std::vector<std::string>{"hello", "flags 3"}; };
  add("A");
  make();
  ASSERT_TRUE(run_until([&] { return sent_.size() == 3; }));

  EXPECT_THAT(sent_, ElementsAre("hello", "flags 3", "sub BOOK-A 1"));
}

TEST_F(ConnectionStart, SubscribesOnlyOnceItIsWelcome) {
  venue_.venue.welcomes = true;
  add("A");
  make();
  ASSERT_TRUE(run_until([&] { return protocol_.open_clients() == 1; }));
  settle();
  EXPECT_THAT(sent_, IsEmpty());

  session(0).send("welcome");
  ASSERT_TRUE(run_until([&] { return !sent_.empty(); }));
  session(0).send("welcome");
  settle();

  EXPECT_THAT(sent_, ElementsAre("sub BOOK-A 1")) << "said twice, done once";
}

TEST_F(ConnectionStart, AsksForASnapshotOnTheConnection) {
  venue_.venue.snapshot_message = [](const Instrument& instrument, std::uint64_t id) {
    return "snapshot " + instrument.symbol + ' ' + std::to_string(id);
  };
  add("A");
  connect();

  connection_->ask_snapshot(venue_.instruments[0]);
  ASSERT_TRUE(run_until([&] { return said(0).size() == 2; }));

  EXPECT_EQ(said(0)[1], "snapshot A 2");
}

class ConnectionByTicket : public ConnectionFixture {
 protected:
  ConnectionByTicket() {
    venue_.venue.rest = {.host = "unset"};
    venue_.venue.ticket_request = [] {
      RestRequest request;
      request.target = "/bullet";
      request.post = true;
      return request;
    };
    venue_.venue.ticket = [](std::string_view answer) {
      if (!answer.starts_with("path ")) throw std::runtime_error{"no path in the answer"};
      return Ticket{"unset", "1", std::string{answer.substr(5)}};
    };
    add("A");
  }
};

TEST_F(ConnectionByTicket, GoesWhereTheTicketSays) {
  protocol_.answer = [](std::string_view) {
    return sim::HttpReply{.status = 200, .body = "path /endpoint?token=7", .headers = {}};
  };
  connect();

  EXPECT_THAT(protocol_.requests, ElementsAre("/bullet"));
  EXPECT_EQ(session(0).path, "/endpoint?token=7");
}

TEST_F(ConnectionByTicket, AsksAgainWhenItWasRefusedOrMakesNoSense) {
  int asked = 0;
  protocol_.answer = [&asked](std::string_view) {
    ++asked;
    return sim::HttpReply{.status = asked == 1 ? 500 : 200,
                          .body = asked == 2 ? "nothing" : "path /third",
                          .headers = {}};
  };
  connect();

  EXPECT_EQ(asked, 3);
  EXPECT_EQ(session(0).path, "/third");
  std::string reasons;
  for (const NetEvent& event : events_) reasons += event.text + '\n';
  EXPECT_THAT(reasons, HasSubstr("ticket: status 500"));
  EXPECT_THAT(reasons, HasSubstr("ticket: no path in the answer"));
}

}  // namespace
}  // namespace steelyard
