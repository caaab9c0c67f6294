// src/signals/group.hpp -- what the signals of one instrument may know of the others of its group.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/decimal.hpp"
#include "core/int128.hpp"
#include "signals/market_event.hpp"
#include "signals/numerics.hpp"

namespace steelyard {

// What is asked of the members of a group: how they stand at a time, and what they hold within a
// band around the mid of them all.
struct GroupQuery {
  TimestampNs now;
  bool has_band = false;
  Int128 low = 0;          // the lowest bid within the band, and the highest ask,
  Int128 high = 0;         // in units of 10^price_exponent,
  int price_exponent = 0;  // than which no member's is finer

  // The same in a member's mantissas, exactly: up for bids, down for asks.
  [[nodiscard]] std::int64_t low_at(int exponent) const noexcept {
    return clamped(-divided(-low, kPowersOfTen[exponent - price_exponent]));
  }
  [[nodiscard]] std::int64_t high_at(int exponent) const noexcept {
    return clamped(divided(high, kPowersOfTen[exponent - price_exponent]));
  }

 private:
  [[nodiscard]] static Int128 divided(Int128 value, std::int64_t by) noexcept {
    if (by == 1) return value;
    const Int128 quotient = value / by;
    return quotient * by > value ? quotient - 1 : quotient;
  }
  [[nodiscard]] static std::int64_t clamped(Int128 price) noexcept {
    constexpr Int128 kLowest = std::numeric_limits<std::int64_t>::min();
    constexpr Int128 kHighest = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(price, kLowest, kHighest));
  }
};

// What one member answers, in base units. Each of its signals fills in what it knows; what none
// knows is undefined.
struct GroupShare {
  static constexpr std::uint32_t kMaxWindows = 8;
  using Windows = std::array<double, kMaxWindows>;  // in the order of flow_windows_ms

  // Of members with a mid.
  double best_bid = kUndefined;  // sizes
  double best_ask = kUndefined;
  double own_bid = kUndefined;  // within the main band around the member's own mid
  double own_ask = kUndefined;
  double band_bid = kUndefined;  // within the band of the query
  double band_ask = kUndefined;
  // As of the query's time.
  Windows order_flow = undefined();    // S5, sum of e
  Windows trade_flow = undefined();    // S7, bought less sold
  Windows trade_volume = undefined();  // ... and together

 private:
  [[nodiscard]] static constexpr Windows undefined() noexcept {
    Windows all{};
    all.fill(kUndefined);
    return all;
  }
};

// One instrument as the others of its group see it. Lies in the instrument's arena; read and
// written by its shard only, which all instruments of a group are on.
class GroupMember {
 public:
  // HOT. Every event of the instrument, before its signals see it.
  void follow(const MarketEvent& event) noexcept {
    status_ = event.status;
    if (event.kind == EventKind::Snapshot || event.kind == EventKind::Delta) hear(event.now);
    if (has_mid()) {
      bid_ = event.bids[0];
      ask_ = event.asks[0];
    }
  }
  // HOT. A book message came, whether or not it changed anything.
  void hear(TimestampNs now) noexcept { last_book_ = std::max(last_book_, now); }

  // There is a mid, and the last book message is no older than that.
  [[nodiscard]] bool is_live(TimestampNs now, std::int64_t stale_ns) const noexcept {
    return has_mid() && now.raw() - last_book_.raw() <= stale_ns;
  }

  // Best levels in the member's own mantissas; while there is a mid.
  [[nodiscard]] const Level& bid() const noexcept { return bid_; }
  [[nodiscard]] const Level& ask() const noexcept { return ask_; }
  [[nodiscard]] int price_exponent() const noexcept { return price_exponent_; }

  // HOT. What the member's signals tell.
  [[nodiscard]] GroupShare ask(const GroupQuery& query) const noexcept {
    GroupShare share;
    for (std::uint32_t i = 0; i < tellers_; ++i) teller_[i].tell(teller_[i].state, query, share);
    return share;
  }

  // At start, and again when exponents change.
  void set_price_exponent(int exponent) noexcept { price_exponent_ = exponent; }
  void add_teller(void* state,
                  void (*tell)(void*, const GroupQuery&, GroupShare&) noexcept) noexcept {
    assert(tellers_ < kMaxTellers);
    teller_[tellers_++] = {state, tell};
  }

  static constexpr std::uint32_t kMaxTellers = 8;

 private:
  struct Teller {
    void* state = nullptr;
    void (*tell)(void*, const GroupQuery&, GroupShare&) noexcept = nullptr;
  };

  [[nodiscard]] bool has_mid() const noexcept {
    return status_ == BookStatus::Ok || status_ == BookStatus::Locked;
  }

  BookStatus status_ = BookStatus::NoBook;
  Level bid_;
  Level ask_;
  TimestampNs last_book_;
  int price_exponent_ = 0;
  std::uint32_t tellers_ = 0;
  std::array<Teller, kMaxTellers> teller_{};
};

// Instruments that are looked at together, in the order of their ids. Complete before the first
// event.
struct Group {
  std::vector<GroupMember*> members;
};

}  // namespace steelyard
