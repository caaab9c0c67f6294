// One delta missing from recorded traffic: noticed, announced, and harmless to every other book.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "app/replay.hpp"
#include "capture/line_reader.hpp"
#include "engine/symbols.hpp"
#include "support/capture_files.hpp"
#include "support/capture_truth.hpp"
#include "support/csv_rows.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

constexpr std::size_t kSamples = 25;
const std::vector<std::string> kOfTheBook = {"status", "bid_px", "bid_qty", "ask_px",   "ask_qty",
                                             "mid",    "qi",     "di_5",    "pbi_10bp", "wmid"};

class DroppedFrame : public testing::TestWithParam<CaptureTruth> {
 protected:
  // One line of the recording, and which instrument's book it changes, if any.
  struct Line {
    std::string text;
    std::string url, connection;
    std::int64_t ts = 0;
    std::string delta_of;  // "venue/symbol"
  };
  [[nodiscard]] static std::string name_of(const CsvRow& row) {
    return row.at("venue") + '/' + row.at("sym");
  }
  [[nodiscard]] static std::string name_of(const Instrument& instrument) {
    return std::string{venue_registry()[instrument.venue]->name} + '/' + instrument.symbol;
  }

  void SetUp() override {
    if (!std::filesystem::exists(GetParam().path())) {
      GTEST_SKIP() << "no recording at " << GetParam().path();
    }
    LineReader reader{unpacked(GetParam().file, open_file(GetParam().path()))};
    std::string_view text;
    while (lines_.size() < GetParam().drop_lines && reader.next(text) == LineReader::Result::Line) {
      lines_.push_back({std::string{text}, {}, {}, 0, {}});
    }
    find_deltas();
    whole_ = replay(lines_).rows;
  }

  void write(const std::vector<Line>& lines) const {
    std::string text;
    for (const Line& line : lines) text += line.text + '\n';
    write_file(folder_ / "in.ndjson", text);
  }
  struct Outcome {
    std::vector<CsvRow> rows;
    std::vector<std::string> broken;
  };
  [[nodiscard]] Outcome replay(const std::vector<Line>& lines) const {
    write(lines);
    ReplayOptions options;
    options.files = {folder_ / "in.ndjson"};
    options.csv = folder_ / "out.csv";
    options.columns = {"ts", "venue", "sym", "t", "ofi_norm_1000ms"};
    options.columns.insert(options.columns.end(), kOfTheBook.begin(), kOfTheBook.end());
    Outcome outcome;
    {
      Replay replay{options};
      outcome.broken = replay.run().broken_books;
    }
    outcome.rows = csv_rows(options.csv);
    return outcome;
  }

  // Decodes every line: whose book does it change?
  void find_deltas() {
    write(lines_);
    ReplayOptions options;
    options.files = {folder_ / "in.ndjson"};
    const Replay seen{options};
    std::vector<SymbolTable> symbols(venue_registry().size());
    for (const Instrument& instrument : seen.instruments()) {
      symbols[instrument.venue].insert(instrument.symbol, symbol_entry(instrument));
    }
    DecodeScratch scratch;
    MessageBatch batch;
    const auto source = open_source(folder_ / "in.ndjson", {});
    RecordedFrame recorded;
    while (source->next(recorded) == Next::Frame) {
      Line& line = lines_[recorded.line - 1];
      line.url = recorded.url;
      line.connection = recorded.connection;
      line.ts = recorded.received.raw();
      const Venue* const venue = venue_of_url(recorded.url);
      if (venue == nullptr || recorded.kind != FrameKind::Text) continue;
      Frame frame;
      frame.payload = recorded.payload;
      batch.clear();
      if (venue->decode(frame, symbols[venue_index(*venue)], scratch, batch) != DecodeStatus::Ok) {
        continue;
      }
      for (const Message& message : batch.messages()) {
        if (message.kind != MessageKind::Delta) continue;  // a bare id is one, too
        line.delta_of = name_of(seen.instruments()[message.instrument.raw()]);
      }
    }
  }

