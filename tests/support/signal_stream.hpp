// tests/support/signal_stream.hpp -- random streams of every kind of event, for tests of signals.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <ostream>
#include <random>

#include "core/instrument.hpp"
#include "signals/signal_params.hpp"
#include "support/naive_signals.hpp"

namespace steelyard {

struct SignalStream {
  const char* name;
  ContractKind kind = ContractKind::Linear;
  int price_exponent = -2;
  int qty_exponent = -3;
  std::int64_t tick = 1;
  std::int64_t mid = 6'000'000;
  std::int64_t spread_of_levels = 3'000;  // how far from the mid levels fall, in ticks
  std::int64_t largest_qty = 5'000;
  std::int64_t largest_trade = 5'000;
  int levels = 12;                           // a message, at most
  std::int64_t gap_ns = 40'000'000;          // between events, at most
  std::int64_t silence_ns = 12'000'000'000;  // ... one time in a hundred
  int resets = 10;                           // in 1000 events
  int events = 1'500;
  std::int64_t time_step_ns = 1;  // times are multiples of it
  std::uint32_t entries = 4096;
  std::int64_t granularity_ns = 0;
  double vpin_bucket_qty = 3.0;
  bool pressure = false;  // now and then from one side
};

inline void PrintTo(const SignalStream& stream, std::ostream* out) { *out << stream.name; }

// Events of every kind: crossings, one-sided and empty books, equal and backward times, silences,
// deletes of what is not there, the same price twice.
class RandomStream {
 public:
  RandomStream(const SignalStream& stream, std::uint64_t seed) : of_{stream}, random_{seed} {}

