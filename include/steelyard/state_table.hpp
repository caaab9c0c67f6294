// include/steelyard/state_table.hpp -- the latest of each instrument: every column, and the book's
// top.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "steelyard/shm_layout.hpp"

namespace steelyard {

// A price level as shared memory has it: mantissas at the Tick's exponents.
struct ViewLevel {
  Price price;
  Qty qty;
};

// Columns that are marked as written together: a cache line of them.
inline constexpr std::size_t kColumnLine = 8;

// The ranks of one side that may differ from what was written last.
struct ViewRanks {
  std::size_t from = 0;
  std::size_t until = kViewLevels;
};

// The writer's half of one row: a sequence lock that the writer never waits for.
class StateRowWriter {
 public:
  StateRowWriter() = default;
  explicit StateRowWriter(std::atomic<std::uint64_t>* words) noexcept : words_{words} {}

  // HOT. Wait-free. `bids`, `asks`: anything with price and qty, kViewLevels at most; those outside
  // of their ranks are as they were written last, and stay. `marks`: which lines of kColumnLine
  // columns may differ from what was written last, a byte of 0 or 1 each, in whole words of eight;
  // they are taken back. None: every column is written.
  template <typename Level>
  void write(const TickWords& tick, std::span<const Level> bids, std::span<const Level> asks,
             std::span<const double> columns, ViewRanks bid_ranks = {}, ViewRanks ask_ranks = {},
             std::span<std::uint8_t> marks = {}) noexcept {
    const std::uint64_t stamp = words_[0].load(std::memory_order_relaxed);
    words_[0].store(stamp + 1, std::memory_order_relaxed);
    // release on every word: whoever sees a new word sees the odd stamp too.
    store_words(words_ + 1, tick);
    put(kRowCountsAt, bids.size() | std::uint64_t{asks.size()} << 32);
    write_side(kRowLevelsAt, bids, bid_ranks);
    write_side(kRowLevelsAt + 2 * kViewLevels, asks, ask_ranks);
    if (marks.empty()) {
      store_values(words_ + kRowValuesAt, columns);
    } else {
      write_marked(columns, marks);
    }
    words_[0].store(stamp + 2, std::memory_order_release);
  }
  template <typename Level>
  void write(const Tick& tick, std::span<const Level> bids, std::span<const Level> asks,
             std::span<const double> columns, ViewRanks bid_ranks = {}, ViewRanks ask_ranks = {},
             std::span<std::uint8_t> marks = {}) noexcept {
    write(words_of(tick), bids, asks, columns, bid_ranks, ask_ranks, marks);
  }

 private:
  void put(std::size_t at, std::uint64_t word) noexcept {
    words_[at].store(word, std::memory_order_release);
  }
  void write_marked(std::span<const double> columns, std::span<std::uint8_t> marks) noexcept {
    for (std::size_t at = 0; at < marks.size(); at += 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, &marks[at], 8);
      if (eight == 0) continue;
      std::memset(&marks[at], 0, 8);
      for (; eight != 0; eight &= eight - 1) {  // each is 0 or 1
        const std::size_t from =
            (at + static_cast<std::size_t>(std::countr_zero(eight)) / 8) * kColumnLine;
        if (from + kColumnLine <= columns.size()) {
          [&]<std::size_t... kI>(std::index_sequence<kI...>) {
            (put(kRowValuesAt + from + kI, std::bit_cast<std::uint64_t>(columns[from + kI])), ...);
          }
          (std::make_index_sequence<kColumnLine>{});
          continue;
        }
        for (std::size_t i = from; i < columns.size(); ++i) {
          put(kRowValuesAt + i, std::bit_cast<std::uint64_t>(columns[i]));
        }
      }
    }
  }
  template <typename Level>
  void write_side(std::size_t at, std::span<const Level> levels, ViewRanks ranks) noexcept {
    const std::size_t end = std::min(levels.size(), ranks.until);
    for (std::size_t i = ranks.from; i < end; ++i) {
      put(at + 2 * i, static_cast<std::uint64_t>(levels[i].price.raw()));
      put(at + 2 * i + 1, static_cast<std::uint64_t>(levels[i].qty.raw()));
    }
  }

  std::atomic<std::uint64_t>* words_ = nullptr;
};

// A copy of one row.
struct StateView {
  Tick tick;
  std::uint32_t bid_count = 0;
  std::uint32_t ask_count = 0;
  std::array<ViewLevel, kViewLevels> bids{};
  std::array<ViewLevel, kViewLevels> asks{};
};

// Copies a row out; false if nothing was ever written, or the writer overtook every one of a
// bounded number of tries. `between` runs between copy and check: there a test puts the race.
template <typename Between>
[[nodiscard]] bool read_state_row(const std::atomic<std::uint64_t>* words, StateView& view,
                                  std::span<double> columns, Between between) noexcept {
  for (int tries = 0; tries < 1000; ++tries) {
    const std::uint64_t stamp = words[0].load(std::memory_order_acquire);
    if (stamp == 0) return false;
    if ((stamp & 1) != 0) continue;
    TickWords head;
    for (std::size_t i = 0; i < head.size(); ++i) {
      head[i] = words[1 + i].load(std::memory_order_acquire);
    }
    const std::uint64_t counts = words[kRowCountsAt].load(std::memory_order_acquire);
    const auto level_at = [words](std::size_t at) noexcept {
      return ViewLevel{
          Price{static_cast<std::int64_t>(words[at].load(std::memory_order_acquire))},
          Qty{static_cast<std::int64_t>(words[at + 1].load(std::memory_order_acquire))}};
    };
    for (std::size_t i = 0; i < kViewLevels; ++i) {
      view.bids[i] = level_at(kRowLevelsAt + 2 * i);
      view.asks[i] = level_at(kRowLevelsAt + 2 * (kViewLevels + i));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i] = std::bit_cast<double>(words[kRowValuesAt + i].load(std::memory_order_acquire));
    }
    between();
    if (words[0].load(std::memory_order_relaxed) != stamp) continue;
    view.tick = std::bit_cast<Tick>(head);
    view.bid_count = static_cast<std::uint32_t>(counts & 0xffff'ffffU);
    view.ask_count = static_cast<std::uint32_t>(counts >> 32);
    if (view.bid_count > kViewLevels) view.bid_count = kViewLevels;
    if (view.ask_count > kViewLevels) view.ask_count = kViewLevels;
    return true;
  }
  return false;
}

}  // namespace steelyard
