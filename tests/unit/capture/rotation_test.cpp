// One recording in several files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/capture_files.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

class RotatedRecording : public testing::Test {
 protected:
  // A file for each of these frames.
  void record(std::size_t frames, const std::string& name = "night.sly") {
    RecordingWriter writer{folder_ / name, "a header", {.block_age_ns = 0, .rotate_bytes = 1}};
    writer.add_connection(ConnectionId{1}, "somewhere", "wss://venue.test", "one");
    for (const Sample& sample : numbered(frames)) EXPECT_TRUE(writer.append(sample.frame()));
    EXPECT_TRUE(writer.close());
  }
  std::string part(int number) const {
    return folder_ / ("night-000" + std::to_string(number) + ".sly");
  }
  // Of parts in this order: the texts, "-N" where N frames are told as lost, "!" for damage.
  std::vector<std::string> texts_of(const std::vector<int>& parts) const {
    std::vector<std::string> paths;
    for (const int number : parts) paths.push_back(part(number));
    const auto sources = open_sources(paths, {});
    EXPECT_EQ(sources.size(), 1U);
    std::vector<std::string> texts;
    for (const Read& read : read_all(*sources[0])) {
      texts.push_back(read.malformed ? "!"
                      : read.derived ? "-" + read.payload
                                     : read.payload.substr(read.payload.find(' ') + 1));
    }
    return texts;
  }

  TemporaryFolder folder_;
};

TEST_F(RotatedRecording, HasPartsThatAreEachWholeInThemselves) {
  record(3);

  for (int number = 1; number <= 3; ++number) {
    const auto source = open_source(part(number), {});
    EXPECT_EQ(source->header(), "a header");
    const std::vector<Read> read = read_all(*source);
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].line, static_cast<std::uint64_t>(number)) << "numbers of the whole recording";
    EXPECT_EQ(read[0].url, number == 1 ? "wss://venue.test" : "");
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "night.sly"));
  EXPECT_FALSE(std::filesystem::exists(part(4)));
}

TEST_F(RotatedRecording, RepeatsWhatIsKnownOfConnectionsInEveryPart) {
  record(4);

  const std::vector<Read> read = read_all(*open_source(part(4), {}));

  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].connection_number, 1U);
  EXPECT_EQ(read[0].url, "wss://venue.test");
}

TEST_F(RotatedRecording, IsReadInItsOrderWhateverTheOrderOfTheFiles) {
  record(4);
  std::vector<int> order{1, 2, 3, 4};

  do {
    EXPECT_THAT(texts_of(order), testing::ElementsAre("1", "2", "3", "4"));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(RotatedRecording, TellsOfPartsThatAreMissingInBetween) {
  record(5);

  EXPECT_THAT(texts_of({1, 4, 5}), testing::ElementsAre("1", "-2", "4", "5"));
  EXPECT_THAT(texts_of({5, 3, 1}), testing::ElementsAre("1", "-1", "3", "-1", "5"));
}

TEST_F(RotatedRecording, StartsWhereItStartsIfItsFirstPartIsNotThere) {
  record(4);

  EXPECT_THAT(texts_of({2, 3, 4}), testing::ElementsAre("2", "3", "4"));
  EXPECT_THAT(texts_of({3, 4}), testing::ElementsAre("3", "4"));
}

TEST_F(RotatedRecording, TellsWhatTheTornTailOfAPartHeld) {
  record(3);
  const std::string whole = bytes_of_file(part(2));
  write_file(part(2), whole.substr(0, whole.size() - 1));

  EXPECT_THAT(texts_of({1, 2, 3}), testing::ElementsAre("1", "!", "-1", "3"));
}

TEST_F(RotatedRecording, TakesItsTextFromAnotherPartIfThatOfTheFirstIsDamaged) {
  record(3);
  std::string bytes = bytes_of_file(part(1));
  bytes[sizeof(FileHeader) + sizeof(BlockHeader)] ^= 1;
  write_file(part(1), bytes);

  EXPECT_THAT(texts_of({1, 2, 3}), testing::ElementsAre("!", "1", "2", "3"));
}

TEST_F(RotatedRecording, RefusesTheSamePartTwice) {
  record(2);

  const std::string refusal = refusal_of([&] { (void)open_sources({part(1), part(1)}, {}); });

  EXPECT_THAT(refusal, HasSubstr("the same part of the same recording as"));
}

TEST_F(RotatedRecording, IsToldApartFromAnother) {
  record(2);
  record(2, "day.sly");

  const auto sources =
      open_sources({part(2), folder_ / "day-0001.sly", part(1), folder_ / "day-0002.sly"}, {});

  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(read_all(*sources[0]).size(), 2U);
  EXPECT_EQ(read_all(*sources[1]).size(), 2U);
}

TEST_F(RotatedRecording, RewindsToTheSameFrames) {
  record(4);
  const auto sources = open_sources({part(4), part(1), part(2)}, {});

  const std::vector<Read> first = read_all(*sources[0]);
  sources[0]->rewind();

  EXPECT_EQ(first.size(), 4U);
  EXPECT_EQ(read_all(*sources[0]), first);
}

TEST_F(RotatedRecording, BeginsAnotherFileWhenTheFirstFrameOfOneIsOldEnough) {
  RecordingWriter writer{folder_ / "night.sly", "", {.block_age_ns = 0, .rotate_ns = 3000}};
  for (const Sample& sample : numbered(7)) writer.append(sample.frame());
  writer.close();

  EXPECT_EQ(read_all(*open_source(part(1), {})).size(), 3U);
  EXPECT_EQ(read_all(*open_source(part(2), {})).size(), 3U);
  EXPECT_EQ(read_all(*open_source(part(3), {})).size(), 1U);
  EXPECT_EQ(writer.file_name(), part(3));
}

TEST_F(RotatedRecording, StaysInItsFileIfTheNextCannotBeCreated) {
  write_file(part(2), "precious");
  RecordingWriter writer{folder_ / "night.sly", "", {.block_age_ns = 0, .rotate_ns = 3000}};

  for (const Sample& sample : numbered(5)) writer.append(sample.frame());
  writer.close();

  EXPECT_EQ(read_all(*open_source(part(1), {})).size(), 5U) << "too long, but nothing is lost";
  EXPECT_EQ(writer.frames_lost(), 0U);
  EXPECT_GT(writer.failures(), 0U);
  EXPECT_THAT(writer.last_error(), HasSubstr("night-0002.sly: cannot be created"));
  EXPECT_EQ(bytes_of_file(part(2)), "precious");
}

TEST_F(RotatedRecording, NumbersTheNameBeforeItsLastDotOrAtItsEnd) {
  std::filesystem::create_directories(folder_ / "v1.2");

  const RecordingWriter dotted{folder_ / "a.b.sly", "", {.rotate_bytes = 1}};
  const RecordingWriter plain{folder_ / "v1.2/plain", "", {.rotate_bytes = 1}};
  const RecordingWriter hidden{folder_ / ".hidden", "", {.rotate_bytes = 1}};

  EXPECT_EQ(dotted.file_name(), folder_ / "a.b-0001.sly");
  EXPECT_EQ(plain.file_name(), folder_ / "v1.2/plain-0001");
  EXPECT_EQ(hidden.file_name(), folder_ / ".hidden-0001");
}

}  // namespace
}  // namespace steelyard
