// src/signals/deviation.hpp -- S8: how far book, flow and trades are from what is usual; regime and
// alert.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "signals/ew_stat.hpp"
#include "signals/mid_and_spread.hpp"
#include "signals/regime.hpp"

namespace steelyard {

// The article's signals: "deviations from expected order flow". Three expectations with one kernel
// for all, three deviations from them in standard deviations, their mean, and a state.
template <typename Units>
class Deviation {
 public:
  static constexpr const char* kName = "deviation";
  static constexpr const char* kSource = "Welford 1962, West 1979";
  static constexpr const char* kCaveat =
      "Deviations from the last minute, not from zero: a market that leans for long is taken for "
      "usual. How often a regime or an alert comes is a matter of thresholds; calibrate them by "
      "instrument.";

  static void columns(const SignalParams&, ColumnList& list) {
    using namespace column_order;
    list.push_back({"z_book", "ratio",
                    "Imbalance within the main band: deviations from its mean of late.",
                    kDeviation});
    list.push_back({"z_ofi", "ratio", "Order flow imbalance: deviations from its mean of late.",
                    kDeviation + 1});
    list.push_back({"z_tfi", "ratio", "Trade flow imbalance: deviations from its mean of late.",
                    kDeviation + 2});
    list.push_back({"ois", "ratio",
                    "Order imbalance signal: mean of the clipped deviations that are defined.",
                    kDeviation + 3});
    list.push_back({"regime", "flag",
                    "-2 extreme selling, -1 selling, 0 neutral, 1 buying, 2 extreme buying.",
                    kDeviation + 4, -2.0, 2.0});
    list.push_back({"alert", "flag", "Sign of an extreme regime in the event that enters it, or 0.",
                    kDeviation + 5, -1.0, 1.0});
    list.push_back({"alert_seq", "count", "Alerts since the start.", kDeviation + 6, 0.0});
  }

  static void reads(const SignalParams& params, std::vector<std::string>& names) {
    names.push_back("pbi_" + band_text(params.main_band_bps) + "bp");
    names.push_back("ofi_norm_" + std::to_string(params.deviation.ofi_window_ms) + "ms");
    names.push_back("tfi_" + std::to_string(params.deviation.tfi_window_ms) + "ms");
  }

  explicit Deviation(const SignalContext& context)
      : own_{context.own.data()},
        reads_{context.reads.data()},
        kernel_{context.params.deviation.tau_ms},
        warm_ns_{std::int64_t{context.params.deviation.warmup_ms} * 1'000'000},
        floor_{context.params.deviation.book_floor, context.params.deviation.ofi_floor,
               context.params.deviation.tfi_floor},
        weight_{context.params.deviation.book_weight, context.params.deviation.ofi_weight,
                context.params.deviation.tfi_weight},
        clip_{context.params.deviation.clip},
        thresholds_{context.params.deviation.regime} {}

  void advance(TimestampNs from, TimestampNs to) noexcept {
    const DecayStep step = kernel_.step(from, to);
    for (EwStat& stat : stats_) stat.pass(step);
    moved_ = true;
  }

  void update(const MarketEvent& event, ValueRow row) noexcept {
    bool changed = moved_;
    moved_ = false;
    for (std::uint32_t k = 0; k < kStats; ++k) {
      const bool undefined = k == kFlow && !has_best(event.status);
      const double value = undefined ? kUndefined : row[reads_[k]];
      const double held = stats_[k].held();
      changed = changed || !(value == held || (std::isnan(value) && std::isnan(held)));
      stats_[k].hold(value);
    }
    if (changed) measure(row);
    judge(event.status, row);
  }

 private:
  enum : std::uint32_t { kBook, kFlow, kTrades, kStats };

  void measure(ValueRow row) noexcept {
    double sum = 0.0;
    double weights = 0.0;
    for (std::uint32_t k = 0; k < kStats; ++k) {
      const double z = deviation(stats_[k], floor_[k]);
      row[own_[k]] = z;
      if (k == kBook && std::isnan(z)) weights = kUndefined;  // without it there is no signal
      if (std::isnan(z)) continue;
      sum += weight_[k] * std::clamp(z, -clip_, clip_);
      weights += weight_[k];
    }
    signal_ = sum / weights;
    row[own_[kStats]] = signal_;
  }

  [[nodiscard]] double deviation(const EwStat& stat, double floor) const noexcept {
    if (stat.active_ns() < warm_ns_ || stat.active_ns() == 0) return kUndefined;
    const double variance = stat.variance();
    const double unit = variance > floor * floor ? std::sqrt(variance) : floor;
    return (stat.held() - stat.mean()) / unit;
  }

  void judge(BookStatus status, ValueRow row) noexcept {
    int next = regime_;
    if (status == BookStatus::NoBook) {
      next = 0;
    } else if (!std::isnan(signal_)) {
      next = next_regime(regime_, signal_, thresholds_);
    }
    const bool alert = next != regime_ && (next == 2 || next == -2);
    if (alert) ++alerts_;
    if (next != regime_ || alert_ != 0 || !shown_) {
      alert_ = alert ? next / 2 : 0;
      regime_ = next;
      shown_ = true;
      row[own_[kStats + 1]] = regime_;
      row[own_[kStats + 2]] = alert_;
      row[own_[kStats + 3]] = static_cast<double>(alerts_);
    }
  }

  const std::uint16_t* own_;
  const std::uint16_t* reads_;
  DecayKernel kernel_;
  std::int64_t warm_ns_;
  std::array<double, kStats> floor_;
  std::array<double, kStats> weight_;
  double clip_;
  RegimeThresholds thresholds_;
  std::array<EwStat, kStats> stats_{};
  bool moved_ = true;  // time has passed since the row was written
  double signal_ = kUndefined;
  int regime_ = 0;
  int alert_ = 0;  // as the row shows it
  bool shown_ = false;
  std::uint64_t alerts_ = 0;
};

}  // namespace steelyard
