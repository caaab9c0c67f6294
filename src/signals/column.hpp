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
}  // namespace column_order

struct Column {
  std::string name;
  std::string unit;         // "base", "quote", "price", "bps", "ratio", "flag"
  std::string description;  // one sentence for users, with its source
  std::uint32_t order = 0;  // column_order::k... + place
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

// What a signal declares, in its own order; the directory sorts by `order`.
using ColumnList = std::vector<Column>;

}  // namespace steelyard
