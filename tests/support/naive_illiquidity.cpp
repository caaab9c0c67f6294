// S11, the part that is computed over bars.
#include <cmath>

#include "support/naive_bars.hpp"

namespace steelyard {

void write_illiquidity(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                       NaiveRow& row) {
  const NaiveReal h = params.bars.width_ms;
  const NaiveReal lambda = expl(-h / params.bars.regression_tau_ms);
  const std::size_t least = params.bars.regression_samples;
  std::vector<std::pair<NaiveReal, NaiveReal>> impact, depth;
  std::vector<std::pair<NaiveReal, NaiveReal>> traded;  // |y| and notional
  for (std::size_t k = 0; k < bars.size(); ++k) {
    const NaiveFlowBar& bar = bars[k];
    if (!bar.unbroken) continue;
    if (bar.y) impact.emplace_back(bar.signed_notional, *bar.y);
    if (bar.y && bar.trades > 0) traded.emplace_back(fabsl(*bar.y), bar.notional);
    if (k > 0 && bars[k - 1].depth && bar.depth) {
      depth.emplace_back(*bars[k - 1].depth, *bar.depth - *bars[k - 1].depth);
    }
  }
  const NaiveLine kyle = naive_line(impact, lambda, least);
  row["kyle_lambda"] = or_nan(kyle.slope);
  row["kyle_r2"] = or_nan(kyle.r2);

  NaiveReal changes = 0, notional = 0, weight = 1;
  for (std::size_t i = traded.size(); i-- > 0; weight *= lambda) {
    changes += weight * traded[i].first;
    notional += weight * traded[i].second;
  }
  std::optional<NaiveReal> amihud, kappa, half;
  if (traded.size() >= least && notional != 0) amihud = changes / notional;
  row["amihud"] = or_nan(amihud);

  if (const NaiveLine line = naive_line(depth, lambda, least); line.slope) kappa = -*line.slope;
  row["resil_kappa"] = or_nan(kappa);
  if (kappa && *kappa > 0 && *kappa < 1) half = h / 1000 * logl(2) / -logl(1 - *kappa);
  row["resil_half_s"] = or_nan(half);
}

}  // namespace steelyard
