// What was read before decides how fast a row is read, and nothing else.
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/fixtures.hpp"
#include "venues/quick_cursor.hpp"

namespace steelyard {
namespace {

#if STEELYARD_QUICK

class QuickShapesOfRows : public testing::Test {
 protected:
  using Levels = std::optional<std::vector<Level>>;

  void SetUp() override {
    if (!quick_is_available()) GTEST_SKIP() << "this processor has no AVX2";
    row_shapes = RowShapes{};
  }
  [[nodiscard]] static SymbolEntry scaled(int price_exponent, int qty_exponent,
                                          std::int64_t multiplier = 1) {
    SymbolEntry entry;
    entry.price_exponent = static_cast<std::int8_t>(price_exponent);
    entry.wire_qty_exponent = static_cast<std::int8_t>(qty_exponent);
    entry.qty_multiplier = multiplier;
    return entry;
  }
  // What a side of this one row says; nothing: it is left to the careful decoder.
  [[nodiscard]] Levels read(const std::string& row, const SymbolEntry& entry) {
    std::string bytes = row + "]";
    const std::size_t payload = bytes.size();
    bytes.append(kFramePadding, ' ');
    QuickCursor cursor{std::string_view{bytes}.substr(0, payload)};
    batch_.clear();
    std::uint32_t count = 0;
    if (!cursor.levels<0>(entry, batch_, count)) return std::nullopt;
    return std::vector<Level>(batch_.levels(), batch_.levels() + count);
  }
  [[nodiscard]] Levels read_as_the_first(const std::string& row, const SymbolEntry& entry) {
    row_shapes = RowShapes{};
    return read(row, entry);
  }

  MessageBatch batch_;
};

TEST_F(QuickShapesOfRows, TellRowsApartThatHaveTheirMarksInTheSamePlaces) {
  const SymbolEntry entry = scaled(-1, 0);
  ASSERT_EQ(read(R"(["8476.9","415"])", entry), (std::vector{Level{Price{84769}, Qty{415}}}));
  EXPECT_EQ(read(R"(["8476.8","0"])", entry), (std::vector{Level{Price{84768}, Qty{0}}}));
  EXPECT_EQ(read(R"(["8476.8","4151"])", entry), (std::vector{Level{Price{84768}, Qty{4151}}}));
  for (const char* const other :
       {R"(["8476,9","415"])", R"(["8476.9";"415"])", R"([ 8476.9","415"])", R"({"8476.9","415"])",
        R"(["8476.9","415 ])", R"(["8476.9",'415"])", R"(["8476e9","415"])"}) {
    EXPECT_EQ(read(other, entry), std::nullopt) << other;
  }
}

TEST_F(QuickShapesOfRows, DoNotVouchForFigures) {
  const SymbolEntry entry = scaled(-1, -2);
  ASSERT_TRUE(read(R"(["12.50","7.250"])", entry));
  for (const char* const other : {R"(["02.50","7.250"])", R"(["12.51","7.250"])",
                                  R"(["12.50","7.251"])", R"(["00.00","7.250"])"}) {
    EXPECT_EQ(read(other, entry), std::nullopt) << other;
  }
  ASSERT_TRUE(read(R"(["0.50","0.250"])", entry));
  EXPECT_EQ(read(R"(["0.00","0.250"])", entry), std::nullopt);
}

TEST_F(QuickShapesOfRows, AreOfTheirExponents) {
  const std::string row = R"(["8476.9","41.5"])";
  EXPECT_EQ(read(row, scaled(-1, -1)), (std::vector{Level{Price{84769}, Qty{415}}}));
  EXPECT_EQ(read(row, scaled(-2, -1)), (std::vector{Level{Price{847690}, Qty{415}}}));
  EXPECT_EQ(read(row, scaled(-1, -3)), (std::vector{Level{Price{84769}, Qty{41500}}}));
  EXPECT_EQ(read(row, scaled(-1, -3, 10)), (std::vector{Level{Price{84769}, Qty{415000}}}));
  EXPECT_EQ(read(row, scaled(0, -1)), std::nullopt);
}

TEST_F(QuickShapesOfRows, ChangeNothingOfAnyRow) {
  std::mt19937_64 random{20261128};
  const auto below = [&random](std::uint64_t end) { return random() % end; };
  const auto number = [&below] {
    std::string text;
    for (std::uint64_t i = below(6) + 1; i != 0; --i) text += static_cast<char>('0' + below(10));
    if (below(3) != 0) {
      text += '.';
      for (std::uint64_t i = below(4) + 1; i != 0; --i) {
        text += static_cast<char>('0' + below(4) / 3 * below(10));
      }
    }
    return text;
  };
  const std::vector<SymbolEntry> entries{scaled(-1, -2), scaled(-2, -2), scaled(0, -3),
                                         scaled(-2, 0, 100)};
  std::vector<std::pair<std::string, const SymbolEntry*>> rows;
  for (int i = 0; i < 60'000; ++i) {
    std::string row = "[\"" + number() + "\",\"" + number() + "\"]";
    if (below(3) == 0) row[below(row.size())] = "0123456789.,\"[]e- :"[below(19)];
    rows.emplace_back(std::move(row), &entries[below(entries.size())]);
  }
  std::vector<Levels> one_after_the_other;
  std::size_t quick = 0;
  for (const auto& [row, entry] : rows) one_after_the_other.push_back(read(row, *entry));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(one_after_the_other[i], read_as_the_first(rows[i].first, *rows[i].second))
        << rows[i].first;
    quick += one_after_the_other[i] ? 1 : 0;
  }
  EXPECT_GT(quick, 10'000U);
}

#endif

}  // namespace
}  // namespace steelyard
