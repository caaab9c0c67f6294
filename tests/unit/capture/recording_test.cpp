#include "capture/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "support/capture_files.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

std::vector<Sample> one_of_every_kind() {
  return {
      {FrameKind::LinkUp, 1, "", "", 7},
      {FrameKind::Sent, 2, R"({"op":"subscribe"})", "", 7},
      {FrameKind::Text, 3, R"({"bid":1})", "", 7},
      {FrameKind::Binary, 4, std::string("\0\n\xff\x1f\x8b", 5), "", 0xfffffffe},
      {FrameKind::Answer, 5, "[]", "https://venue.test/depth?limit=5", 8},
      {FrameKind::Timer, 6, "", "", 0},
      {FrameKind::Lost, 7, "12", "", 7},
      {FrameKind::LinkDown, INT64_MAX, "", "", 7},
  };
}

TEST(Recording, GivesBackEveryKindOfFrame) {
  const std::vector<Sample> samples = one_of_every_kind();

  const std::vector<Read> read = read_all(recording_of(samples));

  ASSERT_EQ(read.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(read[i], (Read{.kind = samples[i].kind,
                             .received = samples[i].received,
                             .payload = samples[i].payload,
                             .url = samples[i].request,
                             .connection_number = samples[i].connection,
                             .line = i + 1}));
  }
}

TEST(Recording, GivesBackTheTextThatItStartsWith) {
  const std::string bytes = recording_of({});

  const auto source = source_of(bytes);

  EXPECT_EQ(source->header(), "title = \"a test\"\n");
  EXPECT_TRUE(read_all(*source).empty());
}

TEST(Recording, IsReadTheSameInsideZstdAndGzip) {
  const std::string bytes = recording_of(numbered(20), 3);

  EXPECT_EQ(read_all(as_zstd(bytes)), read_all(bytes));
  EXPECT_EQ(read_all(as_gzip(bytes)), read_all(bytes));
}

TEST(Recording, RewindsToTheSameFrames) {
  const auto source = source_of(recording_of(one_of_every_kind(), 3));

  (void)read_one(*source);
  source->rewind();
  const std::vector<Read> first = read_all(*source);
  source->rewind();

  EXPECT_EQ(first.size(), one_of_every_kind().size());
  EXPECT_EQ(read_all(*source), first);
}

TEST(Recording, HoldsAFrameLargerThanABlock) {
  std::vector<Sample> samples = numbered(3);
  samples[1].payload.assign(3U << 20, 'x');

  const std::vector<Read> read = read_all(recording_of(samples));

  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[1].payload, samples[1].payload);
  EXPECT_EQ(read[2].payload, samples[2].payload);
}

TEST(Recording, TellsOfTheConnectionWhatWasSaidOfItLast) {
  const TemporaryFolder folder;
  RecordingWriter writer{folder / "a.sly", "", {}};
  writer.append({"0", "", TimestampNs{1}, ConnectionId{4}});
  writer.add_connection(ConnectionId{4}, "somewhere", "wss://old.test/ws", "first");
  writer.append({"1", "", TimestampNs{2}, ConnectionId{4}});
  writer.append({"2", "https://old.test/rest", TimestampNs{3}, ConnectionId{4}, FrameKind::Answer});
  writer.add_connection(ConnectionId{4}, "somewhere", "wss://new.test/ws", "second");
  writer.append({"3", "", TimestampNs{4}, ConnectionId{4}});
  writer.append({"4", "", TimestampNs{5}, ConnectionId{5}});
  writer.close();

  const std::vector<Read> read = read_all(*open_source(folder / "a.sly", {}));

  ASSERT_EQ(read.size(), 5U);
  EXPECT_EQ(read[0].url, "") << "not yet known";
  EXPECT_EQ(read[1].url, "wss://old.test/ws");
  EXPECT_EQ(read[1].venue, "somewhere");
  EXPECT_EQ(read[1].connection, "first");
  EXPECT_EQ(read[2].url, "https://old.test/rest") << "the request, not the connection";
  EXPECT_EQ(read[3].url, "wss://new.test/ws");
  EXPECT_EQ(read[3].connection, "second");
  EXPECT_EQ(read[4].url, "") << "another connection";
}

TEST(RecordingWriter, WritesABlockWhenItIsFullOrOldAndLosesNoCount) {
  for (const std::size_t block_bytes : {std::size_t{1}, std::size_t{60}, std::size_t{1} << 20}) {
    const TemporaryFolder folder;
    const std::string path = folder / "a.sly";
    RecordingWriter writer{path, "", {.block_bytes = block_bytes, .block_age_ns = 2500}};
    const std::uint64_t start = writer.bytes_written();
    for (const Sample& sample : numbered(50)) EXPECT_TRUE(writer.append(sample.frame()));
    EXPECT_GT(writer.bytes_written(), start) << "an old block is not held back";
    EXPECT_TRUE(writer.close());

    const auto source = open_source(path, {});
    const std::vector<Read> read = read_all(*source);

    ASSERT_EQ(read.size(), 50U) << "none is told as lost";
    for (std::size_t i = 0; i < read.size(); ++i) EXPECT_EQ(read[i].line, i + 1);
    EXPECT_EQ(source->damage().records, 0U);
    EXPECT_EQ(writer.frames(), 50U);
    EXPECT_EQ(writer.frames_lost(), 0U);
    EXPECT_EQ(writer.bytes_written(), std::filesystem::file_size(path));
  }
}

