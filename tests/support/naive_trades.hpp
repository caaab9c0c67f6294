// tests/support/naive_trades.hpp -- S7 from the specification alone: every trade is kept, every sum
// is made anew.
#pragma once

#include "support/naive_event.hpp"

namespace steelyard {

class NaiveTrades {
 public:
  NaiveTrades(const SignalParams& params, const Instrument& instrument)
      : params_{params}, units_{instrument} {}

  void on(const NaiveView& view, NaiveRow& row);

 private:
  struct Trade {
    std::int64_t time;  // in windows
    std::int64_t price;
    int sign;
    NaiveReal volume;  // NaiveUnits::size
    NaiveReal notional;
  };
  [[nodiscard]] int sign_of(const NaiveView& view) const;
  void write_vpin(NaiveRow& row) const;

  const SignalParams& params_;
  NaiveUnits units_;
  std::vector<Trade> trades_;
};

}  // namespace steelyard
