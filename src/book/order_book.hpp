// src/book/order_book.hpp -- one instrument's price levels, exact, in memory fixed at start.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "book/side_book.hpp"
#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// Two sides of price levels. Belongs to one thread. Never allocates after construction; a level
// that does not fit is refused and counted, and the caller must then hold the book for broken.
class OrderBook {
 public:
  struct Options {
    std::int64_t tick = 1;  // smallest price step in mantissas: a hint, any price is legal
    std::uint32_t max_levels = 20000;  // a side, 65,535 at most
  };

  explicit OrderBook(const Options& options)
      : bids_{options.tick, options.max_levels}, asks_{options.tick, options.max_levels} {}

  // HOT. Removes every level.
  void clear() noexcept {
    bids_.clear();
    asks_.clear();
  }

  struct Applied {
    Qty before;        // what stood there; zero: nothing did
    bool fits = true;  // false: refused, nothing changed
  };
  // HOT. Puts `qty` at `price`, whatever stood there; zero removes, and removing nothing is no
  // error.
  [[nodiscard]] Applied set(Side side, Price price, Qty qty) noexcept {
    const SideBook::Applied applied =
        side == Side::Bid ? bids_.set(-price.raw(), qty.raw()) : asks_.set(price.raw(), qty.raw());
    refused_ += applied.fits ? 0 : 1;
    return {Qty{applied.before}, applied.fits};
  }

  // HOT. The same for many levels of a side, in their order. note(level, before) hears of each.
  // False: some did not fit.
  template <typename Note>
  [[nodiscard]] bool set_all(Side side, std::span<const Level> levels, Note note) noexcept {
    SideBook& book = side == Side::Bid ? bids_ : asks_;
    const std::int64_t sign = side == Side::Bid ? -1 : 1;
    std::uint64_t refused = 0;
    // Nothing is fetched ahead: no level waits for another, so the processor runs into the misses
    // of several by itself.
    for (const Level& level : levels) {
      const SideBook::Applied applied = book.set(sign * level.price.raw(), level.qty.raw());
      refused += applied.fits ? 0 : 1;
      note(level, Qty{applied.before});
    }
    refused_ += refused;
    return refused == 0;
  }

  [[nodiscard]] std::uint32_t levels(Side side) const noexcept {
    return side == Side::Bid ? bids_.count() : asks_.count();
  }
  [[nodiscard]] bool empty(Side side) const noexcept { return levels(side) == 0; }

  // The best level; a level of quantity zero if the side is empty.
  [[nodiscard]] Level best(Side side) const noexcept {
    Level best;
    walk(side, [&best](Level level) noexcept {
      best = level;
      return false;
    });
    return best;
  }
  // HOT. The worst level of a side that has one.
  [[nodiscard]] Price worst(Side side) const noexcept {
    return side == Side::Bid ? Price{-bids_.worst_key()} : Price{asks_.worst_key()};
  }
  // Quantity at a price; zero if there is no level.
  [[nodiscard]] Qty at(Side side, Price price) const noexcept {
    return Qty{side == Side::Bid ? bids_.at(-price.raw()) : asks_.at(price.raw())};
  }

  struct TopAfter {
    std::uint32_t count;
    std::uint32_t same;   // levels before this rank are as they were; as many as asked for: all are
    std::uint32_t until;  // and those from this rank on
  };
  // HOT. `out` holds the side's best levels as they were before some changes (of both sides, each
  // with side, price and after; in their order): brings it up to date, and says how many there are.
  // `had`: there were.
  template <typename Changes>
  [[gnu::always_inline]] TopAfter top_after(Side side, const Changes& changes, std::span<Level> out,
                                            std::uint32_t had) const noexcept {
    // Inlined, as is what it calls: three numbers of 32 bits would be handed back through memory,
    // and the reader of two of them at once would wait for it.
    return side == Side::Bid ? top_after<Side::Bid>(changes, out, had)
                             : top_after<Side::Ask>(changes, out, had);
  }

  // HOT. Copies the best levels, best first, and says how many there were.
  std::uint32_t top(Side side, std::span<Level> out) const noexcept {
    std::uint32_t count = 0;
    if (out.empty()) return 0;
    walk(side, [&](Level level) noexcept {
      out[count++] = level;
      return count < out.size();
    });
    return count;
  }

  // HOT. Calls visit(Level) from the best outward until it returns false or the side ends.
  template <typename Visit>
  void walk(Side side, Visit visit) const noexcept {
    if (side == Side::Bid) {
      bids_.walk([&](std::int64_t key, std::int64_t qty) noexcept {
        return visit(Level{Price{-key}, Qty{qty}});
      });
    } else {
      asks_.walk([&](std::int64_t key, std::int64_t qty) noexcept {
        return visit(Level{Price{key}, Qty{qty}});
      });
    }
  }

