// src/signals/cross_venue.hpp -- S16: one instrument's venues as one market.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/decimal.hpp"
#include "signals/group.hpp"
#include "signals/signal.hpp"

namespace steelyard {

// Best prices and sizes over all members of the group that are live, and their flow; prices of
// different exponents are compared as integers, sizes are summed up in base units. Whatever the
// event was, the other members are measured as of its time, or as of their own last event if that
// was later.
//
// Consolidation: Hasbrouck 1995 for why several venues are one market. Around the consolidated mid
// a basis between venues fills the band with one venue's bids and another's asks, so the imbalance
// to look at sums up each venue's band around its own mid.
template <typename Units>
class CrossVenue {
 public:
  static constexpr const char* kName = "cross_venue";
  static constexpr Tier kTier = 2;
  static constexpr const char* kSource = "Hasbrouck 1995";
  static constexpr const char* kCaveat =
      "Venues are compared as they reach this machine: one that is further away is older "
      "than it looks. With a basis between them, x_pbi fills with one venue's bids and "
      "another's asks: read x_pbi_own. x_agree over two or three venues is coarse.";

  static void columns(const SignalParams& params, ColumnList& list) {
    std::uint32_t order = column_order::kCrossVenue;
    list.push_back({"x_n", "count", "Venues of the group that are live.", order++, 0.0});
    list.push_back({"x_bid", "price", "Best bid of all live venues.", order++});
    list.push_back({"x_ask", "price", "Best ask of all live venues; may be below x_bid.", order++});
    list.push_back({"x_mid", "price", "Mean of x_bid and x_ask.", order++});
    list.push_back(
        {"x_spread_bps", "bps", "x_ask minus x_bid, relative to x_mid; may be negative.", order++});
    list.push_back({"x_qi", "ratio", "Imbalance of the sizes at x_bid and x_ask, over live venues.",
                    order++, -1.0, 1.0});
    list.push_back({"x_pbi", "ratio",
                    "Imbalance within the main band around x_mid, over live venues.", order++, -1.0,
                    1.0});
    list.push_back({"x_pbi_own", "ratio",
                    "Imbalance within each live venue's main band around its own mid, summed up.",
                    order++, -1.0, 1.0});
    list.push_back({"x_agree", "ratio",
                    "Share of live venues whose own band leans the way that x_pbi_own does.",
                    order++, 0.0, 1.0});
    const auto windows = [&](const char* name, const char* unit, const char* what, double low,
                             double high) {
      for (const std::uint32_t ms : params.flow_windows_ms) {
        const std::string text = std::to_string(ms);
        list.push_back(
            {name + text + "ms", unit, what + (" over " + text) + " ms.", order++, low, high});
      }
    };
    windows("x_ofi_", "base", "Order flow (ofi) of all live venues", kNoLow, kNoHigh);
    windows("x_tf_", "base", "Trade flow (tf) of all venues", kNoLow, kNoHigh);
    windows("x_tfi_", "ratio", "Trade flow by volume of all venues", -1.0, 1.0);
  }

  explicit CrossVenue(const SignalContext& context)
      : own_{context.own.data()},
        windows_{static_cast<std::uint32_t>(context.params.flow_windows_ms.size())},
        stale_ns_{std::int64_t{context.params.group_stale_ms} * 1'000'000},
        band_{std::llround(context.params.main_band_bps * 1e4)},
        group_{context.group},
        alone_{&context.member} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    const std::span<GroupMember* const> members =
        group_ != nullptr ? std::span<GroupMember* const>{group_->members}
                          : std::span<GroupMember* const>{&alone_, 1};
    std::uint32_t live = 0;
    for (const GroupMember* const member : members) live += member->is_live(event.now, stale_ns_);
    // Without a change, time can only take live members away.
    if (const std::uint64_t changes = alone_->changes(); changes != changes_ || live != live_) {
      changes_ = changes;
      live_ = live;
      write_books(members, event.now, row);
    }
    write_flow(members, event.now, row);
  }

 private:
  struct Sides {
    double bid = 0.0;
    double ask = 0.0;
  };
  // Best prices of live members in the finest exponent of all: 63 bits by at most 10^18 are less
  // than 123.
  struct Top {
    int exponent = 0;
    Int128 bid = 0;
    Int128 ask = 0;
  };

  [[nodiscard]] static Int128 scaled(Price price, const GroupMember& member,
                                     int exponent) noexcept {
    return Int128{price.raw()} * kPowersOfTen[member.price_exponent() - exponent];
  }

  [[nodiscard]] Top top_of(std::span<GroupMember* const> members, TimestampNs now) const noexcept {
    Top top;
    for (const GroupMember* const member : members) {
      top.exponent = std::min(top.exponent, member->price_exponent());
    }
    bool first = true;
    for (const GroupMember* const member : members) {
      if (!member->is_live(now, stale_ns_)) continue;
      const Int128 bid = scaled(member->bid().price, *member, top.exponent);
      const Int128 ask = scaled(member->ask().price, *member, top.exponent);
      top.bid = first ? bid : std::max(top.bid, bid);
      top.ask = first ? ask : std::min(top.ask, ask);
      first = false;
    }
    return top;
  }

