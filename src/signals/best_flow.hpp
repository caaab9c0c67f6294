// src/signals/best_flow.hpp -- S5: what one observation contributes to flow, at the best level
// only.
#pragma once

#include "core/int128.hpp"
#include "signals/market_event.hpp"

namespace steelyard {

// e of Cont, Kukanov & Stoikov 2014 and the depth beside it, for what sums them over bars. While
// the best levels stand, nothing is computed.
template <typename Units>
class BestFlow {
 public:
  explicit BestFlow(const Units& units) noexcept : units_{units} {}

  // The next observation has no predecessor.
  void forget() noexcept { has_before_ = false; }

  // HOT. e, in integers of the units; 0 without a predecessor.
  [[nodiscard]] Int128 observe(const MarketEvent& event) noexcept {
    const Int128 flow = replace<Side::Bid>(bid_, event.bids) - replace<Side::Ask>(ask_, event.asks);
    const bool counts = has_before_;
    has_before_ = true;
    return counts ? flow : 0;
  }

  // Best bid size and best ask size of the last observation; one that is missing is 0.
  [[nodiscard]] Int128 depth() const noexcept { return bid_.size + ask_.size; }

 private:
  struct Queue {
    bool there = false;
    Level level;
    Int128 size = 0;
  };

  template <Side kSide>
  [[nodiscard]] Int128 replace(Queue& queue, std::span<const Level> side) const noexcept {
    if (side.empty()) {
      const Int128 flow = -queue.size;
      queue = {};
      return flow;
    }
    const Level level = side[0];
    if (queue.there && queue.level == level) return 0;
    const Queue before = queue;
    queue = {true, level, units_.size(level)};
    if (!before.there) return queue.size;
    if (level.price == before.level.price) return queue.size - before.size;
    const bool improves =
        kSide == Side::Bid ? level.price > before.level.price : level.price < before.level.price;
    return improves ? queue.size : -before.size;
  }

  Units units_;
  bool has_before_ = false;
  Queue bid_;
  Queue ask_;
};

}  // namespace steelyard
