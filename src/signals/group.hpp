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

// A band that members are asked what they hold within: edges in units of 10^price_exponent, than
// which no member's exponent is finer.
struct GroupBand {
  Int128 low = 0;   // the lowest bid inside
  Int128 high = 0;  // the highest ask inside
  int price_exponent = 0;

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
    // In 64 bits where those do, which is nearly always.
    const auto low = static_cast<std::int64_t>(value);
    const Int128 quotient = low == value ? Int128{low / by} : value / by;
    return quotient * by > value ? quotient - 1 : quotient;
  }
  [[nodiscard]] static std::int64_t clamped(Int128 price) noexcept {
    constexpr Int128 kLowest = std::numeric_limits<std::int64_t>::min();
    constexpr Int128 kHighest = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(price, kLowest, kHighest));
  }
};

// What a member with a mid holds, in base units. Each of its signals fills in what it knows.
struct GroupBook {
  double best_bid = kUndefined;
  double best_ask = kUndefined;
  double own_bid = kUndefined;  // within the main band around the member's own mid
  double own_ask = kUndefined;
  double band_bid = kUndefined;  // within the band that was asked for
  double band_ask = kUndefined;
};

// What came and went of a member within each of flow_windows_ms, as of the time that was asked for,
// in base units.
struct GroupFlow {
  struct Window {
    double order_flow = kUndefined;    // S5, sum of e
    double trade_flow = kUndefined;    // S7, bought less sold
    double trade_volume = kUndefined;  // ... and together
  };
  std::array<Window, 8> windows{};
};

class GroupMember;

// Instruments that are looked at together, in the order of their ids. Complete before the first
// event.
struct Group {
  std::vector<GroupMember*> members;
  std::uint64_t changes = 0;  // of any member's book, or signs of life of it
};

// One instrument as the others of its group see it. Lies in the instrument's arena; read and
// written by its shard only, which all instruments of a group are on.
class GroupMember {
 public:
  // At start, and again when exponents change. Without a group the member is alone.
  void start(int price_exponent, Group* group) noexcept {
    price_exponent_ = price_exponent;
    group_ = group;
  }

  // HOT. Every event of the instrument, before its signals see it.
  void follow(const MarketEvent& event) noexcept {
    if (event.kind == EventKind::Snapshot || event.kind == EventKind::Delta) hear(event.now);
    if (event.status != status_) count_change();
    status_ = event.status;
    if (has_mid()) {
      bid_ = event.bids[0];
      ask_ = event.asks[0];
    }
  }
  // HOT. A book message came, whether or not it changed anything.
  void hear(TimestampNs now) noexcept {
    last_book_ = std::max(last_book_, now);
    count_change();
  }

  // Moves on with every change of a member of the group.
  [[nodiscard]] std::uint64_t changes() const noexcept {
    return group_ != nullptr ? group_->changes : changes_;
  }

  // There is a mid, and the last book message is no older than that.
  [[nodiscard]] bool is_live(TimestampNs now, std::int64_t stale_ns) const noexcept {
    return has_mid() && now.raw() - last_book_.raw() <= stale_ns;
  }

  // Best levels in the member's own mantissas; while there is a mid.
  [[nodiscard]] const Level& bid() const noexcept { return bid_; }
  [[nodiscard]] const Level& ask() const noexcept { return ask_; }
  [[nodiscard]] int price_exponent() const noexcept { return price_exponent_; }

  // HOT. What the member's signals tell.
  [[nodiscard]] GroupBook book(const GroupBand& band) const noexcept {
    GroupBook book;
    for (std::uint32_t i = 0; i < tellers_; ++i) {
      if (teller_[i].book != nullptr) teller_[i].book(teller_[i].state, band, book);
    }
    return book;
  }
  [[nodiscard]] GroupFlow flow(TimestampNs now) const noexcept {
    GroupFlow flow;
    for (std::uint32_t i = 0; i < tellers_; ++i) {
      if (teller_[i].flow != nullptr) teller_[i].flow(teller_[i].state, now, flow);
    }
    return flow;
  }

  struct Teller {
    void* state = nullptr;
    void (*book)(void*, const GroupBand&, GroupBook&) noexcept = nullptr;
    void (*flow)(void*, TimestampNs, GroupFlow&) noexcept = nullptr;
  };
  void add(const Teller& teller) noexcept {
    if (teller.book == nullptr && teller.flow == nullptr) return;
    assert(tellers_ < kMaxTellers);
    teller_[tellers_++] = teller;
  }

  static constexpr std::uint32_t kMaxTellers = 8;

 private:
  [[nodiscard]] bool has_mid() const noexcept {
    return status_ == BookStatus::Ok || status_ == BookStatus::Locked;
  }
  void count_change() noexcept { ++(group_ != nullptr ? group_->changes : changes_); }

  BookStatus status_ = BookStatus::NoBook;
  Level bid_;
  Level ask_;
  TimestampNs last_book_;
  int price_exponent_ = 0;
  std::uint32_t tellers_ = 0;
  std::array<Teller, kMaxTellers> teller_{};
  Group* group_ = nullptr;
  std::uint64_t changes_ = 0;  // while alone
};

}  // namespace steelyard
