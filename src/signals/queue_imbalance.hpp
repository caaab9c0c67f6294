// src/signals/queue_imbalance.hpp -- S1: the two best queues against each other.
#pragma once

#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Gould & Bonart 2016. A missing side has size zero: +1, -1, and undefined when both are missing.
template <typename Units>
class QueueImbalance {
 public:
  static constexpr const char* kName = "queue_imbalance";
  static constexpr Hears kHears = Hears::BestLevels;
  static constexpr const char* kSource = "Gould & Bonart 2016";
  static constexpr const char* kCaveat =
      "Tells most where the tick is wide against the price, so that queues build up. Orders "
      "at the best are cheap to place and to cancel. One-sided books are +1 or -1, by "
      "definition.";

  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"qi", "ratio", "Queue imbalance of the best levels, (bid - ask) / (bid + ask).",
                    column_order::kQueue, -1.0, 1.0});
  }

  explicit QueueImbalance(const SignalContext& context) : own_{context.own[0]} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    if (!has_best(event.status)) {
      row[own_] = kUndefined;
      return;
    }
    const Int128 bid = event.bids.empty() ? 0 : Units::size_at(event.bids, event.bid_sizes, 0);
    const Int128 ask = event.asks.empty() ? 0 : Units::size_at(event.asks, event.ask_sizes, 0);
    row[own_] = imbalance(bid, ask);
  }

 private:
  std::uint16_t own_;
};

}  // namespace steelyard
