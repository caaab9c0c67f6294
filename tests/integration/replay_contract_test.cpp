// What `steelyard replay` promises on its command line, asked of the binary itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/wait.h>

#include "support/capture_files.hpp"
#include "support/csv_rows.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ReplayCommand : public testing::Test {
 protected:
  ReplayCommand() : lines_{simulate("okx", 20, 3)} {
    write_ndjson(folder_ / "okx.ndjson", lines_);
    spot_ = simulate("binance-spot", 20, 4);
    write_ndjson(folder_ / "spot.ndjson", spot_);
  }

  struct Outcome {
    int exit_code = -1;
    std::string out, err;
  };
  // In the folder of the test; the shell's redirections work.
  Outcome replay(const std::string& arguments) {
    const std::string line = "cd '" + folder_ / "" + "' && '" + STEELYARD_BIN_DIR +
                             "/steelyard' replay " + arguments + " > out.txt 2> err.txt";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, bytes_of_file(folder_ / "out.txt"),
            bytes_of_file(folder_ / "err.txt")};
  }
  // What the file's digest is.
  std::string digest(const std::string& arguments) {
    const Outcome outcome = replay(arguments + " --digest");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out.size(), 17U) << outcome.out;
    return outcome.out;
  }
  std::vector<CsvRow> rows(const std::string& arguments) {
    const Outcome outcome = replay(arguments + " --csv rows.csv");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "") << "no summary beside a file, if nobody asks";
    return csv_rows(folder_ / "rows.csv");
  }

  TemporaryFolder folder_;
  std::vector<SimLine> lines_, spot_;
};

TEST_F(ReplayCommand, ReadsStandardInputPlainAndPackedAsItReadsTheFile) {
  write_file(folder_ / "okx.ndjson.zst", as_zstd(bytes_of_file(folder_ / "okx.ndjson")));
  write_file(folder_ / "okx.ndjson.gz", as_gzip(bytes_of_file(folder_ / "okx.ndjson")));
  const std::string of_file = digest("okx.ndjson");

  EXPECT_EQ(digest("- < okx.ndjson"), of_file);
  EXPECT_EQ(digest("okx.ndjson.zst"), of_file);
  EXPECT_EQ(digest("- < okx.ndjson.zst"), of_file);
  EXPECT_EQ(digest("- < okx.ndjson.gz"), of_file);
}

TEST_F(ReplayCommand, MergesSeveralFilesByReceiveTime) {
  const auto merged = rows("spot.ndjson okx.ndjson --columns seq,ts,venue,sym,t");

  EXPECT_EQ(merged.size(), rows("spot.ndjson").size() + rows("okx.ndjson").size());
  std::int64_t before = 0;
  std::uint64_t seq = 0;
  for (const CsvRow& row : merged) {
    EXPECT_GE(std::stoll(row.at("ts")), before);
    before = std::stoll(row.at("ts"));
    EXPECT_EQ(row.at("seq"), std::to_string(++seq));
  }
  EXPECT_EQ(digest("spot.ndjson okx.ndjson"), digest("okx.ndjson spot.ndjson"));
}

TEST_F(ReplayCommand, WritesAnyColumnsInAnyOrder) {
  const auto all = rows("okx.ndjson");
  const auto some = rows("okx.ndjson --columns ask_qty,mid,seq --columns bid_px,seq");
  EXPECT_THAT(csv_cells(bytes_of_file(folder_ / "rows.csv").substr(0, 26)),
              ElementsAre("ask_qty", "mid", "seq", "bid_px", "seq"));

  ASSERT_EQ(some.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const char* const column : {"ask_qty", "mid", "seq", "bid_px"}) {
      EXPECT_EQ(some[i].at(column), all[i].at(column));
    }
  }
  const Outcome wrong = replay("okx.ndjson --csv rows.csv --columns mid,nope");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(wrong.err, "steelyard: --columns: there is no column \"nope\"\n");
}

