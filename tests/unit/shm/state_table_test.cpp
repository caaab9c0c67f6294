// A state row: whole or not at all, whatever the writer does meanwhile.
#include "steelyard/state_table.hpp"

#include <atomic>
#include <thread>

#include "support/test_segment.hpp"

namespace steelyard {
namespace {

constexpr std::size_t kColumns = 3;

class StateRow : public testing::Test {
 protected:
  // Everything in row n tells n.
  void write(std::uint64_t n) {
    std::array<Level, kViewLevels> bids, asks;
    for (std::size_t i = 0; i < kViewLevels; ++i) {
      bids[i] = {Price{static_cast<std::int64_t>(n + i)}, Qty{static_cast<std::int64_t>(n)}};
      asks[i] = {Price{static_cast<std::int64_t>(n + 100 + i)}, Qty{static_cast<std::int64_t>(n)}};
    }
    const std::array<double, kColumns> row = numbered_row(n);
    writer_.write(numbered_tick(n), std::span<const Level>{bids}.first(1 + n % kViewLevels),
                  std::span<const Level>{asks}.first(kViewLevels - n % kViewLevels),
                  std::span<const double>{row});
  }
  template <typename Between>
  [[nodiscard]] bool read(Between between) {
    return read_state_row(words_.data(), view_, columns_, between);
  }
  [[nodiscard]] bool is_row(std::uint64_t n) const {
    bool same = is_numbered(view_.tick, n) && columns_ == numbered_row(n) &&
                view_.bid_count == 1 + n % kViewLevels &&
                view_.ask_count == kViewLevels - n % kViewLevels;
    for (std::size_t i = 0; same && i < view_.bid_count; ++i) {
      same = view_.bids[i].price == Price{static_cast<std::int64_t>(n + i)} &&
             view_.bids[i].qty == Qty{static_cast<std::int64_t>(n)};
    }
    for (std::size_t i = 0; same && i < view_.ask_count; ++i) {
      same = view_.asks[i].price == Price{static_cast<std::int64_t>(n + 100 + i)} &&
             view_.asks[i].qty == Qty{static_cast<std::int64_t>(n)};
    }
    return same;
  }

  std::array<std::atomic<std::uint64_t>, row_words(kColumns)> words_{};
  StateRowWriter writer_{words_.data()};
  StateView view_;
  std::array<double, kColumns> columns_{};
};

TEST_F(StateRow, IsNotThereBeforeItWasWritten) {
  EXPECT_FALSE(read([] {}));
}

TEST_F(StateRow, GivesWhatWasWrittenLast) {
  for (const std::uint64_t n : {1, 2, 3}) write(n);

  ASSERT_TRUE(read([] {}));
  EXPECT_TRUE(is_row(3));
}

TEST_F(StateRow, GivesTheNewRowIfItIsWrittenWhileTheOldOneIsCopied) {
  write(1);
  int tries = 0;

  ASSERT_TRUE(read([&] {
    if (++tries == 1) write(2);
  }));

  EXPECT_EQ(tries, 2) << "the first copy was thrown away";
  EXPECT_TRUE(is_row(2));
}

TEST_F(StateRow, ThrowsACopyAwayWhoseWriterHasOnlyBegun) {
  write(1);
  int tries = 0;

  // The writer is held up after its first word: every copy from here on is torn.
  ASSERT_FALSE(read([&] {
    if (++tries == 1) {
      words_[0] = words_[0] + 1;
      words_[1] = 77;
    }
  }));

  EXPECT_EQ(tries, 1) << "while the stamp is odd nothing is copied";
}

TEST_F(StateRow, GivesUpAfterABoundedNumberOfTries) {
  write(1);
  std::uint64_t n = 1;

  ASSERT_FALSE(read([&] { write(++n); }));

  EXPECT_GT(n, 100U);
  EXPECT_LT(n, 100'000U);
}

TEST_F(StateRow, HoldsNoMoreLevelsThanItHasRoomForWhateverItSays) {
  write(1);
  words_[kRowCountsAt] = ~std::uint64_t{0};

  ASSERT_TRUE(read([] {}));

  EXPECT_EQ(view_.bid_count, kViewLevels);
  EXPECT_EQ(view_.ask_count, kViewLevels);
}

TEST_F(StateRow, GivesAsManyColumnsAsAreWanted) {
  write(1);
  std::array<double, 2> two{};

  ASSERT_TRUE(read_state_row(words_.data(), view_, two, [] {}));

  EXPECT_EQ(two[1], numbered_row(1)[1]);
}

TEST(MarkedStateRow, HoldsWhatWasWrittenOfMarkedLinesAndBeforeOfOthers) {
  constexpr std::size_t kMany = 3 * kColumnLine + 2;  // the last line is not whole
  std::array<std::atomic<std::uint64_t>, row_words(kMany)> words{};
  StateRowWriter writer{words.data()};
  StateView view;
  std::array<double, kMany> row;
  std::array<double, kMany> seen{};
  const auto write = [&](double value, std::vector<std::uint8_t>& marks) {
    row.fill(value);
    writer.write(numbered_tick(1), std::span<const Level>{}, std::span<const Level>{},
                 std::span<const double>{row}, {}, {}, marks);
    return read_state_row(words.data(), view, seen, [] {});
  };
  std::vector<std::uint8_t> all(8, 1);  // of more lines than there are
  ASSERT_TRUE(write(1, all));
  EXPECT_EQ(seen, row);
  EXPECT_EQ(all, std::vector<std::uint8_t>(8, 0)) << "marks are taken back";

  for (std::size_t line = 0; line < 4; ++line) {
    std::vector<std::uint8_t> marks(8, 0);
    marks[line] = 1;
    ASSERT_TRUE(write(2.0 + static_cast<double>(line), marks));
    for (std::size_t i = 0; i < kMany; ++i) {
      const std::size_t of = i / kColumnLine;
      EXPECT_EQ(seen[i], of <= line ? 2.0 + static_cast<double>(of) : 1.0) << i;
    }
  }
}

TEST_F(StateRow, IsNeverTornWhileAnotherThreadWrites) {
  constexpr std::uint64_t kRows = 100'000;
  write(1);
  std::thread writer{[this] {
    for (std::uint64_t n = 2; n <= kRows; ++n) write(n);
  }};

  std::uint64_t newest = 1;
  std::uint64_t torn = 0, backward = 0;
  while (newest < kRows) {
    if (!read([] {})) continue;  // overtaken every time: allowed
    const std::uint64_t n = view_.tick.book_sequence.raw();
    torn += is_row(n) ? 0 : 1;
    backward += n < newest ? 1 : 0;
    newest = n;
  }
  writer.join();

  EXPECT_EQ(torn, 0U);
  EXPECT_EQ(backward, 0U);
}

}  // namespace
}  // namespace steelyard
