// Replay end to end: what recordings of the simulated venues give, whole and damaged.
#include "app/replay.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/csv_rows.hpp"
#include "support/fixtures.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

class ReplayOf : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() /
                 ("steelyard-replay-" + std::to_string(getpid()) + "-" + GetParam());
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  struct Outcome {
    ReplayResult result;
    std::vector<CsvRow> rows;
  };
  Outcome replay(const std::vector<SimLine>& lines, bool csv = true) {
    const std::string path = directory_ / "in.ndjson";
    write_ndjson(path, lines);
    ReplayOptions options;
    options.files = {path};
    options.digest = true;
    if (csv) options.csv = directory_ / "out.csv";
    options.columns = {"seq",    "ts",     "sym", "t",  "status",
                       "bid_px", "ask_px", "mid", "qi", "ofi_1000ms"};
    Outcome outcome;
    {
      Replay replay{options};
      outcome.result = replay.run();
    }
    if (!csv) return outcome;
    outcome.rows = csv_rows(options.csv);
    return outcome;
  }

  std::filesystem::path directory_;
};

TEST_P(ReplayOf, AccountsForEveryLineAndKeepsEveryBook) {
  const std::vector<SimLine> lines = simulate(GetParam(), 50, 3);

  const Outcome outcome = replay(lines);

  EXPECT_EQ(outcome.result.lines.lines, lines.size());
  EXPECT_EQ(outcome.result.lines.malformed, 0U);
  std::uint64_t decoded = 0;
  for (const IngressCounts& counts : outcome.result.ingress) {
    for (std::size_t status = 0; status < kDecodeStatuses; ++status) {
      decoded += counts.by_status[status];
      if (is_defect(static_cast<DecodeStatus>(status))) EXPECT_EQ(counts.by_status[status], 0U);
    }
  }
  EXPECT_EQ(decoded, lines.size());
  EXPECT_TRUE(outcome.result.broken_books.empty());
  EXPECT_GT(outcome.rows.size(), 100U);
  for (const auto& row : outcome.rows) EXPECT_NE(row.at("t"), "reset");
}

TEST_P(ReplayOf, GivesTheSameDigestTwiceAndAnotherForOtherInput) {
  const std::vector<SimLine> lines = simulate(GetParam(), 20, 3);

  const std::uint64_t digest = replay(lines, false).result.digest;

  EXPECT_EQ(replay(lines, false).result.digest, digest);
  EXPECT_EQ(replay(lines, true).result.digest, digest) << "what is written beside changes nothing";
  EXPECT_NE(replay(simulate(GetParam(), 20, 4), false).result.digest, digest);
}

TEST_P(ReplayOf, NoticesAnyDroppedDeltaAtTheNextFrameAndOnlyThere) {
  const std::vector<SimLine> whole = simulate(GetParam(), 14, 5);
  std::vector<std::size_t> deltas;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    // Once all books are live, and not the last of its instrument, which no later one can reveal.
    if (whole[i].is_delta && i > whole.size() / 2 && i + 40 < whole.size()) deltas.push_back(i);
  }
  ASSERT_GT(deltas.size(), 5U);

  for (const std::size_t drop : deltas) {
    const auto next = std::find_if(
        whole.begin() + static_cast<std::ptrdiff_t>(drop) + 1, whole.end(),
        [&](const SimLine& line) { return line.is_delta && line.symbol == whole[drop].symbol; });
    if (next == whole.end()) continue;
    std::vector<SimLine> damaged = whole;
    damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(drop));

    const Outcome outcome = replay(damaged);

    int resets = 0;
    bool dead = false;
    for (const auto& row : outcome.rows) {
      if (row.at("t") == "reset") {
        ++resets;
        dead = true;
        EXPECT_EQ(row.at("sym"), whole[drop].symbol);
        EXPECT_EQ(row.at("ts"), std::to_string(next->ts));
        EXPECT_EQ(row.at("status"), "0");
      }
      if (row.at("sym") != whole[drop].symbol) continue;
      if (dead) {
        EXPECT_NE(row.at("t"), "delta") << "no row from a doubtful book";
        EXPECT_TRUE(row.at("mid").empty() && row.at("qi").empty() && row.at("bid_px").empty());
      }
    }
    EXPECT_EQ(resets, 1) << "dropped line " << drop;
    EXPECT_EQ(outcome.result.broken_books.size(), 1U);
  }
}

TEST_P(ReplayOf, IgnoresADuplicateWithoutARowOrAReset) {
  const std::vector<SimLine> whole = simulate(GetParam(), 14, 6);
  const std::size_t rows = replay(whole).rows.size();
  std::vector<SimLine> doubled = whole;
  std::size_t at = whole.size() * 2 / 3;
  while (!whole[at].is_delta) ++at;
  doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(at) + 1, whole[at]);

  const Outcome outcome = replay(doubled);

  EXPECT_EQ(outcome.rows.size(), rows);
  EXPECT_TRUE(outcome.result.broken_books.empty());
}

TEST_P(ReplayOf, DropsATruncatedFrameWholeAndTouchesNoOtherInstrument) {
  std::vector<SimLine> lines = simulate(GetParam(), 14, 7);
  std::size_t at = lines.size() * 2 / 3;
  while (!lines[at].is_delta) ++at;
  const std::string symbol = lines[at].symbol;
  lines[at].text.resize(lines[at].text.size() * 3 / 4);

  const Outcome outcome = replay(lines);

  ASSERT_EQ(outcome.result.broken_books.size(), 1U);
  EXPECT_TRUE(outcome.result.broken_books[0].ends_with(" " + symbol));
  for (const auto& row : outcome.rows) {
    if (row.at("t") == "reset") EXPECT_EQ(row.at("sym"), symbol);
  }
}

INSTANTIATE_TEST_SUITE_P(SimulatedVenues, ReplayOf,
                         testing::Values("binance-spot", "binance-usdm", "okx"),
                         [](const auto& param_info) {
                           std::string name{param_info.param};
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace steelyard
