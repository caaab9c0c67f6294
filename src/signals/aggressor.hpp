// src/signals/aggressor.hpp -- S7: which side started a trade, also where the venue does not say.
#pragma once

#include "core/int128.hpp"
#include "signals/market_event.hpp"
#include "signals/mid_and_spread.hpp"

namespace steelyard {

// The venue's word where it gives one. Else Lee & Ready 1991 without their delay: a price above the
// mid is a buy, below it a sell; at the mid, or without one, the tick rule: as the price has moved
// since the trade before, and if it has not, as that trade was. Lives on through resets: a trade
// needs no book.
class AggressorRule {
 public:
  // HOT. +1 buy, -1 sell, 0 nothing is known. Call it once for each trade, in their order; `event`
  // is a Trade.
  [[nodiscard]] int sign(const MarketEvent& event) noexcept {
    const int sign = event.aggressor == Aggressor::Buy    ? 1
                     : event.aggressor == Aggressor::Sell ? -1
                                                          : guess(event);
    has_last_ = true;
    last_price_ = event.traded.price;
    last_sign_ = sign;
    return sign;
  }

 private:
  [[nodiscard]] int guess(const MarketEvent& event) const noexcept {
    const Price price = event.traded.price;
    if (has_mid(event.status)) {
      const Int128 mid2 = Int128{event.bids[0].price.raw()} + event.asks[0].price.raw();
      const Int128 twice = Int128{price.raw()} * 2;
      if (twice != mid2) return twice > mid2 ? 1 : -1;
    }
    if (!has_last_ || price == last_price_) return last_sign_;
    return price > last_price_ ? 1 : -1;
  }

  bool has_last_ = false;
  int last_sign_ = 0;
  Price last_price_;
};

}  // namespace steelyard
