// A venue that counts the frames of its connections and sums up its books: what is lost is noticed.
#include <gtest/gtest.h>

#include "app/replay.hpp"
#include "capture/line_reader.hpp"
#include "support/capture_files.hpp"
#include "support/capture_truth.hpp"
#include "support/recorded_line.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

class CountedConnection : public testing::Test {
 protected:
  struct Outcome {
    InstrumentStats sum;
    std::uint64_t counts_ok = 0, counts_bad = 0;
    std::vector<std::string> broken;
  };
  [[nodiscard]] Outcome replay(const std::vector<std::string>& lines) const {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    write_file(folder_ / "in.ndjson", text);
    ReplayOptions options;
    options.files = {folder_ / "in.ndjson"};
    Replay replay{options};
    Outcome outcome;
    const ReplayResult result = replay.run();
    for (const InstrumentSlot& slot : replay.shard().slots()) {
      outcome.sum.checksums_ok += slot.stats.checksums_ok;
      outcome.sum.checksums_bad += slot.stats.checksums_bad;
      outcome.sum.gaps += slot.stats.gaps;
      outcome.sum.resets += slot.stats.resets;
    }
    for (const IngressCounts& counts : result.ingress) {
      outcome.counts_ok += counts.counts_ok;
      outcome.counts_bad += counts.counts_bad;
    }
    outcome.broken = result.broken_books;
    return outcome;
  }
  [[nodiscard]] static std::string line(int second, std::string_view message) {
    return recorded_line(second, "wss://api-pub.bitfinex.com/ws/2", message);
  }
  [[nodiscard]] static std::vector<std::string> small_book() {
    return {
        line(1, R"({"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD",)"
                R"("prec":"P0","freq":"F0","len":"100"})"),
        line(1, "[7,[[70125,3,1.25],[70124,1,0.0004],[70126,2,-0.5],[70130,9,-12.00000001]],1]"),
        // zlib's crc32 of "70125:1.25:70126:-0.5:70124:0.0004:70130:-12.00000001"
        line(2, R"([7,"cs",1800962250,2])")};
  }

  TemporaryFolder folder_;
};

TEST_F(CountedConnection, HoldsTheBookAgainstTheSumThatTheVenueSends) {
  const Outcome outcome = replay(small_book());

  EXPECT_EQ(outcome.sum.checksums_ok, 1U);
  EXPECT_EQ(outcome.sum.checksums_bad, 0U);
  EXPECT_EQ(outcome.sum.resets, 0U);
  EXPECT_EQ(outcome.counts_ok, 1U);
}

TEST_F(CountedConnection, EndsABookThatIsNotOfThatSum) {
  std::vector<std::string> lines = small_book();
  lines.push_back(line(3, "[7,[70125,3,1.26],3]"));
  lines.push_back(line(4, R"([7,"cs",1800962250,4])"));

  const Outcome outcome = replay(lines);

  EXPECT_EQ(outcome.sum.checksums_ok, 1U);
  EXPECT_EQ(outcome.sum.checksums_bad, 1U);
  EXPECT_EQ(outcome.sum.resets, 1U);
  EXPECT_EQ(outcome.sum.gaps, 0U);
  EXPECT_EQ(outcome.counts_bad, 0U);
}

TEST_F(CountedConnection, TakesAMissingHeartbeatForALossToo) {
  std::vector<std::string> lines = small_book();
  lines.push_back(line(3, R"([7,"hb",4])"));

  const Outcome outcome = replay(lines);

  EXPECT_EQ(outcome.counts_bad, 1U);
  EXPECT_EQ(outcome.sum.gaps, 1U);
  EXPECT_EQ(outcome.sum.resets, 1U);
}

TEST_F(CountedConnection, LosesEveryBookByAnyFrameThatIsMissingFromARecording) {
  const std::string file = "bitfinex/multi7_20210417";
  const auto path = captures() / (file + ".ndjson.zst");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no recording at " << path;
  LineReader reader{unpacked(file, open_file(path))};
  std::vector<std::string> lines;
  for (std::string_view text; reader.next(text) == LineReader::Result::Line;) {
    lines.emplace_back(text);
  }
  // Spread over what comes once all seven books are there: rows and heartbeats.
  std::size_t tried = 0;
  for (std::size_t at = 720; at + 1 < lines.size(); at += 71) {
    std::vector<std::string> fewer = lines;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at));

    const Outcome outcome = replay(fewer);

    EXPECT_EQ(outcome.counts_ok, 1'667U) << at;
    EXPECT_EQ(outcome.counts_bad, 1U) << at;
    EXPECT_EQ(outcome.sum.gaps, 7U) << at;
    EXPECT_EQ(outcome.sum.resets, 7U) << at;
    ++tried;
  }
  EXPECT_EQ(tried, 15U);
}

}  // namespace
}  // namespace steelyard
