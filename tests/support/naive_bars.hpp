// tests/support/naive_bars.hpp -- the bars of S9 and S10 and what is computed from them, from the
// specification alone: every event is kept, and every bar is made anew whenever one has ended.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/messages.hpp"
#include "signals/signal_params.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

using NaiveReal = long double;
using NaiveRow = std::map<std::string, double>;

// What one event was, once applied.
struct NaiveFact {
  std::int64_t time = 0;
  EventKind kind = EventKind::Timer;
  bool observation = false;
  NaiveReal flow = 0;                      // e
  NaiveReal depth = 0;                     // best bid size + best ask size, in the unit of `flow`
  std::optional<NaiveReal> mid2;           // twice the mid after it, if it is defined, in mantissas
  std::optional<NaiveReal> band_notional;  // in the main band, both sides, after it
  // Trade.
  std::int64_t price = 0;
  NaiveReal notional = 0;
  Aggressor aggressor = Aggressor::Unknown;
};

// One second of S10. What is not there is not defined.
struct NaiveFlowBar {
  std::optional<NaiveReal> x, y;
  std::optional<NaiveReal> depth;  // D_k
  NaiveReal notional = 0;
  NaiveReal signed_notional = 0;
  int trades = 0;
  bool unbroken = true;
};

// Ten seconds of S9.
struct NaiveRangeBar {
  std::optional<NaiveReal> up, down;  // in mantissas
  NaiveReal j = 0;
};

class NaiveBars {
 public:
  explicit NaiveBars(const SignalParams& params, int price_exponent)
      : params_{params}, price_exponent_{price_exponent} {}

  void on(const NaiveFact& fact);
  void write(NaiveRow& row) const { row.insert(latched_.begin(), latched_.end()); }

  // Every bar that has ended; where the chain broke there are none.
  [[nodiscard]] std::vector<NaiveFlowBar> flow_bars() const;
  [[nodiscard]] std::vector<NaiveRangeBar> range_bars() const;

 private:
  // Facts [first, last) of bar `index`.
  struct Slice {
    std::int64_t index;
    std::size_t first, last;
  };
  [[nodiscard]] std::vector<Slice> ended(std::int64_t width_ns) const;
  // The last mid before fact `at`, unless there was a reset since.
  [[nodiscard]] std::optional<NaiveReal> close_before(std::size_t at) const;
  // Of the trade that fact `at` is.
  [[nodiscard]] int sign(std::size_t at) const;
  void compute();

  SignalParams params_;
  int price_exponent_;
  std::vector<NaiveFact> facts_;
  NaiveRow latched_;
};

// Over all bars so far, after the last of them.
void write_regression(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                      NaiveRow& row);

void write_volatility(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                      NaiveRow& row);

// After write_regression: reads fwd_tstat.
void write_reversion(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                     NaiveRow& row);

// Of the last bars, oldest first; empty if one of them has no return.
[[nodiscard]] std::vector<NaiveReal> last_returns(const std::vector<NaiveFlowBar>& bars,
                                                  std::size_t count);

void write_illiquidity(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                       NaiveRow& row);

void write_range(const std::vector<NaiveRangeBar>& bars, const SignalParams& params,
                 int price_exponent, NaiveRow& row);

// Weighted least squares of all samples, the last with weight 1, that before with lambda, ...
struct NaiveLine {
  std::optional<NaiveReal> slope, intercept, r2, t, sigma;
};
[[nodiscard]] NaiveLine naive_line(const std::vector<std::pair<NaiveReal, NaiveReal>>& samples,
                                   NaiveReal lambda, std::size_t least);

[[nodiscard]] double or_nan(const std::optional<NaiveReal>& value);

}  // namespace steelyard
