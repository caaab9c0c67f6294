// tests/support/naive_depth_cost.hpp -- slope and cost of S11, from the specification alone.
#pragma once

#include <optional>
#include <vector>

#include "support/naive_bars.hpp"

namespace steelyard {

// In quote and base units.
struct NaiveLevel {
  NaiveReal price, size, notional;
};

// Best first; the whole sides.
void write_depth_cost(const std::vector<NaiveLevel>& bids, const std::vector<NaiveLevel>& asks,
                      std::optional<NaiveReal> mid, const SignalParams& params, NaiveRow& row);

}  // namespace steelyard