TEST_F(ReplayCommand, WritesRowsOfTheWantedEventsAndCountsTheOthersAllTheSame) {
  const auto all = rows("okx.ndjson --columns seq,t");
  for (const std::vector<std::string>& wanted :
       {std::vector<std::string>{"book"}, {"trade"}, {"snapshot"}, {"delta", "trade"}, {"reset"}}) {
    std::string list;
    for (const std::string& event : wanted) list += (list.empty() ? "" : ",") + event;
    std::vector<CsvRow> expected;
    for (const CsvRow& row : all) {
      for (const std::string& event : wanted) {
        const bool book = row.at("t") == "snapshot" || row.at("t") == "delta";
        if (row.at("t") == event || (event == "book" && book)) expected.push_back(row);
      }
    }
    EXPECT_EQ(rows("okx.ndjson --columns seq,t --only " + list), expected) << list;
  }
  const Outcome wrong = replay("okx.ndjson --csv rows.csv --only book,tick");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--only: \"tick\" is none of book, snapshot, delta,"));
}

TEST_F(ReplayCommand, SkipsBlankLines) {
  std::string text;
  std::istringstream lines{bytes_of_file(folder_ / "okx.ndjson")};
  for (std::string line; std::getline(lines, line);) text += "\n" + line + "\n  \t\r\n";
  write_file(folder_ / "blank.ndjson", text);

  EXPECT_EQ(digest("blank.ndjson"), digest("okx.ndjson"));
}

