#include "cli/column_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "signals/signal_set.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

const std::vector<Column> kColumns = {
    {"mid", "price", "Mean.", column_order::kMid, 0.0, kNoHigh, 1},
    {"di_5", "ratio", "Of 5 levels.", column_order::kDepth, -1.0, 1.0, 1, "Cao 2009", "Depth."},
    {"di_10", "ratio", "Of 10 levels.", column_order::kDepth, -1.0, 1.0, 1, "Cao 2009", "Depth."},
    {"wdi", "ratio", "Says \"so\".", column_order::kWeightedDepth, kNoLow, 2.5, 2, "", "Depth."},
};

TEST(ColumnText, HasOneLineAColumn) {
  EXPECT_EQ(columns_as_text(kColumns),
            "NAME   UNIT   RANGE         TIER  DESCRIPTION\n"
            "mid    price  not negative  1     Mean.\n"
            "di_5   ratio  -1 to 1       1     Of 5 levels. Cao 2009.\n"
            "di_10  ratio  -1 to 1       1     Of 10 levels. Cao 2009.\n"
            "wdi    ratio  up to 2.5     2     Says \"so\".\n");
}

TEST(ColumnText, IsJsonWithNullForNoLimit) {
  const std::string json = columns_as_json(kColumns);

  EXPECT_THAT(json, HasSubstr("{\"name\": \"wdi\", \"unit\": \"ratio\", \"low\": null, \"high\": "
                              "2.5, \"tier\": 2, \"section\": \"S2\", \"description\": \"Says "
                              "\\\"so\\\".\", \"source\": \"\", \"caveat\": \"Depth.\"}\n]"));
}

TEST(ColumnText, TellsOfColumnsThatDifferInNumbersOnce) {
  const std::string markdown = columns_as_markdown(kColumns);

  EXPECT_THAT(markdown,
              HasSubstr("| `mid` | price | 1 | Mid and spread |\n"
                        "| `di_5` `di_10` | ratio | 1 | S2 |\n| `wdi` | ratio | 2 | S2 |\n"));
  EXPECT_THAT(markdown, HasSubstr("<!-- columns: S2 -->\n"
                                  "- `di_5` `di_10` (ratio, -1 to 1, tier 1): Of N levels.\n"
                                  "- `wdi` (ratio, up to 2.5, tier 2): Says \"so\".\n\n"
                                  "**When not to trust it.** Depth.\n\n"
                                  "**Source.** `di_5` `di_10`: Cao 2009.\n<!-- end -->\n"));
}

TEST(ColumnText, OfAllColumnsNamesEachSectionAndStaysWithinTheLine) {
  const SignalSet signals{SignalParams{}};
  std::istringstream lines{columns_as_markdown(signals.columns())};

  for (std::string line; std::getline(lines, line);) {
    const auto width =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    EXPECT_LE(width, 100) << line;
  }
  EXPECT_THAT(columns_as_json(signals.columns()), testing::Not(HasSubstr("\"section\": \"\"")));
}

}  // namespace
}  // namespace steelyard
