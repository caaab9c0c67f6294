// RFC 6455 case by case: what a server may send, and what ends the connection.
#include "net/ws_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/allocation_count.hpp"
#include "support/ws_frames.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::size_t kMost = 1U << 20;

[[nodiscard]] WsHeard heard(const std::string& bytes, std::size_t piece = 1U << 20) {
  WsDecoder decoder{kMost, 0, 64};
  return hear(decoder, bytes, piece);
}

TEST(WsDecoder, HandsOnMessagesOfEveryLengthForm) {
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, std::size_t{125}, std::size_t{126}, std::size_t{127},
        std::size_t{65'535}, std::size_t{65'536}, kMost}) {
    const std::string payload(length, 'x');
    EXPECT_THAT(heard(server_frame(payload)).messages, ElementsAre("text " + payload)) << length;
    EXPECT_THAT(heard(server_frame(payload, {.opcode = 2})).messages,
                ElementsAre("binary " + payload))
        << length;
  }
}

TEST(WsDecoder, HearsTheSameHoweverTheBytesAreCutUp) {
  const std::string bytes =
      server_frame("one") + server_frame("pi", {.opcode = 9}) + server_frame("t", {.last = false}) +
      server_frame("", {.opcode = 10}) + server_frame("w", {.opcode = 0, .last = false}) +
      server_frame("o", {.opcode = 0}) + server_frame(std::string(300, 'x'), {.opcode = 2}) +
      server_frame({"\x03\xe8"
                    "bye",
                    5},
                   {.opcode = 8});
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const WsHeard it = heard(bytes, piece);
    ASSERT_THAT(it.messages, ElementsAre("text one", "text two", "binary " + std::string(300, 'x')))
        << piece;
    ASSERT_THAT(it.pings, ElementsAre("pi")) << piece;
    ASSERT_THAT(it.pongs, ElementsAre("")) << piece;
    ASSERT_EQ(it.end, "close 1000 bye") << piece;
  }
}

TEST(WsDecoder, HandsOnFramesOfOneReadWhereTheyLie) {
  WsDecoder decoder{kMost, 0, 64};
  const std::string bytes = server_frame("first") + server_frame("second");
  const WsDecoder::Room room = decoder.room();
  std::memcpy(room.data, bytes.data(), bytes.size());
  decoder.filled(bytes.size());

  EXPECT_EQ(decoder.next().payload.data(), room.data + 2);
  EXPECT_EQ(decoder.next().payload.data(), room.data + 2 + 5 + 2);
  EXPECT_EQ(decoder.next().kind, WsEvent::Kind::NeedBytes);
  EXPECT_EQ(decoder.room().data, room.data) << "and begins at the front again";
}

