// src/signals/bar_regression.hpp -- S10: returns of bars regressed on their order flow.
#pragma once

#include <cstdint>

#include "signals/exp_regression.hpp"
#include "signals/signal.hpp"

namespace steelyard {

// Contemporaneous (Cont, Kukanov & Stoikov 2014): how far the price goes with the flow, and by how
// much it went elsewhere. Forward: what this bar's flow says of the next bar. A bar in which a
// value is undefined is no sample, and counts for nothing.
template <typename Units>
class BarRegression {
 public:
  static constexpr const char* kName = "bar_regression";
  static constexpr Tier kTier = 3;
  static constexpr const char* kSource = "Cont, Kukanov & Stoikov 2014";
  static constexpr const char* kCaveat =
      "reg_r2 is high because flow and return are of the same bar: it is no predictability. "
      "That is fwd_r2, which is near 0. Errors are taken for independent, which they are "
      "not: a screen, no test.";

  static void columns(const SignalParams&, ColumnList& list) {
    constexpr std::uint32_t kOrder = column_order::kRegression;
    list.push_back({"reg_alpha", "bps",
                    "Intercept of the regression of a bar's return on its order flow.", kOrder});
    list.push_back(
        {"reg_beta", "bps", "Its slope: return for a flow of one average best queue.", kOrder + 1});
    list.push_back({"reg_r2", "ratio", "Its share of explained variance; no predictability.",
                    kOrder + 2, 0.0, 1.0});
    list.push_back({"reg_resid", "bps",
                    "Return of the last bar less what its flow and the line before it said.",
                    kOrder + 3});
    list.push_back({"reg_resid_z", "ratio", "The same in standard deviations.", kOrder + 4});
    list.push_back({"fwd_alpha", "bps",
                    "Intercept of the regression of a bar's return on the flow of the bar before.",
                    kOrder + 5});
    list.push_back({"fwd_beta", "bps", "Its slope.", kOrder + 6});
    list.push_back({"fwd_r2", "ratio", "Its share of explained variance.", kOrder + 7, 0.0, 1.0});
    list.push_back(
        {"fwd_tstat", "ratio", "t of its slope, as if errors were independent.", kOrder + 8});
    list.push_back(
        {"pred_bps", "bps", "What it says of the return of the bar to come.", kOrder + 9});
  }

  explicit BarRegression(const SignalContext& context)
      : own_{context.own.data()},
        feed_{&context.bars.flow},
        same_{decay_of_bar(context.params.bars.width_ms, context.params.bars.regression_tau_ms),
              context.params.bars.regression_samples},
        forward_{same_} {}

  void update(const MarketEvent&, ValueRow row) noexcept {
    if (!feed_->since(seen_)) return;
    feed_->for_each([this](const FlowBar& bar) noexcept { on_bar(bar); });
    write(row);
  }

 private:
  void on_bar(const FlowBar& bar) noexcept {
    const double x = bar.flow;
    const double y = bar.change;
    residual_ = y - same_.at(x);
    sigma_ = same_.sigma();
    if (!std::isnan(x) && !std::isnan(y)) same_.add(x, y);
    if (!std::isnan(flow_before_) && !std::isnan(y)) forward_.add(flow_before_, y);
    flow_before_ = x;
  }

  void write(ValueRow row) noexcept {
    const std::uint16_t* const at = own_;
    row[at[0]] = same_.intercept();
    row[at[1]] = same_.slope();
    row[at[2]] = same_.r2();
    row[at[3]] = residual_;
    row[at[4]] = residual_ / sigma_;
    row[at[5]] = forward_.intercept();
    row[at[6]] = forward_.slope();
    row[at[7]] = forward_.r2();
    row[at[8]] = forward_.t();
    row[at[9]] = forward_.at(flow_before_);
  }

  const std::uint16_t* own_;
  const ClosedBars<FlowBar>* feed_;
  std::uint64_t seen_ = 0;
  ExpRegression same_;
  ExpRegression forward_;
  double residual_ = kUndefined;
  double sigma_ = kUndefined;  // as of before the bar
  double flow_before_ = kUndefined;
};

}  // namespace steelyard
