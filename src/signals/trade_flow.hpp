// src/signals/trade_flow.hpp -- S7: signed trade flow over windows, cumulative volume delta, VPIN.
#pragma once

#include <cstdint>
#include <string>

#include "signals/aggressor.hpp"
#include "signals/numerics.hpp"
#include "signals/signal.hpp"
#include "signals/vpin.hpp"
#include "signals/window_sums.hpp"

namespace steelyard {

// Chordia, Roll & Subrahmanyam 2002. Works without a book and lives through resets; liquidations
// are in the trades already and are not added.
template <typename Units>
class TradeFlow {
 public:
  static constexpr const char* kName = "trade_flow";
  static constexpr const char* kSource = "Chordia, Roll & Subrahmanyam 2002";
  static constexpr const char* kCaveat =
      "Where the venue does not say who started a trade it is guessed from the mid as this machine "
      "knew it. Venues that join the fills of one order, or drop some, count less volume than was "
      "traded.";

  static void columns(const SignalParams& params, ColumnList& list) {
    using namespace column_order;
    std::uint32_t place = 0;
    for (const std::uint32_t ms : params.flow_windows_ms) {
      const std::string suffix = "_" + std::to_string(ms) + "ms";
      const std::string over = " over " + std::to_string(ms) + " ms.";
      const std::uint32_t order = kTradeFlow + 3 * place++;
      list.push_back({"tf" + suffix, "base", "Volume bought minus volume sold" + over, order});
      list.push_back({"tfi" + suffix, "ratio", "Trade flow imbalance: tf by volume traded" + over,
                      order + 1, -1.0, 1.0});
      list.push_back({"tv" + suffix, "quote", "Notional traded" + over, order + 2, 0.0});
    }
    list.push_back({"cvd", "base", "Cumulative volume delta: bought minus sold since the start.",
                    kTradeFlow + 90});
    constexpr const char* kVpinSource = "Easley, Lopez de Prado & O'Hara 2012";
    constexpr const char* kVpinCaveat =
        "How one-sided trading is, not which way. The size of a bucket is a placeholder by "
        "default: take a fiftieth of the instrument's daily volume. That it predicts crashes is "
        "disputed.";
    list.push_back({"vpin", "ratio", "Mean imbalance of complete volume buckets: flow toxicity.",
                    kVpin, 0.0, 1.0, 2, kVpinSource, kVpinCaveat});
    list.push_back({"vpin_n", "count", "Complete buckets that vpin is over.", kVpin + 1, 0.0,
                    kNoHigh, 2, kVpinSource, kVpinCaveat});
  }

  static std::size_t memory(const SignalParams& params) {
    return VpinBuckets::memory(params.trade_flow.vpin_buckets) +
           Windows::memory(params.trade_flow.entries);
  }

  explicit TradeFlow(const SignalContext& context)
      : TradeFlow{context,
                  vpin_scale(Units{context.instrument.scale}, context.instrument.scale.qty_exponent,
                             context.params.trade_flow.vpin_bucket_qty)} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    windows_.evict(event.now);
    if (event.kind == EventKind::Trade) on_trade(event);
    if (windows_.take_moved()) write_windows(row);
    if (!shown_) write_delta(row);
  }

  // What S16 sums up over venues.
  void tell(TimestampNs now, GroupFlow& flow) noexcept {
    for (std::uint32_t w = 0; w < windows_.windows().size(); ++w) {
      const auto held = windows_.at(w, now);
      flow.windows[w].trade_flow = held.known ? units_.base(held.sum[kSigned]) : kUndefined;
      flow.windows[w].trade_volume = held.known ? units_.base(held.sum[kVolume]) : kUndefined;
    }
  }

  // Trades that a window holds under a rounded time, or that did not fit.
  [[nodiscard]] std::uint64_t limited() const noexcept {
    return windows_.limited() + (known_ ? 0 : 1);
  }

 private:
  enum : std::uint32_t { kSigned, kVolume, kNotional, kCells };
  using Windows = WindowSums<kCells>;

  TradeFlow(const SignalContext& context, const VpinScale& scale)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        windows_{
            context.params.flow_windows_ms, context.params.trade_flow.entries,
            context.params.window_granularity_ns,
            context.memory.subspan(VpinBuckets::memory(context.params.trade_flow.vpin_buckets))},
        vpin_{context.memory, context.params.trade_flow.vpin_buckets, scale.bucket},
        vpin_one_{scale.one},
        buckets_{context.params.computes(2)} {}

  void on_trade(const MarketEvent& event) noexcept {
    const int sign = sign_.sign(event);
    const Int128 volume = units_.size(event.traded);
    windows_.add({sign * volume, volume, units_.notional(event.traded.price, event.traded.qty)});
    if (volume <= 0) return;
    known_ = known_ && !__builtin_add_overflow(delta_, sign * volume, &delta_);
    if (buckets_) vpin_.add(volume * vpin_one_, sign);
    shown_ = false;
  }

  void write_windows(ValueRow row) noexcept {
    const std::uint16_t* at = own_;
    for (typename Windows::Window& window : windows_.windows()) {
      if (window.take_changed()) {
        const bool known = window.known();
        row[at[0]] = known ? units_.base(window.sum[kSigned]) : kUndefined;
        row[at[1]] = known && window.sum[kVolume] != 0
                         ? nearest_double(window.sum[kSigned]) / nearest_double(window.sum[kVolume])
                         : kUndefined;
        row[at[2]] = known ? units_.quote(window.sum[kNotional]) : kUndefined;
      }
      at += 3;
    }
  }
  void write_delta(ValueRow row) noexcept {
    shown_ = true;
    const std::uint16_t* const at = own_ + 3 * windows_.windows().size();
    row[at[0]] = known_ ? units_.base(delta_) : kUndefined;
    if (!buckets_) return;
    row[at[1]] = vpin_.value();
    row[at[2]] = vpin_.count();
  }

  Units units_;
  const std::uint16_t* own_;
  AggressorRule sign_;
  Windows windows_;
  VpinBuckets vpin_;
  Int128 vpin_one_;
  bool buckets_;  // of tier 2
  Int128 delta_ = 0;
  bool known_ = true;   // delta_ never overflowed
  bool shown_ = false;  // the row has cvd and vpin as they are
};

}  // namespace steelyard
