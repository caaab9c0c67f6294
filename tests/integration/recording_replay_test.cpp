// Replay of the project's own recordings, whole and damaged, and of inputs that end too soon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "cli/commands.hpp"
#include "app/recording_header.hpp"
#include "app/replay.hpp"
#include "support/capture_files.hpp"
#include "support/csv_rows.hpp"
#include "support/fixtures.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

class ReplayOfARecording : public testing::Test {
 protected:
  ReplayOfARecording() {
    lines_ = simulate("okx", 50, 3);
    write_ndjson(folder_ / "in.ndjson", lines_);
  }

  // The same frames as in.ndjson, in blocks of 40.
  void record(const std::string& path, std::uint64_t rotate_bytes = 0,
              const std::vector<SignalOverride>& overrides = {}) {
    RecordingHeader header;
    const Replay seen{options({folder_ / "in.ndjson"})};
    header.instruments.assign(seen.instruments().begin(), seen.instruments().end());
    header.own_signals = assign_params(header.instruments, header.signals, overrides);
    header.own_signals.erase(header.own_signals.begin());
    const Venue* const venue = venue_of_url(lines_.front().url);
    header.connections.push_back({0, std::string{venue->name}, lines_.front().url, 0});
    RecordingWriter writer{
        path, write_header(header), {.block_age_ns = 0, .rotate_bytes = rotate_bytes}};
    std::size_t frames = 0;
    RecordedFrame frame;
    const auto source = open_source(folder_ / "in.ndjson", {});
    while (source->next(frame) == Next::Frame) {
      EXPECT_TRUE(writer.append({frame.payload, {}, frame.received, ConnectionId{0}, frame.kind}));
      if (++frames % 40 == 0) writer.flush();
    }
    EXPECT_EQ(frames, lines_.size());
    EXPECT_TRUE(writer.close());
  }
  static ReplayOptions options(const std::vector<std::string>& files) {
    ReplayOptions result;
    result.files = files;
    result.digest = true;
    return result;
  }
  static ReplayResult replay(const std::vector<std::string>& files) {
    Replay run{options(files)};
    return run.run();
  }
  static void expect_all_accounted(const ReplayResult& result) {
    const LineCounts& lines = result.lines;
    std::uint64_t accounted = lines.malformed + lines.unknown_venue + lines.links + lines.sent +
                              lines.timers + lines.lost_marks;
    for (const IngressCounts& counts : result.ingress) {
      for (const std::uint64_t count : counts.by_status) accounted += count;
    }
    EXPECT_EQ(accounted, lines.lines);
  }

  struct Command {
    int exit_code;
    std::string out;
    std::string err;
  };
  static Command command(const std::string& file) {
    CLI::App app;
    Command result{-1, {}, {}};
    add_replay_command(app, result.exit_code);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    app.parse("replay --summary " + file);
    result.out = testing::internal::GetCapturedStdout();
    result.err = testing::internal::GetCapturedStderr();
    return result;
  }

  // Damages the block that holds this frame, from 1.
  static void damage_block_of(const std::string& path, std::uint64_t frame) {
    std::string bytes = bytes_of_file(path);
    std::size_t at = sizeof(FileHeader);
    BlockHeader header;
    for (;;) {
      std::memcpy(&header, bytes.data() + at, sizeof header);
      if (header.kind == BlockKind::Records && header.first_frame + header.frames >= frame) break;
      at += sizeof header + header.compressed_bytes;
    }
    bytes[at + sizeof header + 10] ^= 1;
    write_file(path, bytes);
  }

  TemporaryFolder folder_;
  std::vector<SimLine> lines_;
};

