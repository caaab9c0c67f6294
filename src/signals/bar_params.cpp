#include "signals/bar_params.hpp"

namespace steelyard {
namespace {

constexpr std::uint32_t kHour = 3'600'000;

constexpr BarParam kParams[] = {
    {"bar_ms", &BarParams::width_ms, 10, kHour},
    {"regression_tau_ms", &BarParams::regression_tau_ms, 10, 24 * kHour},
    {"regression_samples", &BarParams::regression_samples, 2, 1'000'000},
    {"volatility_tau_ms", &BarParams::volatility_tau_ms, 10, 24 * kHour},
    {"volatility_horizon_ms", &BarParams::volatility_horizon_ms, 10, 24 * kHour},
    {"realised_bars", &BarParams::realised_bars, 2, 3600},
    {"ratio_bars", &BarParams::ratio_bars, 4, 3600},
    {"ratio_lag", &BarParams::ratio_lag, 2, 60},
    {"range_bar_ms", &BarParams::range_width_ms, 10, kHour},
    {"range_smoothing", &BarParams::range_smoothing, 1, 10'000},
};

}  // namespace

std::span<const BarParam> bar_params() noexcept { return kParams; }

std::string BarParams::validate() const {
  for (const BarParam& param : kParams) {
    const std::uint32_t is = this->*param.value;
    if (is >= param.low && is <= param.high) continue;
    return std::string{param.name} + " = " + std::to_string(is) + ": " + std::to_string(param.low) +
           " to " + std::to_string(param.high);
  }
  if (ratio_lag > ratio_bars / 2) {
    return "ratio_lag = " + std::to_string(ratio_lag) + ": at most half of ratio_bars";
  }
  if (!(range_dead_zone >= 0.0 && range_dead_zone < 1.0)) {
    return "range_dead_zone = " + std::to_string(range_dead_zone) + ": 0 to below 1";
  }
  return {};
}

}  // namespace steelyard
