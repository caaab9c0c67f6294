// Replay with a configuration: its signal parameters, and only the instruments that it names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "app/recording_header.hpp"
#include "app/replay.hpp"
#include "support/capture_files.hpp"
#include "support/csv_rows.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kSpot = "wss://stream.binance.com:9443/stream";
const std::string kSpotRest = "https://api.binance.com/api/v3";

class ReplayWithAConfig : public testing::Test {
 protected:
  struct Command {
    int exit_code = -1;
    std::string error;  // what ended it, or what it said on standard error
    std::vector<CsvRow> rows;
  };
  Command replay(const std::string& config, const std::string& more = {}) {
    std::string arguments = "replay " + folder_ / "in.ndjson";
    if (!config.empty()) {
      write_file(folder_ / "a.toml", config);
      arguments += " --config " + folder_ / "a.toml";
    }
    return run(arguments + " --csv " + folder_ / "out.csv " + more);
  }
  Command run(const std::string& arguments) {
    CLI::App app;
    Command result;
    add_replay_command(app, result.exit_code);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    std::string thrown;
    try {
      app.parse(arguments);
    } catch (const std::exception& error) {
      thrown = error.what();
    }
    (void)testing::internal::GetCapturedStdout();
    result.error = testing::internal::GetCapturedStderr() + thrown;
    result.rows = csv_rows(folder_ / "out.csv");
    return result;
  }
  // Lines of one connection, or answers of its REST side.
  void write_lines(const std::vector<std::pair<std::string, std::string>>& lines) {
    std::vector<SimLine> made;
    std::int64_t ts = 1'700'000'000'000'000'000;
    for (const auto& [url, text] : lines) made.push_back({ts += 1000, url, text, false, {}});
    write_ndjson(folder_ / "in.ndjson", made);
  }
  static std::vector<CsvRow> of(const std::vector<CsvRow>& rows, const std::string& symbol) {
    std::vector<CsvRow> some;
    for (CsvRow row : rows) {
      if (row.at("sym") != symbol) continue;
      row.erase("seq");  // counts the events of all instruments
      some.push_back(std::move(row));
    }
    return some;
  }

  TemporaryFolder folder_;
};

TEST_F(ReplayWithAConfig, ProcessesTheInstrumentsThatItNamesAsIfTheyWereAlone) {
  write_ndjson(folder_ / "in.ndjson", simulate("binance-spot", 20, 3));
  const Command all = replay("");

  const Command some = replay("[venues.binance-spot]\ninstruments = [\"BTC*\", \"SOL-USDT\"]\n");

  EXPECT_EQ(some.exit_code, kExitOk);
  for (const char* const symbol : {"BTCUSDT", "SOLUSDT"}) {
    EXPECT_GT(of(some.rows, symbol).size(), 10U);
    EXPECT_EQ(of(some.rows, symbol), of(all.rows, symbol));
  }
  EXPECT_EQ(some.rows.size(), of(some.rows, "BTCUSDT").size() + of(some.rows, "SOLUSDT").size());
  EXPECT_GT(all.rows.size(), some.rows.size());
}

TEST_F(ReplayWithAConfig, TakesItsSignalParameters) {
  write_ndjson(folder_ / "in.ndjson", simulate("okx", 20, 3));

  const Command run = replay(
      "[signals]\nbands_bps = [7.0]\nmain_band_bps = 7.0\n[venues.okx]\ninstruments = [\"*\"]\n");

  EXPECT_EQ(run.exit_code, kExitOk);
  ASSERT_FALSE(run.rows.empty());
  EXPECT_EQ(run.rows[0].count("pbi_7bp"), 1U);
  EXPECT_EQ(run.rows[0].count("pbi_10bp"), 0U);
}

TEST_F(ReplayWithAConfig, PrefersItsParametersToThoseOfARecording) {
  write_ndjson(folder_ / "in.ndjson", simulate("okx", 20, 3));
  ReplayOptions options;
  options.files = {folder_ / "in.ndjson"};
  RecordingHeader header;
  const Replay seen{options};
  header.instruments.assign(seen.instruments().begin(), seen.instruments().end());
  header.connections.push_back({0, "okx", "wss://ws.okx.com:8443/ws/v5/public", 0});
  header.signals.bands_bps = {3.0};
  header.signals.main_band_bps = 3.0;
  RecordingWriter writer{folder_ / "a.sly", write_header(header), {}};
  RecordedFrame frame;
  const auto source = open_source(folder_ / "in.ndjson", {});
  while (source->next(frame) == Next::Frame) {
    ASSERT_TRUE(writer.append({frame.payload, {}, frame.received, ConnectionId{0}, frame.kind}));
  }
  ASSERT_TRUE(writer.close());
  write_file(folder_ / "b.toml",
             "[signals]\nbands_bps = [7.0]\nmain_band_bps = 7.0\n"
             "[venues.okx]\ninstruments = [\"BTC-USDT\"]\n");

  const std::string csv = " --csv " + folder_ / "out.csv";
  const Command own = run("replay " + folder_ / "a.sly" + csv);
  const Command configured =
      run("replay " + folder_ / "a.sly" + " --config " + folder_ / "b.toml" + csv);

  ASSERT_FALSE(own.rows.empty() || configured.rows.empty());
  EXPECT_EQ(own.rows[0].count("pbi_3bp"), 1U);
  EXPECT_EQ(configured.rows[0].count("pbi_3bp"), 0U);
  EXPECT_EQ(configured.rows[0].count("pbi_7bp"), 1U);
  EXPECT_EQ(configured.rows.size(), of(configured.rows, "BTC-USDT").size());
}