TEST_F(ReplayOfARecording, GivesTheDigestOfTheSameFramesInAnyFormat) {
  record(folder_ / "a.sly");
  record(folder_ / "r.sly", 20'000);
  std::vector<std::string> parts;
  for (int i = 1; std::filesystem::exists(folder_ / ("r-000" + std::to_string(i) + ".sly")); ++i) {
    parts.insert(parts.begin(), folder_ / ("r-000" + std::to_string(i) + ".sly"));
  }
  ASSERT_GT(parts.size(), 1U);

  const std::uint64_t digest = replay({folder_ / "in.ndjson"}).digest;

  const ReplayResult whole = replay({folder_ / "a.sly"});
  EXPECT_EQ(whole.digest, digest);
  EXPECT_EQ(whole.lines.lines, lines_.size());
  EXPECT_EQ(whole.damage.places, 0U);
  expect_all_accounted(whole);
  EXPECT_EQ(replay(parts).digest, digest);
  EXPECT_EQ(command(folder_ / "a.sly").exit_code, kExitOk);
}

TEST_F(ReplayOfARecording, MeasuresEachInstrumentWithTheParametersOfTheRecording) {
  ReplayOptions configured = options({folder_ / "in.ndjson"});
  configured.configured = true;
  configured.overrides = {{"okx", "", "", "", toml::parse("flow_decay_ms = 50\nrank_lambda = 0.1")},
                          {"okx", "BTC*", "", "", toml::parse("rank_lambda = 2")}};
  record(folder_ / "a.sly", 0, configured.overrides);
  record(folder_ / "b.sly", 0, {configured.overrides.front()});

  const std::uint64_t digest = Replay{configured}.run().digest;

  EXPECT_EQ(replay({folder_ / "a.sly"}).digest, digest);
  EXPECT_NE(replay({folder_ / "b.sly"}).digest, digest);
  EXPECT_NE(replay({folder_ / "in.ndjson"}).digest, digest);
  // What is configured counts, not what the recording was made with.
  configured.files = {folder_ / "b.sly"};
  EXPECT_EQ(Replay{configured}.run().digest, digest);
}

TEST_F(ReplayOfARecording, KeepsTheColumnsOfTheFirstFileWhateverTheOthersWereMadeWith) {
  record(folder_ / "a.sly");
  record(folder_ / "b.sly", 0, {{"okx", "*", "", "", toml::parse("rank_lambda = 2")}});
  std::string columns_differ = write_header(RecordingHeader{});
  columns_differ.replace(columns_differ.find("flow_levels = 10"), 16, "flow_levels = 9");
  RecordingWriter{folder_ / "c.sly", columns_differ, {}}.close();

  Replay same{options({folder_ / "a.sly", folder_ / "c.sly"})};
  Replay other{options({folder_ / "c.sly", folder_ / "b.sly"})};

  EXPECT_TRUE(same.signals().find("e_l10").has_value());
  EXPECT_EQ(same.signals().sets().size(), 1U);
  EXPECT_FALSE(other.signals().find("e_l10").has_value());
  EXPECT_EQ(other.instruments().front().params, 0);
  EXPECT_EQ(other.signals().error(), "");
}

TEST_F(ReplayOfARecording, ProcessesAllBeforeATornTailAndTellsIt) {
  record(folder_ / "a.sly");
  const std::string bytes = bytes_of_file(folder_ / "a.sly");
  write_file(folder_ / "a.sly", bytes.substr(0, bytes.size() - 1));

  const ReplayResult result = replay({folder_ / "a.sly"});

  EXPECT_EQ(result.lines.malformed, 1U);
  EXPECT_EQ(result.lines.lines, lines_.size() / 40 * 40 + 1);
  EXPECT_EQ(result.damage.places, 1U);
  EXPECT_TRUE(result.broken_books.empty());
  expect_all_accounted(result);

  const Command run = command(folder_ / "a.sly");
  EXPECT_EQ(run.exit_code, kExitOk) << "no book suffered";
  EXPECT_THAT(run.out, HasSubstr("DAMAGED     1 places, "));
  EXPECT_THAT(run.out, testing::Not(HasSubstr("NOT ALL")));
  EXPECT_THAT(run.err, HasSubstr("a.sly: "));
  EXPECT_THAT(run.err, HasSubstr("all that precedes was read"));
}

TEST_F(ReplayOfARecording, TrustsNoBookAcrossLostFrames) {
  record(folder_ / "a.sly");
  damage_block_of(folder_ / "a.sly", lines_.size() / 2);

  const ReplayResult result = replay({folder_ / "a.sly"});

  EXPECT_EQ(result.damage.places, 1U);
  EXPECT_EQ(result.damage.records, 40U);
  EXPECT_EQ(result.lines.lines, lines_.size() - 40 + 1);
  EXPECT_FALSE(result.broken_books.empty()) << "no snapshot follows";
  expect_all_accounted(result);

  const Command run = command(folder_ / "a.sly");
  EXPECT_EQ(run.exit_code, kExitFailed);
  EXPECT_THAT(run.out, HasSubstr("40 frames known to be missing"));
}

// A recording of two io threads: a timer source and a connection each.
class ReplayOfTwoIoThreads : public testing::Test {
 protected:
  static constexpr std::uint32_t kOkxTimers = 0, kSpotTimers = 1, kOkx = 2, kSpot = 3;

  // Both venues until `end_`, then what `more` appends.
  template <typename More>
  void record(const std::string& path, const More& more) {
    RecordingHeader header;
    std::vector<std::pair<SimLine, std::uint32_t>> lines;
    for (const char* const venue : {"okx", "binance-spot"}) {
      const bool okx = venue == std::string{"okx"};
      std::vector<SimLine> made = simulate(venue, 20, 3);
      write_ndjson(folder_ / "in.ndjson", made);
      ReplayOptions options;
      options.files = {folder_ / "in.ndjson"};
      const Replay seen{options};
      for (Instrument instrument : seen.instruments()) {
        instrument.io = okx ? 0 : 1;
        header.instruments.push_back(std::move(instrument));
      }
      for (SimLine& line : made) lines.emplace_back(std::move(line), okx ? kOkx : kSpot);
    }
    header.connections = {{kOkxTimers, {}, {}, 0},
                          {kSpotTimers, {}, {}, 1},
                          {kOkx, "okx", "wss://ws.okx.com:8443/ws/v5/public", 0},
                          {kSpot, "binance-spot", "wss://stream.binance.com:9443/stream", 1}};
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.first.ts < b.first.ts; });
    RecordingWriter writer{path, write_header(header), {}};
    for (const auto& [line, connection] : lines) {
      const PaddedFrame padded{line.text, line.url.starts_with("http") ? line.url : ""};
      Frame frame = *padded;
      frame.received = TimestampNs{line.ts};
      frame.connection = ConnectionId{connection};
      ASSERT_TRUE(writer.append(frame));
      end_ = line.ts;
    }
    more(writer);
    ASSERT_TRUE(writer.close());
  }
  std::vector<CsvRow> rows(const std::vector<std::string>& files) {
    ReplayOptions options;
    options.files = files;
    options.csv = folder_ / "out.csv";
    options.columns = {"ts", "venue", "sym", "t"};
    {
      Replay replay{options};
      (void)replay.run();
    }
    return csv_rows(options.csv);
  }

  // The venues that have timer rows.
  std::set<std::string> timed(const std::vector<std::string>& files) {
    std::set<std::string> venues;
    for (const CsvRow& row : rows(files)) {
      if (row.at("t") == "timer") venues.insert(row.at("venue"));
    }
    return venues;
  }

  TemporaryFolder folder_;
  std::int64_t end_ = 0;
};

