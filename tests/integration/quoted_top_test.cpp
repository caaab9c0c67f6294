// Books whose venue sends its best bid and offer without ids: when a quote comes, the book says it.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>

#include "app/replay.hpp"
#include "capture/line_reader.hpp"
#include "core/decimal.hpp"
#include "support/capture_files.hpp"
#include "support/capture_truth.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

// A number of a quote as it stands in the message, at the scale that the slot has on the wire.
[[nodiscard]] std::int64_t mantissa(simdjson::dom::element row, const char* key, int exponent) {
  simdjson::dom::element value;
  EXPECT_EQ(row[key].get(value), simdjson::SUCCESS);
  const DecimalResult number = parse_decimal(simdjson::minify(value), exponent);
  EXPECT_EQ(number.status, DecimalStatus::Ok);
  return number.mantissa;
}

TEST(QuotedTop, IsThatOfTheBookAtEachOf83Quotes) {
  const std::string file = "bitmex/multi10_20210722";
  const auto path = captures() / (file + ".ndjson.zst");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no recording at " << path;
  const TemporaryFolder folder;
  LineReader reader{unpacked(file, open_file(path))};
  std::string so_far;
  std::size_t quotes = 0, same = 0;
  simdjson::dom::parser lines, messages;
  for (std::string_view text; reader.next(text) == LineReader::Result::Line;) {
    so_far.append(text).append(1, '\n');
    const simdjson::padded_string line{text};
    std::string_view message;
    if (lines.parse(line)["msg"].get_string().get(message) != simdjson::SUCCESS ||
        message.find(R"("table":"quote","action":"insert")") == std::string_view::npos) {
      continue;
    }
    const simdjson::padded_string padded{message};
    std::map<std::string, simdjson::dom::element> last;  // of the rows of each symbol
    simdjson::dom::array rows;
    ASSERT_EQ(messages.parse(padded)["data"].get_array().get(rows), simdjson::SUCCESS);
    for (const simdjson::dom::element row : rows) {
      std::string_view symbol;
      ASSERT_EQ(row["symbol"].get_string().get(symbol), simdjson::SUCCESS);
      last[std::string{symbol}] = row;
    }
    write_file(folder / "in.ndjson", so_far);
    ReplayOptions options;
    options.files = {folder / "in.ndjson"};
    Replay replay{options};
    (void)replay.run();
    for (const auto& [symbol, row] : last) {
      for (const InstrumentSlot& slot : replay.shard().slots()) {
        if (slot.instrument.symbol != symbol) continue;
        const Scale& scale = slot.instrument.scale;
        const int wire = scale.qty_exponent - scale.multiplier_exponent;
        const Level bid = slot.book.best(Side::Bid);
        const Level ask = slot.book.best(Side::Ask);
        ++quotes;
        same += bid.price.raw() == mantissa(row, "bidPrice", scale.price_exponent) &&
                        ask.price.raw() == mantissa(row, "askPrice", scale.price_exponent) &&
                        bid.qty.raw() == mantissa(row, "bidSize", wire) * scale.qty_multiplier &&
                        ask.qty.raw() == mantissa(row, "askSize", wire) * scale.qty_multiplier
                    ? 1
                    : 0;
      }
    }
  }
  EXPECT_EQ(quotes, 83U);
  EXPECT_EQ(same, 83U);
}

}  // namespace
}  // namespace steelyard
