// src/signals/regime.hpp -- which pressure an order imbalance signal stands for, with hysteresis.
#pragma once

namespace steelyard {

// pressure_out <= pressure_in <= extreme_in, pressure_out <= extreme_out <= extreme_in.
struct RegimeThresholds {
  double pressure_in = 1.5;
  double pressure_out = 0.75;
  double extreme_in = 2.5;
  double extreme_out = 1.5;

  bool operator==(const RegimeThresholds&) const = default;
};

// HOT. The state after `regime` (-2 extreme sell, -1 sell, 0 neutral, +1 buy, +2 extreme buy) once
// the signal is `ois`: a Schmitt trigger on either side (signals.md S8).
[[nodiscard]] constexpr int next_regime(int regime, double ois,
                                        const RegimeThresholds& at) noexcept {
  if (regime == 0) {
    const int sign = ois < 0.0 ? -1 : 1;
    const double size = ois < 0.0 ? -ois : ois;
    if (size >= at.extreme_in) return 2 * sign;
    return size >= at.pressure_in ? sign : 0;
  }
  const int sign = regime < 0 ? -1 : 1;
  const double with = regime < 0 ? -ois : ois;  // above 0: the signal is on the side of the state
  if (-with >= at.pressure_in) return -with >= at.extreme_in ? -2 * sign : -sign;
  if (with >= at.extreme_in) return 2 * sign;
  if (regime == 2 * sign && with >= at.extreme_out) return 2 * sign;
  return with >= at.pressure_out ? sign : 0;
}

}  // namespace steelyard
