// src/signals/order_ends.hpp -- how far into one side of a book orders of given notionals reach.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "core/int128.hpp"
#include "signals/market_event.hpp"

namespace steelyard {

// Each order ends within a level: the first one with which the notional from the best outward is
// enough. What stands before that level is kept as a sum that follows the book: a change adds its
// difference where it is in front, and the end then moves, one level or a few, either way. So the
// work is that of the changes, however deep the order goes.
template <typename Units, Side kSide>
class OrderEnds {
 public:
  static constexpr std::size_t kMaxOrders = 8;
  // The largest notional of an order: it and a level on top of it fit 128 bits.
  static constexpr Int128 kMostNotional = Int128{1} << 125;

  struct End {
    Int128 size = 0;  // of the levels before the last
    Int128 notional = 0;
    Price last = kWorst;  // kWorst: the side is too thin, and the sums are those of all of it

    [[nodiscard]] bool found() const noexcept { return last != kWorst; }
  };

  // `notionals`: ascending, up to kMostNotional, in the integers of the units.
  OrderEnds(const Units& units, std::span<const Int128> notionals) noexcept
      : units_{units}, count_{static_cast<std::uint32_t>(notionals.size())} {
    for (std::uint32_t i = 0; i < count_; ++i) notionals_[i] = notionals[i];
  }

  // HOT. The book is another one.
  void forget() noexcept { valid_ = false; }

  // HOT. A level of this side has changed.
  void apply(const LevelChange& change) noexcept {
    if (!valid_ || is_worse(change.price, reach_)) return;
    const Int128 before = worth(change.price, change.before);
    const Int128 after = worth(change.price, change.after);
    if (before > kMostChange || after > kMostChange) {
      valid_ = false;
      return;
    }
    settled_ = false;
    const Int128 size =
        units_.size(change.price, change.after) - units_.size(change.price, change.before);
    for (std::uint32_t i = count_; i-- > 0 && is_worse(ends_[i].last, change.price);) {
      ends_[i].size += size;
      ends_[i].notional += after - before;
    }
  }

  // HOT. Finds the ends in the book as it is now; whether anything may have changed since this was
  // called last.
  [[nodiscard]] bool settle(const OrderBook& book) noexcept {
    if (valid_ && settled_) return false;
    for (std::uint32_t i = 0; i < count_; ++i) {
      // Of a new book the first end is sought from the best on, the next from there.
      if (!valid_) ends_[i] = i == 0 ? End{0, 0, kBest} : ends_[i - 1];
      settle(ends_[i], notionals_[i], book);
    }
    if (count_ != 0) reach_ = ends_[count_ - 1].last;
    valid_ = settled_ = true;
    return true;
  }

  [[nodiscard]] const End& operator[](std::uint32_t i) const noexcept { return ends_[i]; }

 private:
  // No level is as good, or as bad. Both can be negated.
  static constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  static constexpr Price kBest{kSide == Side::Bid ? kMax : -kMax};
  static constexpr Price kWorst{kSide == Side::Bid ? -kMax : kMax};
  // Of one level, so that a message of them fits on top of the sums; larger ones are counted anew.
  static constexpr Int128 kMostChange = Int128{1} << 100;

  [[nodiscard]] static bool is_worse(Price a, Price b) noexcept {
    return kSide == Side::Bid ? a < b : a > b;
  }

  // What stands at a price below zero buys nothing, and takes nothing away.
  [[nodiscard]] Int128 worth(Price price, Qty qty) const noexcept {
    return price.raw() > 0 ? units_.notional(price, qty) : 0;
  }

  void settle(End& end, Int128 notional, const OrderBook& book) const noexcept {
    if (end.notional >= notional) {
      const Price inward{kSide == Side::Bid ? end.last.raw() + 1 : end.last.raw() - 1};
      book.walk_back_from(kSide, inward, [&](Level level) noexcept {
        end.size -= units_.size(level);
        end.notional -= worth(level.price, level.qty);
        end.last = level.price;
        return end.notional >= notional;
      });
      return;
    }
    // Mostly it ends where it did; and what is too thin for it has been added up to the end.
    if (!end.found()) return;
    if (end.notional + worth(end.last, book.at(kSide, end.last)) >= notional) return;
    bool found = false;
    book.walk_from(kSide, end.last, [&](Level level) noexcept {
      const Int128 more = worth(level.price, level.qty);
      found = end.notional + more >= notional;
      if (found) {
        end.last = level.price;
        return false;
      }
      end.size += units_.size(level);
      end.notional += more;
      return true;
    });
    if (!found) end.last = kWorst;
  }

  Units units_;
  std::uint32_t count_;
  bool valid_ = false;
  bool settled_ = false;
  Price reach_ = kBest;  // the last level of the largest order: nothing beyond it matters
  std::array<Int128, kMaxOrders> notionals_{};
  std::array<End, kMaxOrders> ends_{};
};

}  // namespace steelyard
