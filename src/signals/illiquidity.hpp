// src/signals/illiquidity.hpp -- S11 over bars: impact of trades, and how fast depth comes back.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "signals/exp_regression.hpp"
#include "signals/price_band.hpp"

namespace steelyard {

// Kyle 1985 and Hasbrouck 2009 (lambda: return for signed notional), Amihud 2002 (size of returns
// by notional, as a ratio of sums: a mean of ratios explodes in a bar with next to no volume),
// Kempf, Mayston, Gehde-Trapp & Yadav 2015 (resiliency: the mean reversion rate of depth).
template <typename Units>
class Illiquidity {
 public:
  static constexpr const char* kName = "illiquidity";
  static constexpr Tier kTier = 3;
  static constexpr const char* kSource = "Kyle 1985";
  static constexpr const char* kCaveat =
      "Impact is measured over bars and mixes what trades cause with what they "
      "react to; undefined before 30 bars.";

  static void columns(const SignalParams&, ColumnList& list) {
    constexpr std::uint32_t kOrder = column_order::kIlliquidity;
    list.push_back({"kyle_lambda", "bps/M",
                    "Return of a bar for a million more bought than sold in it.", kOrder});
    list.push_back(
        {"kyle_r2", "ratio", "Share of variance that it explains.", kOrder + 1, 0.0, 1.0});
    list.push_back({"amihud", "bps/M", "Size of returns for a million traded.", kOrder + 2, 0.0,
                    kNoHigh, kTierOfSignal, "Amihud 2002"});
    list.push_back({"resil_kappa", "ratio", "Share of missing depth that comes back within a bar.",
                    kOrder + 3, kNoLow, kNoHigh, kTierOfSignal,
                    "Kempf, Mayston, Gehde-Trapp & Yadav 2015"});
    list.push_back({"resil_half_s", "s", "Time until half of it is back.", kOrder + 4, 0.0, kNoHigh,
                    kTierOfSignal, "Kempf, Mayston, Gehde-Trapp & Yadav 2015"});
  }

  static void reads(const SignalParams& params, std::vector<std::string>& names) {
    const std::string band = band_text(params.main_band_bps) + "bp";
    names.push_back("bidn_" + band);
    names.push_back("askn_" + band);
  }

  explicit Illiquidity(const SignalContext& context)
      : own_{context.own.data()},
        bid_depth_{context.reads[0]},
        ask_depth_{context.reads[1]},
        feed_{&context.bars.flow},
        bar_s_{context.params.bars.width_ms / 1e3},
        lambda_{decay_of_bar(context.params.bars.width_ms, context.params.bars.regression_tau_ms)},
        least_samples_{context.params.bars.regression_samples},
        kyle_{lambda_, least_samples_},
        recovery_{kyle_} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    if (feed_->since(seen_)) {
      feed_->for_each([this](const FlowBar& bar) noexcept { on_bar(bar); });
      write(row);
    }
    if (touches_book(event)) depth_ = row[bid_depth_] + row[ask_depth_];
  }

 private:
  void on_bar(const FlowBar& bar) noexcept {
    if (!bar.broken && !std::isnan(bar.change)) {
      kyle_.add(bar.signed_notional, bar.change);
      if (bar.traded) {
        if (traded_bars_ < least_samples_) ++traded_bars_;
        change_sum_ = lambda_ * change_sum_ + std::abs(bar.change);
        notional_sum_ = lambda_ * notional_sum_ + bar.notional;
      }
    }
    // The event that closed the bar has not been seen yet: this is depth at its end.
    const double moved = depth_ - depth_before_;
    if (!bar.broken && !std::isnan(moved)) recovery_.add(depth_before_, moved);
    depth_before_ = depth_;
  }

  void write(ValueRow row) const noexcept {
    row[own_[0]] = kyle_.slope();
    row[own_[1]] = kyle_.r2();
    row[own_[2]] = traded_bars_ == least_samples_ && notional_sum_ > 0.0
                       ? change_sum_ / notional_sum_
                       : kUndefined;
    const double kappa = -recovery_.slope();
    row[own_[3]] = kappa;
    row[own_[4]] = half_life_s(kappa);
  }

  [[nodiscard]] double half_life_s(double kappa) const noexcept {
    if (!(kappa > 0.0 && kappa < 1.0)) return kUndefined;
    constexpr double kLn2 = 0.69314718055994531;
    return bar_s_ * kLn2 / -log_of_quotient(1.0 - kappa, 1.0, -kappa);
  }

  const std::uint16_t* own_;
  std::uint16_t bid_depth_;
  std::uint16_t ask_depth_;
  const ClosedBars<FlowBar>* feed_;
  std::uint64_t seen_ = 0;
  double bar_s_;
  double lambda_;
  std::uint32_t least_samples_;
  ExpRegression kyle_;
  std::uint32_t traded_bars_ = 0;
  double change_sum_ = 0.0;    // decayed, bps
  double notional_sum_ = 0.0;  // decayed, 1e6 quote units
  ExpRegression recovery_;     // of the change of depth, by the depth before it
  double depth_ = kUndefined;  // notional within the main band, both sides
  double depth_before_ = kUndefined;
};

}  // namespace steelyard
