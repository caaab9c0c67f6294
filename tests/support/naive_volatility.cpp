// S13.
#include <cmath>

#include "support/naive_bars.hpp"

namespace steelyard {

std::vector<NaiveReal> last_returns(const std::vector<NaiveFlowBar>& bars, std::size_t count) {
  std::vector<NaiveReal> returns;
  for (std::size_t k = bars.size(); k-- > 0 && returns.size() < count && bars[k].y;) {
    returns.insert(returns.begin(), *bars[k].y);
  }
  return returns.size() == count ? returns : std::vector<NaiveReal>{};
}

void write_volatility(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                      NaiveRow& row) {
  const NaiveReal h = params.bars.width_ms;
  const NaiveReal lambda = expl(-h / params.bars.volatility_tau_ms);
  // The recursion written out: the first square keeps what no later one has taken.
  std::vector<NaiveReal> squares;
  for (const NaiveFlowBar& bar : bars) {
    if (bar.y) squares.push_back(*bar.y * *bar.y);
  }
  std::optional<NaiveReal> variance;
  NaiveReal weight = 1;
  for (std::size_t i = squares.size(); i-- > 0; weight *= lambda) {
    variance = variance.value_or(0) + weight * (i == 0 ? 1 : 1 - lambda) * squares[i];
  }
  const auto root = [&variance](NaiveReal bars_of) {
    return variance ? std::optional<NaiveReal>{sqrtl(*variance * bars_of)} : std::nullopt;
  };
  row["vol_ewma_bps"] = or_nan(root(1));
  row["vol_fc_bps"] = or_nan(root(params.bars.volatility_horizon_ms / h));
  row["vol_ann"] = or_nan(root(365.0L * 24 * 3600 * 1000 / h)) / 10'000;

  std::optional<NaiveReal> rv, bv, jump;
  const std::vector<NaiveReal> returns = last_returns(bars, params.bars.realised_bars);
  if (!returns.empty()) {
    const auto n = static_cast<NaiveReal>(returns.size());
    NaiveReal realised = 0, products = 0;
    for (const NaiveReal y : returns) realised += y * y;
    for (std::size_t i = 1; i < returns.size(); ++i) {
      products += fabsl(returns[i]) * fabsl(returns[i - 1]);
    }
    rv = sqrtl(realised);
    bv = sqrtl(acosl(-1) / 2 * (n / (n - 1)) * products);
    if (*rv != 0) jump = std::max<NaiveReal>(0, 1 - *bv * *bv / (*rv * *rv));
  }
  row["rv_bps"] = or_nan(rv);
  row["bv_bps"] = or_nan(bv);
  row["jump_ratio"] = or_nan(jump);
}

}  // namespace steelyard
