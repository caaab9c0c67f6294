// src/signals/depth_cost.hpp -- S11: how fast size grows with distance, and what a market order
// costs.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "signals/mid_and_spread.hpp"
#include "signals/order_ends.hpp"

namespace steelyard {

// Naes & Skjeltorp 2006, Deuskar & Johnson 2011 (slope), Irvine, Benston & Kandel 2000 (cost of a
// round trip). What is added up does not depend on the mid: sums are made anew only where levels
// within them changed; when the mid moves, a division is.
template <typename Units>
class DepthCost {
 public:
  static constexpr const char* kName = "depth_cost";
  static constexpr Tier kTier = 2;
  static constexpr const char* kSource = "Irvine, Benston & Kandel 2000";
  static constexpr const char* kCaveat =
      "Counts what is displayed: hidden size is not there, and what is there may be gone before "
      "an order arrives. Undefined where the venue shows too few levels to fill it.";

  static void columns(const SignalParams& params, ColumnList& list) {
    constexpr std::uint32_t kOrder = column_order::kSlopeAndCost;
    list.push_back({"slope_bid", "base/bps",
                    "Bid size per bps of distance to the mid: least squares over the best 20 "
                    "levels.",
                    kOrder, 0.0, kNoHigh, kTierOfSignal, "Næs & Skjeltorp 2006"});
    list.push_back({"slope_ask", "base/bps", "The same of asks.", kOrder + 1, 0.0, kNoHigh,
                    kTierOfSignal, "Næs & Skjeltorp 2006"});
    std::uint32_t order = kOrder + 2;
    for (const std::uint32_t quote : params.cost_notionals) {
      const std::string text = std::to_string(quote);
      list.push_back(
          {"cost_buy_" + text, "bps",
           "What buying for " + text + " quote units at once costs, relative to the mid.", order});
      list.push_back({"cost_sell_" + text, "bps", "The same of selling for so much.", order + 1});
      order += 2;
    }
  }

  explicit DepthCost(const SignalContext& context)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        orders_{context.params, context.instrument.scale},
        bids_{units_, orders_.known()},
        asks_{units_, orders_.known()} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    if (!touches_book(event)) return;
    if (event.kind == EventKind::Delta) {
      // Also while crossed or one-sided: the ends wait where they were.
      for (const LevelChange& change : event.changes) {
        change.side == Side::Bid ? bids_.ends.apply(change) : asks_.ends.apply(change);
      }
    } else {
      bids_.ends.forget();
      asks_.ends.forget();
    }
    const bool bids_moved = event.bids_differ_from < kTopLevels;
    const bool asks_moved = event.asks_differ_from < kTopLevels;
    if (bids_moved) sum<Side::Bid>(event.bids, bids_.top);
    if (asks_moved) sum<Side::Ask>(event.asks, asks_.top);
    if (!has_mid(event.status)) {
      for (std::uint32_t i = 0; defined_ && i < 2 + 2 * orders_.count; ++i) {
        row[own_[i]] = kUndefined;
      }
      defined_ = false;
      return;
    }
    const std::int64_t bid = event.bids[0].price.raw();
    const std::int64_t ask = event.asks[0].price.raw();
    const Int128 mid2 = Int128{bid} + ask;
    // Around the same mid, another spread is two other bests: both slopes are made anew.
    const bool moved = !defined_ || mid2 != mid2_;
    defined_ = true;
    mid2_ = mid2;
    spread_ = nearest_double(Int128{ask} - bid);
    const bool bids_settled = bids_.ends.settle(*event.book);
    const bool asks_settled = asks_.ends.settle(*event.book);
    if (moved || bids_moved) row[own_[0]] = slope(bids_.top);
    if (moved || asks_moved) row[own_[1]] = slope(asks_.top);
    for (std::uint32_t i = 0; i < orders_.count; ++i) {
      if (moved || asks_settled) row[own_[2 + 2 * i]] = cost(i, asks_.ends[i], 1e4);
      if (moved || bids_settled) row[own_[3 + 2 * i]] = cost(i, bids_.ends[i], -1e4);
    }
  }

 private:
  static constexpr std::size_t kMaxOrders = OrderEnds<Units, Side::Bid>::kMaxOrders;
  static constexpr Int128 kMostNotional = OrderEnds<Units, Side::Bid>::kMostNotional;

  // The orders, in quote units and as the integers that notionals must reach.
  struct Orders {
    std::uint32_t count;
    std::uint32_t known_count = 0;  // the first so many have such an integer: others are undefined
    std::array<double, kMaxOrders> quote{};
    std::array<Int128, kMaxOrders> notional{};

