// S10 and the regression that S11 shares with it.
#include <cmath>

#include "support/naive_bars.hpp"

namespace steelyard {

NaiveLine naive_line(const std::vector<std::pair<NaiveReal, NaiveReal>>& samples, NaiveReal lambda,
                     std::size_t least) {
  NaiveLine line;
  if (samples.size() < least) return line;
  std::vector<NaiveReal> weights(samples.size());
  NaiveReal weight = 1;
  for (std::size_t i = samples.size(); i-- > 0; weight *= lambda) weights[i] = weight;
  NaiveReal w = 0, w2 = 0, mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    w += weights[i];
    w2 += weights[i] * weights[i];
    mean_x += weights[i] * samples[i].first;
    mean_y += weights[i] * samples[i].second;
  }
  mean_x /= w;
  mean_y /= w;
  NaiveReal xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const NaiveReal dx = samples[i].first - mean_x;
    const NaiveReal dy = samples[i].second - mean_y;
    xx += weights[i] * dx * dx;
    yy += weights[i] * dy * dy;
    xy += weights[i] * dx * dy;
  }
  const auto degenerate = [w](NaiveReal moment, NaiveReal mean) {
    return moment / w <= std::max<NaiveReal>(1e-18L, 1e-12L * mean * mean);
  };
  if (degenerate(xx, mean_x)) return line;
  line.slope = xy / xx;
  line.intercept = mean_y - *line.slope * mean_x;
  NaiveReal squares = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const NaiveReal residual = samples[i].second - *line.intercept - *line.slope * samples[i].first;
    squares += weights[i] * residual * residual;
  }
  const NaiveReal exact = 1e-13L;  // a line that leaves less leaves rounding
  if (squares > exact * yy) line.sigma = sqrtl(squares / w);
  if (degenerate(yy, mean_y)) return line;
  line.r2 = xy * xy / (xx * yy);
  const NaiveReal effective = w * w / w2;
  const NaiveReal r = xy / sqrtl(xx * yy);
  if (effective > 2 && 1 - *line.r2 > exact) line.t = r * sqrtl((effective - 2) / (1 - r * r));
  return line;
}

void write_regression(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                      NaiveRow& row) {
  const NaiveReal lambda = expl(-static_cast<NaiveReal>(params.bars.width_ms) /
                                static_cast<NaiveReal>(params.bars.regression_tau_ms));
  const std::size_t least = params.bars.regression_samples;
  std::vector<std::pair<NaiveReal, NaiveReal>> same, before_last, forward;
  for (std::size_t k = 0; k < bars.size(); ++k) {
    if (k + 1 == bars.size()) before_last = same;
    if (bars[k].x && bars[k].y) same.emplace_back(*bars[k].x, *bars[k].y);
    if (k > 0 && bars[k - 1].x && bars[k].y) forward.emplace_back(*bars[k - 1].x, *bars[k].y);
  }
  const NaiveLine line = naive_line(same, lambda, least);
  row["reg_alpha"] = or_nan(line.intercept);
  row["reg_beta"] = or_nan(line.slope);
  row["reg_r2"] = or_nan(line.r2);

  const NaiveLine known = naive_line(before_last, lambda, least);
  std::optional<NaiveReal> residual, z, prediction;
  if (!bars.empty() && known.slope && bars.back().x && bars.back().y) {
    residual = *bars.back().y - (*known.intercept + *known.slope * *bars.back().x);
    if (known.sigma) z = *residual / *known.sigma;
  }
  row["reg_resid"] = or_nan(residual);
  row["reg_resid_z"] = or_nan(z);

  const NaiveLine next = naive_line(forward, lambda, least);
  row["fwd_alpha"] = or_nan(next.intercept);
  row["fwd_beta"] = or_nan(next.slope);
  row["fwd_r2"] = or_nan(next.r2);
  row["fwd_tstat"] = or_nan(next.t);
  if (!bars.empty() && next.slope && bars.back().x) {
    prediction = *next.intercept + *next.slope * *bars.back().x;
  }
  row["pred_bps"] = or_nan(prediction);
}

}  // namespace steelyard
