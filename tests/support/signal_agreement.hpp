// tests/support/signal_agreement.hpp -- how nearly a column must be what the naive reference says:
// the equality classes of C9.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "core/instrument.hpp"
#include "signals/column.hpp"

namespace steelyard {

// R for what is exact but for the last division, F for decay and inverse contracts.
[[nodiscard]] inline bool agrees(ContractKind kind, const Column& of, double is, double should) {
  if (std::isnan(is) || std::isnan(should)) return std::isnan(is) && std::isnan(should);
  static const std::set<std::string> kRecursive{
      "ofi_ew",   "wdi_dist",     "wdi_rank", "z_book",   "z_ofi",     "z_tfi",    "ois",
      "liq_flow", "liq_pressure", "haw_buy",  "haw_sell", "haw_ratio", "thin_bid", "thin_ask"};
  const bool of_bars =
      of.order >= column_order::kTrueRange && of.order < column_order::kLiquidation;
  const bool recursive =
      of_bars || of.order >= column_order::kCrossVenue || kRecursive.contains(of.name);
  const double tolerance = kind == ContractKind::Inverse || recursive ? 1e-9 : 1e-12;
  return std::abs(is - should) <= tolerance * std::max(1.0, std::abs(should));
}

// G: what is decided by a value within 1e-9 of its threshold may be decided either way.
[[nodiscard]] inline bool may_flip(const std::string& column,
                                   const std::map<std::string, double>& row) {
  const auto near = [&row](const char* name, double threshold) {
    return std::abs(std::abs(row.at(name)) - threshold) <= 1e-9 * std::max(1.0, threshold);
  };
  if (column == "resil_half_s") return near("resil_kappa", 0.0) || near("resil_kappa", 1.0);
  if (column == "mom_tag") return near("vr_z", 1.0) || near("fwd_tstat", 2.0);
  return false;
}

}  // namespace steelyard
