#include "support/naive_liquidation.hpp"

#include <algorithm>

namespace steelyard {

void NaiveLiquidation::on(const NaiveView& view, NaiveRow& row) {
  const NaiveEvent& event = view.event;
  if (event.kind == EventKind::Trade || event.kind == EventKind::Liquidation) {
    const int sign = event.aggressor == Aggressor::Buy    ? 1
                     : event.aggressor == Aggressor::Sell ? -1
                                                          : 0;
    auto& list = event.kind == EventKind::Trade ? trades_ : liquidations_;
    list.push_back({view.now, naive_window_time(view.now, params_.window_granularity_ns), sign,
                    units_.notional(event.levels.front().price, event.levels.front().qty)});
  }
  write_windows(view.now, row);
  write_decayed(view.now, row);
  write_thin(view.now, row);
  run_machine(view.now, row);
}

void NaiveLiquidation::write_windows(std::int64_t now, NaiveRow& row) const {
  for (const std::uint32_t ms : params_.liquidation.windows_ms) {
    const auto is_in = [&](const Entry& entry) { return entry.window_time > now - ms * kNaiveMs; };
    NaiveReal net = 0, gross = 0, traded = 0;
    for (const Entry& entry : liquidations_) {
      if (!is_in(entry)) continue;
      net += entry.sign * entry.notional;
      gross += entry.notional;
    }
    for (const Entry& entry : trades_) traded += is_in(entry) ? entry.notional : 0;
    const std::string suffix = "_" + std::to_string(ms) + "ms";
    row["liq_net" + suffix] = static_cast<double>(net);
    row["liq_gross" + suffix] = static_cast<double>(gross);
    row["liq_share" + suffix] = naive_ratio(gross, traded);
  }
}

void NaiveLiquidation::write_decayed(std::int64_t now, NaiveRow& row) const {
  const HawkesParams& hawkes = params_.liquidation.hawkes;
  NaiveReal flow = 0, buy = hawkes.mu, sell = hawkes.mu;
  for (const Entry& entry : liquidations_) {
    const NaiveReal age_ns = static_cast<NaiveReal>(now - entry.time);
    flow += entry.sign * entry.notional *
            expl(-age_ns / (params_.liquidation.flow_tau_ms * static_cast<NaiveReal>(kNaiveMs)));
    const NaiveReal mark = fminl(entry.notional / hawkes.notional, hawkes.cap);
    const NaiveReal excited = hawkes.alpha * mark * expl(-hawkes.beta * age_ns / 1e9L);
    if (entry.sign > 0) buy += excited;
    if (entry.sign < 0) sell += excited;
  }
  if (fabsl(flow) < std::numeric_limits<double>::min()) flow = 0;  // no denormal numbers
  row["liq_flow"] = static_cast<double>(flow);
  const std::string band = naive_number(params_.main_band_bps) + "bp";
  const double depth = row.at((flow < 0 ? "bidn_" : "askn_") + band);
  row["liq_pressure"] = flow == 0 ? 0 : naive_ratio(flow, depth);
  row["haw_buy"] = static_cast<double>(buy);
  row["haw_sell"] = static_cast<double>(sell);
  row["haw_ratio"] = static_cast<double>((buy + sell) / (2 * static_cast<NaiveReal>(hawkes.mu)));
}

void NaiveLiquidation::write_thin(std::int64_t now, NaiveRow& row) {
  const std::string band = naive_number(params_.main_band_bps) + "bp";
  const auto thin = [&](NaiveEwStat& stat, double depth) {
    const NaiveEwStat::Moments moments = stat.at(now);
    stat.hold(now, depth);
    const bool warm = moments.active_ns >= params_.deviation.warmup_ms * kNaiveMs;
    return warm ? naive_ratio(depth, moments.mean) : kNaN;
  };
  row["thin_bid"] = thin(bid_depth_, row.at("bidn_" + band));
  row["thin_ask"] = thin(ask_depth_, row.at("askn_" + band));
}

void NaiveLiquidation::run_machine(std::int64_t now, NaiveRow& row) {
  const double burst = params_.cascade.burst * params_.liquidation.hawkes.mu;
  std::map<int, int> score;
  std::map<int, double> lambda{{-1, row.at("haw_sell")}, {1, row.at("haw_buy")}};
  for (const int d : {-1, 1}) {
    const double thin = row.at(d < 0 ? "thin_bid" : "thin_ask");
    const bool is_true[] = {row.at("regime") == 2 * d, thin <= params_.cascade.thin,
                            lambda[d] >= burst && d * row.at("liq_flow") > 0};
    for (std::size_t i = 0; i < 3; ++i) {
      std::vector<std::int64_t>& times = true_at_[d][i];
      if (is_true[i]) times.push_back(now);
      const bool active =
          !times.empty() && now - times.back() <= params_.cascade.latch_ms * kNaiveMs;
      score[d] += active ? 1 : 0;
    }
  }
  int dominant = direction_;
  if (lambda[-1] > lambda[1]) dominant = -1;
  if (lambda[1] > lambda[-1]) dominant = 1;
  if (score[-1] > score[1]) dominant = -1;
  if (score[1] > score[-1]) dominant = 1;
  if (score[-1] == 0 && score[1] == 0) dominant = 0;
  const int raw = std::max(score[-1], score[1]);

  const int before = level_;
  const bool expired = now - t0_ >= params_.cascade.hold_ms * kNaiveMs;
  if (raw >= level_) t0_ = now;
  if (raw >= before || expired) {
    level_ = raw;
    direction_ = raw == 0 ? 0 : dominant;
  }
  row["casc_level"] = level_;
  row["casc_dir"] = direction_;
  row["casc_alert"] = level_ == 3 && before != 3 ? direction_ : 0;
}

}  // namespace steelyard
