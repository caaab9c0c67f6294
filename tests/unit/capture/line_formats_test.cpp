// ndjson and tardis.dev raw lines: what a line means, and what is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/capture_files.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Ndjson, GivesEveryDirection) {
  const std::vector<Read> read = read_all(
      R"({"ts":1,"dir":"connect","conn":"a","url":"wss://venue.test/ws"}
{"ts":2,"dir":"out","conn":"a","url":"wss://venue.test/ws","msg":"{\"op\":\"subscribe\"}"}
{"ts":3,"dir":"in","conn":"a","url":"wss://venue.test/ws","msg":"{\"x\":\"\u00e9\\n\"}"}
{"ts":4,"dir":"in","conn":"a","url":"wss://venue.test/ws","msg":"b","bin":true,"other":[1,{"a":2}]}
{"ts":5,"dir":"in","conn":"r","url":"https://venue.test/depth","msg":"[]"}
)");

  ASSERT_EQ(read.size(), 5U);
  const std::string url = "wss://venue.test/ws";
  EXPECT_EQ(
      read[0],
      (Read{.kind = FrameKind::LinkUp, .received = 1, .url = url, .connection = "a", .line = 1}));
  EXPECT_EQ(read[1], (Read{.kind = FrameKind::Sent,
                           .received = 2,
                           .payload = R"({"op":"subscribe"})",
                           .url = url,
                           .connection = "a",
                           .line = 2}));
  EXPECT_EQ(read[2], (Read{.kind = FrameKind::Text,
                           .received = 3,
                           .payload = "{\"x\":\"\xc3\xa9\\n\"}",
                           .url = url,
                           .connection = "a",
                           .line = 3}));
  EXPECT_EQ(read[3], (Read{.kind = FrameKind::Binary,
                           .received = 4,
                           .payload = "b",
                           .url = url,
                           .connection = "a",
                           .line = 4}));
  EXPECT_EQ(read[4], (Read{.kind = FrameKind::Answer,
                           .received = 5,
                           .payload = "[]",
                           .url = "https://venue.test/depth",
                           .connection = "r",
                           .line = 5}));
}

std::string line(int ts, const std::string& text = "x") {
  return R"({"ts":)" + std::to_string(ts) + R"(,"dir":"in","msg":")" + text + R"("})";
}

TEST(Ndjson, TakesCrLfAndSkipsBlankLinesButCountsThem) {
  const std::vector<Read> read =
      read_all("\n  \t\r\n" + line(1) + "\r\n\r\n" + line(2) + "\n\n" + line(3));

  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].line, 3U);
  EXPECT_EQ(read[1].line, 5U);
  EXPECT_EQ(read[2].line, 7U) << "the last one needs no end";
}

TEST(Ndjson, TellsAMalformedLineByItsNumberAndGoesOn) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"ts":1,"dir":"in","msg":"x")", ""},
      {R"({"ts":1,"dir":"in","msg":"x"} {})", "something follows the object"},
      {R"([1,2])", ""},
      {R"(ts)", ""},
      {R"({"dir":"in","msg":"x"})", "ts is missing"},
      {R"({"ts":"1","dir":"in","msg":"x"})", "ts: not a time in ns"},
      {R"({"ts":-1,"dir":"in","msg":"x"})", "ts: not a time in ns"},
      {R"({"ts":1.5,"dir":"in","msg":"x"})", "ts: not a time in ns"},
      {R"({"ts":99999999999999999999,"dir":"in","msg":"x"})", "ts: not a time in ns"},
      {R"({"ts":1,"dir":"in"})", "msg is missing"},
      {R"({"ts":1,"dir":"in","msg":7})", "msg: not a string"},
      {R"({"ts":1,"dir":"up","msg":"x"})", "dir: neither in, out nor connect"},
      {R"({"ts":1,"msg":"x"})", "dir: neither in, out nor connect"},
      {R"({"ts":1,"dir":"in","conn":1,"msg":"x"})", "conn: not a string"},
      {R"({"ts":1,"dir":"in","url":null,"msg":"x"})", "url: not a string"},
  };
  for (const auto& [text, what] : bad) {
    SCOPED_TRACE(text);

    const std::vector<Read> read = read_all(line(1) + "\n\n" + text + "\n" + line(2));

    ASSERT_EQ(read.size(), 3U);
    EXPECT_TRUE(read[1].malformed);
    EXPECT_THAT(read[1].error, StartsWith("test.in:3: "));
    EXPECT_THAT(read[1].error, HasSubstr(what));
    EXPECT_EQ(read[2].received, 2);
    EXPECT_EQ(read[2].line, 4U);
  }
}

TEST(Ndjson, CutAnywhereGivesItsWholeLinesAndTellsTheLastOne) {
  const std::string text = line(1, "first") + "\n" + line(2, "second") + "\n";
  const std::size_t end = text.find('\n');

  for (std::size_t cut = end + 2; cut + 2 < text.size(); ++cut) {
    const std::vector<Read> read = read_all(text.substr(0, cut));

    ASSERT_EQ(read.size(), 2U) << cut;
    EXPECT_EQ(read[0].payload, "first");
    EXPECT_TRUE(read[1].malformed) << cut;
  }
}

