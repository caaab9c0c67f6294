// src/sim/level_window.hpp -- the best levels of a market, and what changed among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "sim/market.hpp"

namespace steelyard::sim {

struct WindowChange {
  bool bid;
  std::int64_t price;
  std::int64_t qty;     // 0: not in the window any more
  std::int64_t before;  // 0: it was not in it
  bool pushed_out;      // ... though it is still in the market, below better ones
};

class LevelWindow {
 public:
  // `depth` levels a side; 0: all.
  explicit LevelWindow(const Market& market, std::size_t depth = 0) : depth_{depth} {
    (void)update(market);
  }

  // Since the last time, bids first, each side from its best level on.
  [[nodiscard]] std::vector<WindowChange> update(const Market& market) {
    std::vector<WindowChange> changes;
    follow(true, bids_, market.bids(), changes);
    follow(false, asks_, market.asks(), changes);
    return changes;
  }

 private:
  template <typename Side>
  void follow(bool bid, Side& mine, const Side& now, std::vector<WindowChange>& changes) const {
    Side next;
    for (const auto& [price, qty] : now) {
      if (depth_ != 0 && next.size() == depth_) break;
      next.emplace_hint(next.end(), price, qty);
      const auto old = mine.find(price);
      const std::int64_t before = old == mine.end() ? 0 : old->second;
      if (before != qty) changes.push_back({bid, price, qty, before, false});
    }
    for (const auto& [price, qty] : mine) {
      if (!next.contains(price)) changes.push_back({bid, price, 0, qty, now.contains(price)});
    }
    mine = std::move(next);
  }

  std::size_t depth_;
  std::map<std::int64_t, std::int64_t, std::greater<>> bids_;
  std::map<std::int64_t, std::int64_t> asks_;
};

}  // namespace steelyard::sim
