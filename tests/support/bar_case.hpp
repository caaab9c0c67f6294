// tests/support/bar_case.hpp -- a book of ten a side that is moved by hand, bar after bar.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/signal_driver.hpp"

namespace steelyard {

// Prices and sizes are whole numbers. Time starts half a second after a multiple of 10 s.
class BarCase : public testing::Test {
 protected:
  static constexpr std::int64_t kMs = 1'000'000;
  using Levels = std::vector<NaiveEvent::Level>;

  void quote(std::int64_t bid, std::int64_t ask, std::int64_t bids = 10, std::int64_t asks = 10) {
    Levels levels;
    if (bid_ != 0) levels = {{Side::Bid, bid_, 0}, {Side::Ask, ask_, 0}};
    levels.push_back({Side::Bid, bid, bids});
    levels.push_back({Side::Ask, ask, asks});
    driver_.on({bid_ != 0 ? EventKind::Delta : EventKind::Snapshot, now_, levels});
    bid_ = bid;
    ask_ = ask;
  }
  void reset() {
    driver_.on({EventKind::Reset, now_, {}});
    bid_ = ask_ = 0;
  }
  void trade(std::int64_t price, std::int64_t qty, Aggressor aggressor) {
    driver_.on({EventKind::Trade, now_, {{Side::Bid, price, qty}}, true, aggressor});
  }
  void timer() { driver_.on({EventKind::Timer, now_, {}}); }
  void wait(std::int64_t ms) { now_ += ms * kMs; }

  double operator[](const char* name) const { return driver_[name]; }
  [[nodiscard]] bool undefined(const char* name) const { return std::isnan(driver_[name]); }

  std::int64_t now_ = 1'700'000'000'500 * kMs;
  std::int64_t bid_ = 0;
  std::int64_t ask_ = 0;
  SignalDriver driver_{SignalParams{}, Instrument{}};
};

}  // namespace steelyard
