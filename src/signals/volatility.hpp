// src/signals/volatility.hpp -- S13: variance of the returns of bars, realised and to be expected.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "signals/return_window.hpp"
#include "signals/signal.hpp"

namespace steelyard {

// RiskMetrics 1996 (the decayed variance and its forecast), Andersen et al. 2003 (realised
// volatility), Barndorff-Nielsen & Shephard 2004 (bipower variation, which jumps do not enter).
template <typename Units>
class Volatility {
 public:
  static constexpr const char* kName = "volatility";
  static constexpr Tier kTier = 3;
  static constexpr const char* kSource = "RiskMetrics 1996";
  static constexpr const char* kCaveat =
      "With bars of 1 s most returns are 0, which biases bv_bps down and jump_ratio up: "
      "read those two with bars of 5 s or more. Nothing corrects for the noise of short "
      "bars.";

  static void columns(const SignalParams&, ColumnList& list) {
    constexpr std::uint32_t kOrder = column_order::kVolatility;
    list.push_back({"vol_ewma_bps", "bps", "Volatility of a bar's return, exponentially weighted.",
                    kOrder, 0.0});
    list.push_back({"vol_fc_bps", "bps", "The same, of the return over the forecast horizon.",
                    kOrder + 1, 0.0});
    list.push_back({"vol_ann", "ratio", "The same, over a year of 365 days.", kOrder + 2, 0.0});
    list.push_back({"rv_bps", "bps", "Realised volatility over the last bars.", kOrder + 3, 0.0,
                    kNoHigh, kTierOfSignal, "Andersen, Bollerslev, Diebold & Labys 2003"});
    list.push_back({"bv_bps", "bps", "Bipower volatility over the same bars.", kOrder + 4, 0.0,
                    kNoHigh, kTierOfSignal, "Barndorff-Nielsen & Shephard 2004"});
    list.push_back({"jump_ratio", "ratio", "Share of the realised variance that is from jumps.",
                    kOrder + 5, 0.0, 1.0, kTierOfSignal, "Barndorff-Nielsen & Shephard 2004"});
  }

  static std::size_t memory(const SignalParams& params) {
    return ReturnWindow::memory(params.bars.realised_bars);
  }

  explicit Volatility(const SignalContext& context)
      : own_{context.own.data()},
        feed_{&context.bars.flow},
        lambda_{decay_of_bar(context.params.bars.width_ms, context.params.bars.volatility_tau_ms)},
        horizon_bars_{static_cast<double>(context.params.bars.volatility_horizon_ms) /
                      context.params.bars.width_ms},
        year_bars_{kYearMs / context.params.bars.width_ms},
        returns_{context.memory, context.params.bars.realised_bars} {}

  void update(const MarketEvent&, ValueRow row) noexcept {
    if (!feed_->since(seen_)) return;
    feed_->for_each([this](const FlowBar& bar) noexcept { on_bar(bar.change); });
    row[own_[0]] = std::sqrt(variance_);
    row[own_[1]] = std::sqrt(variance_ * horizon_bars_);
    row[own_[2]] = std::sqrt(variance_ * year_bars_) / 1e4;
    write_realised(row);
  }

 private:
  static constexpr double kYearMs = 365.0 * 86'400'000.0;
  static constexpr double kHalfPi = 1.5707963267948966;
  static constexpr double kNothing = 1e-280;  // decays no further, never denormal

  void on_bar(double change) noexcept {
    returns_.add(change);
    if (std::isnan(change)) return;
    const double square = change * change;
    variance_ = std::isnan(variance_) ? square : lambda_ * variance_ + (1.0 - lambda_) * square;
    if (variance_ < kNothing) variance_ = 0.0;
  }

  void write_realised(ValueRow row) const noexcept {
    double realised = kUndefined;
    double bipower = kUndefined;
    if (returns_.full()) {
      const std::uint32_t n = returns_.size();
      realised = bipower = 0.0;
      double before = 0.0;
      for (std::uint32_t i = 0; i < n; ++i) {
        const double size = std::abs(returns_[i]);
        realised += size * size;
        bipower += size * before;
        before = size;
      }
      bipower *= kHalfPi * (static_cast<double>(n) / (n - 1));
    }
    row[own_[3]] = std::sqrt(realised);
    row[own_[4]] = std::sqrt(bipower);
    row[own_[5]] = realised > 0.0 ? std::max(0.0, 1.0 - bipower / realised) : kUndefined;
  }

  const std::uint16_t* own_;
  const ClosedBars<FlowBar>* feed_;
  std::uint64_t seen_ = 0;
  double lambda_;
  double horizon_bars_;
  double year_bars_;
  double variance_ = kUndefined;  // of a bar, bps squared
  ReturnWindow returns_;
};

}  // namespace steelyard