TEST_F(ReplayCommand, ReportsMalformedLinesWithFileAndLineAndGoesOn) {
  std::string text = "not json\n" + bytes_of_file(folder_ / "okx.ndjson") + "{\"ts\":1}\n" +
                     R"({"ts":1,"dir":"in","conn":"c","url":"wss://example.org/x","msg":"{}"})" +
                     "\n";
  write_file(folder_ / "bad.ndjson", text);

  const Outcome outcome = replay("bad.ndjson --summary");

  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("bad.ndjson:1: "));
  EXPECT_THAT(outcome.err, HasSubstr("bad.ndjson:" + std::to_string(lines_.size() + 2) + ": "));
  EXPECT_THAT(outcome.err, HasSubstr("bad.ndjson:" + std::to_string(lines_.size() + 3) +
                                     ": no venue knows the url wss://example.org/x\n"));
  EXPECT_THAT(outcome.out, HasSubstr("malformed              2\n"));
  EXPECT_THAT(outcome.out, HasSubstr("unknown venue          1\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("NOT ALL")));
  EXPECT_EQ(digest("bad.ndjson"), digest("okx.ndjson"));
}

TEST_F(ReplayCommand, SaysHowManyReportsItLeftOut) {
  std::string text;
  for (int i = 0; i < 250; ++i) text += "not json\n";
  write_file(folder_ / "bad.ndjson", text);

  EXPECT_THAT(replay("bad.ndjson").err, HasSubstr("\n50 more of that kind, not shown\n"));
}

TEST_F(ReplayCommand, ReadsRawDailyFilesOfAVenueThatIsNamed) {
  std::string text;
  for (const SimLine& line : lines_) {
    if (line.url.starts_with("http")) continue;
    char time[64];
    const std::time_t seconds = line.ts / 1'000'000'000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    const std::size_t size = std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
    std::snprintf(time + size, sizeof time - size, ".%07dZ ",
                  static_cast<int>(line.ts % 1'000'000'000 / 100));
    text += time + line.text + '\n';
  }
  write_file(folder_ / "okx.gz", as_gzip(text));

  const auto raw = rows("okx.gz --venue okx --columns ts,sym,t,bid_px");

  EXPECT_EQ(raw, rows("okx.ndjson --columns ts,sym,t,bid_px"));
  EXPECT_EQ(replay("okx.gz").exit_code, 2);
  EXPECT_THAT(replay("okx.gz").err, HasSubstr("say which with --venue NAME"));
  EXPECT_THAT(replay("okx.gz --venue nowhere").err, HasSubstr("--venue nowhere: none of "));
}

TEST_F(ReplayCommand, ExitsWithTwoWhenItCannotBeginOrWriteAndSaysWhyInOneLine) {
  for (const char* const arguments :
       {"nothing.ndjson", "okx.ndjson --csv no/such/folder.csv", "okx.ndjson --csv /dev/full",
        "okx.ndjson --config nothing.toml", "okx.ndjson --publish no/name", "okx.ndjson --speed 0",
        "okx.ndjson --speed 2 --realtime", "okx.ndjson --nonsense", ""}) {
    const Outcome outcome = replay(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    EXPECT_FALSE(outcome.err.empty()) << arguments;
  }
  EXPECT_THAT(replay("nothing.ndjson").err, HasSubstr("nothing.ndjson: cannot be opened"));
}

TEST_F(ReplayCommand, ExitsWithOneWhenABookEndsAndDoesNotComeBack) {
  auto damaged = lines_;
  const auto last = std::find_if(damaged.rbegin(), damaged.rend(),
                                 [](const auto& line) { return line.is_delta; });
  const std::string symbol = last->symbol;
  for (auto line = last + 1; line != damaged.rend(); ++line) {
    if (line->is_delta && line->symbol == symbol) {
      damaged.erase(std::next(line).base());
      break;
    }
  }
  write_ndjson(folder_ / "bad.ndjson", damaged);

  const Outcome outcome = replay("bad.ndjson --digest");

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "steelyard replay: okx " + symbol + " had a book and ends without one\n");
}

TEST_F(ReplayCommand, AConnectionThatStartsAnewResetsItsBooks) {
  std::string text = bytes_of_file(folder_ / "okx.ndjson");
  text += "{\"ts\":" + std::to_string(lines_.back().ts + 5) +
          R"(,"dir":"connect","conn":"c","url":"wss://ws.okx.com:8443/ws/v5/public"})" + "\n";
  write_file(folder_ / "again.ndjson", text);

  const Outcome outcome = replay("again.ndjson --csv rows.csv --only reset");

  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(csv_rows(folder_ / "rows.csv").size(), sim::okx_instruments().size());
}

TEST_F(ReplayCommand, PrintsTheCsvToStandardOutputAndTheSummaryBesideIt) {
  const Outcome outcome = replay("okx.ndjson --csv - --summary --columns seq,t");

  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("seq,t\n1,"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("accounted")));
  EXPECT_THAT(outcome.err, HasSubstr("accounted"));
  EXPECT_THAT(replay("okx.ndjson").out, HasSubstr("accounted")) << "nothing else was asked for";
  EXPECT_THAT(replay("okx.ndjson --digest").err, IsEmpty());
}

TEST_F(ReplayCommand, SaysItsSummaryAndItsDigestAsJson) {
  const Outcome outcome = replay("okx.ndjson --json --digest");

  EXPECT_EQ(outcome.exit_code, 0);
  simdjson::dom::parser parser;
  simdjson::dom::element found;
  ASSERT_EQ(parser.parse(outcome.out).get(found), simdjson::SUCCESS) << outcome.out;
  EXPECT_EQ(std::uint64_t{found["lines"]["all"]}, lines_.size());
  EXPECT_EQ(std::uint64_t{found["lines"]["accounted"]}, lines_.size());
  EXPECT_EQ(std::string{std::string_view{found["digest"]}} + "\n", digest("okx.ndjson"));
  EXPECT_EQ(std::uint64_t{found["records"]}, rows("okx.ndjson").size());
  std::uint64_t records = 0;
  for (const simdjson::dom::object instrument : found["instruments"]) {
    records += std::uint64_t{instrument["records"]};
    EXPECT_EQ(std::string_view{instrument["book"]}, "live");
    EXPECT_EQ(std::uint64_t{instrument["links_bad"]}, 0U);
    EXPECT_GT(std::uint64_t{instrument["links_ok"]}, 0U);
  }
  EXPECT_EQ(records, std::uint64_t{found["records"]});
  EXPECT_THAT(replay("okx.ndjson --json").out, Not(HasSubstr("digest")));
}

}  // namespace
}  // namespace steelyard
