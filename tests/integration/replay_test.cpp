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

struct Truth {
  const char* file;
  std::uint64_t links, checksums, top_ok, top, levels;
};

class Capture : public testing::TestWithParam<Truth> {};

TEST_P(Capture, ComesOutExactlyAsMeasuredIndependently) {
  const Truth& truth = GetParam();
  const auto path = captures() / (std::string{truth.file} + ".ndjson.zst");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no recording at " << path;
  ReplayOptions options;
  options.files = {path};
  Replay replay{options};

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
    top_ok += slot.audit.ok();
    top += slot.audit.ok() + slot.audit.bad();
  }
  EXPECT_EQ(sum.links_ok, truth.links);
  EXPECT_EQ(sum.links_bad, 0U);
  EXPECT_EQ(sum.checksums_ok, truth.checksums);
  EXPECT_EQ(sum.checksums_bad, 0U);
  EXPECT_EQ(top_ok, truth.top_ok);
  EXPECT_EQ(top, truth.top);
  if (truth.levels != 0) EXPECT_EQ(sum.level_changes, truth.levels);
  EXPECT_EQ(sum.crossed + sum.gaps + sum.resets, 0U);
  EXPECT_TRUE(result.broken_books.empty());
  std::uint64_t accounted =
      result.lines.malformed + result.lines.unknown_venue + result.lines.links + result.lines.sent;
  for (const IngressCounts& counts : result.ingress) {
    for (const std::uint64_t count : counts.by_status) accounted += count;
  }
  EXPECT_EQ(accounted, result.lines.lines);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, Capture,
    testing::Values(Truth{"binance-spot/btcusdt_20240808", 6494, 0, 6491, 6493, 300'094},
                    Truth{"binance-spot/multi10_20210417", 604, 0, 557, 557, 0},
                    Truth{"binance-usdm/btcusdt_20240808", 6550, 0, 6546, 6546, 445'262},
                    Truth{"binance-usdm/btcusdt_20230404", 16'109, 0, 16'110, 16'110, 324'682},
                    Truth{"binance-usdm/multi4_20210722", 760, 0, 731, 731, 0},
                    Truth{"binance-coinm/btcusd_perp_20240808", 44'794, 0, 44'767, 44'767, 661'405},
                    Truth{"binance-coinm/multi10_20210722", 2'037, 0, 1'764, 1'764, 0},
                    Truth{"okx/l2tbt_checksum_20220227", 0, 3'679, 0, 0, 0}),
    [](const auto& param_info) {
      std::string name{param_info.param.file};
      std::replace_if(name.begin(), name.end(), [](char c) { return c == '-' || c == '/'; }, '_');
      return name;
    });

}  // namespace
}  // namespace steelyard
