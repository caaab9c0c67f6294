// What a WebSocket client answers: pongs, close frames with their codes, and nothing after them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "bench/flood_server.hpp"
#include "core/clock.hpp"
#include "net/ws_encode.hpp"
#include "net/ws_stream.hpp"
#include "support/loopback.hpp"
#include "support/ws_frames.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

struct Said {
  WsOpcode opcode;
  std::string payload;
  friend bool operator==(const Said&, const Said&) = default;
};

// Frames of a client. A test fails where one is not masked.
[[nodiscard]] std::vector<Said> unmask(std::string_view bytes) {
  std::vector<Said> all;
  while (bytes.size() >= 6) {
    EXPECT_EQ(bytes[1] & 0x80, 0x80) << "not masked";
    const std::size_t length = bytes[1] & 127U;
    if (length > 125 || bytes.size() < 6 + length) break;
    Said said{ws_opcode(bytes), {}};
    for (std::size_t i = 0; i < length; ++i) {
      said.payload += static_cast<char>(bytes[6 + i] ^ bytes[2 + i % 4]);
    }
    all.push_back(said);
    bytes.remove_prefix(6 + length);
  }
  EXPECT_TRUE(bytes.empty());
  return all;
}

[[nodiscard]] Said close_frame(std::uint16_t code) {
  return {WsOpcode::Close, ws_close_payload(code)};
}

class WsStreamFrames : public Loopback {
 protected:
  void SetUp() override { serve(); }

  // A server that says these bytes; what the client made of it, and answered.
  void talk(const std::string& bytes) {
    bench::FloodServer server{certificate_};
    std::thread peer{[&] {
      while (!server.accept_one()) std::this_thread::yield();
      server.send(bytes);
      answers_ = server.receive_all();
    }};
    WsStream stream{io_, *tls_};
    WsHandlers handlers;
    bool closed = false;
    handlers.on_open = [&stream] { stream.send("hello"); };
    handlers.on_read = [this] { ++reads_; };
    handlers.on_message = [this](std::string_view text, bool, TimestampNs at) {
      messages_.emplace_back(text);
      times_.push_back(at);
      read_of_.push_back(reads_);
    };
    handlers.on_closed = [&](const std::string& reason) {
      reason_ = reason;
      closed = true;
    };
    WsTarget to = target();
    to.port = std::to_string(server.port());
    to.poll_socket = polls_;
    stream.connect(to, std::move(handlers));
    EXPECT_TRUE(run_until([&] { return closed || messages_.size() == leave_after_; }));
    // Whoever is left open says goodbye as well.
    stream.close();
    EXPECT_TRUE(run_until([&closed] { return closed; }));
    peer.join();
  }

  std::size_t leave_after_ = 1'000'000;
  bool polls_ = false;
  std::string answers_;
  std::string reason_;
  std::vector<std::string> messages_;
  std::vector<TimestampNs> times_;
  std::size_t reads_ = 0;
  std::vector<std::size_t> read_of_;  // of each message
};

TEST_F(WsStreamFrames, AnswersACloseWithItsCodeAndTellsTheReason) {
  talk(server_frame("last") + server_frame({"\x03\xe9"
                                            "back at \xff"
                                            "9",
                                            12},
                                           {.opcode = 8}));

  EXPECT_THAT(messages_, ElementsAre("last"));
  EXPECT_EQ(reason_, "read: closed by the server: 1001 back at ?9");
  EXPECT_THAT(unmask(answers_), ElementsAre(close_frame(1001)));
}

TEST_F(WsStreamFrames, AnswersACloseWithoutACodeWithNone) {
  talk(server_frame("", {.opcode = 8}));

  EXPECT_EQ(reason_, "read: closed by the server");
  EXPECT_THAT(unmask(answers_), ElementsAre(close_frame(0)));
}

TEST_F(WsStreamFrames, RefusesADefectWithItsCodeAndHearsNothingAfterIt) {
  talk(server_frame("good") + server_frame("bad", {.reserved = 4}) + server_frame("after"));

  EXPECT_THAT(messages_, ElementsAre("good"));
  EXPECT_THAT(reason_, StartsWith("read: reserved bits are set"));
  EXPECT_THAT(unmask(answers_), ElementsAre(close_frame(1002)));
}

TEST_F(WsStreamFrames, RefusesWhatIsTooBigByItsHead) {
  talk(std::string{"\x81\x7f\0\0\0\0\1\0\0\1", 10} + "and the rest is never sent");

  EXPECT_EQ(reason_, "read: a message is too big");
  EXPECT_THAT(unmask(answers_), ElementsAre(close_frame(1009)));
}

TEST_F(WsStreamFrames, AnswersPingsBetweenFragmentsOfWhichTheLastMayStandForAll) {
  leave_after_ = 1;
  talk(server_frame("one ", {.last = false}) + server_frame("a", {.opcode = 9}) +
       server_frame("b", {.opcode = 9}) + server_frame("c", {.opcode = 9}) +
       server_frame("message", {.opcode = 0}) + server_frame("d", {.opcode = 10}));

  EXPECT_THAT(messages_, ElementsAre("one message"));
  std::vector<std::string> pongs;
  for (const Said& said : unmask(answers_)) {
    if (said.opcode == WsOpcode::Pong) pongs.push_back(said.payload);
  }
  ASSERT_FALSE(pongs.empty());
  EXPECT_EQ(pongs.back(), "c");
}

TEST_F(WsStreamFrames, GivesFramesOfOneReadTheSameTimeAndNeverAnEarlierOne) {
  std::string bytes;
  for (int i = 0; i < 500; ++i) bytes += server_frame(std::string(100, 'x'));
  const TimestampNs before = wall_clock();
  talk(bytes + server_frame("", {.opcode = 8}));

  ASSERT_EQ(times_.size(), 500U);
  EXPECT_TRUE(std::is_sorted(times_.begin(), times_.end()));
  EXPECT_GE(times_.front(), before);
  EXPECT_LE(times_.back(), wall_clock());
}

TEST_F(WsStreamFrames, TellsOfEachReadOnceAndBeforeItsFrames) {
  talk(server_frame("one") + server_frame("two") + server_frame("three") +
       server_frame("", {.opcode = 8}));

  // All of them were one record.
  EXPECT_THAT(messages_, ElementsAre("one", "two", "three"));
  EXPECT_THAT(read_of_, ElementsAre(1, 1, 1));
}

// More waits in the kernel than TLS asks for: what is taken along is neither lost nor forgotten.
TEST_F(WsStreamFrames, TakesABurstOfManyRecordsWholeAndInOrder) {
  std::string bytes;
  for (int i = 0; i < 4'000; ++i) {
    bytes += server_frame(std::to_string(i) + std::string(static_cast<std::size_t>(i % 900), 'x'));
  }
  for (const bool polls : {false, true}) {
    polls_ = polls;
    messages_.clear();
    talk(bytes + server_frame("", {.opcode = 8}));

    ASSERT_EQ(messages_.size(), 4'000U);
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const std::string number = std::to_string(i);
      ASSERT_EQ(messages_[i], number + std::string(i % 900, 'x'));
    }
  }
}

}  // namespace
}  // namespace steelyard
