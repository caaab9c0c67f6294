// tests/support/seen_samples.hpp -- observations made by hand, for screens and health.
#pragma once

#include "observe/observation.hpp"

namespace steelyard {

inline SeenInstrument seen_instrument(const std::string& venue, const std::string& symbol,
                                      std::vector<double> row, std::uint32_t validity = 0) {
  SeenInstrument instrument;
  instrument.venue = venue;
  instrument.symbol = symbol;
  instrument.name = symbol;
  instrument.channel = "depth";
  instrument.there = true;
  instrument.row = std::move(row);
  instrument.age_s = 0.012;
  instrument.rate_hz = 12.0;
  instrument.counters = {{"records", 1234, 0.0}, {"gaps", 3, 0.0}};
  StateView& view = instrument.view;
  view.tick.validity = validity;
  view.tick.price_exponent = -2;
  view.tick.qty_exponent = -3;
  view.tick.best_bid = Price{6'180'010};
  view.tick.best_ask = Price{6'180'020};
  view.tick.bid_qty = view.tick.ask_qty = Qty{1500};
  view.bid_count = view.ask_count = kViewLevels;
  for (std::uint32_t i = 0; i < kViewLevels; ++i) {
    view.bids[i] = {Price{6'180'010 - i}, Qty{1500 + 100 * std::int64_t{i}}};
    view.asks[i] = {Price{6'180'020 + i}, Qty{1500 + 50 * std::int64_t{i}}};
  }
  return instrument;
}

// A latency of so many values in all; each in the bucket that takes it.
inline SeenLatency seen_latency(SeenLatency::Of of, std::size_t index, const char* what,
                                std::initializer_list<std::uint64_t> values_ns) {
  SeenLatency latency{of, index, what, {}};
  for (const std::uint64_t ns : values_ns) {
    latency.total.sum_ns += ns;
    std::uint32_t i = 0;
    while (i + 1 < kCompactBuckets && compact_bound_ns(i) < ns) ++i;
    ++latency.total.buckets[i];
  }
  return latency;
}

// A living daemon with three instruments and the columns that screens look for first.
inline Observation seen_daemon() {
  Observation seen;
  seen.instance = "sample";
  seen.presence = Presence::Alive;
  seen.version = "9.9.9";
  seen.pid = 4711;
  seen.generation = 1;
  seen.heartbeat_age_s = 0.04;
  seen.uptime_s = 75;
  seen.columns = {"mid",    "spread_bps", "pbi_10bp", "ofi_norm_1000ms",
                  "regime", "casc_level", "casc_dir"};
  seen.instruments = {
      seen_instrument("binance-spot", "BTCUSDT", {61800.15, 0.016, 0.5, 3.25, 2, 0, 0}),
      seen_instrument("okx", "BTC-USDT-SWAP", {61800.25, 0.032, -0.75, -8.5, -2, 3, -1}),
      seen_instrument("okx", "ETH-USDT", {2680.1, 0.064, 0.1, 0.5, 0, 0, 0}, kStale)};
  seen.counters = {{"io0 connections_open", 4, 0.0}, {"io0 ring_refused", 0, 0.0}};
  SeenLink first{"okx/public/1a", "okx/public", 900, 100, 2500, 10.0};
  SeenLink second{"okx/public/3a", "okx/public", 100, 900, 9000, 10.0};
  seen.links = {first, second};
  return seen;
}

}  // namespace steelyard
