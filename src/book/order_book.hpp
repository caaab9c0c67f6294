// src/book/order_book.hpp -- one instrument's price levels, exact, in memory fixed at start.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// Two sides of price levels. Belongs to one thread. Never allocates after construction; a level
// that does not fit is refused and counted, and the caller must then hold the book for broken.
class OrderBook {
 public:
  struct Options {
    std::int64_t tick = 1;  // smallest price step in mantissas: a hint, any price is legal
    std::uint32_t max_levels = 20000;  // a side
  };

  explicit OrderBook(const Options& options);
  ~OrderBook();
  OrderBook(OrderBook&&) noexcept;
  OrderBook& operator=(OrderBook&&) noexcept;

  // HOT. Removes every level.
  void clear() noexcept;

  struct Applied {
    Qty before;        // what stood there; zero: nothing did
    bool fits = true;  // false: refused, nothing changed
  };
  // HOT. Puts `qty` at `price`, whatever stood there; zero removes, and removing nothing is no
  // error.
  [[nodiscard]] Applied set(Side side, Price price, Qty qty) noexcept;

  [[nodiscard]] std::uint32_t levels(Side side) const noexcept;
  [[nodiscard]] bool empty(Side side) const noexcept { return levels(side) == 0; }
  // The best level; a level of quantity zero if the side is empty.
  [[nodiscard]] Level best(Side side) const noexcept;
  // Quantity at a price; zero if there is no level.
  [[nodiscard]] Qty at(Side side, Price price) const noexcept;

  // HOT. Copies the best levels, best first, and says how many there were.
  std::uint32_t top(Side side, std::span<Level> out) const noexcept;

  // HOT. Calls visit(Level) from the best outward until it returns false or the side ends.
  template <typename Visit>
  void walk(Side side, Visit visit) const noexcept;

  [[nodiscard]] std::uint64_t refused() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;
};

}  // namespace steelyard
