#include "support/naive_group.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/int128.hpp"

namespace steelyard {
namespace {

double over(long double a, long double b) { return b == 0 ? kNaN : static_cast<double>(a / b); }

int sign(long double value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

}  // namespace

NaiveGroup::NaiveGroup(const SignalParams& params, const std::vector<Instrument>& instruments)
    : params_{params} {
  for (const Instrument& instrument : instruments) {
    members_.emplace_back(params, instrument);
  }
}

std::map<std::string, double> NaiveGroup::on(std::size_t member, const NaiveEvent& event) {
  Member& of = members_[member];
  of.row = of.signals.on(event);
  keep(of, event);
  write(of.row, of.signals.now());
  return of.row;
}

void NaiveGroup::keep(Member& member, const NaiveEvent& event) const {
  const std::int64_t now = member.signals.now();
  std::int64_t time = now;
  if (const std::int64_t g = params_.window_granularity_ns; g > 0) {
    time = static_cast<std::int64_t>(std::floor(static_cast<Real>(now) / static_cast<Real>(g))) * g;
  }
  if (event.kind == EventKind::Reset) member.orders.clear();
  if (event.kind == EventKind::Snapshot || event.kind == EventKind::Delta) {
    member.last_book = now;
    member.orders.push_back({time, member.row.at("e"), 0, 0});
  }
  const auto cvd = member.row.find("cvd");
  if (event.kind != EventKind::Trade || cvd == member.row.end() || event.levels.empty()) return;
  const NaiveEvent::Level& traded = event.levels[0];
  member.trades.push_back({time, 0, static_cast<Real>(cvd->second) - member.cvd,
                           member.signals.base_size(traded.price, traded.qty)});
  member.cvd = cvd->second;
}

bool NaiveGroup::is_live(const Member& member, std::int64_t now) const {
  const BookStatus status = member.signals.status();
  return (status == BookStatus::Ok || status == BookStatus::Locked) &&
         now - member.last_book <= std::int64_t{params_.group_stale_ms} * 1'000'000;
}

void NaiveGroup::write(Row& row, std::int64_t now) {
  int finest = 0;
  for (const Member& member : members_) {
    finest = std::min<int>(finest, member.instrument.scale.price_exponent);
  }
  const auto in_finest = [finest](const Member& member, std::int64_t price) {
    Int128 value = price;
    for (int e = finest; e < member.instrument.scale.price_exponent; ++e) value *= 10;
    return value;
  };
  std::vector<const Member*> live;
  for (const Member& member : members_) {
    if (is_live(member, now)) live.push_back(&member);
  }
  live_ = live.size();
  row["x_n"] = static_cast<double>(live.size());
  Int128 bid = 0, ask = 0;
  for (const Member* const member : live) {
    const Int128 b = in_finest(*member, member->signals.levels(Side::Bid)[0].first);
    const Int128 a = in_finest(*member, member->signals.levels(Side::Ask)[0].first);
    bid = member == live.front() || b > bid ? b : bid;
    ask = member == live.front() || a < ask ? a : ask;
  }
  const Real unit = powl(10, finest);
  const bool any = !live.empty();
  row["x_bid"] = any ? static_cast<double>(static_cast<Real>(bid) * unit) : kNaN;
  row["x_ask"] = any ? static_cast<double>(static_cast<Real>(ask) * unit) : kNaN;
  row["x_mid"] = any ? static_cast<double>(static_cast<Real>(bid + ask) / 2 * unit) : kNaN;
  row["x_spread_bps"] =
      any ? over(20'000 * static_cast<Real>(ask - bid), static_cast<Real>(bid + ask)) : kNaN;

  Real best_bid = 0, best_ask = 0, band_bid = 0, band_ask = 0, own_bid = 0, own_ask = 0;
  const auto x = static_cast<Int128>(std::llround(params_.main_band_bps * 1e4));
  char band_name[32];
  std::snprintf(band_name, sizeof band_name, "q_%gbp", params_.main_band_bps);
  for (const Member* const member : live) {
    for (const auto& [price, qty] : member->signals.levels(Side::Bid)) {
      const Int128 p = in_finest(*member, price);
      const Real size = member->signals.base_size(price, qty);
      if (p == bid) best_bid += size;
      if (Int128{200'000'000} * p >= (bid + ask) * (100'000'000 - x)) band_bid += size;
    }
    for (const auto& [price, qty] : member->signals.levels(Side::Ask)) {
      const Int128 p = in_finest(*member, price);
      const Real size = member->signals.base_size(price, qty);
      if (p == ask) best_ask += size;
      if (Int128{200'000'000} * p <= (bid + ask) * (100'000'000 + x)) band_ask += size;
    }
    own_bid += member->row.at(std::string{"bid"} + band_name);
    own_ask += member->row.at(std::string{"ask"} + band_name);
  }
  row["x_qi"] = over(best_bid - best_ask, best_bid + best_ask);
  row["x_pbi"] = over(band_bid - band_ask, band_bid + band_ask);
  row["x_pbi_own"] = over(own_bid - own_ask, own_bid + own_ask);
  Real agreeing = 0;
  for (const Member* const member : live) {
    const double pbi = member->row.at(std::string{"pbi"} + (band_name + 1));
    if (!std::isnan(pbi) && sign(pbi) == sign(own_bid - own_ask)) agreeing += 1;
  }
  row["x_agree"] = own_bid + own_ask == 0 ? kNaN : over(agreeing, static_cast<Real>(live.size()));
  write_flow(row, now);
}

void NaiveGroup::write_flow(Row& row, std::int64_t now) const {
  for (const std::uint32_t ms : params_.flow_windows_ms) {
    Real e = 0, signed_size = 0, size = 0;
    for (const Member& member : members_) {
      const std::int64_t from = std::max(now, member.signals.now()) - std::int64_t{ms} * 1'000'000;
      for (const Flow& flow : member.orders) {
        if (flow.time > from && is_live(member, now)) e += flow.e;
      }
      for (const Flow& flow : member.trades) {
        if (flow.time <= from) continue;
        signed_size += flow.signed_size;
        size += flow.size;
      }
    }
    const bool has_trades = row.contains("cvd");
    const std::string suffix = std::to_string(ms) + "ms";
    row["x_ofi_" + suffix] = static_cast<double>(e);
    row["x_tf_" + suffix] = has_trades ? static_cast<double>(signed_size) : kNaN;
    row["x_tfi_" + suffix] = has_trades ? over(signed_size, size) : kNaN;
  }
}

}  // namespace steelyard
