#include "support/naive_depth_cost.hpp"

#include <cmath>

namespace steelyard {
namespace {

std::optional<NaiveReal> slope_of(const std::vector<NaiveLevel>& side, NaiveReal mid) {
  NaiveReal cumulative = 0, products = 0, squares = 0;
  for (std::size_t i = 0; i < side.size() && i < 20; ++i) {
    const NaiveReal d = 10'000 * fabsl(side[i].price - mid) / mid;
    cumulative += side[i].size;
    products += cumulative * d;
    squares += d * d;
  }
  if (squares == 0) return {};
  return products / squares;
}

// What is bought or sold for so much.
std::optional<NaiveReal> vwap_of(const std::vector<NaiveLevel>& side, NaiveReal quote) {
  NaiveReal left = quote, filled = 0;
  for (const NaiveLevel& level : side) {
    if (level.notional >= left) return quote / (filled + left / level.price);
    left -= level.notional;
    filled += level.size;
  }
  return {};
}

}  // namespace

void write_depth_cost(const std::vector<NaiveLevel>& bids, const std::vector<NaiveLevel>& asks,
                      std::optional<NaiveReal> mid, const SignalParams& params, NaiveRow& row) {
  row["slope_bid"] = or_nan(mid ? slope_of(bids, *mid) : std::nullopt);
  row["slope_ask"] = or_nan(mid ? slope_of(asks, *mid) : std::nullopt);
  for (const std::uint32_t quote : params.cost_notionals) {
    std::optional<NaiveReal> buy, sell;
    if (const auto vwap = vwap_of(asks, quote); vwap && mid) buy = 10'000 * (*vwap / *mid - 1);
    if (const auto vwap = vwap_of(bids, quote); vwap && mid) sell = 10'000 * (1 - *vwap / *mid);
    row["cost_buy_" + std::to_string(quote)] = or_nan(buy);
    row["cost_sell_" + std::to_string(quote)] = or_nan(sell);
  }
}

}  // namespace steelyard
