// src/signals/liquidation.hpp -- S14: forced orders over windows, decayed, and as an intensity.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "signals/numerics.hpp"
#include "signals/signal.hpp"
#include "signals/window_sums.hpp"

namespace steelyard {

// Side is that of the forced order: selling is a long position liquidated. Lives through resets.
// The intensity is a filter with fixed parameters (Hawkes 1971, recursion of Ogata 1981), not a
// fitted process. What a venue publishes decides the scale: Binance at most one liquidation a
// second.
template <typename Units>
class Liquidation {
 public:
  static constexpr const char* kName = "liquidation";
  static constexpr const char* kSource = "Hawkes 1971, Ogata 1981";
  static constexpr const char* kCaveat =
      "What a venue publishes sets the scale: Binance at most one forced order of a symbol a "
      "second, Bybit all of them, some venues none. Parameters are fixed, not fitted: calibrate "
      "mu and notional by venue and instrument.";

  static void columns(const SignalParams& params, ColumnList& list) {
    using namespace column_order;
    std::uint32_t place = 0;
    for (const std::uint32_t ms : params.liquidation.windows_ms) {
      const std::string suffix = "_" + std::to_string(ms) + "ms";
      const std::string over = " over " + std::to_string(ms) + " ms.";
      const std::uint32_t order = kLiquidation + 3 * place++;
      list.push_back(
          {"liq_net" + suffix, "quote", "Forced buying minus forced selling" + over, order});
      list.push_back(
          {"liq_gross" + suffix, "quote", "Forced orders of both sides" + over, order + 1, 0.0});
      list.push_back(
          {"liq_share" + suffix, "ratio", "liq_gross by notional traded" + over, order + 2, 0.0});
    }
    list.push_back({"liq_flow", "quote", "Exponentially decayed sum of signed forced orders.",
                    kLiquidation + 90});
    list.push_back({"liq_pressure", "ratio",
                    "liq_flow by the notional within the main band that it runs into.",
                    kLiquidation + 91});
    list.push_back({"haw_buy", "1/s", "Intensity of forced buying.", kCascade, 0.0});
    list.push_back({"haw_sell", "1/s", "Intensity of forced selling.", kCascade + 1, 0.0});
    list.push_back({"haw_ratio", "ratio", "Both intensities by what they are without events.",
                    kCascade + 2, 0.0});
  }

  static void reads(const SignalParams& params, std::vector<std::string>& names) {
    const std::string band = band_text(params.main_band_bps) + "bp";
    names.push_back("bidn_" + band);
    names.push_back("askn_" + band);
  }

  static std::size_t memory(const SignalParams& params) {
    return Forced::memory(params.liquidation.entries) +
           Traded::memory(params.liquidation.trade_entries);
  }

  explicit Liquidation(const SignalContext& context)
      : units_{context.instrument.scale},
        params_{context.params.liquidation.hawkes},
        flow_tau_ns_{static_cast<double>(context.params.liquidation.flow_tau_ms) * 1e6},
        one_kernel_{params_.beta * flow_tau_ns_ == 1e9},
        own_{context.own.data()},
        reads_{context.reads.data()},
        forced_{context.params.liquidation.windows_ms, context.params.liquidation.entries,
                context.params.window_granularity_ns, context.memory},
        traded_{context.params.liquidation.windows_ms, context.params.liquidation.trade_entries,
                context.params.window_granularity_ns,
                context.memory.subspan(Forced::memory(context.params.liquidation.entries))} {}

  void advance(TimestampNs from, TimestampNs to) noexcept {
    if (flow_ == 0.0 && excited_[kBuy] == 0.0 && excited_[kSell] == 0.0) return;
    const auto ns = static_cast<double>(to.raw() - from.raw());
    const double keep = exp_of_negative(-ns / flow_tau_ns_);
    const double calm = one_kernel_ ? keep : exp_of_negative(-params_.beta * 1e-9 * ns);
    decay(flow_, keep);
    for (double& excited : excited_) decay(excited, calm);
    flow_shown_ = intensity_shown_ = false;
  }

