// src/signals/bar_params.hpp -- the parameters of what is computed over bars: S9, S10, S13, S15 and
// part of S11.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace steelyard {

struct BarParams {
  std::uint32_t width_ms = 1000;                 // S10, bars of flow and return
  std::uint32_t regression_tau_ms = 600'000;     // S10, S11
  std::uint32_t regression_samples = 30;         // S10, S11: before they say anything
  std::uint32_t volatility_tau_ms = 300'000;     // S13
  std::uint32_t volatility_horizon_ms = 60'000;  // S13, of the forecast
  std::uint32_t realised_bars = 60;              // S13, returns of realised volatility
  std::uint32_t ratio_bars = 120;                // S15, returns of the variance ratio
  std::uint32_t ratio_lag = 5;                   // S15, q: returns of a long sum
  std::uint32_t range_width_ms = 10'000;         // S9, bars of range

  std::uint32_t range_smoothing = 14;  // S9, n of Wilder's averages
  double range_dead_zone = 0.1;        // S9, |J| up to this is no side's

  // Empty if all is well; else which parameter, its value, and what is allowed.
  bool operator==(const BarParams&) const = default;
  [[nodiscard]] std::string validate() const;
};

// What the configuration calls a parameter, and what it may be.
struct BarParam {
  const char* name;
  std::uint32_t BarParams::*value;
  std::uint32_t low;
  std::uint32_t high;
};
[[nodiscard]] std::span<const BarParam> bar_params() noexcept;

}  // namespace steelyard
