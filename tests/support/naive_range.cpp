// S9.
#include <cmath>

#include "support/naive_bars.hpp"

namespace steelyard {

void write_range(const std::vector<NaiveRangeBar>& bars, const SignalParams& params,
                 int price_exponent, NaiveRow& row) {
  struct Values {
    NaiveReal tr, up, dn, w, aligned;
  };
  const NaiveReal j0 = params.bars.range_dead_zone;
  std::vector<Values> values;
  for (const NaiveRangeBar& bar : bars) {
    if (!bar.up) continue;
    const NaiveReal unit = powl(10, price_exponent);
    const NaiveReal ur = *bar.up * unit;
    const NaiveReal dr = *bar.down * unit;
    const NaiveReal tr = ur + dr;
    const NaiveReal buys = bar.j > j0 ? 1 : 0;
    const NaiveReal sells = bar.j < -j0 ? 1 : 0;
    values.push_back({tr, tr * buys, tr * sells, tr * bar.j, ur * buys + dr * sells});
  }
  const std::size_t n = params.bars.range_smoothing;
  const bool known = values.size() >= n;
  const auto smooth = [&](NaiveReal Values::*of) {
    NaiveReal average = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i < n) {
        average += values[i].*of / static_cast<NaiveReal>(n);
      } else {
        average += (values[i].*of - average) / static_cast<NaiveReal>(n);
      }
    }
    return average;
  };
  const auto put = [&](const char* name, NaiveReal value, bool defined) {
    row[name] = or_nan(defined ? std::optional{value} : std::nullopt);
  };
  const NaiveReal atr = smooth(&Values::tr);
  const NaiveReal up = smooth(&Values::up);
  const NaiveReal dn = smooth(&Values::dn);
  put("atr", atr, known);
  put("iatr_up", up, known);
  put("iatr_dn", dn, known);
  put("iatr_w", smooth(&Values::w), known);
  put("iatr_bias", (up - dn) / atr, known && atr != 0);
  put("iatr_align", smooth(&Values::aligned) / (up + dn), known && up + dn != 0);
}

}  // namespace steelyard
