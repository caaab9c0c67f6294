// The simulator's sockets.
#include "sim/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/https_get.hpp"
#include "support/loopback.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ServerOnLoopback : public Loopback {
 protected:
  ServerOnLoopback() { serve(); }

  std::unique_ptr<WsStream> connect(const std::string& path = "/ws") {
    auto stream = std::make_unique<WsStream>(io_, *tls_);
    const std::size_t clients = protocol_.clients.size();
    WsHandlers handlers;
    handlers.on_message = [this](std::string_view payload, bool binary, TimestampNs) {
      received_.push_back((binary ? "binary " : "") + std::string{payload});
    };
    handlers.on_closed = [this](const std::string& reason) { closed_.push_back(reason); };
    stream->connect(target(path), std::move(handlers));
    EXPECT_TRUE(run_until([&] { return protocol_.clients.size() > clients || !closed_.empty(); }));
    return stream;
  }

  std::vector<std::string> received_;
  std::vector<std::string> closed_;
};

TEST_F(ServerOnLoopback, SendsAllBeforeItSaysGoodbye) {
  const auto stream = connect();
  sim::Session& session = *protocol_.clients[0].session;
  for (int i = 0; i < 100; ++i) session.send(std::string(10'000, 'x'));
  session.send_binary("last");

  session.close();
  session.close();
  session.send("too late");

  ASSERT_TRUE(run_until([this] { return !closed_.empty(); }));
  ASSERT_EQ(received_.size(), 101U);
  EXPECT_EQ(received_.back(), "binary last");
  EXPECT_THAT(closed_, ElementsAre(HasSubstr("closed by the server: 1001")));
  EXPECT_TRUE(run_until([this] { return protocol_.open_clients() == 0; }));
}

TEST_F(ServerOnLoopback, TellsHowMuchItsClientHasNotTaken) {
  const auto stream = connect();
  sim::Session& session = *protocol_.clients[0].session;

  session.send(std::string(1000, 'x'));
  session.send(std::string(500, 'x'));

  EXPECT_EQ(session.queued(), 1500U);
  ASSERT_TRUE(run_until([this] { return received_.size() == 2; }));
  EXPECT_EQ(session.queued(), 0U);
}

TEST_F(ServerOnLoopback, TearsAConnectionWithAReset) {
  const auto stream = connect();

  protocol_.clients[0].session->tear();

  ASSERT_TRUE(run_until([this] { return !closed_.empty(); }));
  EXPECT_THAT(closed_, ElementsAre(HasSubstr("reset by peer")));
  EXPECT_EQ(protocol_.open_clients(), 0U);
}

// Whatever the client still says to it.
TEST_F(ServerOnLoopback, KeepsAHalfOpenClientUntilItIsTorn) {
  const auto stream = connect();
  protocol_.clients[0].session->half_open = true;

  for (int i = 0; i < 3; ++i) stream->send("are you there?");
  settle();

  EXPECT_EQ(protocol_.open_clients(), 1U);
  EXPECT_TRUE(protocol_.clients[0].said.empty());
  EXPECT_TRUE(closed_.empty());
  protocol_.clients[0].session->tear();
  EXPECT_EQ(protocol_.open_clients(), 0U);
  EXPECT_TRUE(run_until([this] { return !closed_.empty(); }));
}

TEST_F(ServerOnLoopback, KnowsHowItsClientLeft) {
  auto polite = connect();
  auto rude = connect();

  polite->close();
  rude.reset();

  ASSERT_TRUE(run_until([this] { return protocol_.open_clients() == 0; }));
  EXPECT_TRUE(protocol_.clients[0].said_goodbye);
  EXPECT_FALSE(protocol_.clients[1].said_goodbye);
}

TEST_F(ServerOnLoopback, AnswersRequestsAndUpgradesAtOnePortAndRefusesPathsThatAreNone) {
  protocol_.refuse_path = "/nowhere";
  protocol_.answer = [](std::string_view path) {
    return sim::HttpReply{.status = 203, .body = std::string{path}, .headers = {{"X-A", "b"}}};
  };
  const auto stream = connect("/ws");
  HttpAnswer answer;
  https_get(io_, *tls_, target("/rest?a=b"), [&](HttpAnswer got) { answer = std::move(got); });
  ASSERT_TRUE(run_until([&] { return answer.status != 0 || !answer.error.empty(); }));
  EXPECT_EQ(answer.status, 203);
  EXPECT_EQ(answer.body.substr(0, answer.body_bytes), "/rest?a=b");
  EXPECT_EQ(protocol_.open_clients(), 1U);

  const auto refused = connect("/nowhere");
  EXPECT_THAT(closed_, ElementsAre(HasSubstr("upgrade: ")));
  EXPECT_EQ(protocol_.clients.size(), 1U);
}

TEST_F(ServerOnLoopback, NamesThePortThatIsTaken) {
  try {
    sim::Server second{io_, server_->port(), certificate_, protocol_};
    ADD_FAILURE() << "two servers at one port";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("port " + std::to_string(server_->port())));
  }
}

TEST_F(ServerOnLoopback, AcceptsNobodyAnyMoreOnceToldAndKeepsWhoIsThere) {
  const auto stream = connect();

  server_->stop_accepting();
  const auto late = connect();

  EXPECT_THAT(closed_, ElementsAre(HasSubstr("connect: ")));
  protocol_.clients[0].session->send("still here");
  EXPECT_TRUE(run_until([this] { return !received_.empty(); }));
}

}  // namespace
}  // namespace steelyard
