// src/signals/time_weighted.hpp -- S12: time-weighted average price and imbalance.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "signals/held_integral.hpp"
#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Over the last minute, of the mid and of the imbalance within the main band, while they were
// defined. The benchmark of execution (Bertsimas & Lo 1998). Lives through resets, whose time does
// not count.
template <typename Units>
class TimeWeighted {
 public:
  static constexpr const char* kName = "time_weighted";
  static constexpr Tier kTier = 2;
  static constexpr const char* kSource = "Bertsimas & Lo 1998";
  static constexpr const char* kCaveat =
      "Time without a mid does not count: after a gap the average is over less time than the "
      "window.";

  static void columns(const SignalParams&, ColumnList& list) {
    using namespace column_order;
    list.push_back({"twap", "price", "Time-weighted average of the mid.", kTimeWeighted, 0.0});
    list.push_back({"twap_dev_bps", "bps", "The mid relative to twap.", kTimeWeighted + 1});
    list.push_back({"twai", "ratio", "Time-weighted average imbalance within the main band.",
                    kTimeWeighted + 2, -1.0, 1.0});
  }

  static void reads(const SignalParams& params, std::vector<std::string>& names) {
    names.push_back("pbi_" + band_text(params.main_band_bps) + "bp");
  }

  static std::size_t memory(const SignalParams& params) {
    return Mids::memory(params.time_weighted.entries) +
           Imbalances::memory(params.time_weighted.entries);
  }

  explicit TimeWeighted(const SignalContext& context)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        read_{context.reads[0]},
        mids_{context.memory, context.params.time_weighted.entries,
              context.params.time_weighted.window_ms},
        imbalances_{context.memory.subspan(Mids::memory(context.params.time_weighted.entries)),
                    context.params.time_weighted.entries, context.params.time_weighted.window_ms} {}

  void advance(TimestampNs from, TimestampNs to) noexcept {
    mids_.pass(from, to);
    imbalances_.pass(from, to);
    moved_ = true;
  }

  void update(const MarketEvent& event, ValueRow row) noexcept {
    if (touches_book(event)) hold(event, row[read_]);
    if (!moved_) return;
    moved_ = false;
    const std::int64_t priced = mids_.duration_ns();
    const Int128 integral = mids_.integral();
    row[own_[0]] = priced == 0
                       ? kUndefined
                       : units_.price(0.5 * nearest_double(integral) / static_cast<double>(priced));
    row[own_[1]] = has_mid_ && integral != 0
                       ? 1e4 * nearest_double(mid2_ * priced - integral) / nearest_double(integral)
                       : kUndefined;
    const std::int64_t balanced = imbalances_.duration_ns();
    row[own_[2]] = balanced == 0 ? kUndefined
                                 : nearest_double(imbalances_.integral()) /
                                       (static_cast<double>(balanced) * kOne);
  }

  // Changes of the mid or the imbalance that a window held in one with others.
  [[nodiscard]] std::uint64_t limited() const noexcept {
    return mids_.merged() + imbalances_.merged();
  }

 private:
  using Mids = HeldIntegral<Int128>;              // bid + ask, in price mantissas
  using Imbalances = HeldIntegral<std::int64_t>;  // in 2^-60
  static constexpr double kOne = 0x1p60;

  void hold(const MarketEvent& event, double imbalance) noexcept {
    const bool has_mid_now = has_mid(event.status);
    const Int128 mid2 =
        has_mid_now ? Int128{event.bids[0].price.raw()} + event.asks[0].price.raw() : 0;
    if (has_mid_now != has_mid_ || mid2 != mid2_) {
      has_mid_ = has_mid_now;
      mid2_ = mid2;
      has_mid_ ? mids_.hold(mid2) : mids_.hold_nothing();
      moved_ = true;  // by price: its distance from the average is another
    }
    if (std::isnan(imbalance)) {
      imbalances_.hold_nothing();
    } else {
      imbalances_.hold(static_cast<std::int64_t>(imbalance * kOne));
    }
  }

  Units units_;
  const std::uint16_t* own_;
  std::uint16_t read_;
  Mids mids_;
  Imbalances imbalances_;
  bool has_mid_ = false;
  Int128 mid2_ = 0;
  bool moved_ = true;  // the row is not what it should be
};

}  // namespace steelyard