  // HOT. The same from `from` outward, whether or not there is a level at that price.
  template <typename Visit>
  void walk_from(Side side, Price from, Visit visit) const noexcept {
    if (side == Side::Bid) {
      bids_.walk_from(-from.raw(), [&](std::int64_t key, std::int64_t qty) noexcept {
        return visit(Level{Price{-key}, Qty{qty}});
      });
    } else {
      asks_.walk_from(from.raw(), [&](std::int64_t key, std::int64_t qty) noexcept {
        return visit(Level{Price{key}, Qty{qty}});
      });
    }
  }

  // HOT. The same from `from` inward to the best.
  template <typename Visit>
  void walk_back_from(Side side, Price from, Visit visit) const noexcept {
    if (side == Side::Bid) {
      bids_.walk_back_from(-from.raw(), [&](std::int64_t key, std::int64_t qty) noexcept {
        return visit(Level{Price{-key}, Qty{qty}});
      });
    } else {
      asks_.walk_back_from(from.raw(), [&](std::int64_t key, std::int64_t qty) noexcept {
        return visit(Level{Price{key}, Qty{qty}});
      });
    }
  }

  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return bids_.memory_bytes() + asks_.memory_bytes();
  }

 private:
  // Changes of the best levels after which it is less work to walk them anew.
  static constexpr std::uint32_t kFewChanges = 8;

  template <Side kSide>
  [[nodiscard]] static bool is_better(Price a, Price b) noexcept {
    return kSide == Side::Bid ? a > b : a < b;
  }

  template <Side kSide, typename Changes>
  [[gnu::always_inline]] TopAfter top_after(const Changes& changes, std::span<Level> out,
                                            std::uint32_t had) const noexcept {
    const auto most = static_cast<std::uint32_t>(out.size());
    // Levels worse than the last one held are not known, unless the side has no more than are held.
    bool all_known = had < most;
    Price last = had != 0 ? out[had - 1].price : Price{};
    std::uint32_t count = had;
    std::uint32_t same = most;
    std::uint32_t until = 0;
    std::uint32_t few = 0;
    for (auto change = std::begin(changes); change != std::end(changes); ++change) {
      if (change->side != kSide || (!all_known && is_better<kSide>(last, change->price))) continue;
      if (++few > kFewChanges) {
        Price touched = same < count ? out[same].price : change->price;
        for (; change != std::end(changes); ++change) {
          if (change->side == kSide && is_better<kSide>(change->price, touched)) {
            touched = change->price;
          }
        }
        return walk_anew<kSide>(touched, same, out, count);
      }
      std::uint32_t rank = 0;
      while (rank < count && is_better<kSide>(out[rank].price, change->price)) ++rank;
      if (rank < count && out[rank].price == change->price) {
        if (change->after != Qty{}) {
          out[rank].qty = change->after;
          until = std::max(until, rank + 1);
        } else {
          until = most;
          std::copy(out.begin() + rank + 1, out.begin() + count, out.begin() + rank);
          --count;
        }
      } else if (change->after != Qty{}) {
        if (count == most) {
          // One falls out, which is the new one or the last.
          all_known = false;
          last = out[most - 1].price;
          if (rank == most) continue;
          --count;
        }
        std::copy_backward(out.begin() + rank, out.begin() + count, out.begin() + count + 1);
        out[rank] = {change->price, change->after};
        until = most;
        ++count;
        if (!all_known && count == most) last = out[most - 1].price;
      } else {
        continue;
      }
      same = std::min(same, rank);
    }
    if (!all_known && count < most) {
      walk_from(kSide, last, [&](Level level) noexcept {
        if (level.price != last || count == 0 || out[count - 1].price != last) out[count++] = level;
        return count < most;
      });
    }
    return {count, same, until};
  }

  // From the better of `touched` and what stands at rank `same` on.
  template <Side kSide>
  [[gnu::noinline]] TopAfter walk_anew(Price touched, std::uint32_t same, std::span<Level> out,
                                       std::uint32_t had) const noexcept {
    const auto most = static_cast<std::uint32_t>(out.size());
    std::uint32_t count = 0;
    while (count < std::min(had, same) && is_better<kSide>(out[count].price, touched)) ++count;
    const std::uint32_t first = count;
    if (first == most) return {most, most, 0};
    walk_from(kSide, touched, [&](Level level) noexcept {
      out[count++] = level;
      return count < most;
    });
    return {count, first, most};
  }

  SideBook bids_;
  SideBook asks_;
  std::uint64_t refused_ = 0;
};

}  // namespace steelyard
