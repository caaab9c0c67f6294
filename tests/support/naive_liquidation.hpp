// tests/support/naive_liquidation.hpp -- S14 from the specification alone: every event is kept,
// every sum made anew, and the machine in the words of the text.
#pragma once

#include <array>

#include "support/naive_event.hpp"
#include "support/naive_ew_stat.hpp"

namespace steelyard {

class NaiveLiquidation {
 public:
  NaiveLiquidation(const SignalParams& params, const Instrument& instrument)
      : params_{params}, units_{instrument} {}

  // Reads regime and the notional within the main band from the row.
  void on(const NaiveView& view, NaiveRow& row);

 private:
  struct Entry {
    std::int64_t time;
    std::int64_t window_time;
    int sign;
    NaiveReal notional;
  };
  void write_windows(std::int64_t now, NaiveRow& row) const;
  void write_decayed(std::int64_t now, NaiveRow& row) const;
  void write_thin(std::int64_t now, NaiveRow& row);
  void run_machine(std::int64_t now, NaiveRow& row);

  const SignalParams& params_;
  NaiveUnits units_;
  std::vector<Entry> trades_;
  std::vector<Entry> liquidations_;
  NaiveEwStat bid_depth_{params_.deviation.tau_ms * kNaiveMs};
  NaiveEwStat ask_depth_{params_.deviation.tau_ms * kNaiveMs};
  // Of each direction, -1 and +1, and condition E, T, L: when it was true.
  std::map<int, std::array<std::vector<std::int64_t>, 3>> true_at_;
  int level_ = 0;
  int direction_ = 0;
  std::int64_t t0_ = 0;
};

}  // namespace steelyard