  // Edges as in S3: with mid2 = bid + ask, a bid p is inside iff mid2 - 2p <= floor(mid2 X / 1e8).
  [[nodiscard]] GroupBand band_of(const Top& top) const noexcept {
    const Int128 mid2 = top.bid + top.ask;
    const Int128 reach = reach_of(mid2);
    return {(mid2 - reach + 1) >> 1, (mid2 + reach) >> 1, top.exponent};
  }
  // mid2 X may take more than 128 bits: whole parts and the rest apart. Mostly 64 bits will do.
  [[nodiscard]] Int128 reach_of(Int128 mid2) const noexcept {
    constexpr std::int64_t kOne = 100'000'000;
    const auto low = static_cast<std::int64_t>(mid2);
    const Int128 whole = low == mid2 ? Int128{low / kOne} : mid2 / kOne;
    const auto product = static_cast<std::int64_t>(mid2 - whole * kOne) * band_;  // < 1e8 * 5e7
    const std::int64_t part = product / kOne - (product % kOne < 0 ? 1 : 0);
    return whole * band_ + part;
  }

  void write_books(std::span<GroupMember* const> members, TimestampNs now, ValueRow row) noexcept {
    row[own_[0]] = live_;
    if (live_ == 0) {
      for (std::uint32_t i = 1; i <= 8; ++i) row[own_[i]] = kUndefined;
      return;
    }
    const Top top = top_of(members, now);
    const GroupBand asked = band_of(top);
    Sides best, band, own;
    // How many members' own bands lean to the asks, to neither, to the bids.
    std::array<std::uint32_t, 3> leaning{};
    for (const GroupMember* const member : members) {
      if (!member->is_live(now, stale_ns_)) continue;
      const GroupBook book = member->book(asked);
      if (scaled(member->bid().price, *member, top.exponent) == top.bid) best.bid += book.best_bid;
      if (scaled(member->ask().price, *member, top.exponent) == top.ask) best.ask += book.best_ask;
      band.bid += book.band_bid;
      band.ask += book.band_ask;
      own.bid += book.own_bid;
      own.ask += book.own_ask;
      if (book.own_bid + book.own_ask > 0.0) ++leaning[sign(book.own_bid - book.own_ask)];
    }
    const DecimalScale price{top.exponent};
    const double twice = nearest_double(top.bid + top.ask);
    row[own_[1]] = price.value(top.bid);
    row[own_[2]] = price.value(top.ask);
    row[own_[3]] = price.value(top.bid + top.ask) * 0.5;
    row[own_[4]] = 2e4 * nearest_double(top.ask - top.bid) / twice;
    row[own_[5]] = imbalance(best.bid, best.ask);
    row[own_[6]] = imbalance(band.bid, band.ask);
    row[own_[7]] = imbalance(own.bid, own.ask);
    row[own_[8]] =
        own.bid + own.ask == 0.0
            ? kUndefined
            : static_cast<double>(leaning[sign(own.bid - own.ask)]) / static_cast<double>(live_);
  }

  void write_flow(std::span<GroupMember* const> members, TimestampNs now,
                  ValueRow row) const noexcept {
    std::array<GroupFlow::Window, kMaxWindows> sum{};
    for (std::uint32_t w = 0; w < windows_; ++w) sum[w] = {0.0, 0.0, 0.0};
    for (const GroupMember* const member : members) {
      const GroupFlow flow = member->flow(now);
      const bool live = member->is_live(now, stale_ns_);
      for (std::uint32_t w = 0; w < windows_; ++w) {
        if (live) sum[w].order_flow += flow.windows[w].order_flow;
        sum[w].trade_flow += flow.windows[w].trade_flow;
        sum[w].trade_volume += flow.windows[w].trade_volume;
      }
    }
    const std::uint16_t* const at = own_ + 9;
    for (std::uint32_t w = 0; w < windows_; ++w) {
      row[at[w]] = sum[w].order_flow;
      row[at[windows_ + w]] = sum[w].trade_flow;
      row[at[2 * windows_ + w]] =
          sum[w].trade_volume == 0.0 ? kUndefined : sum[w].trade_flow / sum[w].trade_volume;
    }
  }

  static constexpr std::size_t kMaxWindows = std::tuple_size_v<decltype(GroupFlow::windows)>;
  static constexpr std::uint32_t kNever = 0xffff'ffffU;

  [[nodiscard]] static std::size_t sign(double value) noexcept {
    return value < 0.0 ? 0 : value > 0.0 ? 2 : 1;
  }

  const std::uint16_t* own_;
  std::uint32_t windows_;
  std::int64_t stale_ns_;
  std::int64_t band_;
  const Group* group_;
  GroupMember* alone_;  // the group of an instrument that is in none
  // What the row's book columns are of.
  std::uint64_t changes_ = 0;
  std::uint32_t live_ = kNever;
};

}  // namespace steelyard
