// src/signals/mid_and_spread.hpp -- mid and relative spread (signals.md C4, S11).
#pragma once

#include "signals/numerics.hpp"
#include "signals/signal.hpp"

namespace steelyard {

// Whether the best levels are there to be measured, one-sided or empty included.
[[nodiscard]] constexpr bool has_best(BookStatus status) noexcept {
  return status != BookStatus::NoBook && status != BookStatus::Crossed;
}

// Whether there is a mid: both sides there, and not crossed.
[[nodiscard]] constexpr bool has_mid(BookStatus status) noexcept {
  return status == BookStatus::Ok || status == BookStatus::Locked;
}

template <typename Units>
class MidAndSpread {
 public:
  static constexpr const char* kName = "mid_and_spread";
  static constexpr Hears kHears = Hears::BestLevels;
  static constexpr const char* kCaveat =
      "A mid is no price that anybody trades at; undefined while the book is one-sided or "
      "crossed.";

  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"mid", "price", "Mean of best bid and best ask.", column_order::kMid, 0.0});
    list.push_back({"spread_bps", "bps", "Best ask minus best bid, relative to the mid.",
                    column_order::kSpread, 0.0});
  }

  explicit MidAndSpread(const SignalContext& context)
      : units_{context.instrument.scale}, own_{context.own.data()} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    double mid = kUndefined;
    double spread = kUndefined;
    if (has_mid(event.status)) {
      const std::int64_t bid = event.bids[0].price.raw();
      const std::int64_t ask = event.asks[0].price.raw();
      const Int128 twice = Int128{bid} + ask;
      mid = units_.price(twice) * 0.5;
      spread = 2e4 * nearest_double(Int128{ask} - bid) / nearest_double(twice);
    }
    row[own_[0]] = mid;
    row[own_[1]] = spread;
  }

 private:
  Units units_;
  const std::uint16_t* own_;
};

}  // namespace steelyard
