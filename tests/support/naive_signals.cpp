#include "support/naive_signals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/int128.hpp"
#include "support/naive_depth_cost.hpp"

namespace steelyard {
namespace {

double over(long double a, long double b) { return naive_ratio(a, b); }

}  // namespace

std::vector<std::pair<std::int64_t, std::int64_t>> NaiveSignals::best(const Book& book, Side side) {
  if (side == Side::Ask) return {book.asks.begin(), book.asks.end()};
  return {book.bids.rbegin(), book.bids.rend()};
}

BookStatus NaiveSignals::status_of_book() const {
  if (book_.bids.empty() && book_.asks.empty()) return BookStatus::Empty;
  if (book_.asks.empty()) return BookStatus::BidOnly;
  if (book_.bids.empty()) return BookStatus::AskOnly;
  const std::int64_t bid = book_.bids.rbegin()->first;
  const std::int64_t ask = book_.asks.begin()->first;
  return bid < ask ? BookStatus::Ok : bid == ask ? BookStatus::Locked : BookStatus::Crossed;
}

std::map<std::string, double> NaiveSignals::on(const NaiveEvent& event) {
  now_ = started_ ? std::max(now_, event.time) : event.time;
  started_ = true;
  e_.assign(params_.flow_levels, 0);
  general_ = 0;
  observed_ = false;
  apply(event);
  Row row;
  write_levels(row);
  write_bands(row);
  write_flow(row);
  write_cost(row);
  NaiveView view{event, now_, status_, {}};
  if (status_ == BookStatus::Ok || status_ == BookStatus::Locked) {
    view.mid2 = static_cast<Real>(book_.bids.rbegin()->first) + book_.asks.begin()->first;
  }
  trades_.on(view, row);
  deviation_.on(view, row);
  time_weighted_.on(view, row);
  bars_.on(fact_of(event, row));
  bars_.write(row);
  liquidation_.on(view, row);
  return row;
}

NaiveFact NaiveSignals::fact_of(const NaiveEvent& event, const Row& row) const {
  NaiveFact fact;
  fact.time = now_;
  fact.kind = event.kind;
  fact.observation = observed_;
  if (observed_) {
    fact.flow = e_[0];
    fact.depth = observations_.back().best_depth;
  }
  if (status_ == BookStatus::Ok || status_ == BookStatus::Locked) {
    fact.mid2 = static_cast<Real>(book_.bids.rbegin()->first) + book_.asks.begin()->first;
    const std::string band = "_" + naive_number(params_.main_band_bps) + "bp";
    fact.band_notional = static_cast<Real>(row.at("bidn" + band)) + row.at("askn" + band);
  }
  if (event.kind == EventKind::Trade && !event.levels.empty()) {
    fact.price = event.levels[0].price;
    fact.notional = notional(event.levels[0].price, event.levels[0].qty);
    fact.aggressor = event.aggressor;
  }
  return fact;
}

void NaiveSignals::apply(const NaiveEvent& event) {
  switch (event.kind) {
    case EventKind::Snapshot:
      book_ = {};
      break;
    case EventKind::Delta:
      if (status_ == BookStatus::NoBook) return;
      break;
    case EventKind::Reset:
      book_ = {};
      status_ = BookStatus::NoBook;
      has_before_ = false;
      observations_.clear();
      impulses_.clear();
      return;
    default:
      return;
  }
  for (const NaiveEvent::Level& level : event.levels) {
    SideMap& side = level.side == Side::Bid ? book_.bids : book_.asks;
    side.erase(level.price);
    if (level.qty != 0) side[level.price] = level.qty;
  }
  status_ = status_of_book();
  if (event.kind == EventKind::Snapshot && event.rebase) has_before_ = false;
  if (status_ != BookStatus::Crossed) observe(event.kind == EventKind::Snapshot && event.rebase);
}

void NaiveSignals::observe(bool rebase) {
  observed_ = true;
  if (has_before_ && !rebase) {
    for (std::size_t m = 0; m < e_.size(); ++m) {
      e_[m] = side_flow(Side::Bid, m, book_, before_) - side_flow(Side::Ask, m, book_, before_);
    }
    general_ = general_flow(Side::Bid, book_, before_) - general_flow(Side::Ask, book_, before_);
  }
  Observation observation{now_, e_, general_, 0, 0};
  for (const Side side : {Side::Bid, Side::Ask}) {
    const auto levels = best(book_, side);
    for (std::size_t m = 0; m < levels.size() && m < e_.size(); ++m) {
      const Real here = size(levels[m].first, levels[m].second);
      if (m == 0) observation.best_depth += here;
      observation.all_depth += here;
    }
  }
  observation.time = naive_window_time(now_, params_.window_granularity_ns);
  observations_.push_back(observation);
  impulses_.emplace_back(now_, e_[0]);
  before_ = book_;
  has_before_ = true;
}

// The table of S5: improves, same, recedes, appears, vanishes.
NaiveSignals::Real NaiveSignals::side_flow(Side side, std::size_t m, const Book& now,
                                           const Book& before) const {
  const auto is = best(now, side);
  const auto was = best(before, side);
  if (m >= is.size() && m >= was.size()) return 0;
  if (m >= was.size()) return size(is[m].first, is[m].second);
  if (m >= is.size()) return -size(was[m].first, was[m].second);
  const std::int64_t sign = side == Side::Bid ? 1 : -1;
  const std::int64_t better = sign * is[m].first - sign * was[m].first;
  Real flow = 0;
  if (better >= 0) flow += size(is[m].first, is[m].second);
  if (better <= 0) flow -= size(was[m].first, was[m].second);
  return flow;
}

// Sum of dq(p) over every price from the worse of the two bests on.
NaiveSignals::Real NaiveSignals::general_flow(Side side, const Book& now,
                                              const Book& before) const {
  const SideMap& is = side == Side::Bid ? now.bids : now.asks;
  const SideMap& was = side == Side::Bid ? before.bids : before.asks;
  const auto best_of = [side](const SideMap& levels) -> Real {
    const Real infinity = std::numeric_limits<Real>::infinity();
    if (side == Side::Bid) return levels.empty() ? -infinity : levels.rbegin()->first;
    return levels.empty() ? infinity : levels.begin()->first;
  };
  const Real limit =
      side == Side::Bid ? std::min(best_of(is), best_of(was)) : std::max(best_of(is), best_of(was));
  const auto counts = [side, limit](std::int64_t price) {
    return side == Side::Bid ? static_cast<Real>(price) >= limit
                             : static_cast<Real>(price) <= limit;
  };
  Real sum = 0;
  for (const auto& [price, qty] : is) {
    if (counts(price)) sum += size(price, qty);
  }
  for (const auto& [price, qty] : was) {
    if (counts(price)) sum -= size(price, qty);
  }
  return sum;
}

void NaiveSignals::write_levels(Row& row) const {
  const auto bids = best(book_, Side::Bid);
  const auto asks = best(book_, Side::Ask);
  const bool measured = status_ != BookStatus::NoBook && status_ != BookStatus::Crossed;
  const bool has_mid = status_ == BookStatus::Ok || status_ == BookStatus::Locked;
  const Real unit = powl(10, instrument_.scale.price_exponent);
  const Real mid = has_mid ? (static_cast<Real>(bids[0].first) + asks[0].first) / 2 : kNaN;

  row["mid"] = static_cast<double>(mid * unit);
  row["spread_bps"] =
      has_mid ? over(10'000 * (static_cast<Real>(asks[0].first) - bids[0].first), mid) : kNaN;

  const auto weighted = [&](std::size_t levels, auto weight) {
    Real bid = 0;
    Real ask = 0;
    for (std::size_t i = 0; i < levels && i < bids.size(); ++i) {
      bid += weight(i, bids[i].first) * size(bids[i].first, bids[i].second);
    }
    for (std::size_t i = 0; i < levels && i < asks.size(); ++i) {
      ask += weight(i, asks[i].first) * size(asks[i].first, asks[i].second);
    }
    return measured ? over(bid - ask, bid + ask) : kNaN;
  };
  const auto plain = [](std::size_t, std::int64_t) { return Real{1}; };
  row["qi"] = weighted(1, plain);
  for (const std::uint32_t levels : params_.depth_levels) {
    row["di_" + std::to_string(levels)] = weighted(levels, plain);
  }
  row["wdi_rank"] = weighted(20, [&](std::size_t i, std::int64_t) {
    return expl(-static_cast<Real>(params_.rank_lambda) * static_cast<Real>(i));
  });
  row["wdi_dist"] = !has_mid ? kNaN : weighted(20, [&](std::size_t, std::int64_t price) {
    const Real distance = 10'000 * fabsl(static_cast<Real>(price) - mid) / mid;
    return expl(-distance / params_.distance_bps);
  });

  double wmid = kNaN;
  if (has_mid) {
    const Real qb = size(bids[0].first, bids[0].second);
    const Real qa = size(asks[0].first, asks[0].second);
    wmid = over((bids[0].first * qa + asks[0].first * qb) * unit, qb + qa);
  }
  row["wmid"] = row["micro"] = wmid;
  row["micro_src"] = has_mid ? 0.0 : kNaN;
}

void NaiveSignals::write_bands(Row& row) const {
  const bool has_mid = status_ == BookStatus::Ok || status_ == BookStatus::Locked;
  for (const double band : params_.bands_bps) {
    const std::string suffix = "_" + naive_number(band) + "bp";
    Real bidq = 0, askq = 0, bidn = 0, askn = 0;
    if (has_mid) {
      const auto x = static_cast<Int128>(std::llround(band * 1e4));
      const Int128 mid2 = Int128{book_.bids.rbegin()->first} + book_.asks.begin()->first;
      for (const auto& [price, qty] : book_.bids) {
        if (Int128{200'000'000} * price < mid2 * (100'000'000 - x)) continue;
        bidq += size(price, qty);
        bidn += notional(price, qty);
      }
      for (const auto& [price, qty] : book_.asks) {
        if (Int128{200'000'000} * price > mid2 * (100'000'000 + x)) continue;
        askq += size(price, qty);
        askn += notional(price, qty);
      }
    }
    row["pbi" + suffix] = has_mid ? over(bidq - askq, bidq + askq) : kNaN;
    row["bidq" + suffix] = has_mid ? static_cast<double>(base(bidq)) : kNaN;
    row["askq" + suffix] = has_mid ? static_cast<double>(base(askq)) : kNaN;
    row["bidn" + suffix] = has_mid ? static_cast<double>(bidn) : kNaN;
    row["askn" + suffix] = has_mid ? static_cast<double>(askn) : kNaN;
  }
}

void NaiveSignals::write_cost(Row& row) const {
  const Real unit = powl(10, instrument_.scale.price_exponent);
  const auto side_of = [&](Side side) {
    std::vector<NaiveLevel> levels;
    for (const auto& [price, qty] : best(book_, side)) {
      levels.push_back({price * unit, base(size(price, qty)), notional(price, qty)});
    }
    return levels;
  };
  std::optional<Real> mid;
  if (status_ == BookStatus::Ok || status_ == BookStatus::Locked) {
    mid = (static_cast<Real>(book_.bids.rbegin()->first) + book_.asks.begin()->first) / 2 * unit;
  }
  write_depth_cost(side_of(Side::Bid), side_of(Side::Ask), mid, params_, row);
}

void NaiveSignals::write_flow(Row& row) const {
  row["e"] = static_cast<double>(base(e_[0]));
  row["gofi_e"] = static_cast<double>(base(general_));
  for (std::size_t m = 0; m < e_.size(); ++m) {
    row["e_l" + std::to_string(m + 1)] = static_cast<double>(base(e_[m]));
  }
  for (const std::uint32_t ms : params_.flow_windows_ms) {
    const std::string suffix = "_" + std::to_string(ms) + "ms";
    std::vector<Real> sum(e_.size(), 0);
    Real absolute = 0, general = 0, best_depth = 0, all_depth = 0;
    Real n = 0;
    for (const Observation& o : observations_) {
      if (o.time <= now_ - std::int64_t{ms} * 1'000'000) continue;
      for (std::size_t m = 0; m < e_.size(); ++m) sum[m] += o.e[m];
      absolute += fabsl(o.e[0]);
      general += o.general;
      best_depth += o.best_depth;
      all_depth += o.all_depth;
      n += 1;
    }
    row["ofi" + suffix] = static_cast<double>(base(sum[0]));
    row["ofi_norm" + suffix] = n == 0 ? kNaN : over(sum[0], best_depth / n / 2);
    row["ofi_ratio" + suffix] = over(sum[0], absolute);
    row["gofi" + suffix] = static_cast<double>(base(general));
    const Real levels = static_cast<Real>(e_.size());
    const Real mean = n == 0 ? 0 : all_depth / n / (2 * levels);
    Real integrated = 0;
    for (const Real flow : sum) integrated += mean == 0 ? 0 : flow / mean / levels;
    row["iofi" + suffix] = mean == 0 ? kNaN : static_cast<double>(integrated);
    if (ms != params_.multi_level_window_ms) continue;
    for (std::size_t m = 0; m < e_.size(); ++m) {
      row["mlofi_l" + std::to_string(m + 1) + suffix] = static_cast<double>(base(sum[m]));
    }
  }
  Real decayed = 0;
  for (const auto& [time, flow] : impulses_) {
    decayed += flow * expl(-static_cast<Real>(now_ - time) / (params_.flow_decay_ms * 1e6L));
  }
  row["ofi_ew"] = static_cast<double>(base(decayed));
}

}  // namespace steelyard