TEST_F(ReplayOfTwoIoThreads, MovesTimeOfTheInstrumentsWhoseThreadToldIt) {
  record(folder_ / "a.sly", [&](RecordingWriter& writer) {
    ASSERT_TRUE(writer.append(
        {{}, {}, TimestampNs{end_ + 1'000'000'000}, ConnectionId{kSpotTimers}, FrameKind::Timer}));
  });

  EXPECT_EQ(timed({folder_ / "a.sly"}), std::set<std::string>{"binance-spot"});
}

TEST_F(ReplayOfTwoIoThreads, KnowsThemByTheirInstrumentsInEachOfTwoSessions) {
  record(folder_ / "a.sly", [](RecordingWriter&) {});
  // The second session of the same instruments has its threads the other way round.
  RecordingHeader header = read_header(open_source(folder_ / "a.sly", {})->header());
  for (RecordedConnection& connection : header.connections) connection.io ^= 1;
  for (Instrument& instrument : header.instruments) instrument.io ^= 1;
  RecordingWriter writer{folder_ / "b.sly", write_header(header), {}};
  ASSERT_TRUE(writer.append(
      {{}, {}, TimestampNs{end_ + 2'000'000'000}, ConnectionId{kOkxTimers}, FrameKind::Timer}));
  ASSERT_TRUE(writer.close());

  EXPECT_EQ(timed({folder_ / "a.sly", folder_ / "b.sly"}), std::set<std::string>{"okx"});
}

TEST_F(ReplayOfTwoIoThreads, DoubtsTheBooksOfTheThreadThatLostFramesAndNoOthers) {
  record(folder_ / "a.sly", [&](RecordingWriter& writer) {
    ASSERT_TRUE(
        writer.append({"12", {}, TimestampNs{end_ + 1}, ConnectionId{kSpot}, FrameKind::Lost}));
    ASSERT_TRUE(
        writer.append({{}, {}, TimestampNs{end_ + 2}, ConnectionId{kOkxTimers}, FrameKind::Timer}));
  });

  std::size_t resets = 0;
  for (const CsvRow& row : rows({folder_ / "a.sly"})) {
    if (row.at("t") != "reset") continue;
    ++resets;
    EXPECT_EQ(row.at("venue"), "binance-spot");
    EXPECT_EQ(row.at("ts"), std::to_string(end_ + 1));
  }
  EXPECT_EQ(resets, sim::binance_spot_instruments().size());
}

TEST_F(ReplayOfARecording, ProcessesAllBeforeACutInACompressedFileAndExitsWithItsLine) {
  const std::string packed = as_zstd(bytes_of_file(folder_ / "in.ndjson"));
  write_file(folder_ / "cut.ndjson.zst", packed.substr(0, packed.size() - 5));

  const ReplayResult result = replay({folder_ / "cut.ndjson.zst"});

  EXPECT_THAT(result.input_error, HasSubstr("cut.ndjson.zst: the zstd data end in mid-frame, in"));
  EXPECT_GT(result.lines.lines, 0U);
  EXPECT_GT(result.records, 0U);
  expect_all_accounted(result);

  const Command run = command(folder_ / "cut.ndjson.zst");
  EXPECT_EQ(run.exit_code, kExitUsage);
  EXPECT_THAT(run.err, HasSubstr("in line " + std::to_string(result.lines.lines + 1)));
  EXPECT_THAT(run.out, HasSubstr("CUT SHORT"));
}

}  // namespace
}  // namespace steelyard
