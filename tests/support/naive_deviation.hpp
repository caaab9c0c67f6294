// tests/support/naive_deviation.hpp -- S8 from the specification alone.
#pragma once

#include "support/naive_event.hpp"
#include "support/naive_ew_stat.hpp"

namespace steelyard {

// Reads the columns that it is about from the row.
class NaiveDeviation {
 public:
  explicit NaiveDeviation(const SignalParams& params) : params_{params} {}

  void on(const NaiveView& view, NaiveRow& row);

 private:
  [[nodiscard]] NaiveEwStat stat() const {
    return NaiveEwStat{params_.deviation.tau_ms * kNaiveMs};
  }
  [[nodiscard]] int regime_after(double signal) const;

  const SignalParams& params_;
  NaiveEwStat book_{stat()}, flow_{stat()}, trades_{stat()};
  int regime_ = 0;
  int alerts_ = 0;
};

}  // namespace steelyard