TEST(Ndjson, IsReadTheSamePlainAndPackedAndASecondTime) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += line(i, "message " + std::to_string(i)) + "\n";
  const std::vector<Read> plain = read_all(text);
  EXPECT_EQ(plain.size(), 20'000U);

  for (const std::string& packed : {as_zstd(text), as_gzip(text)}) {
    const auto source = source_of(packed);
    EXPECT_EQ(read_all(*source), plain);
    source->rewind();
    EXPECT_EQ(read_all(*source), plain);
  }
}

TEST(Ndjson, EndsWithFileAndLineWhereItsCompressionIsCutOff) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += line(i) + "\n";
  for (const std::string& packed : {as_zstd(text), as_gzip(text)}) {
    const auto source = source_of(packed.substr(0, packed.size() - 3));

    std::uint64_t frames = 0;
    const std::string refusal = refusal_of([&] {
      while (read_one(*source)) ++frames;
    });

    EXPECT_GT(frames, 0U) << "what precedes was given";
    EXPECT_THAT(refusal, StartsWith("test.in: the "));
    EXPECT_THAT(refusal, HasSubstr(", in line " + std::to_string(frames + 1)));
    EXPECT_FALSE(read_one(*source)) << "after that there is nothing";
  }
}

TEST(Ndjson, IsRefusedWhereItsCompressionIsCutOffBeforeItsFirstLine) {
  const std::string packed = as_zstd(line(1) + "\n");

  EXPECT_EQ(refusal_of([&] { (void)source_of(packed.substr(0, packed.size() - 3)); }),
            "test.in: the zstd data end in mid-frame");
}

TEST(Raw, GivesTimesAndMessagesOfTheVenueThatWasNamed) {
  const std::vector<Read> read = read_all(
      "2024-08-08T23:54:15.0303146Z {\"a\": 1}\r\n"
      "\n"
      "2024-08-08T23:54:16Z\n"
      "2024-08-08T23:54:17.5Z \n"
      "2024-08-08T23:54:18.000000001Z x y\n",
      {.venue = "somewhere"});

  ASSERT_EQ(read.size(), 4U);
  const auto expected = [](FrameKind kind, std::int64_t received, std::string payload,
                           std::uint64_t at) {
    return Read{.kind = kind,
                .received = received,
                .payload = std::move(payload),
                .connection = "raw",
                .venue = "somewhere",
                .line = at};
  };
  EXPECT_EQ(read[0], expected(FrameKind::Text, 1'723'161'255'030'314'600, "{\"a\": 1}", 1));
  EXPECT_EQ(read[1], expected(FrameKind::LinkDown, 1'723'161'256'000'000'000, "", 3));
  EXPECT_EQ(read[2], expected(FrameKind::LinkDown, 1'723'161'257'500'000'000, "", 4));
  EXPECT_EQ(read[3], expected(FrameKind::Text, 1'723'161'258'000'000'001, "x y", 5));
}

TEST(Raw, TellsALineWithoutATimeByItsNumber) {
  const std::vector<Read> read =
      read_all("2024-08-08T23:54:15Z a\nno time\n2024-08-08T23:54:15Z b\n", {.venue = "v"});

  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[1].error, "test.in:2: does not start with a time (ISO-8601)");
  EXPECT_EQ(read[2].payload, "b");
}

TEST(Raw, NeedsAVenue) {
  const std::string refusal = refusal_of([] { (void)source_of("2024-08-08T23:54:15Z a\n"); });

  EXPECT_EQ(refusal, "test.in: raw lines name no venue: say which with --venue NAME");
}

TEST(Raw, ReadsIso8601TimesAndNothingElse) {
  std::int64_t ns = 0;
  EXPECT_TRUE(parse_iso_time("1970-01-01T00:00:00Z", ns));
  EXPECT_EQ(ns, 0);
  EXPECT_TRUE(parse_iso_time("2000-02-29T23:59:59.999999999Z", ns));
  EXPECT_EQ(ns, 951'868'799'999'999'999);
  for (const char* const text :
       {"", "2024-08-08", "2024-08-08T23:54:15", "2024-08-08T23:54:15+00", "2024-02-30T00:00:00Z",
        "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01 00:00:00Z", "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00.5x5Z",
        "2024-01-01T00:00:00.1234567890Z", "x024-01-01T00:00:00Z", "2024-01-01T00:00:0Z"}) {
    EXPECT_FALSE(parse_iso_time(text, ns)) << text;
  }
}

TEST(Formats, AreToldByContentAndElseRefused) {
  EXPECT_TRUE(read_all("").empty());
  EXPECT_TRUE(read_all("\n\n").empty());
  EXPECT_THAT(refusal_of([] { (void)source_of("PK\x03\x04 whatever"); }),
              StartsWith("test.in: of no known format"));
  // A first line that is none does not hide the others if the name or the caller says what it is.
  EXPECT_EQ(read_all(*make_source("a.ndjson", memory_bytes("?\n" + line(1)), {})).size(), 2U);
  EXPECT_EQ(read_all("?\n2024-08-08T23:54:15Z a\n", {.venue = "v"}).size(), 2U);
}

}  // namespace
}  // namespace steelyard