TEST(WsDecoder, JoinsFragmentsAroundControlFramesAndEmptyOnes) {
  const WsHeard it =
      heard(server_frame("", {.opcode = 2, .last = false}) + server_frame("a", {.opcode = 9}) +
            server_frame(std::string(70'000, 'x'), {.opcode = 0, .last = false}) +
            server_frame("b", {.opcode = 9}) + server_frame("", {.opcode = 0, .last = false}) +
            server_frame("y", {.opcode = 0}) + server_frame("next"));

  EXPECT_THAT(it.messages, ElementsAre("binary " + std::string(70'000, 'x') + 'y', "text next"));
  EXPECT_THAT(it.pings, ElementsAre("a", "b"));
}

TEST(WsDecoder, TakesTextThatIsNoUtf8AsItIs) {
  EXPECT_THAT(heard(server_frame("\xff\xc0\x80")).messages, ElementsAre("text \xff\xc0\x80"));
}

struct Refused {
  const char* what;
  std::string bytes;
  const char* end;
};

TEST(WsDecoder, RefusesWhatTheProtocolDoesNotAllow) {
  const std::string open = server_frame("x", {.last = false});
  const Refused kCases[] = {
      {"RSV1", server_frame("x", {.reserved = 4}), "defect 1002 reserved bits"},
      {"RSV2", server_frame("x", {.reserved = 2}), "defect 1002 reserved bits"},
      {"RSV3 of a ping", server_frame("x", {.opcode = 9, .reserved = 1}), "defect 1002 reserved"},
      {"masked", server_frame("x", {.masked = true}), "defect 1002 a server's frame is masked"},
      {"opcode 3", server_frame("x", {.opcode = 3}), "defect 1002 an unknown kind"},
      {"opcode 7", server_frame("", {.opcode = 7}), "defect 1002 an unknown kind"},
      {"opcode 11", server_frame("", {.opcode = 11}), "defect 1002 an unknown kind"},
      {"opcode 15", server_frame("", {.opcode = 15}), "defect 1002 an unknown kind"},
      {"nothing to go on with", server_frame("x", {.opcode = 0}), "defect 1002 a fragment goes on"},
      {"goes on after the end",
       open + server_frame("y", {.opcode = 0}) + server_frame("z", {.opcode = 0}),
       "defect 1002 a fragment goes on"},
      {"text inside text", open + server_frame("y"), "defect 1002 a message begins inside"},
      {"binary inside text", open + server_frame("y", {.opcode = 2}),
       "defect 1002 a message begins inside"},
      {"ping in fragments", server_frame("x", {.opcode = 9, .last = false}),
       "defect 1002 a control frame is fragmented"},
      {"close in fragments", server_frame("", {.opcode = 8, .last = false}),
       "defect 1002 a control frame is fragmented"},
      {"long ping", server_frame(std::string(126, 'x'), {.opcode = 9}),
       "defect 1002 a control frame has more"},
      {"long close", server_frame(std::string(70'000, 'x'), {.opcode = 8}),
       "defect 1002 a control frame has more"},
      {"125 in two bytes", server_frame(std::string(125, 'x'), {.length_bytes = 2}),
       "defect 1002 a length is written longer"},
      {"65535 in eight", server_frame(std::string(65'535, 'x'), {.length_bytes = 8}),
       "defect 1002 a length is written longer"},
      {"negative length", std::string{"\x81\x7f\x80\0\0\0\0\1\0\0", 10},
       "defect 1002 a length is negative"},
      {"half a close code", server_frame("\x03", {.opcode = 8}),
       "defect 1002 a close frame has ha"},
  };
  for (const Refused& it : kCases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 20}) {
      EXPECT_THAT(heard(it.bytes, piece).end, StartsWith(it.end)) << it.what;
    }
  }
}

TEST(WsDecoder, RefusesOnTheFirstTwoBytesAlready) {
  EXPECT_THAT(heard("\xc1\x7f").end, StartsWith("defect 1002 reserved bits"));
  EXPECT_THAT(heard("\x89\x7e").end, StartsWith("defect 1002 a control frame has more"));
}

TEST(WsDecoder, RefusesAMessageThatIsTooBigBeforeItsBytesAreThere) {
  const std::string whole = server_frame(std::string(kMost + 1, 'x'));
  EXPECT_THAT(heard(whole.substr(0, 10)).end, StartsWith("defect 1009 a message is too big"));
  EXPECT_THAT(heard(std::string{"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10}).end,
              StartsWith("defect 1009"));
}

TEST(WsDecoder, CountsAllFragmentsOfAMessageThatIsTooBig) {
  const std::string half = server_frame(std::string(kMost / 2, 'x'), {.last = false});
  const std::string rest = server_frame(std::string(kMost / 2, 'x'), {.opcode = 0});
  const std::string more = server_frame(std::string(kMost / 2 + 1, 'x'), {.opcode = 0});

  EXPECT_THAT(heard(half + rest).messages, testing::SizeIs(1));
  EXPECT_THAT(heard(half + more).end, StartsWith("defect 1009"));
  EXPECT_THAT(heard(half + more).messages, IsEmpty());
}

TEST(WsDecoder, TakesTheCloseCodesThatMayBeSentAndNoOther) {
  for (unsigned code = 0; code < 0x10000; ++code) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    const std::string end = heard(server_frame(payload, {.opcode = 8})).end;
    const bool sent = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                      (code >= 3000 && code <= 4999);
    ASSERT_EQ(end.starts_with("close " + std::to_string(code)), sent) << code;
    if (!sent) ASSERT_THAT(end, StartsWith("defect 1002 a close frame has a code")) << code;
  }
  EXPECT_EQ(heard(server_frame("", {.opcode = 8})).end, "close 0 ");
}

TEST(WsDecoder, AllocatesNothingForMessagesThatFit) {
  WsDecoder decoder{kMost, kMost, 64};
  const std::string bytes = server_frame(std::string(900, 'x')) +
                            server_frame("ab", {.last = false}) + server_frame("c", {.opcode = 0}) +
                            server_frame(std::string(40'000, 'y'));
  std::uint64_t messages = 0;
  const std::size_t before = allocation_count();
  for (std::size_t at = 0; at < bytes.size() * 1000; at += 1021) {
    const WsDecoder::Room room = decoder.room();
    for (std::size_t i = 0; i < 1021; ++i) room.data[i] = bytes[(at + i) % bytes.size()];
    decoder.filled(1021);
    while (decoder.next().kind != WsEvent::Kind::NeedBytes) ++messages;
  }

  EXPECT_EQ(allocation_count() - before, 0U);
  EXPECT_GE(messages, 2999U);
}

}  // namespace
}  // namespace steelyard
