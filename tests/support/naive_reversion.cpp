// S15.
#include <cmath>

#include "support/naive_bars.hpp"

namespace steelyard {

void write_reversion(const std::vector<NaiveFlowBar>& bars, const SignalParams& params,
                     NaiveRow& row) {
  std::optional<NaiveReal> vr, z, acf;
  const std::vector<NaiveReal> returns = last_returns(bars, params.bars.ratio_bars);
  // Prices X_0 ... X_n, as Lo & MacKinlay have them.
  std::vector<NaiveReal> price{0};
  for (const NaiveReal y : returns) price.push_back(price.back() + y);
  const std::size_t lag = params.bars.ratio_lag;
  const auto n = static_cast<NaiveReal>(returns.size());
  const auto q = static_cast<NaiveReal>(lag);
  const NaiveReal mean = returns.empty() ? 0 : price.back() / n;
  NaiveReal squares = 0, neighbours = 0, long_squares = 0;
  for (std::size_t k = 1; k < price.size(); ++k) {
    const NaiveReal apart = price[k] - price[k - 1] - mean;
    squares += apart * apart;
    if (k > 1) neighbours += apart * (price[k - 1] - price[k - 2] - mean);
    if (k >= lag) long_squares += powl(price[k] - price[k - lag] - q * mean, 2);
  }
  if (squares > 1e-18L) {
    const NaiveReal of_one = squares / (n - 1);
    const NaiveReal of_many = long_squares / (q * (n - q + 1) * (1 - q / n));
    vr = of_many / of_one;
    z = (*vr - 1) / sqrtl(2 * (2 * q - 1) * (q - 1) / (3 * q * n));
    acf = neighbours / squares;
  }
  row["vr"] = or_nan(vr);
  row["vr_z"] = or_nan(z);
  row["acf1"] = or_nan(acf);

  const double t = row.at("fwd_tstat");
  const int a = !z || fabsl(*z) < 1 ? 0 : *z > 0 ? 1 : -1;
  const int b = std::isnan(t) || std::abs(t) < 2 ? 0 : t > 0 ? 1 : -1;
  std::optional<NaiveReal> tag;
  if (z || !std::isnan(t)) tag = a == -b ? 0 : a != 0 ? a : b;
  row["mom_tag"] = or_nan(tag);
}

}  // namespace steelyard