  void update(const MarketEvent& event, ValueRow row) noexcept {
    forced_.evict(event.now);
    traded_.evict(event.now);
    if (event.kind == EventKind::Trade) {
      traded_.add({units_.notional(event.traded.price, event.traded.qty)});
    } else if (event.kind == EventKind::Liquidation) {
      on_liquidation(event);
    }
    const bool forced_moved = forced_.take_moved();
    if (traded_.take_moved() || forced_moved) write_windows(row);
    write_flow(row);
    if (!intensity_shown_) write_intensity(row);
  }

  // Events that a window holds under a rounded time, or that did not fit.
  [[nodiscard]] std::uint64_t limited() const noexcept {
    return forced_.limited() + traded_.limited();
  }

 private:
  enum : std::uint32_t { kNet, kGross, kForcedCells };
  enum : std::uint32_t { kBuy, kSell, kSides };
  using Forced = WindowSums<kForcedCells>;
  using Traded = WindowSums<1>;

  // Never denormal.
  static void decay(double& value, double keep) noexcept {
    value *= keep;
    if (std::abs(value) < std::numeric_limits<double>::min()) value = 0.0;
  }

  void on_liquidation(const MarketEvent& event) noexcept {
    const Int128 notional = units_.notional(event.traded.price, event.traded.qty);
    const double quote = units_.quote(notional);
    int sign = 0;
    if (event.aggressor != Aggressor::Unknown) {
      sign = event.aggressor == Aggressor::Buy ? 1 : -1;
      excited_[sign > 0 ? kBuy : kSell] +=
          params_.alpha * std::min(quote / params_.notional, params_.cap);
      flow_ += sign * quote;
      flow_shown_ = intensity_shown_ = false;
    }
    forced_.add({sign * notional, notional});
  }

  void write_windows(ValueRow row) noexcept {
    const std::uint16_t* at = own_;
    for (std::uint32_t w = 0; w < forced_.windows().size(); ++w) {
      typename Forced::Window& forced = forced_.windows()[w];
      typename Traded::Window& traded = traded_.windows()[w];
      const bool forced_changed = forced.take_changed();
      if (traded.take_changed() || forced_changed) {
        const bool known = forced.known();
        row[at[0]] = known ? units_.quote(forced.sum[kNet]) : kUndefined;
        row[at[1]] = known ? units_.quote(forced.sum[kGross]) : kUndefined;
        row[at[2]] = known && traded.known() && traded.sum[0] != 0
                         ? nearest_double(forced.sum[kGross]) / nearest_double(traded.sum[0])
                         : kUndefined;
      }
      at += 3;
    }
  }

  void write_flow(ValueRow row) noexcept {
    if (flow_ == 0.0 && flow_shown_) return;
    flow_shown_ = true;
    const std::uint16_t* const at = own_ + 3 * forced_.windows().size();
    row[at[0]] = flow_;
    // Selling runs into bids, buying into asks.
    const double depth = row[reads_[flow_ < 0.0 ? 0 : 1]];
    row[at[1]] = flow_ == 0.0 ? 0.0 : depth > 0.0 ? flow_ / depth : kUndefined;
  }

  void write_intensity(ValueRow row) noexcept {
    intensity_shown_ = true;
    const std::uint16_t* const at = own_ + 3 * forced_.windows().size() + 2;
    const double buy = params_.mu + excited_[kBuy];
    const double sell = params_.mu + excited_[kSell];
    row[at[0]] = buy;
    row[at[1]] = sell;
    row[at[2]] = (buy + sell) / (2.0 * params_.mu);
  }

  Units units_;
  HawkesParams params_;
  double flow_tau_ns_;
  bool one_kernel_;  // flow and intensity decay alike
  const std::uint16_t* own_;
  const std::uint16_t* reads_;
  Forced forced_;
  Traded traded_;
  double flow_ = 0.0;                     // quote
  std::array<double, kSides> excited_{};  // what is above mu
  bool flow_shown_ = false;
  bool intensity_shown_ = false;
};

}  // namespace steelyard
