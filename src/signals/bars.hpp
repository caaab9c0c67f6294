// src/signals/bars.hpp -- the bars of S9 and S10: what they are made of, and when they close.
#pragma once

#include <algorithm>
#include <cstdint>

#include "signals/aggressor.hpp"
#include "signals/bar.hpp"
#include "signals/bar_clock.hpp"
#include "signals/best_flow.hpp"
#include "signals/logarithm.hpp"
#include "signals/mid_and_spread.hpp"
#include "signals/wide_sum.hpp"

namespace steelyard {

// No columns: this closes bars, as time passes, before the data of the event that lets it pass; the
// signals after it read what was closed. The close of a bar is the last mid seen since the last
// reset, in whatever bar that was. Nothing is computed across a reset; across a silence of more
// than 3600 bars, neither.
template <typename Units>
class Bars {
 public:
  static constexpr const char* kName = "bars";
  static constexpr Tier kTier = 3;

  static void columns(const SignalParams&, ColumnList&) {}

  explicit Bars(const SignalContext& context)
      : units_{context.instrument.scale},
        feed_{&context.bars},
        flow_clock_{std::int64_t{context.params.bars.width_ms} * 1'000'000},
        range_clock_{std::int64_t{context.params.bars.range_width_ms} * 1'000'000},
        best_{units_} {}

  void advance(TimestampNs, TimestampNs to) noexcept {
    if (flow_clock_.has_ended(to)) close_flow(to);
    if (range_clock_.has_ended(to)) close_range(to);
  }

  void update(const MarketEvent& event, ValueRow) noexcept {
    if (!started_) {
      started_ = true;
      flow_clock_.start(event.now);
      range_clock_.start(event.now);
    }
    if (event.kind == EventKind::Trade) {
      on_trade(event);
    } else if (event.kind == EventKind::Reset) {
      forget();
    } else if (touches_book(event)) {
      if (event.rebase) best_.forget();
      if (event.observation) observe(event);
    }
  }

 private:
  void on_trade(const MarketEvent& event) noexcept {
    const int sign = aggressor_.sign(event);
    const Int128 notional = units_.notional(event.traded.price, event.traded.qty);
    traded_ = true;
    notional_.add(notional);
    if (sign != 0) signed_notional_.add(sign > 0 ? notional : -notional);
  }

  void forget() noexcept {
    best_.forget();
    has_mid_ = has_flow_close_ = has_range_close_ = false;
    broken_ = true;
  }

  void observe(const MarketEvent& event) noexcept {
    const Int128 flow = best_.observe(event);
    const Int128 absolute = flow < 0 ? -flow : flow;
    ++observations_;
    flow_ += flow;
    depth_ += best_.depth();
    range_flow_ += flow;
    range_absolute_ += absolute;
    if (!has_mid(event.status)) return;
    has_mid_ = true;
    mid2_ = Int128{event.bids[0].price.raw()} + event.asks[0].price.raw();
    high_ = std::max(high_, mid2_);
    low_ = std::min(low_, mid2_);
  }

  void close_flow(TimestampNs now) noexcept {
    FlowBar bar;
    bar.broken = broken_;
    bar.traded = traded_;
    bar.notional = notional_.value([this](Int128 sum) noexcept { return units_.quote(sum); }) / 1e6;
    bar.signed_notional =
        signed_notional_.value([this](Int128 sum) noexcept { return units_.quote(sum); }) / 1e6;
    if (has_mid_ && !broken_) bar.flow = flow_in_queues();
    if (has_mid_ && has_flow_close_) bar.change = change();
    FlowBar empty;
    if (has_mid_) empty.flow = empty.change = 0.0;

    const BarClock::Passed passed = flow_clock_.pass(now);
    feed_->flow.close(bar, empty, passed.empty);
    has_flow_close_ = has_mid_ && !passed.broke;
    flow_close2_ = mid2_;
    broken_ = passed.broke;
    traded_ = false;
    notional_ = {};
    signed_notional_ = {};
    observations_ = 0;
    flow_ = depth_ = 0;
  }

  // Sum of e by the mean of (qb + qa) / 2.
  [[nodiscard]] double flow_in_queues() const noexcept {
    if (observations_ == 0) return 0.0;
    if (depth_ == 0) return kUndefined;
    return 2.0 * static_cast<double>(observations_) * nearest_double(flow_) /
           nearest_double(depth_);
  }

  [[nodiscard]] double change() const noexcept {
    if (mid2_ <= 0 || flow_close2_ <= 0) return kUndefined;
    return 1e4 * log_of_quotient(nearest_double(mid2_), nearest_double(flow_close2_),
                                 nearest_double(mid2_ - flow_close2_));
  }

  void close_range(TimestampNs now) noexcept {
    RangeBar bar;
    bar.defined = has_range_close_;
    if (has_range_close_) {
      bar.up = 0.5 * units_.price(high_ - range_close2_);
      bar.down = 0.5 * units_.price(range_close2_ - low_);
      if (range_absolute_ != 0) {
        bar.imbalance = nearest_double(range_flow_) / nearest_double(range_absolute_);
      }
    }
    RangeBar empty;
    empty.defined = has_mid_;

    const BarClock::Passed passed = range_clock_.pass(now);
    feed_->range.close(bar, empty, passed.empty);
    has_range_close_ = has_mid_ && !passed.broke;
    range_close2_ = high_ = low_ = mid2_;
    range_flow_ = range_absolute_ = 0;
  }

  Units units_;
  BarFeed* feed_;
  BarClock flow_clock_;
  BarClock range_clock_;
  BestFlow<Units> best_;
  AggressorRule aggressor_;
  bool started_ = false;

  // Mids count twice, in mantissas.
  bool has_mid_ = false;  // one was seen since the last reset
  Int128 mid2_ = 0;

  // Of the running bar of S10.
  bool broken_ = true;
  bool traded_ = false;
  bool has_flow_close_ = false;
  std::uint64_t observations_ = 0;
  Int128 flow_close2_ = 0;
  Int128 flow_ = 0;
  Int128 depth_ = 0;
  WideSum notional_;
  WideSum signed_notional_;

  // Of the running bar of S9. `high_` and `low_` mean something where there is a close before.
  bool has_range_close_ = false;
  Int128 range_close2_ = 0;
  Int128 high_ = 0;
  Int128 low_ = 0;
  Int128 range_flow_ = 0;
  Int128 range_absolute_ = 0;
};

}  // namespace steelyard