  [[nodiscard]] std::size_t next_delta(std::size_t after) const {
    std::size_t at = after + 1;
    while (at < lines_.size() && lines_[at].delta_of != lines_[after].delta_of) ++at;
    return at;
  }

  // Positions of deltas that a live book took and another one follows; the same at each run.
  [[nodiscard]] std::vector<std::size_t> sample() const {
    std::set<std::pair<std::string, std::string>> taken;
    for (const CsvRow& row : whole_) {
      if (row.at("t") == "delta") taken.emplace(name_of(row), row.at("ts"));
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!taken.contains({lines_[i].delta_of, std::to_string(lines_[i].ts)})) continue;
      if (next_delta(i) < lines_.size()) all.push_back(i);
    }
    std::mt19937_64 random{20'240'808};
    for (std::size_t i = 0; i < std::min(kSamples, all.size()); ++i) {
      std::swap(all[i], all[i + random() % (all.size() - i)]);
    }
    all.resize(std::min(kSamples, all.size()));
    return all;
  }

  [[nodiscard]] std::vector<Line> without(std::size_t dropped) const {
    std::vector<Line> lines = lines_;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(dropped));
    return lines;
  }
  [[nodiscard]] static std::vector<CsvRow> rows_of(const std::vector<CsvRow>& rows,
                                                   const std::string& name, bool same) {
    std::vector<CsvRow> some;
    for (const CsvRow& row : rows) {
      if ((name_of(row) == name) == same) some.push_back(row);
    }
    return some;
  }
  [[nodiscard]] static std::vector<std::string> of_the_book(const CsvRow& row) {
    std::vector<std::string> values;
    for (const std::string& column : kOfTheBook) values.push_back(row.at(column));
    return values;
  }
  static void expect_no_book(const CsvRow& row) {
    EXPECT_EQ(row.at("status"), "0");
    for (const std::string& column : kOfTheBook) {
      if (column != "status") EXPECT_EQ(row.at(column), "") << column;
    }
    EXPECT_EQ(row.at("ofi_norm_1000ms"), "") << "a mean over no observation";
  }

  TemporaryFolder folder_;
  std::vector<Line> lines_;
  std::vector<CsvRow> whole_;  // of the undamaged lines
};

TEST_P(DroppedFrame, IsNoticedAtTheNextFrameOfItsInstrumentAndOnlyThere) {
  std::size_t noticed = 0;
  const std::vector<std::size_t> positions = sample();
  ASSERT_GE(positions.size(), 10U);

  for (const std::size_t dropped : positions) {
    const std::string& symbol = lines_[dropped].delta_of;
    SCOPED_TRACE(symbol + ", line " + std::to_string(dropped + 1));

    const Outcome outcome = replay(without(dropped));

    const std::vector<CsvRow> rows = rows_of(outcome.rows, symbol, true);
    const auto reset = std::find_if(rows.begin(), rows.end(),
                                    [](const CsvRow& row) { return row.at("t") == "reset"; });
    if (reset != rows.end()) {
      ++noticed;
      if (GetParam().has_ids()) {
        EXPECT_EQ(reset->at("ts"), std::to_string(lines_[next_delta(dropped)].ts));
      }
      for (auto row = reset; row != rows.end(); ++row) {
        expect_no_book(*row);
        EXPECT_TRUE(row == reset || row->at("t") == "trade" || row->at("t") == "liq")
            << row->at("t") << " of a doubtful book, or a second reset";
      }
      EXPECT_EQ(outcome.broken.size(), 1U);
    } else {
      EXPECT_TRUE(outcome.broken.empty());
    }
    // Up to the frame that is missing, nothing differs; of other instruments, nothing at all.
    const std::vector<CsvRow> before = rows_of(whole_, symbol, true);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (std::stoll(rows[i].at("ts")) >= lines_[dropped].ts) break;
      ASSERT_EQ(rows[i], before[i]);
    }
    EXPECT_EQ(rows_of(outcome.rows, symbol, false), rows_of(whole_, symbol, false));
  }

  if (GetParam().has_ids()) {
    EXPECT_EQ(noticed, positions.size());
  } else {
    // A checksum is no gap detector: a level that it does not cover, or that is gone again, is
    // missed; but not every time.
    EXPECT_GT(noticed, positions.size() / 4);
  }
}