    Orders(const SignalParams& params, const Scale& scale) noexcept
        : count{static_cast<std::uint32_t>(params.cost_notionals.size())} {
      for (std::uint32_t i = 0; i < count; ++i) {
        quote[i] = params.cost_notionals[i];
        notional[i] = notional_of(params.cost_notionals[i], scale);
        if (notional[i] != 0) known_count = i + 1;
      }
    }
    [[nodiscard]] std::span<const Int128> known() const noexcept {
      return {notional.data(), known_count};
    }
  };

  // 0: too large for these units.
  [[nodiscard]] static Int128 notional_of(std::uint32_t quote, const Scale& scale) noexcept {
    if constexpr (Units::kNotionalByPrice) {
      Int128 notional = quote;
      for (int e = scale.price_exponent + scale.qty_exponent; e < 0; ++e) {
        if (notional > kMostNotional / 10) return 0;
        notional *= 10;
      }
      return notional;
    } else {
      const double contracts =
          quote / scale.contract_size * static_cast<double>(kPowersOfTen[-scale.qty_exponent]);
      return contracts < 0x1p125 ? static_cast<Int128>(std::ceil(contracts)) : 0;
    }
  }

  // Sums over the best twenty levels of a side. Distances are from the best, in price mantissas.
  struct Top {
    double levels = 0.0;
    double distances = 0.0;
    double squares = 0.0;            // of distances
    double sizes = 0.0;              // of cumulative sizes
    double sizes_by_distance = 0.0;  // of cumulative size times distance
  };
  template <Side kSide>
  struct Half {
    Half(const Units& units, std::span<const Int128> notionals) noexcept : ends{units, notionals} {}
    Top top;
    OrderEnds<Units, kSide> ends;
  };

  template <Side kSide>
  void sum(std::span<const Level> side, Top& top) const noexcept {
    top = {};
    top.levels = static_cast<double>(side.size());
    const std::uint64_t best = side.empty() ? 0 : static_cast<std::uint64_t>(side[0].price.raw());
    double cumulative = 0.0;
    for (const Level& level : side) {
      // Never negative, and at most 64 bits however far apart.
      const auto price = static_cast<std::uint64_t>(level.price.raw());
      const auto distance = static_cast<double>(kSide == Side::Bid ? best - price : price - best);
      cumulative += nearest_double(units_.size(level));
      top.distances += distance;
      top.squares += distance * distance;
      top.sizes += cumulative;
      top.sizes_by_distance += cumulative * distance;
    }
  }

  // Sum of Q d by sum of d^2, with d = 1e4 (2 distance + spread) / (2 mid): every term is positive.
  [[nodiscard]] double slope(const Top& top) const noexcept {
    const double by_distance = 2.0 * top.sizes_by_distance + spread_ * top.sizes;
    const double squares =
        4.0 * top.squares + spread_ * (4.0 * top.distances + spread_ * top.levels);
    if (squares == 0.0 || mid2_ <= 0) return kUndefined;
    return units_.base(by_distance / squares * (nearest_double(mid2_) * 1e-4));
  }

  // `sign`: 1e4 of a purchase, -1e4 of a sale.
  template <typename End>
  [[nodiscard]] double cost(std::uint32_t order, const End& end, double sign) const noexcept {
    if (order >= orders_.known_count || !end.found() || mid2_ <= 0) return kUndefined;
    const double mid2 = nearest_double(mid2_);
    const auto price = static_cast<double>(end.last.raw());
    if constexpr (Units::kNotionalByPrice) {
      // (Q - m base) / (m base), with the difference added up level by level, so that nothing
      // cancels: of whole levels exactly, and of the one that is filled in part.
      const double rest = nearest_double(orders_.notional[order] - end.notional);
      const double beyond = nearest_double(Int128{end.last.raw()} * 2 - mid2_);
      const double base = nearest_double(end.size) + rest / price;
      const double apart = beyond_mid(end) + rest * (beyond / price);
      return sign * apart / (mid2 * base);
    } else {
      const double rest = orders_.quote[order] - units_.quote(end.notional);
      const double base = units_.base(end.size) + rest / units_.price(Int128{end.last.raw()});
      return sign * (orders_.quote[order] / (0.5 * units_.price(mid2_) * base) - 1.0);
    }
  }

  // Sum of (2 p - 2 m) q over the levels before the last.
  template <typename End>
  [[nodiscard]] double beyond_mid(const End& end) const noexcept {
    const double at_mid = nearest_double(mid2_) * nearest_double(end.size);
    if (at_mid < 0x1p126) return nearest_double(2 * end.notional - mid2_ * end.size);
    return 2.0 * nearest_double(end.notional) - at_mid;
  }

  Units units_;
  const std::uint16_t* own_;
  Orders orders_;
  bool defined_ = false;  // the row says what mid2_ does
  Int128 mid2_ = 0;
  double spread_ = 0.0;
  Half<Side::Bid> bids_;
  Half<Side::Ask> asks_;
};

}  // namespace steelyard
