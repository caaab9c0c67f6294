// Recordings that are cut, flipped, overwritten, or of another version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "support/capture_files.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

struct Outcome {
  std::string refusal;
  std::vector<Read> frames;  // that were recorded
  std::uint64_t told_lost = 0;
  std::vector<std::string> errors;
  Damage damage;
};

Outcome read_damaged(std::string bytes) {
  Outcome outcome;
  outcome.refusal = refusal_of([&] {
    const auto source = source_of(std::move(bytes));
    for (Read& read : read_all(*source)) {
      if (read.malformed) {
        outcome.errors.push_back(read.error);
      } else if (read.derived) {
        EXPECT_EQ(read.kind, FrameKind::Lost);
        outcome.told_lost += std::stoull(read.payload);
      } else {
        outcome.frames.push_back(std::move(read));
      }
    }
    outcome.damage = source->damage();
    EXPECT_EQ(outcome.damage.records, outcome.told_lost);
  });
  return outcome;
}

// Each under the number that it was recorded as.
void expect_no_wrong_frame(const std::vector<Read>& frames, const std::vector<Read>& recorded) {
  std::uint64_t line = 0;
  for (const Read& frame : frames) {
    EXPECT_GT(frame.line, line);
    line = frame.line;
    ASSERT_LE(line, recorded.size());
    EXPECT_EQ(frame, recorded[line - 1]);
  }
}

TEST(DamagedRecording, CutAnywhereGivesAllWholeBlocksAndTellsTheRest) {
  std::vector<std::size_t> ends;
  const std::string bytes = recording_of(numbered(8), 3, &ends);
  const std::vector<Read> whole = read_all(bytes);
  ASSERT_EQ(ends.size(), 4U);
  ASSERT_EQ(ends.back(), bytes.size());

  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    SCOPED_TRACE("cut at " + std::to_string(cut));
    const Outcome outcome = read_damaged(bytes.substr(0, cut));

    if (cut < ends[0]) {
      EXPECT_NE(outcome.refusal, "") << "without its text nothing can be read";
      continue;
    }
    const auto behind = std::upper_bound(ends.begin(), ends.end(), cut);
    const std::size_t blocks = static_cast<std::size_t>(behind - ends.begin()) - 1;
    const std::size_t rest = cut - ends[blocks];
    EXPECT_EQ(outcome.refusal, "");
    EXPECT_EQ(outcome.frames, std::vector<Read>(whole.begin(), whole.begin() + 3L * blocks));
    EXPECT_EQ(outcome.errors.size(), rest != 0 ? 1U : 0U);
    EXPECT_EQ(outcome.damage.places, rest != 0 ? 1U : 0U);
    EXPECT_EQ(outcome.damage.bytes, rest);
    if (rest == 0) continue;
    EXPECT_THAT(outcome.errors[0], HasSubstr("test.in: " + std::to_string(rest) +
                                             " bytes at offset " + std::to_string(ends[blocks])));
    EXPECT_THAT(outcome.errors[0], HasSubstr("cut off; all that precedes was read"));
  }
}

TEST(DamagedRecording, TellsEveryFlippedBitAndGivesNoWrongFrame) {
  std::vector<std::size_t> ends;
  const std::string bytes = recording_of(numbered(6), 2, &ends);
  const std::vector<Read> whole = read_all(bytes);

  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      SCOPED_TRACE("bit " + std::to_string(bit) + " of byte " + std::to_string(at));
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));

      const Outcome outcome = read_damaged(std::move(flipped));

      expect_no_wrong_frame(outcome.frames, whole);
      if (at < ends[0]) {
        EXPECT_NE(outcome.refusal, "");
        continue;
      }
      EXPECT_EQ(outcome.errors.size(), 1U);
      const bool in_last_block = at >= ends[ends.size() - 2];
      EXPECT_EQ(outcome.frames.size(), 4U) << "the other blocks are read";
      EXPECT_EQ(outcome.told_lost, in_last_block ? 0U : 2U);
    }
  }
}

TEST(DamagedRecording, TellsWhatWasLostBeforeTheFrameThatFollows) {
  std::vector<std::size_t> ends;
  std::string bytes = recording_of(numbered(9), 3, &ends);
  bytes[ends[1] + sizeof(BlockHeader) + 4] ^= 1;

  const std::vector<Read> read = read_all(bytes);

  ASSERT_EQ(read.size(), 3U + 1 + 1 + 3);
  EXPECT_TRUE(read[3].malformed);
  EXPECT_THAT(read[3].error, HasSubstr("a block with a wrong checksum; reading goes on with"));
  EXPECT_EQ(read[4], (Read{.kind = FrameKind::Lost,
                           .received = 7000,
                           .payload = "3",
                           .connection_number = kNoConnection.raw(),
                           .line = 6,
                           .derived = true}));
  EXPECT_EQ(read[5].line, 7U);
}

TEST(DamagedRecording, RewindsToTheSameDamage) {
  std::vector<std::size_t> ends;
  std::string bytes = recording_of(numbered(9), 3, &ends);
  bytes[ends[1] + 1] ^= 1;
  bytes.pop_back();
  const auto source = source_of(bytes);

  const std::vector<Read> first = read_all(*source);
  const Damage damage = source->damage();
  source->rewind();

  EXPECT_EQ(read_all(*source), first);
  EXPECT_EQ(source->damage().places, damage.places);
  EXPECT_EQ(source->damage().bytes, damage.bytes);
  EXPECT_EQ(damage.places, 2U);
}