TEST_P(DroppedFrame, IsMadeGoodByTheNextSnapshot) {
  if (GetParam().snapshot == nullptr) GTEST_SKIP() << "no snapshot is made for this venue";
  std::size_t recovered = 0;
  for (const std::size_t dropped : sample()) {
    const std::string& symbol = lines_[dropped].delta_of;
    SCOPED_TRACE(symbol + ", line " + std::to_string(dropped + 1));
    // Half-way from where it is noticed to the end comes a snapshot of the book as it is there.
    const std::size_t noticed = next_delta(dropped);
    const std::size_t here = noticed + 1 + (lines_.size() - noticed - 1) / 2;
    std::vector<Line> prefix(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(here));
    write(prefix);
    ReplayOptions options;
    options.files = {folder_ / "in.ndjson"};
    Replay undamaged{options};
    (void)undamaged.run();
    const auto slots = undamaged.shard().slots();
    const auto slot = std::find_if(slots.begin(), slots.end(), [&](const InstrumentSlot& one) {
      return name_of(one.instrument) == symbol;
    });
    ASSERT_NE(slot, slots.end());
    const SnapshotMessage message = GetParam().snapshot(*slot);
    const std::int64_t ts = lines_[here - 1].ts;
    const bool answer = !message.url.empty();
    std::vector<Line> damaged = without(dropped);
    const std::string line = "{\"ts\":" + std::to_string(ts) + ",\"dir\":\"in\",\"conn\":\"" +
                             (answer ? "again" : lines_[dropped].connection) + "\",\"url\":" +
                             json_quoted(answer ? message.url : lines_[dropped].url) +
                             ",\"msg\":" + json_quoted(message.text) + '}';
    damaged.insert(damaged.begin() + static_cast<std::ptrdiff_t>(here) - 1, {line, {}, {}, ts, {}});

    const Outcome outcome = replay(damaged);

    EXPECT_TRUE(outcome.broken.empty());
    const std::vector<CsvRow> rows = rows_of(outcome.rows, symbol, true);
    auto back = rows.end();
    std::size_t resets = 0;
    for (auto row = rows.begin(); row != rows.end(); ++row) {
      if (row->at("t") == "reset") ++resets;
      if (row->at("t") == "snapshot" && std::stoll(row->at("ts")) == ts) back = row;
    }
    ASSERT_NE(back, rows.end()) << "no snapshot row where the snapshot is";
    if (GetParam().has_ids()) EXPECT_EQ(resets, 1U);
    // From there on every book is what it is without the damage.
    std::map<std::string, std::vector<std::vector<std::string>>> truth, found;
    for (const CsvRow& row : rows_of(whole_, symbol, true)) {
      if (std::stoll(row.at("ts")) > ts) truth[row.at("ts")].push_back(of_the_book(row));
    }
    for (auto row = back; row != rows.end(); ++row) {
      if (std::stoll(row->at("ts")) > ts) found[row->at("ts")].push_back(of_the_book(*row));
    }
    EXPECT_EQ(found, truth);
    recovered += truth.empty() ? 0 : 1;
  }
  EXPECT_GT(recovered, 10U) << "records after the snapshot were compared";
}

[[nodiscard]] std::vector<CaptureTruth> provable() {
  std::vector<CaptureTruth> some;
  for (const CaptureTruth& truth : capture_truths()) {
    if (truth.drop_lines != 0) some.push_back(truth);
  }
  return some;
}
INSTANTIATE_TEST_SUITE_P(Recorded, DroppedFrame, testing::ValuesIn(provable()), truth_name);

}  // namespace
}  // namespace steelyard