  NaiveEvent next() {
    NaiveEvent event;
    ++count_;
    const std::int64_t dice = below(1000);
    if (dice < 300) {
      // the same time
    } else if (dice < 320) {
      time_ -= below(of_.gap_ns);
    } else if (dice < 330) {
      time_ += below(of_.silence_ns);
    } else {
      time_ += below(of_.gap_ns);
    }
    event.time = time_ - time_ % of_.time_step_ns;
    mid_ = std::max(mid_ + (below(9) - 4) * of_.tick, 2 * of_.tick);
    if (below(40) == 0) mid_ += (below(201) - 100) * of_.tick;

    const bool resync = !has_book_ && below(4) == 0;
    const std::int64_t kind = first_ || resync ? 0 : below(1'000);
    first_ = false;
    if (kind < 20) {
      event.kind = EventKind::Snapshot;
      event.rebase = below(2) == 0;
      if (below(10) != 0) add(event, Side::Bid, 30, 0);
      if (below(10) != 0) add(event, Side::Ask, 30, 0);
    } else if (kind < 20 + of_.resets) {
      event.kind = EventKind::Reset;
    } else if (kind < 150) {
      if (kind < 100) {
        trade(event, kind < 90 ? EventKind::Trade : EventKind::Liquidation);
      } else {
        event.kind = EventKind::Timer;
      }
    } else if (kind < 180) {
      cross(event);
    } else if (kind < 200) {
      wipe(event, below(2) == 0 ? Side::Bid : Side::Ask);
    } else {
      event.kind = EventKind::Delta;
      clear_crossing(event);
      add(event, Side::Bid, below(of_.levels + 1), 40);
      add(event, Side::Ask, below(of_.levels + 1), 40);
      if (!event.levels.empty() && below(5) == 0) event.levels.push_back(event.levels.front());
    }
    follow(event);
    return event;
  }

 private:
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  std::int64_t price(Side side) {
    // Dense near the mid, sparse far from it.
    std::int64_t distance = below(10) < 7 ? 1 + below(25) : 1 + below(of_.spread_of_levels);
    distance = std::min(distance, mid_ / of_.tick - 1);
    return (mid_ / of_.tick + (side == Side::Bid ? -distance : distance)) * of_.tick;
  }
  // In four phases, two of which are quiet.
  [[nodiscard]] bool pressure(Side side) const {
    const std::int64_t phase = count_ / 150 % 4;
    return of_.pressure && phase == (side == Side::Bid ? 1 : 3);
  }
  void add(NaiveEvent& event, Side side, std::int64_t count, int removals_in_100) {
    for (std::int64_t i = 0; i < count; ++i) {
      const bool remove = below(100) < removals_in_100;
      const std::int64_t most = of_.largest_qty * (pressure(side) ? 40 : 1);
      event.levels.push_back({side, price(side), remove ? 0 : 1 + below(most)});
    }
  }
  // At the mid as often as beside it, at the price of the trade before, and of unknown side.
  void trade(NaiveEvent& event, EventKind kind) {
    event.kind = kind;
    if (below(3) != 0 || traded_ == 0) {
      traded_ = std::max(mid_ + (below(7) - 3) * of_.tick, of_.tick);
      const auto& bids = held_[0];
      const auto& asks = held_[1];
      if (below(3) == 0 && !bids.empty() && !asks.empty()) {
        traded_ = std::midpoint(bids.rbegin()->first, asks.begin()->first);
      }
    }
    const std::int64_t qty = 1 + below(below(20) == 0 ? 40 * of_.largest_trade : of_.largest_trade);
    event.levels.push_back({Side::Bid, traded_, qty});
    event.aggressor = static_cast<Aggressor>(below(3));
    if (pressure(Side::Bid)) event.aggressor = Aggressor::Buy;
    if (pressure(Side::Ask)) event.aggressor = Aggressor::Sell;
  }
  void cross(NaiveEvent& event) {
    const auto above = held_[1].begin();
    if (above == held_[1].end()) return;
    event.levels.push_back({Side::Bid, above->first + below(4) * of_.tick, 1 + below(50)});
  }
  void wipe(NaiveEvent& event, Side side) {
    for (const auto& [at, qty] : held_[static_cast<int>(side)]) {
      event.levels.push_back({side, at, 0});
    }
  }
  // Removes what lies beyond the mid; sometimes not, so that crossings last.
  void clear_crossing(NaiveEvent& event) {
    if (below(3) == 0) return;
    for (const auto& [at, qty] : held_[0]) {
      if (at >= mid_) event.levels.push_back({Side::Bid, at, 0});
    }
    for (const auto& [at, qty] : held_[1]) {
      if (at <= mid_) event.levels.push_back({Side::Ask, at, 0});
    }
  }
  void follow(const NaiveEvent& event) {
    if (event.kind == EventKind::Snapshot || event.kind == EventKind::Reset) {
      held_[0].clear();
      held_[1].clear();
      has_book_ = event.kind == EventKind::Snapshot;
    }
    if (!has_book_ || event.kind == EventKind::Trade || event.kind == EventKind::Liquidation) {
      return;
    }
    for (const NaiveEvent::Level& level : event.levels) {
      auto& side = held_[static_cast<int>(level.side)];
      side.erase(level.price);
      if (level.qty != 0) side[level.price] = level.qty;
    }
  }

  SignalStream of_;
  std::mt19937_64 random_;
  std::int64_t time_ = 1'700'000'000'000'000'000;
  std::int64_t mid_ = of_.mid;
  std::int64_t traded_ = 0;
  std::int64_t count_ = 0;
  bool first_ = true;
  bool has_book_ = false;
  std::map<std::int64_t, std::int64_t> held_[2];
};

inline Instrument instrument_of(const SignalStream& stream) {
  Instrument instrument;
  instrument.kind = stream.kind;
  instrument.scale.price_exponent = static_cast<std::int8_t>(stream.price_exponent);
  instrument.scale.qty_exponent = static_cast<std::int8_t>(stream.qty_exponent);
  instrument.scale.contract_size = stream.kind == ContractKind::Inverse ? 100.0 : 0.0;
  instrument.tick = stream.tick;
  return instrument;
}

inline SignalParams params_of(const SignalStream& stream) {
  SignalParams params;
  params.flow_entries = stream.entries;
  params.window_granularity_ns = stream.granularity_ns;
  for (std::uint32_t state = 0; state < params.micro_price.shape.states(); ++state) {
    params.micro_price.table.push_back(state % 7 * 0.25 - 0.5);
  }
  params.trade_flow.entries = stream.entries;
  params.liquidation.entries = params.liquidation.trade_entries = stream.entries;
  params.trade_flow.vpin_bucket_qty = stream.vpin_bucket_qty;
  params.trade_flow.vpin_buckets = 7;
  if (stream.pressure) {
    params.deviation.warmup_ms = 3'000;
    params.deviation.regime = {1.2, 0.6, 1.8, 1.2};
  }
  return params;
}

}  // namespace steelyard
