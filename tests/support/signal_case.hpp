// tests/support/signal_case.hpp -- a fixture that tells signals of events one by one, for cases
// calculated by hand.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "support/signal_driver.hpp"

namespace steelyard {

inline constexpr std::int64_t kMs = 1'000'000;
inline constexpr std::int64_t kStart = 1'700'000'000'000 * kMs;

using Levels = std::vector<NaiveEvent::Level>;

inline NaiveEvent::Level bid(std::int64_t price, std::int64_t qty) {
  return {Side::Bid, price, qty};
}
inline NaiveEvent::Level ask(std::int64_t price, std::int64_t qty) {
  return {Side::Ask, price, qty};
}

// Prices and sizes are whole numbers here.
class SignalCase : public testing::Test {
 protected:
  explicit SignalCase(const SignalParams& params = {}, const Instrument& instrument = {})
      : driver_{params, instrument} {}

  void snapshot(Levels levels, bool rebase = true) {
    NaiveEvent event{EventKind::Snapshot, now_, std::move(levels)};
    event.rebase = rebase;
    driver_.on(event);
  }
  void delta(Levels levels) { driver_.on({EventKind::Delta, now_, std::move(levels)}); }
  void trade(std::int64_t price, std::int64_t qty, Aggressor aggressor = Aggressor::Unknown) {
    driver_.on({EventKind::Trade, now_, {{Side::Bid, price, qty}}, false, aggressor});
  }
  // `side`: of the forced order.
  void liquidation(std::int64_t price, std::int64_t qty, Aggressor side) {
    driver_.on({EventKind::Liquidation, now_, {{Side::Bid, price, qty}}, false, side});
  }
  void tell(EventKind kind) { driver_.on({kind, now_, {}}); }
  void wait(std::int64_t ms) { now_ += ms * kMs; }
  double operator[](const char* name) const { return driver_[name]; }
  [[nodiscard]] bool undefined(const char* name) const { return std::isnan(driver_[name]); }

  std::int64_t now_ = kStart;
  SignalDriver driver_;
};

}  // namespace steelyard
