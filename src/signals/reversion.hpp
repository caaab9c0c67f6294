// src/signals/reversion.hpp -- S15: whether the returns of bars go on, or turn back.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "signals/return_window.hpp"
#include "signals/signal.hpp"

namespace steelyard {

// Lo & MacKinlay 1988: the variance of overlapping sums of q returns by q times that of one, both
// unbiased; 1 of a random walk, more of momentum, less of reversion.
template <typename Units>
class Reversion {
 public:
  static constexpr const char* kName = "reversion";
  static constexpr Tier kTier = 3;
  static constexpr const char* kSource = "Lo & MacKinlay 1988";
  static constexpr const char* kCaveat =
      "By default two minutes of one-second bars, and the standard error of a random walk without "
      "heteroskedasticity: it says how the last two minutes went, not how the next will.";

  static void columns(const SignalParams&, ColumnList& list) {
    constexpr std::uint32_t kOrder = column_order::kReversion;
    list.push_back({"vr", "ratio",
                    "Variance ratio of the last bars' returns: above 1 momentum, below it "
                    "reversion.",
                    kOrder, 0.0});
    list.push_back(
        {"vr_z", "ratio", "Its distance from 1 in standard errors of a random walk.", kOrder + 1});
    list.push_back(
        {"acf1", "ratio", "Autocorrelation of neighbouring returns.", kOrder + 2, -1.0, 1.0});
    list.push_back({"mom_tag", "flag",
                    "Momentum 1, mean reversion -1: of vr_z, or else of fwd_tstat; 0 neither.",
                    kOrder + 3, -1.0, 1.0});
  }

  static void reads(const SignalParams&, std::vector<std::string>& names) {
    names.emplace_back("fwd_tstat");
  }

  static std::size_t memory(const SignalParams& params) {
    return ReturnWindow::memory(params.bars.ratio_bars);
  }

  explicit Reversion(const SignalContext& context)
      : own_{context.own.data()},
        tstat_{context.reads[0]},
        feed_{&context.bars.flow},
        sum_of_{context.params.bars.ratio_lag},
        returns_{context.memory, context.params.bars.ratio_bars} {}

  void update(const MarketEvent&, ValueRow row) noexcept {
    if (!feed_->since(seen_)) return;
    feed_->for_each([this](const FlowBar& bar) noexcept { returns_.add(bar.change); });
    Ratio ratio;
    if (returns_.full()) measure(ratio);
    row[own_[0]] = ratio.value;
    row[own_[1]] = ratio.z;
    row[own_[2]] = ratio.neighbours;
    row[own_[3]] = tag(ratio.z, row[tstat_]);
  }

 private:
  struct Ratio {
    double value = kUndefined;
    double z = kUndefined;
    double neighbours = kUndefined;
  };

  void measure(Ratio& ratio) const noexcept {
    const std::uint32_t n = returns_.size();
    double sum = 0.0;
    for (std::uint32_t i = 0; i < n; ++i) sum += returns_[i];
    const double mean = sum / n;

    double squares = 0.0;
    double products = 0.0;
    double before = 0.0;
    for (std::uint32_t i = 0; i < n; ++i) {
      const double apart = returns_[i] - mean;
      squares += apart * apart;
      products += apart * before;
      before = apart;
    }
    if (!(squares > kNothing)) return;

    double square_sums = 0.0;  // of q returns, overlapping
    for (std::uint32_t last = sum_of_; last <= n; ++last) {
      double apart = 0.0;
      for (std::uint32_t i = last - sum_of_; i < last; ++i) apart += returns_[i] - mean;
      square_sums += apart * apart;
    }
    const auto q = static_cast<double>(sum_of_);
    const auto count = static_cast<double>(n);
    const double unbiased = q * (count - q + 1.0) * (1.0 - q / count);
    ratio.value = (square_sums / unbiased) / (squares / (count - 1.0));
    ratio.z =
        (ratio.value - 1.0) / std::sqrt(2.0 * (2.0 * q - 1.0) * (q - 1.0) / (3.0 * q * count));
    ratio.neighbours = products / squares;
  }

  // What the returns say of themselves goes with what flow says of the bar to come, or gives way to
  // it where it says nothing.
  [[nodiscard]] static double tag(double z, double t) noexcept {
    if (std::isnan(z) && std::isnan(t)) return kUndefined;
    const double own = std::abs(z) >= 1.0 ? std::copysign(1.0, z) : 0.0;
    const double of_flow = std::abs(t) >= 2.0 ? std::copysign(1.0, t) : 0.0;
    if (own * of_flow < 0.0) return 0.0;
    return own != 0.0 ? own : of_flow;
  }

  static constexpr double kNothing = 1e-18;  // bps squared: returns that are all alike

  const std::uint16_t* own_;
  std::uint16_t tstat_;
  const ClosedBars<FlowBar>* feed_;
  std::uint64_t seen_ = 0;
  std::uint32_t sum_of_;  // q
  ReturnWindow returns_;
};

}  // namespace steelyard
