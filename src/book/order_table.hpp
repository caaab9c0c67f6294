// src/book/order_table.hpp -- the orders of a book that is sent order by order.
#pragma once

#include <cstdint>
#include <span>

#include "book/id_table.hpp"
#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

struct RestingOrder {
  Price price;  // zero: there is none
  Qty qty;
  Side side = Side::Bid;

  bool operator==(const RestingOrder&) const = default;
};

using OrderTable = IdTable<RestingOrder>;

struct RankedOrder {
  std::uint64_t id = 0;
  Price price;
  Qty qty;
};

// HOT. The best orders of a side, by price and at one price by id; how many there are. Looks at the
// whole table: of what comes every few seconds only.
[[nodiscard]] inline std::uint32_t best_orders(const OrderTable& orders, Side side,
                                               std::span<RankedOrder> out) noexcept {
  std::uint32_t count = 0;
  orders.for_each([&](std::uint64_t id, const RestingOrder& order) noexcept {
    if (order.side != side) return;
    const auto before = [&](const RankedOrder& other) noexcept {
      if (order.price == other.price) return id < other.id;
      return side == Side::Bid ? order.price > other.price : order.price < other.price;
    };
    if (count == out.size()) {
      if (count == 0 || !before(out[count - 1])) return;
      --count;
    }
    std::uint32_t at = count++;
    for (; at != 0 && before(out[at - 1]); --at) out[at] = out[at - 1];
    out[at] = {id, order.price, order.qty};
  });
  return count;
}

}  // namespace steelyard
