#include "support/naive_deviation.hpp"

#include <algorithm>

namespace steelyard {

void NaiveDeviation::on(const NaiveView& view, NaiveRow& row) {
  const DeviationParams& params = params_.deviation;
  const auto z = [&](NaiveEwStat& stat, double x, double floor) {
    const NaiveEwStat::Moments moments = stat.at(view.now);
    stat.hold(view.now, x);
    if (moments.active_ns < params.warmup_ms * kNaiveMs) return kNaN;
    return static_cast<double>((x - moments.mean) / fmaxl(moments.deviation, floor));
  };
  const bool no_flow = view.status == BookStatus::NoBook || view.status == BookStatus::Crossed;
  const std::string ofi = "ofi_norm_" + std::to_string(params.ofi_window_ms) + "ms";
  const double book =
      z(book_, row.at("pbi_" + naive_number(params_.main_band_bps) + "bp"), params.book_floor);
  const double flow = z(flow_, no_flow ? kNaN : row.at(ofi), params.ofi_floor);
  const double trades =
      z(trades_, row.at("tfi_" + std::to_string(params.tfi_window_ms) + "ms"), params.tfi_floor);
  row["z_book"] = book;
  row["z_ofi"] = flow;
  row["z_tfi"] = trades;

  NaiveReal sum = 0, weights = 0;
  const std::pair<double, double> parts[] = {
      {book, params.book_weight}, {flow, params.ofi_weight}, {trades, params.tfi_weight}};
  for (const auto& [value, weight] : parts) {
    if (std::isnan(value)) continue;
    sum += weight * std::min(std::max(value, -params.clip), params.clip);
    weights += weight;
  }
  const double signal = std::isnan(book) ? kNaN : static_cast<double>(sum / weights);
  row["ois"] = signal;

  const int before = regime_;
  if (!std::isnan(signal)) regime_ = regime_after(signal);
  if (view.status == BookStatus::NoBook) regime_ = 0;
  int alert = 0;
  if (regime_ == 2 && before != 2) alert = 1;
  if (regime_ == -2 && before != -2) alert = -1;
  alerts_ += alert != 0 ? 1 : 0;
  row["regime"] = regime_;
  row["alert"] = alert;
  row["alert_seq"] = alerts_;
}

// The table of S8, a line each.
int NaiveDeviation::regime_after(double signal) const {
  const RegimeThresholds& at = params_.deviation.regime;
  if (regime_ == 0) {
    if (std::abs(signal) >= at.extreme_in) return signal >= 0 ? 2 : -2;
    if (std::abs(signal) >= at.pressure_in) return signal >= 0 ? 1 : -1;
    return 0;
  }
  const int s = regime_ > 0 ? 1 : -1;
  const double y = s * signal;
  if (-y >= at.extreme_in) return -2 * s;
  if (-y >= at.pressure_in) return -s;
  if (y >= at.extreme_in) return 2 * s;
  if (std::abs(regime_) == 2 && y >= at.extreme_out) return 2 * s;
  if (y >= at.pressure_out) return s;
  return 0;
}

}  // namespace steelyard
