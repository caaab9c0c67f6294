// src/signals/column.hpp -- a column of the published row, as the segment's directory describes it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace steelyard {

// Where a column stands: the section of the specification's column list (signals.md G) it belongs
// to. Within a section, columns follow in the order of `place`. Spaced, so that later signals fit
// between.
namespace column_order {
inline constexpr std::uint32_t kMid = 100;
inline constexpr std::uint32_t kSpread = 200;
inline constexpr std::uint32_t kQueue = 300;
inline constexpr std::uint32_t kDepth = 400;
inline constexpr std::uint32_t kWeightedDepth = 500;
inline constexpr std::uint32_t kBands = 600;
inline constexpr std::uint32_t kWeightedMid = 700;
inline constexpr std::uint32_t kBandDepth = 800;
inline constexpr std::uint32_t kSlopeAndCost = 900;
inline constexpr std::uint32_t kFlow = 1000;
inline constexpr std::uint32_t kLevelFlow = 1100;
inline constexpr std::uint32_t kFlowWindows = 1200;
inline constexpr std::uint32_t kLevelFlowWindow = 1300;
inline constexpr std::uint32_t kFlowDecayed = 1400;
inline constexpr std::uint32_t kTradeFlow = 1500;
inline constexpr std::uint32_t kVpin = 1600;
inline constexpr std::uint32_t kDeviation = 1700;  // z_book .. alert_seq
inline constexpr std::uint32_t kTimeWeighted = 1800;
inline constexpr std::uint32_t kTrueRange = 1900;
inline constexpr std::uint32_t kRegression = 2000;
inline constexpr std::uint32_t kIlliquidity = 2100;  // kyle_lambda .. resil_half_s
inline constexpr std::uint32_t kVolatility = 2200;
inline constexpr std::uint32_t kReversion = 2300;  // vr .. mom_tag
inline constexpr std::uint32_t kLiquidation = 2400;
inline constexpr std::uint32_t kCascade = 2500;  // haw_buy .. casc_alert
inline constexpr std::uint32_t kCrossVenue = 2600;
}  // namespace column_order

inline constexpr double kNoLow = -std::numeric_limits<double>::infinity();
inline constexpr double kNoHigh = std::numeric_limits<double>::infinity();

// How dear a column is (signals.md): 1 is always computed; 2, at every event too, and 3, by bars,
// can be switched off.
using Tier = std::uint8_t;
inline constexpr Tier kTierOfSignal = 0;  // of a column: the signal's own

struct Column {
  std::string name;
  std::string unit;         // base, quote, price, bps, bps/M, base/bps, ratio, count, flag, s, 1/s
  std::string description;  // one sentence for users
  std::uint32_t order = 0;  // column_order::k... + place
  double low = kNoLow;
  double high = kNoHigh;
  Tier tier = kTierOfSignal;
  std::string source{};  // the paper; empty: the signal's
  std::string caveat{};  // when not to trust it, for users; empty: the signal's

  // As the segment's directory has it.
  [[nodiscard]] std::string sourced_description() const {
    return source.empty() ? description : description + " " + source + ".";
  }
};

// What a signal declares, in its own order; the directory sorts by `order`.
using ColumnList = std::vector<Column>;

}  // namespace steelyard
