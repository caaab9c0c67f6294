// src/signals/signal_params.hpp -- the parameters of all signals, with the specification's
// defaults.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "signals/bar_params.hpp"
#include "signals/regime.hpp"

namespace steelyard {

// S7. VPIN's buckets should be a fiftieth of an instrument's daily volume.
struct TradeFlowParams {
  double vpin_bucket_qty = 50.0;  // base units
  std::uint32_t vpin_buckets = 50;
  std::uint32_t entries = 8192;  // as flow_entries, for trades

  bool operator==(const TradeFlowParams&) const = default;
  [[nodiscard]] std::string validate() const;
};

// S8. Its kernel and warm-up are also those of thin_bid and thin_ask (S14).
struct DeviationParams {
  std::uint32_t tau_ms = 60'000;         // of the means and deviations
  std::uint32_t warmup_ms = 30'000;      // of time that counted, before they are used
  std::uint32_t ofi_window_ms = 1000;    // one of flow_windows_ms
  std::uint32_t tfi_window_ms = 10'000;  // one of flow_windows_ms
  double book_floor = 0.05;              // a deviation is never taken for smaller
  double ofi_floor = 0.25;
  double tfi_floor = 0.05;
  double clip = 10.0;
  double book_weight = 1.0;
  double ofi_weight = 1.0;
  double tfi_weight = 1.0;
  RegimeThresholds regime;

  bool operator==(const DeviationParams&) const = default;
  [[nodiscard]] std::string validate(const std::vector<std::uint32_t>& flow_windows_ms) const;
};

// S12.
struct TimeWeightedParams {
  std::uint32_t window_ms = 60'000;
  std::uint32_t entries = 8192;  // changes of the mid, and of the imbalance, in a window

  bool operator==(const TimeWeightedParams&) const = default;
  [[nodiscard]] std::string validate() const;
};

// S14. Intensity of forced orders = mu + alpha * sum of min(notional / this notional, cap) *
// exp(-beta * age). `mu` and `notional` are a venue's and an instrument's: calibrate them, so that
// the mean of min(..) is about 1.
struct HawkesParams {
  double mu = 0.02;            // 1/s, without events
  double alpha = 0.1;          // 1/s; alpha / beta < 1, else it feeds on itself
  double beta = 0.2;           // 1/s
  double notional = 50'000.0;  // quote
  double cap = 10.0;

  bool operator==(const HawkesParams&) const = default;
};

struct LiquidationParams {
  std::vector<std::uint32_t> windows_ms{10'000, 60'000};  // ascending
  std::uint32_t flow_tau_ms = 5'000;
  HawkesParams hawkes;
  std::uint32_t entries = 1024;          // as flow_entries, for liquidations
  std::uint32_t trade_entries = 16'384;  // ... and for trades

  bool operator==(const LiquidationParams&) const = default;
  [[nodiscard]] std::string validate() const;
};

struct CascadeParams {
  double thin = 0.5;   // a side is thin at so much of its mean
  double burst = 5.0;  // intensity of a burst, in mu
  std::uint32_t latch_ms = 3'000;
  std::uint32_t hold_ms = 5'000;

  bool operator==(const CascadeParams&) const = default;
  [[nodiscard]] std::string validate() const;
};

// Lists change the columns (one or more each), never a layout. Checked once, at start.
struct SignalParams {
  std::vector<std::uint32_t> depth_levels{5, 10, 20};  // S2, levels a side, 1 .. 20
  double rank_lambda = 0.5;                            // S2, weight exp(-lambda (rank - 1))
  double distance_bps = 5.0;                           // S2, weight exp(-distance / this)
  std::vector<double> bands_bps{5, 10, 25, 50};        // S3, ascending, whole multiples of 0.0001
  double main_band_bps = 10;                           // the headline band, one of bands_bps
  std::vector<std::uint32_t> flow_windows_ms{100, 1000, 10000};  // S5, S6, ascending
  std::uint32_t multi_level_window_ms = 1000;                    // S6, one of flow_windows_ms
  std::uint32_t flow_levels = 10;                                // S6, M: 1 .. 20
  std::uint32_t flow_decay_ms = 1000;                            // S5, ofi_ew
  // Rows for observations. More than half as many within the longest window, and times are rounded
  // down until there is room again: counted, see FlowRing.
  std::uint32_t flow_entries = 4096;
  std::int64_t window_granularity_ns = 0;                                 // C5; 0: exact
  std::vector<std::uint32_t> cost_notionals{10'000, 100'000, 1'000'000};  // S11, quote; may be none
  BarParams bars;
  std::uint32_t group_stale_ms = 5000;  // S16, how old a live venue's last book message may be
  TradeFlowParams trade_flow;
  DeviationParams deviation;
  TimeWeightedParams time_weighted;
  LiquidationParams liquidation;
  CascadeParams cascade;
  // Whether columns of these tiers are computed. If not, they are there and undefined.
  bool tier2 = true;
  bool tier3 = true;

  [[nodiscard]] constexpr bool computes(std::uint32_t tier) const noexcept {
    return tier < 2 || (tier == 2 ? tier2 : tier3);
  }

  bool operator==(const SignalParams&) const = default;
  // Empty if all is well; else which parameter, its value, and what is allowed.
  [[nodiscard]] std::string validate() const;
};

// Whether a parameter has a say in which columns there are. The instruments of a segment share one
// directory, so such a parameter is the same for all of them. `key`: as in the configuration, with
// dots where tables are nested.
[[nodiscard]] bool is_directory_key(std::string_view key) noexcept;

// A band as columns are named after it: a plain decimal, "10" or "2.5".
[[nodiscard]] std::string band_text(double bps);

}  // namespace steelyard