TEST(DamagedRecording, FindsTheNextBlockBehindForeignBytes) {
  std::vector<std::size_t> ends;
  const std::string bytes = recording_of(numbered(4), 2, &ends);
  // Also what looks like the start of a block, at every distance to the true one.
  for (std::size_t size = 1; size < 200; ++size) {
    std::string foreign;
    while (foreign.size() < size) foreign += "YBLK??";
    foreign.resize(size);

    const Outcome outcome =
        read_damaged(bytes.substr(0, ends[1]) + foreign + bytes.substr(ends[1]));

    EXPECT_EQ(outcome.frames, read_all(bytes)) << size;
    EXPECT_EQ(outcome.damage.places, 1U) << size;
    EXPECT_EQ(outcome.damage.bytes, size);
    EXPECT_EQ(outcome.told_lost, 0U);
  }
}

TEST(DamagedRecording, TellsOfZerosThatAPowerCutLeftBehind) {
  const std::string bytes = recording_of(numbered(4), 2);

  const Outcome outcome = read_damaged(bytes + std::string(3U << 20, '\0'));

  EXPECT_EQ(outcome.frames.size(), 4U);
  ASSERT_EQ(outcome.errors.size(), 1U);
  EXPECT_EQ(outcome.damage.bytes, 3U << 20);
}

TEST(DamagedRecording, GivesNoFrameOfABlockWhoseSizesLie) {
  const std::string start = recording_of({});
  const std::string raw = record_of(0, "right") + record_of(0, "cut short").substr(0, 30);
  BlockHeader header;
  header.frames = 2;

  const Outcome half = read_damaged(start + block_of(header, raw));
  EXPECT_EQ(half.frames.size(), 1U);
  ASSERT_EQ(half.errors.size(), 1U);
  EXPECT_THAT(half.errors[0], HasSubstr("records do not fit"));

  // A size that the compressed bytes do not have; nothing of that size is asked for.
  std::string lying = block_of(header, raw);
  std::memcpy(&header, lying.data(), sizeof header);
  header.raw_bytes = kLargestBlock;
  header.crc = header_checksum(header);
  std::memcpy(lying.data(), &header, sizeof header);
  const Outcome none = read_damaged(start + lying);
  EXPECT_TRUE(none.frames.empty());
  ASSERT_EQ(none.errors.size(), 1U);
  EXPECT_THAT(none.errors[0], HasSubstr("does not unpack to its size"));
}

TEST(DamagedRecording, EndsWithItsFileNameWhereItsCompressionIsCutOff) {
  const std::string bytes = recording_of(numbered(4000), 1);
  const std::string packed = as_zstd(bytes);
  const auto source = source_of(packed.substr(0, packed.size() - 1));

  std::size_t frames = 0;
  const std::string refusal = refusal_of([&] {
    while (read_one(*source)) ++frames;
  });

  EXPECT_EQ(refusal, "test.in: the zstd data end in mid-frame");
  EXPECT_GT(frames, 0U) << "what precedes was given";
}

std::string with_version(std::string bytes, std::uint16_t major, std::uint16_t minor) {
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.major = major;
  header.minor = minor;
  header.crc = header_checksum(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

TEST(RecordingVersion, RefusesAnotherMajorVersionAndSaysWhich) {
  const std::string bytes = recording_of(numbered(2));

  EXPECT_EQ(read_damaged(with_version(bytes, 2, 7)).refusal,
            "test.in: of format 2.7, this program reads format 1");
  EXPECT_THAT(read_damaged("STLYREC1" + bytes.substr(8)).refusal,
              HasSubstr("of a format before 1.0"));
}

TEST(RecordingVersion, ReadsALaterMinorVersionAndPassesOverWhatIsNew) {
  const std::string bytes = with_version(recording_of(numbered(2)), 1, 9);
  BlockHeader unknown;
  unknown.kind = static_cast<BlockKind>(77);
  BlockHeader known;
  known.first_frame = 2;
  known.frames = 2;

  const Outcome outcome =
      read_damaged(bytes + block_of(unknown, "news") +
                   block_of(known, record_of(0, "a") + record_of(200, "news") + record_of(0, "b")));

  ASSERT_EQ(outcome.frames.size(), 4U);
  EXPECT_EQ(outcome.frames[2].payload, "a");
  EXPECT_EQ(outcome.frames[3].payload, "b");
  ASSERT_EQ(outcome.errors.size(), 1U) << "a record that cannot be understood is told";
  EXPECT_THAT(outcome.errors[0], HasSubstr("after frame 3: record of a kind"));
}

TEST(RecordingVersion, PassesOverALongerFileHeader) {
  std::string bytes = recording_of(numbered(2));
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.header_bytes = sizeof header + 13;
  header.crc = header_checksum(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  bytes.insert(sizeof header, 13, '?');
  const auto source = source_of(bytes);

  const std::vector<Read> read = read_all(*source);
  source->rewind();

  EXPECT_EQ(read.size(), 2U);
  EXPECT_EQ(read_all(*source), read);
}

}  // namespace
}  // namespace steelyard
