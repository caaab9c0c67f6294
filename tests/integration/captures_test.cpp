// Recorded traffic of real venues against what independent rebuilds of every book measured.
#include <gtest/gtest.h>

#include "app/replay.hpp"
#include "support/capture_truth.hpp"

namespace steelyard {
namespace {

class Capture : public testing::TestWithParam<CaptureTruth> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(GetParam().path())) {
      GTEST_SKIP() << "no recording at " << GetParam().path();
    }
  }
  [[nodiscard]] static ReplayOptions options() {
    ReplayOptions options;
    options.files = {GetParam().path()};
    options.digest = true;
    return options;
  }
};

TEST_P(Capture, ComesOutExactlyAsMeasuredIndependently) {
  const CaptureTruth& truth = GetParam();
  Replay replay{options()};

  const ReplayResult result = replay.run();

  InstrumentStats sum;
  std::uint64_t top_ok = 0, top = 0;
  for (const InstrumentSlot& slot : replay.shard().slots()) {
    sum.links_ok += slot.stats.links_ok;
    sum.links_bad += slot.stats.links_bad;
    sum.checksums_ok += slot.stats.checksums_ok;
    sum.checksums_bad += slot.stats.checksums_bad;
    sum.level_changes += slot.stats.level_changes;
    sum.crossed += slot.stats.crossed;
    sum.gaps += slot.stats.gaps;
    sum.resets += slot.stats.resets;
    sum.refused_levels += slot.stats.refused_levels;
    top_ok += slot.audit.ok();
    top += slot.audit.ok() + slot.audit.bad();
  }
  std::uint64_t counts_ok = 0;
  for (const IngressCounts& counts : result.ingress) {
    counts_ok += counts.counts_ok;
    EXPECT_EQ(counts.counts_bad, 0U);
    EXPECT_EQ(counts.duplicates, 0U);
  }
  EXPECT_EQ(counts_ok, truth.counts);
  EXPECT_EQ(sum.links_ok, truth.links);
  EXPECT_EQ(sum.links_bad, 0U);
  EXPECT_EQ(sum.checksums_ok, truth.checksums);
  EXPECT_EQ(sum.checksums_bad, 0U);
  EXPECT_EQ(top_ok, truth.top_ok);
  EXPECT_EQ(top, truth.top);
  if (truth.levels != 0) EXPECT_EQ(sum.level_changes, truth.levels);
  EXPECT_EQ(sum.crossed, 0U);
  EXPECT_EQ(sum.gaps, 0U);
  EXPECT_EQ(sum.resets, 0U);
  EXPECT_EQ(sum.refused_levels, 0U);
  EXPECT_TRUE(result.broken_books.empty()) << result.broken_books.front();
}

TEST_P(Capture, IsAccountedForLineByLineWithoutADefect) {
  Replay replay{options()};

  const ReplayResult result = replay.run();

  const LineCounts& lines = result.lines;
  EXPECT_GT(lines.lines, 0U);
  EXPECT_EQ(lines.malformed, 0U);
  EXPECT_EQ(lines.unknown_venue, 0U);
  EXPECT_EQ(result.input_error, "");
  std::uint64_t accounted = lines.links + lines.sent + lines.timers + lines.lost_marks;
  for (const IngressCounts& counts : result.ingress) {
    for (std::size_t status = 0; status < kDecodeStatuses; ++status) {
      const auto as = static_cast<DecodeStatus>(status);
      accounted += counts.by_status[status];
      if (is_defect(as)) EXPECT_EQ(counts.by_status[status], 0U) << to_text(as);
    }
    EXPECT_EQ(counts.refused, 0U);
    EXPECT_EQ(counts.rescales, 0U) << "discovery saw every digit";
  }
  EXPECT_EQ(accounted, lines.lines);
}

TEST_P(Capture, GivesOneDigestHoweverOftenItIsReplayed) {
  Replay first{options()};
  Replay second{options()};

  const ReplayResult once = first.run();
  const ReplayResult again = second.run();

  EXPECT_EQ(once.digest, again.digest);
  EXPECT_EQ(once.records, again.records);
  EXPECT_GT(once.records, 0U);
}

INSTANTIATE_TEST_SUITE_P(Recorded, Capture, testing::ValuesIn(capture_truths()), truth_name);

}  // namespace
}  // namespace steelyard
