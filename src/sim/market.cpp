#include "sim/market.hpp"

#include <algorithm>
#include <cmath>

namespace steelyard::sim {

std::string decimal_text(std::int64_t value, int decimals, bool padded) {
  std::string digits = std::to_string(value);
  if (decimals == 0) return digits;
  const auto places = static_cast<std::size_t>(decimals);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, 1, '.');
  if (padded) return digits;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

Market::Market(InstrumentSpec spec, std::uint64_t seed, bool ids_skip)
    : spec_{std::move(spec)},
      random_{seed},
      ids_skip_{ids_skip},
      id_{1'000'000 + seed % 1'000'000},
      diff_id_{id_} {
  const std::int64_t mid = spec_.start_price;
  for (int i = 0; i < 400; ++i) {
    set(true, mid - 1 - draw_offset(), draw_qty());
    set(false, mid + 1 + draw_offset(), draw_qty());
  }
  touched_.clear();
  diff_id_ = id_;
}

std::int64_t Market::draw_qty() {
  std::lognormal_distribution<double> size{0.0, 1.0};
  return 1 + static_cast<std::int64_t>(size(random_) * static_cast<double>(spec_.typical_qty));
}

// Most changes fall deep in the book, as they do in real ones.
std::int64_t Market::draw_offset() {
  std::exponential_distribution<double> near{1.0 / 12.0};
  std::exponential_distribution<double> far{1.0 / 400.0};
  return static_cast<std::int64_t>(random_() % 10 < 4 ? near(random_) : far(random_));
}

void Market::set(bool bid, std::int64_t price, std::int64_t qty) {
  if (price <= 0) return;
  id_ += ids_skip_ ? 1 + random_() % 40 : 1;
  if (touched_.empty()) first_id_ = id_;
  if (bid) {
    if (qty == 0) {
      bids_.erase(price);
    } else {
      bids_[price] = qty;
    }
  } else if (qty == 0) {
    asks_.erase(price);
  } else {
    asks_[price] = qty;
  }
  touched_[{bid, price}] = qty;
}

void Market::tell(const Observer& observer) {
  Best best;
  if (!bids_.empty()) {
    best.bid = bids_.begin()->first;
    best.bid_qty = bids_.begin()->second;
  }
  if (!asks_.empty()) {
    best.ask = asks_.begin()->first;
    best.ask_qty = asks_.begin()->second;
  }
  if (best == told_) return;
  told_ = best;
  if (observer.on_best) observer.on_best(best, id_);
}

void Market::trade(const Observer& observer, bool forced) {
  // At half its first price everybody buys: it walks for days and never comes to nothing.
  const bool cheap = bids_.begin()->first <= spec_.start_price / 2;
  const bool buy = std::uniform_real_distribution<double>{-1.0, 1.0}(random_) < drift_ || cheap;
  MarketTrade trade{};
  trade.buyer_is_taker = buy;
  trade.id = ++trade_id_;
  std::int64_t left = draw_qty() * (forced ? 6 : 1);
  // At least three levels stay on each side.
  while (left > 0 && (buy ? asks_.size() : bids_.size()) > 3) {
    const std::int64_t price = buy ? asks_.begin()->first : bids_.begin()->first;
    const std::int64_t held = buy ? asks_.begin()->second : bids_.begin()->second;
    const std::int64_t eaten = std::min(left, held);
    set(!buy, price, held - eaten);
    left -= eaten;
    trade.price = price;
    trade.qty += eaten;
    tell(observer);
  }
  if (trade.qty == 0) return;
  if (observer.on_trade) observer.on_trade(trade);
  if (forced && observer.on_liquidation) observer.on_liquidation(trade);
}

void Market::quote() {
  const bool bid = random_() % 2 == 0;
  const std::int64_t best_bid = bids_.empty() ? spec_.start_price - 1 : bids_.begin()->first;
  const std::int64_t best_ask = asks_.empty() ? spec_.start_price + 1 : asks_.begin()->first;
  // Inside the spread now and then, never through the other side.
  const std::int64_t room = best_ask - best_bid - 1;
  std::int64_t price = bid ? best_bid - draw_offset() : best_ask + draw_offset();
  if (room > 0 && random_() % 3 == 0) {
    const auto step = 1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(room));
    price = bid ? best_bid + step : best_ask - step;
  }
  const bool there = bid ? bids_.contains(price) : asks_.contains(price);
  // Removing what was never there happens on every venue.
  const bool remove = there ? random_() % 5 < 2 : random_() % 20 == 0;
  if (remove && (bid ? bids_.size() : asks_.size()) < 50) return;
  set(bid, price, remove ? 0 : draw_qty());
}

// Of a cheap instrument, fewer prices than that may lie between its best bid and zero.
void Market::refill() {
  for (int tries = 0; bids_.size() < 200 && tries < 400; ++tries)
    set(true, bids_.begin()->first - 1 - draw_offset(), draw_qty());
  while (asks_.size() < 200) set(false, asks_.begin()->first + 1 + draw_offset(), draw_qty());
}

void Market::step(std::uint32_t changes, const Observer& observer) {
  drift_ = 0.97 * drift_ + std::normal_distribution<double>{0.0, 0.12}(random_);
  drift_ = std::clamp(drift_, -0.9, 0.9);
  for (std::uint32_t i = 0; i < changes; ++i) {
    const std::uint64_t what = random_() % 1000;
    if (what < 40) {
      trade(observer, false);
    } else if (what < 41) {
      trade(observer, true);
    } else {
      quote();
    }
    tell(observer);
  }
  refill();
  tell(observer);
}

Market::Diff Market::take_diff() {
  Diff diff;
  if (touched_.empty()) return diff;
  diff.first = first_id_;
  diff.last = id_;
  diff.previous = diff_id_;
  // Without skipping, ids have no holes: the first follows the last diff's last.
  if (!ids_skip_) diff.first = diff_id_ + 1;
  for (const auto& [where, qty] : touched_)
    diff.changes.push_back({where.first, where.second, qty});
  touched_.clear();
  diff_id_ = id_;
  return diff;
}

std::string Market::price_text(std::int64_t ticks) const {
  return decimal_text(ticks, spec_.price_decimals, true);
}
std::string Market::qty_text(std::int64_t lots) const {
  return decimal_text(lots, spec_.qty_decimals, true);
}

}  // namespace steelyard::sim
