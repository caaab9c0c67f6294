#include "support/naive_trades.hpp"

namespace steelyard {

void NaiveTrades::on(const NaiveView& view, NaiveRow& row) {
  if (view.event.kind == EventKind::Trade) {
    const auto [side, price, qty] = view.event.levels.front();
    trades_.push_back({naive_window_time(view.now, params_.window_granularity_ns), price,
                       sign_of(view), units_.size(price, qty), units_.notional(price, qty)});
  }
  for (const std::uint32_t ms : params_.flow_windows_ms) {
    NaiveReal signed_volume = 0, volume = 0, notional = 0;
    for (auto trade = trades_.rbegin(); trade != trades_.rend(); ++trade) {
      if (trade->time <= view.now - ms * kNaiveMs) break;  // older ones are older still
      signed_volume += trade->sign * trade->volume;
      volume += trade->volume;
      notional += trade->notional;
    }
    const std::string suffix = "_" + std::to_string(ms) + "ms";
    row["tf" + suffix] = static_cast<double>(units_.base(signed_volume));
    row["tfi" + suffix] = naive_ratio(signed_volume, volume);
    row["tv" + suffix] = static_cast<double>(notional);
  }
  NaiveReal delta = 0;
  for (const Trade& trade : trades_) delta += trade.sign * trade.volume;
  row["cvd"] = static_cast<double>(units_.base(delta));
  write_vpin(row);
}

// Lee & Ready without delay.
int NaiveTrades::sign_of(const NaiveView& view) const {
  const NaiveEvent& event = view.event;
  const std::int64_t price = event.levels.front().price;
  if (event.aggressor != Aggressor::Unknown) return event.aggressor == Aggressor::Buy ? 1 : -1;
  if (view.mid2 && static_cast<NaiveReal>(price) > *view.mid2 / 2) return 1;
  if (view.mid2 && static_cast<NaiveReal>(price) < *view.mid2 / 2) return -1;
  if (trades_.empty() || price == trades_.back().price) {
    return trades_.empty() ? 0 : trades_.back().sign;
  }
  return price > trades_.back().price ? 1 : -1;
}

// The k-th bucket holds what was traded between k V and (k + 1) V of all volume ever traded.
void NaiveTrades::write_vpin(NaiveRow& row) const {
  const NaiveReal steps = roundl(params_.trade_flow.vpin_bucket_qty * 1e9L);  // of 1e-9
  const NaiveReal v = units_.instrument.kind == ContractKind::Inverse
                          ? steps / 1e9L
                          : steps * powl(10, -units_.instrument.scale.qty_exponent) / 1e9L;
  NaiveReal total = 0;
  for (const Trade& trade : trades_) total += trade.volume;
  const NaiveReal complete = floorl(total / v);
  const NaiveReal k = fminl(complete, params_.trade_flow.vpin_buckets);
  std::vector<NaiveReal> bought(static_cast<std::size_t>(k)), sold(static_cast<std::size_t>(k));
  NaiveReal end = total;
  for (auto trade = trades_.rbegin(); trade != trades_.rend(); ++trade) {
    const NaiveReal begin = end - trade->volume;
    if (end <= (complete - k) * v) break;
    const NaiveReal first = fmaxl(floorl(begin / v), complete - k);
    for (NaiveReal bucket = first; bucket < complete && bucket * v < end; bucket += 1) {
      const NaiveReal inside = fminl(end, (bucket + 1) * v) - fmaxl(begin, bucket * v);
      const auto at = static_cast<std::size_t>(bucket - (complete - k));
      bought[at] += inside * (1 + trade->sign) / 2;
      sold[at] += inside * (1 - trade->sign) / 2;
    }
    end = begin;
  }
  NaiveReal tilt = 0;
  for (std::size_t i = 0; i < bought.size(); ++i) tilt += fabsl(bought[i] - sold[i]);
  row["vpin"] = naive_ratio(tilt, k * v);
  row["vpin_n"] = static_cast<double>(k);
}

}  // namespace steelyard
