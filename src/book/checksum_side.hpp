// src/book/checksum_side.hpp -- the best levels of one side, and what a venue's text says of each.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include "book/order_book.hpp"

namespace steelyard {

// Levels lie where they were put, so that what is written of one stays; an order says who stands
// where. A few more are kept than are asked for: those who go are replaced without
// a look at the book.
class ChecksumSide {
 public:
  static constexpr std::uint32_t kLines = 32;
  static constexpr std::size_t kTextBytes = 104;

  struct alignas(64) Line {
    std::int64_t key;  // as in SideBook: the best has the lowest
    std::int64_t qty;
    std::uint16_t price_bytes;  // of the text; 0: that of the price is not written
    std::uint16_t bytes;        // 0: nor is that of the quantity
    std::array<char, kTextBytes> text;
  };

  // `most`: levels that the text is of, below kLines. Stays where it is: it points to its lines.
  ChecksumSide(Side side, std::uint32_t most) noexcept
      : side_{side}, most_{most}, kept_{std::min(kLines, most + kSpare)} {}
  ChecksumSide(const ChecksumSide&) = delete;
  ChecksumSide& operator=(const ChecksumSide&) = delete;

  [[nodiscard]] std::uint32_t most() const noexcept { return most_; }
  // Of these levels there are.
  [[nodiscard]] std::uint32_t count() const noexcept { return std::min(count_, most_); }
  [[nodiscard]] const Line& line(std::uint32_t rank) const noexcept { return *order_[rank]; }

  // HOT. What came of a level of the book; zero: it is gone.
  void put(Price price, std::int64_t qty) noexcept {
    const std::int64_t key = key_of(price);
    if (key > edge_) return;
    const std::uint32_t rank = rank_of(key);
    if (rank < count_ && line(rank).key == key) {
      qty != 0 ? change(rank, qty) : erase(rank);
    } else if (qty != 0) {
      insert(rank, key, qty);
    }
  }
  // HOT. After some put(): looks in the book for those who were not kept.
  void fill(const OrderBook& book) noexcept {
    if (count_ >= most_ || edge_ == kNoEdge) return;
    // Some of them may have changed while they were not kept.
    first_ = std::min(first_, count_);
    shift_ = 1;
    const std::int64_t edge = edge_;
    edge_ = kNoEdge;
    book.walk_from(side_, price_of(edge), [&](Level level) noexcept {
      if (key_of(level.price) != edge) take(count_++, key_of(level.price), level.qty.raw());
      return !is_full();
    });
  }
  // HOT. Whatever happened to the book.
  void match(const OrderBook& book) noexcept {
    std::uint32_t rank = 0;
    edge_ = kNoEdge;
    book.walk(side_, [&](Level level) noexcept {
      const std::int64_t key = key_of(level.price);
      while (rank < count_ && line(rank).key < key) erase(rank);
      if (rank < count_ && line(rank).key == key) {
        change(rank, level.qty.raw());
      } else {
        insert(rank, key, level.qty.raw());
      }
      return ++rank < kept_;
    });
    while (count_ > rank) erase(count_ - 1);
    edge_ = rank == kept_ ? line(rank - 1).key : kNoEdge;
    if (first_ < most_) shift_ = 1;  // what fell out on the way is not counted
  }

  // The first rank of the text that is not as it was at settle(); `most` or more: none.
  [[nodiscard]] std::uint32_t differs_from() const noexcept { return first_; }
  // ... and the rank from which all are again; `all`: from none.
  [[nodiscard]] std::uint32_t differs_until(std::uint32_t all) const noexcept {
    if (first_ >= most_) return 0;
    if (shift_ != 0) return all;
    std::uint32_t rank = first_;
    while (rank < count() && line(rank).key <= furthest_) ++rank;
    return rank;
  }
  // write(Line&) for each that is not written.
  template <typename Write>
  void settle(Write write) noexcept {
    for (; unwritten_ != 0; unwritten_ &= unwritten_ - 1) {
      write(lines_[static_cast<std::size_t>(std::countr_zero(unwritten_))]);
    }
    first_ = kLines;
    furthest_ = kNoKey;
    shift_ = 0;
  }
  // Nothing that is written is of use.
  void forget() noexcept {
    count_ = 0;
    free_ = ~0U;
    unwritten_ = 0;
    first_ = 0;
    shift_ = 1;
  }

