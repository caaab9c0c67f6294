// src/signals/trade_sign.hpp -- who was the aggressor of a trade (signals.md S7).
#pragma once

#include "core/int128.hpp"
#include "signals/mid_and_spread.hpp"

namespace steelyard {

// The venue's flag where there is one; else Lee & Ready 1991 without the delay: above the mid is
// bought, below is sold; at the mid, or without one, a price above that of the trade before is
// bought, below is sold, and an equal one keeps the sign of the trade before.
class TradeSign {
 public:
  // HOT. +1 bought, -1 sold, 0 nothing is known. Every trade of the instrument comes here once.
  [[nodiscard]] int of(const MarketEvent& trade) noexcept {
    const int sign = sign_of(trade);
    last_price_ = trade.traded.price;
    last_sign_ = sign;
    has_last_ = true;
    return sign;
  }

 private:
  [[nodiscard]] int sign_of(const MarketEvent& trade) const noexcept {
    if (trade.aggressor == Aggressor::Buy) return 1;
    if (trade.aggressor == Aggressor::Sell) return -1;
    const Price price = trade.traded.price;
    if (has_mid(trade.status)) {
      const Int128 mid2 = Int128{trade.bids[0].price.raw()} + trade.asks[0].price.raw();
      const Int128 twice = Int128{2} * price.raw();
      if (twice != mid2) return twice > mid2 ? 1 : -1;
    }
    if (!has_last_) return 0;
    if (price == last_price_) return last_sign_;
    return price > last_price_ ? 1 : -1;
  }

  Price last_price_;
  int last_sign_ = 0;
  bool has_last_ = false;
};

}  // namespace steelyard