TEST(RecordingWriter, IsReadableWhileItIsStillOpen) {
  const TemporaryFolder folder;
  RecordingWriter writer{folder / "a.sly", "", {}};
  for (const Sample& sample : numbered(5)) writer.append(sample.frame());
  writer.flush();
  for (const Sample& sample : numbered(3)) writer.append(sample.frame());

  EXPECT_EQ(read_all(*open_source(folder / "a.sly", {})).size(), 5U) << "what was flushed";
}

TEST(RecordingWriter, NeverOverwritesAFile) {
  const TemporaryFolder folder;
  write_file(folder / "a.sly", "precious");

  const std::string refusal = refusal_of([&] { RecordingWriter writer{folder / "a.sly", "", {}}; });

  EXPECT_THAT(refusal, HasSubstr("a.sly: cannot be created"));
  EXPECT_EQ(bytes_of_file(folder / "a.sly"), "precious");
}

TEST(RecordingWriter, RefusesAndCountsFramesAfterItsEnd) {
  const TemporaryFolder folder;
  RecordingWriter writer{folder / "a.sly", "", {}};
  EXPECT_TRUE(writer.close());

  EXPECT_FALSE(writer.append(numbered(1)[0].frame()));

  EXPECT_EQ(writer.frames_lost(), 1U);
  EXPECT_THAT(writer.last_error(), HasSubstr("is closed"));
  EXPECT_TRUE(writer.close()) << "once more does nothing";
}

TEST(RecordingWriter, LeavesOutAFrameThatIsTooLargeAndTellsWhere) {
  const TemporaryFolder folder;
  RecordingWriter writer{folder / "a.sly", "", {}};
  const std::vector<Sample> samples = numbered(4);
  const std::string large(kLargestRecord + 1, 'x');
  Frame too_large = samples[2].frame();
  too_large.payload = large;

  EXPECT_TRUE(writer.append(samples[0].frame()));
  EXPECT_TRUE(writer.append(samples[1].frame()));
  EXPECT_FALSE(writer.append(too_large));
  EXPECT_TRUE(writer.append(samples[3].frame()));
  writer.close();

  const std::vector<Read> read = read_all(*open_source(folder / "a.sly", {}));
  ASSERT_EQ(read.size(), 4U);
  EXPECT_EQ(read[2].kind, FrameKind::Lost);
  EXPECT_EQ(read[2].payload, "1");
  EXPECT_TRUE(read[2].derived);
  EXPECT_EQ(read[2].received, samples[3].received);
  EXPECT_EQ(read[3].payload, samples[3].payload);
  EXPECT_EQ(writer.frames_lost(), 1U);
}

// The kernel refuses to let files grow, as a full disk does: what fits is written, the rest not.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(RecordingWriter, DropsABlockThatTheDiskRefusesAndGoesOnWithTheNext) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.sly";
  RecordingWriter writer{path, "", {.block_age_ns = 0}};
  const std::vector<Sample> samples = numbered(9);
  for (std::size_t i = 0; i < 3; ++i) writer.append(samples[i].frame());
  EXPECT_TRUE(writer.flush());
  const std::uint64_t whole = writer.bytes_written();

  for (std::size_t i = 3; i < 6; ++i) writer.append(samples[i].frame());
  {
    const FileSizeLimit limit{whole + 10};
    EXPECT_FALSE(writer.flush());
  }
  EXPECT_EQ(std::filesystem::file_size(path), whole) << "no half of a block stays";
  for (std::size_t i = 6; i < 9; ++i) writer.append(samples[i].frame());
  EXPECT_TRUE(writer.close());

  EXPECT_EQ(writer.frames_lost(), 3U);
  EXPECT_EQ(writer.failures(), 1U);
  EXPECT_THAT(writer.last_error(), HasSubstr("a.sly: cannot be written"));
  const auto source = open_source(path, {});
  const std::vector<Read> read = read_all(*source);
  ASSERT_EQ(read.size(), 7U);
  EXPECT_EQ(read[3].kind, FrameKind::Lost);
  EXPECT_EQ(read[3].payload, "3");
  EXPECT_EQ(read[4].payload, samples[6].payload);
  EXPECT_EQ(read[4].line, 7U);
  EXPECT_EQ(source->damage().records, 3U);
  EXPECT_EQ(source->damage().places, 0U);
}

}  // namespace
}  // namespace steelyard