TEST_F(ReplayWithAConfig, GivesAnAnswerThatNamesNoInstrumentToNoneOfSeveral) {
  const std::string diff = R"({"e":"depthUpdate","E":5,"s":"AAAUSDT","U":11,"u":12,)"
                           R"("b":[["10.0","2.0"]],"a":[["11.0","2.0"]]})";
  std::string other = diff;
  other.replace(other.find("AAA"), 3, "BBB");
  write_lines({{kSpot, diff},
               {kSpot, other},
               {kSpotRest + "/depth",
                R"({"lastUpdateId":11,"bids":[["10.0","1.0"]],"asks":[["11.0","1.0"]]})"}});

  const Command run = replay("[venues.binance-spot]\ninstruments = [\"AAAUSDT\"]\n");

  EXPECT_TRUE(run.rows.empty()) << "it may be the other's";
  EXPECT_THAT(run.error, HasSubstr("in.ndjson:3: frame dropped"));
}

TEST_F(ReplayWithAConfig, FollowsTheChannelThatItNamesWhereThereAreSeveral) {
  const auto stream = [](const std::string& name, const std::string& data) {
    return R"({"stream":"aaausdt@)" + name + R"(","data":)" + data + "}";
  };
  write_lines({{kSpot, stream("depth@100ms", R"({"e":"depthUpdate","E":5,"s":"AAAUSDT","U":11,)"
                                             R"("u":12,"b":[["9.0","2.0"]],"a":[]})")},
               {kSpot, stream("depth5@100ms",
                              R"({"lastUpdateId":13,"bids":[["10.5","1"]],"asks":[["11","1"]]})")},
               {kSpotRest + "/depth?symbol=AAAUSDT&limit=1000",
                R"({"lastUpdateId":11,"bids":[["10.0","1.0"]],"asks":[["11.0","1.0"]]})"}});
  const std::string venue = "[venues.binance-spot]\ninstruments = [\"AAAUSDT\"]\n";

  const Command diffs = replay(venue);
  const Command partial = replay(venue + "channel = \"depth5@100ms\"\n");

  ASSERT_EQ(diffs.rows.size(), 1U);
  EXPECT_EQ(diffs.rows[0].at("bid_px"), "10");
  ASSERT_EQ(partial.rows.size(), 1U);
  EXPECT_EQ(partial.rows[0].at("bid_px"), "10.5");
}

TEST_F(ReplayWithAConfig, SaysWhatTheRecordingsHoldIfNothingOfItIsNamed) {
  write_ndjson(folder_ / "in.ndjson", simulate("okx", 5, 3));

  const Command run = replay("[venues.okx]\ninstruments = [\"DOGE*\"]\n");

  EXPECT_THAT(run.error, HasSubstr("a.toml: none of the instruments that the recordings hold is "
                                   "wanted; of "));
  EXPECT_THAT(run.error, HasSubstr(" okx BTC-USDT"));
}

TEST_F(ReplayWithAConfig, RefusesAFaultyFileInOneLine) {
  write_ndjson(folder_ / "in.ndjson", simulate("okx", 5, 3));

  const Command run = replay("[venues.okx]\ninstruments = [\"*\"]\nstream = [\"book\"]\n");

  EXPECT_THAT(run.error, HasSubstr("a.toml:3:"));
  EXPECT_THAT(run.error, HasSubstr("venues.okx.streams?"));
  EXPECT_THAT(run.error, Not(HasSubstr("\n")));
}

TEST_F(ReplayWithAConfig, FlagsASilentBookAfterTheTimeThatItSays) {
  const std::string trade = R"({"e":"trade","E":5,"s":"AAAUSDT","t":1,"p":"10.5","q":"1.0",)"
                            R"("T":5,"m":true})";
  std::vector<SimLine> lines{
      {1'000'000'000,
       kSpotRest + "/depth?symbol=AAAUSDT&limit=1000",
       R"({"lastUpdateId":11,"bids":[["10.0","1.0"]],"asks":[["11.0","1.0"]]})",
       false,
       {}},
      {1'000'000'001,
       kSpot,
       R"({"e":"depthUpdate","E":5,"s":"AAAUSDT","U":12,"u":12,"b":[["10.0","2.0"]],"a":[]})",
       false,
       {}},
      {20'000'000'000, kSpot, trade, false, {}}};
  write_ndjson(folder_ / "in.ndjson", lines);
  const std::string venue = "[venues.binance-spot]\ninstruments = [\"*\"]\n";
  const auto stale = [&](const std::string& config) {
    write_file(folder_ / "a.toml", config + venue);
    ReplayOptions options;
    options.files = {folder_ / "in.ndjson"};
    options.digest = true;
    apply_config(load_config(folder_ / "a.toml"), options);
    Replay replay{options};
    return replay.run().digest;
  };

  EXPECT_NE(stale("stale_after_ms = 500\n"), stale("stale_after_ms = 5000\n"));
  EXPECT_EQ(stale("stale_after_ms = 10000\n"), stale(""));
}

TEST(RecordingHeaderText, KeepsTheLimitOfSilence) {
  RecordingHeader header;
  header.stale_after_ms = 1234;

  EXPECT_EQ(read_header(write_header(header)).stale_after_ms, 1234U);
  EXPECT_EQ(read_header("").stale_after_ms, 10'000U) << "recordings made before it was kept";
}

}  // namespace
}  // namespace steelyard