 private:
  static constexpr std::uint32_t kSpare = 4;
  static constexpr std::int64_t kNoEdge = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kNoKey = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] std::int64_t key_of(Price price) const noexcept {
    return side_ == Side::Bid ? -price.raw() : price.raw();
  }
  [[nodiscard]] Price price_of(std::int64_t key) const noexcept {
    return Price{side_ == Side::Bid ? -key : key};
  }
  // The first that is not better.
  [[nodiscard]] std::uint32_t rank_of(std::int64_t key) const noexcept {
    std::uint32_t rank = 0;
    for (std::uint32_t far : {8U, 16U}) {
      if (far < count_ && line(far).key < key) rank = far;
    }
    while (rank < count_ && line(rank).key < key) ++rank;
    return rank;
  }
  void touch(std::uint32_t rank, std::int64_t key) noexcept {
    first_ = std::min(first_, rank);
    furthest_ = std::max(furthest_, key);
  }
  void change(std::uint32_t rank, std::int64_t qty) noexcept {
    Line& at = *order_[rank];
    if (at.qty == qty) return;
    at.qty = qty;
    at.bytes = 0;
    unwritten_ |= bit_of(at);
    touch(rank, at.key);
  }
  void erase(std::uint32_t rank) noexcept {
    touch(rank, line(rank).key);
    release(line(rank));
    --shift_;
    --count_;
    std::memmove(&order_[rank], &order_[rank + 1], (count_ - rank) * sizeof(Line*));
  }
  void insert(std::uint32_t rank, std::int64_t key, std::int64_t qty) noexcept {
    if (count_ == kept_) {
      // One falls out, which is the new one or the last.
      if (rank == kept_) {
        edge_ = line(kept_ - 1).key;
        return;
      }
      release(line(--count_));
      edge_ = count_ == rank ? key : line(count_ - 1).key;
    }
    std::memmove(&order_[rank + 1], &order_[rank], (count_ - rank) * sizeof(Line*));
    touch(rank, key);
    ++shift_;
    ++count_;
    take(rank, key, qty);
  }
  void take(std::uint32_t rank, std::int64_t key, std::int64_t qty) noexcept {
    Line& at = lines_[static_cast<std::size_t>(std::countr_zero(free_))];
    free_ &= free_ - 1;
    unwritten_ |= bit_of(at);
    order_[rank] = &at;
    at.key = key;
    at.qty = qty;
    at.price_bytes = at.bytes = 0;
  }
  [[nodiscard]] bool is_full() noexcept {
    if (count_ != kept_) return false;
    edge_ = line(count_ - 1).key;
    return true;
  }
  [[nodiscard]] std::uint32_t bit_of(const Line& line) const noexcept {
    return 1U << (&line - lines_.data());
  }
  void release(const Line& line) noexcept {
    free_ |= bit_of(line);
    unwritten_ &= ~bit_of(line);
  }

  Side side_;
  std::uint32_t most_;
  std::uint32_t kept_;
  std::uint32_t count_ = 0;
  std::uint32_t free_ = ~0U;        // of the lines, bit by bit
  std::uint32_t unwritten_ = 0;     // the same
  std::int64_t edge_ = kNoEdge;     // the levels up to here are kept, all of them
  std::uint32_t first_ = kLines;    // since settle(): the best rank touched
  std::int64_t furthest_ = kNoKey;  // and the worst key
  std::int32_t shift_ = 0;          // and by how many ranks what is worse moved
  std::array<Line*, kLines> order_{};
  std::array<Line, kLines> lines_{};
};

}  // namespace steelyard
