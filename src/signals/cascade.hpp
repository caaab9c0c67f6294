// src/signals/cascade.hpp -- S14: thinning of the book, and the cascade detector.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "signals/cascade_machine.hpp"
#include "signals/ew_stat.hpp"
#include "signals/signal.hpp"

namespace steelyard {

// "Extreme imbalance can lead to cascading liquidations": it takes the imbalance, a thin book on
// the side that is run into, and liquidations (Brunnermeier & Pedersen 2009: liquidity spirals).
// Where a venue tells of no liquidations the level stops at 2.
template <typename Units>
class Cascade {
 public:
  static constexpr const char* kName = "cascade";
  static constexpr const char* kSource = "Brunnermeier & Pedersen 2009";
  static constexpr const char* kCaveat =
      "Level 1 is common: a large order withdrawn is enough. Where a venue tells of no "
      "liquidations level 2 is the highest. A detector of what has begun, not a forecast.";

  static void columns(const SignalParams&, ColumnList& list) {
    using namespace column_order;
    list.push_back({"thin_bid", "ratio", "Bid notional within the main band by its mean of late.",
                    kCascade + 3, 0.0});
    list.push_back({"thin_ask", "ratio", "Ask notional within the main band by its mean of late.",
                    kCascade + 4, 0.0});
    list.push_back({"casc_level", "flag", "0 calm, 1 watch, 2 armed, 3 liquidation cascade.",
                    kCascade + 5, 0.0, 3.0});
    list.push_back({"casc_dir", "flag", "Direction of casc_level: -1 down, 1 up, 0 none.",
                    kCascade + 6, -1.0, 1.0});
    list.push_back({"casc_alert", "flag", "casc_dir in the event that enters level 3, else 0.",
                    kCascade + 7, -1.0, 1.0});
  }

  static void reads(const SignalParams& params, std::vector<std::string>& names) {
    const std::string band = band_text(params.main_band_bps) + "bp";
    names.insert(names.end(),
                 {"bidn_" + band, "askn_" + band, "regime", "liq_flow", "haw_buy", "haw_sell"});
  }

  explicit Cascade(const SignalContext& context)
      : own_{context.own.data()},
        reads_{context.reads.data()},
        kernel_{context.params.deviation.tau_ms},
        warm_ns_{std::int64_t{context.params.deviation.warmup_ms} * 1'000'000},
        thin_{context.params.cascade.thin},
        burst_{context.params.cascade.burst * context.params.liquidation.hawkes.mu},
        machine_{std::int64_t{context.params.cascade.latch_ms} * 1'000'000,
                 std::int64_t{context.params.cascade.hold_ms} * 1'000'000} {}

  void advance(TimestampNs from, TimestampNs to) noexcept {
    const DecayStep step = kernel_.step(from, to);
    for (EwStat& depth : depths_) depth.pass(step);
    moved_ = true;
  }

  void update(const MarketEvent& event, ValueRow row) noexcept {
    for (std::uint32_t side = 0; side < kSides; ++side) {
      const double depth = row[reads_[side]];
      if (!moved_ && depth == depths_[side].held()) continue;
      depths_[side].hold(depth);
      row[own_[side]] = thinness(depths_[side]);
    }
    moved_ = false;

    const double regime = row[reads_[kRegime]];
    const double flow = row[reads_[kForcedFlow]];
    const double buying = row[reads_[kBuying]];
    const double selling = row[reads_[kSelling]];
    const CascadeConditions down{regime == -2.0, row[own_[kBids]] <= thin_,
                                 selling >= burst_ && flow < 0.0};
    const CascadeConditions up{regime == 2.0, row[own_[kAsks]] <= thin_,
                               buying >= burst_ && flow > 0.0};
    const int alert = machine_.step(event.now, down, up, selling, buying);
    const Shown shows{machine_.level(), machine_.direction(), alert};
    if (shows == shown_) return;
    shown_ = shows;
    row[own_[kSides]] = shows.level;
    row[own_[kSides + 1]] = shows.direction;
    row[own_[kSides + 2]] = shows.alert;
  }

 private:
  enum : std::uint32_t { kBids, kAsks, kSides, kRegime = kSides, kForcedFlow, kBuying, kSelling };

  struct Shown {
    int level = -1;  // nothing yet
    int direction = 0;
    int alert = 0;
    bool operator==(const Shown&) const = default;
  };

  [[nodiscard]] double thinness(const EwStat& depth) const noexcept {
    const bool warm = depth.active_ns() >= warm_ns_ && depth.mean() > 0.0;
    return warm ? depth.held() / depth.mean() : kUndefined;
  }

  const std::uint16_t* own_;
  const std::uint16_t* reads_;
  DecayKernel kernel_;
  std::int64_t warm_ns_;
  double thin_;
  double burst_;  // 1/s
  std::array<EwStat, kSides> depths_{};
  bool moved_ = true;  // time has passed since the row was written
  CascadeMachine machine_;
  Shown shown_;
};

}  // namespace steelyard
