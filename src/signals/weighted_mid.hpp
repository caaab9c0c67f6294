// src/signals/weighted_mid.hpp -- S4: weighted mid.
#pragma once

#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Gatheral & Oomen 2010.
template <typename Units>
class WeightedMid {
 public:
  static constexpr const char* kName = "weighted_mid";
  static constexpr Hears kHears = Hears::BestLevels;
  static constexpr const char* kSource = "Gatheral & Oomen 2010";
  static constexpr const char* kCaveat =
      "Where spreads are nearly always one tick it says no more than qi does.";

  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"wmid", "price", "Mid weighted by the opposite best sizes.",
                    column_order::kWeightedMid, 0.0});
  }

  explicit WeightedMid(const SignalContext& context)
      : units_{context.instrument.scale}, own_{context.own.data()} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    double wmid = kUndefined;
    if (has_mid(event.status)) {
      const Level& bid = event.bids[0];
      const Level& ask = event.asks[0];
      const Int128 bid_size = Units::size_at(event.bids, event.bid_sizes, 0);
      // From the bid on: rounding never leaves the spread.
      const Int128 ask_size = Units::size_at(event.asks, event.ask_sizes, 0);
      const double share = nearest_double(bid_size) / nearest_double(bid_size + ask_size);
      const double spread = nearest_double(Int128{ask.price.raw()} - bid.price.raw());
      wmid = units_.price(static_cast<double>(bid.price.raw()) + spread * share);
    }
    row[own_[0]] = wmid;
  }

 private:
  Units units_;
  const std::uint16_t* own_;
};

}  // namespace steelyard
