// src/signals/price_band.hpp -- S3: imbalance and depth within bands around the mid.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "signals/band_changes.hpp"
#include "signals/mid_and_spread.hpp"

namespace steelyard {

// The founding definition: volume of buy against sell orders within a defined price level. The
// edges are inclusive and exact: with X the band in 1e-8 and mid2 = bid + ask, a bid is inside iff
// 2e8 p >= mid2 (1e8 - X), which is to say mid2 - 2p <= floor(mid2 X / 1e8); an ask likewise.
//
// Sums follow the book: a change adds its difference where it lies inside, and when the mid moves,
// only the levels between a band's old edge and its new one are walked.
template <typename Units>
class PriceBand {
 public:
  static constexpr const char* kName = "price_band";
  static constexpr Hears kHears = Hears::Books;
  static constexpr const char* kSource = "Greeks.live 2026";
  static constexpr const char* kCaveat =
      "A band that reaches beyond what the venue's channel covers holds less than the "
      "market does: the record is kShallow. Undefined where the spread is wider than the "
      "band.";

  static void columns(const SignalParams& params, ColumnList& list) {
    std::uint32_t place = 0;
    for (const double band : params.bands_bps) {
      list.push_back(
          {"pbi_" + band_text(band) + "bp", "ratio",
           "Imbalance of the sizes within " + band_text(band) + " bps of the mid: order imbalance.",
           column_order::kBands + place, -1.0, 1.0});
      ++place;
    }
    place = 0;
    for (const double band : params.bands_bps) {
      const std::string suffix = "_" + band_text(band) + "bp";
      const std::string within = " within " + band_text(band) + " bps of the mid.";
      const std::uint32_t order = column_order::kBandDepth + 4 * place++;
      list.push_back({"bidq" + suffix, "base", "Bid size" + within, order, 0.0});
      list.push_back({"askq" + suffix, "base", "Ask size" + within, order + 1, 0.0});
      list.push_back({"bidn" + suffix, "quote", "Bid notional" + within, order + 2, 0.0});
      list.push_back({"askn" + suffix, "quote", "Ask notional" + within, order + 3, 0.0});
    }
  }

  explicit PriceBand(const SignalContext& context)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        count_{static_cast<std::uint32_t>(context.params.bands_bps.size())},
        changes_{units_, count_},
        member_{&context.member} {
    for (std::uint32_t i = 0; i < count_; ++i) {
      width_[i] = std::llround(context.params.bands_bps[i] * 1e4);
      if (context.params.bands_bps[i] == context.params.main_band_bps) main_ = i;
    }
    narrow_mid2_ = kHighest / std::max(width_[count_ - 1], std::int64_t{4});
  }

  void update(const MarketEvent& event, ValueRow row) noexcept {
    book_ = event.book;
    if (event.kind != EventKind::Delta) {
      follows_ = group_follows_ = false;
    } else {
      // Also while crossed or one-sided: the edges wait where they were.
      if (follows_) add(event.changes);
      if (group_follows_) add_to_group(event.changes);
    }
    if (!has_mid(event.status)) {
      if (defined_) std::for_each_n(own_, 5 * count_, [row](auto at) { row[at] = kUndefined; });
      defined_ = false;
      return;
    }
    place_edges(Int128{event.bids[0].price.raw()} + event.asks[0].price.raw(), *event.book);
    if (!defined_) bids_changed_ = asks_changed_ = all_bands();
    if (std::uint32_t changed = bids_changed_ | asks_changed_; changed != 0) {
      bids_changed_ |= changed & near_wrap_;
      asks_changed_ |= changed & near_wrap_;
      for (; changed != 0; changed &= changed - 1) {
        write(static_cast<std::uint32_t>(std::countr_zero(changed)), row);
      }
      bids_changed_ = asks_changed_ = 0;
    }
    defined_ = true;
  }

  // The sizes that S16 sums up over venues.
  void tell(const GroupBand& asked, GroupBook& book) noexcept {
    if (!defined_) return;
    book.best_bid = units_.base(units_.size(member_->bid()));
    book.best_ask = units_.base(units_.size(member_->ask()));
    const Band& own = bands_[main_];
    book.own_bid = units_.base(own.bid.size);
    book.own_ask = units_.base(own.ask.size);
    const std::int64_t low = asked.low_at(units_.price_exponent());
    const std::int64_t high = asked.high_at(units_.price_exponent());
    const bool is_own = low == own.low && high == own.high;
    if (!is_own) place_group_band(low, high);
    const Band& band = is_own ? own : group_;
    book.band_bid = units_.base(band.bid.size);
    book.band_ask = units_.base(band.ask.size);
  }

 private:
  static constexpr std::uint32_t kMaxBands = BandChanges<Units>::kMaxBands;
  static constexpr std::size_t kFew = 8;  // changes that are not worth sorting
  static constexpr std::int64_t kOne = 100'000'000;
  static constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

  using Depth = BandDepth;
  struct Band {
    std::int64_t low = kHighest;  // the lowest bid inside, and the highest ask
    std::int64_t high = kLowest;
    Depth bid;
    Depth ask;
  };

  void count(Depth& depth, Price price, Qty qty) const noexcept {
    depth.size += units_.size(price, qty);
    depth.notional += static_cast<UInt128>(units_.notional(price, qty));
  }
  void discount(Depth& depth, Price price, Qty qty) const noexcept {
    depth.size -= units_.size(price, qty);
    depth.notional -= static_cast<UInt128>(units_.notional(price, qty));
  }

  void add(std::span<const LevelChange> changes) noexcept {
    if (changes.size() <= kFew) {
      for (const LevelChange& change : changes) add(change);
      return;
    }
    changes_.for_each_band(changes, [this](auto i, const Depth& bids, const Depth& asks) {
      bands_[i].bid += bids;
      bands_[i].ask += asks;
      bids_changed_ |= std::uint32_t{bids.any()} << i;
      asks_changed_ |= std::uint32_t{asks.any()} << i;
    });
  }
  void add(const LevelChange& change) noexcept {
    const std::uint32_t narrowest = changes_.narrowest(change);
    if (narrowest == count_) return;
    Depth more;
    changes_.count(more, change);
    const std::uint32_t changed = all_bands() >> narrowest << narrowest;
    Band* const end = bands_.data() + count_;
    Band* band = bands_.data() + narrowest;
    if (change.side == Side::Bid) {
      bids_changed_ |= changed;
      for (; band != end; ++band) band->bid += more;
    } else {
      asks_changed_ |= changed;
      for (; band != end; ++band) band->ask += more;
    }
  }
  [[nodiscard]] std::uint32_t all_bands() const noexcept { return (1U << count_) - 1; }

  // floor(mid2 X / 1e8), in 64 bits where that holds it.
  [[nodiscard]] static Int128 reach_of(Int128 mid2, std::int64_t width) noexcept {
    const Int128 product = mid2 * width;
    if (product >= 0 && product <= kHighest) return static_cast<std::int64_t>(product) / kOne;
    const Int128 quotient = product / kOne;
    return quotient * kOne > product ? quotient - 1 : quotient;
  }

  [[nodiscard]] static std::int64_t clamped(Int128 price) noexcept {
    return static_cast<std::int64_t>(
        std::clamp(price, static_cast<Int128>(kLowest), static_cast<Int128>(kHighest)));
  }

  // The band of the last query is followed like one of our own, from the first query on.
  void place_group_band(std::int64_t low, std::int64_t high) noexcept {
    const auto apart = [](std::int64_t a, std::int64_t b) noexcept {
      return a > b ? Int128{a} - b : Int128{b} - a;
    };
    // Far jumps leave more levels between the edges than there are inside.
    const Int128 width = apart(low, high) / 2;
    const bool far = apart(low, group_.low) > width || apart(high, group_.high) > width;
    if (group_follows_ && !far) {
      if (low != group_.low) (void)move_low(group_, low, *book_);
      if (high != group_.high) (void)move_high(group_, high, *book_);
      return;
    }
    group_ = Band{};
    group_.low = low;
    group_.high = high;
    group_follows_ = true;
    book_->walk(Side::Bid, [&](Level level) noexcept {
      if (level.price.raw() < low) return false;
      count(group_.bid, level.price, level.qty);
      return true;
    });
    book_->walk(Side::Ask, [&](Level level) noexcept {
      if (level.price.raw() > high) return false;
      count(group_.ask, level.price, level.qty);
      return true;
    });
  }

  void add_to_group(std::span<const LevelChange> changes) noexcept {
    for (const LevelChange& change : changes) {
      const bool is_bid = change.side == Side::Bid;
      const std::int64_t price = change.price.raw();
      if (is_bid ? price < group_.low : price > group_.high) continue;
      changes_.count(is_bid ? group_.bid : group_.ask, change);
    }
  }

  void place_edges(Int128 mid2, const OrderBook& book) noexcept {
    if (follows_ && mid2 == mid2_) return;
    // Far jumps leave more levels between the edges than there are inside.
    const Int128 jump = mid2 > mid2_ ? mid2 - mid2_ : mid2_ - mid2;
    const bool rescan = !follows_ || jump > reach_of(mid2, width_[0]);
    const bool narrow = mid2 >= 0 && mid2 <= narrow_mid2_;
    mid2_ = mid2;
    mid2_as_double_ = nearest_double(mid2);
    follows_ = true;
    for (std::uint32_t i = 0; i < count_; ++i) {
      // Shifts round down: the lowest bid is the ceiling of (mid2 - reach) / 2.
      std::int64_t low = 0;
      std::int64_t high = 0;
      if (narrow) {
        const auto twice = static_cast<std::int64_t>(mid2);
        const std::int64_t reach = twice * width_[i] / kOne;
        low = (twice - reach + 1) >> 1;
        high = (twice + reach) >> 1;
      } else {
        const Int128 reach = reach_of(mid2, width_[i]);
        low = clamped((mid2 - reach + 1) >> 1);
        high = clamped((mid2 + reach) >> 1);
      }
      if (rescan) {
        bands_[i].low = low;
        bands_[i].high = high;
      } else {
        Band& band = bands_[i];
        if (low != band.low) bids_changed_ |= std::uint32_t{move_low(band, low, book)} << i;
        if (high != band.high) asks_changed_ |= std::uint32_t{move_high(band, high, book)} << i;
      }
      changes_.place(i, low, high);
    }
    if (rescan) scan(book);
  }

  // Whether there was anything between.
  [[nodiscard]] bool move_low(Band& band, std::int64_t low, const OrderBook& book) noexcept {
    const bool wider = low < band.low;
    const std::int64_t last = std::min(low, band.low);
    const std::int64_t first = std::max(low, band.low) - 1;
    band.low = low;
    bool any = false;
    book.walk_from(Side::Bid, Price{first}, [&](Level level) noexcept {
      if (level.price.raw() < last) return false;
      wider ? count(band.bid, level.price, level.qty) : discount(band.bid, level.price, level.qty);
      any = true;
      return true;
    });
    return any;
  }

  // Whether there was anything between.
  [[nodiscard]] bool move_high(Band& band, std::int64_t high, const OrderBook& book) noexcept {
    const bool wider = high > band.high;
    const std::int64_t last = std::max(high, band.high);
    const std::int64_t first = std::min(high, band.high) + 1;
    band.high = high;
    bool any = false;
    book.walk_from(Side::Ask, Price{first}, [&](Level level) noexcept {
      if (level.price.raw() > last) return false;
      wider ? count(band.ask, level.price, level.qty) : discount(band.ask, level.price, level.qty);
      any = true;
      return true;
    });
    return any;
  }

  // Outward once a side; what a band holds is what the narrower one holds, and more.
  void scan(const OrderBook& book) noexcept {
    bids_changed_ = asks_changed_ = all_bands();
    Depth depth;
    std::uint32_t i = 0;
    book.walk(Side::Bid, [&](Level level) noexcept {
      while (i < count_ && level.price.raw() < bands_[i].low) bands_[i++].bid = depth;
      if (i == count_) return false;
      count(depth, level.price, level.qty);
      return true;
    });
    while (i < count_) bands_[i++].bid = depth;
    depth = {};
    i = 0;
    book.walk(Side::Ask, [&](Level level) noexcept {
      while (i < count_ && level.price.raw() > bands_[i].high) bands_[i++].ask = depth;
      if (i == count_) return false;
      count(depth, level.price, level.qty);
      return true;
    });
    while (i < count_) bands_[i++].ask = depth;
  }

  void write(std::uint32_t i, ValueRow row) noexcept {
    const Band& band = bands_[i];
    row[own_[i]] = imbalance(band.bid.size, band.ask.size);
    const std::uint16_t* const at = own_ + count_ + 4 * i;
    if ((bids_changed_ >> i & 1U) != 0) {
      const double bid = nearest_double(band.bid.size);
      row[at[0]] = units_.base(bid);
      row[at[2]] = quote(i, bid, band.bid);
    }
    if ((asks_changed_ >> i & 1U) != 0) {
      const double ask = nearest_double(band.ask.size);
      row[at[1]] = units_.base(ask);
      row[at[3]] = quote(i, ask, band.ask);
    }
  }

  // Nothing inside a band is priced above 1.5 mids: sizes bound the notional, and one that may have
  // wrapped is not known. While a band stands, the mid moves by less than its width: what is far
  // from wrapping stays so.
  [[nodiscard]] double quote([[maybe_unused]] std::uint32_t i, double size,
                             const Depth& depth) noexcept {
    if constexpr (Units::kNotionalByPrice) {
      const double bound = std::abs(size * mid2_as_double_);
      if (!(bound < 0x1p110)) [[unlikely]] {
        near_wrap_ |= 1U << i;
        if (!(bound < 0x1p126)) return kUndefined;
      }
    }
    return units_.quote(static_cast<Int128>(depth.notional));
  }

  Units units_;
  const std::uint16_t* own_;
  std::uint32_t count_;
  BandChanges<Units> changes_;
  bool follows_ = false;      // the bands hold what the book says, within their edges
  bool defined_ = false;      // ... and the row says it
  std::int64_t narrow_mid2_;  // up to which edges are computed in 64 bits
  Int128 mid2_ = 0;
  double mid2_as_double_ = 0.0;
  std::array<std::int64_t, kMaxBands> width_{};  // X, in 1e-8
  std::array<Band, kMaxBands> bands_{};
  // Bit by bit, what the row does not show yet.
  std::uint32_t bids_changed_ = 0;
  std::uint32_t asks_changed_ = 0;
  std::uint32_t near_wrap_ = 0;  // a notional came near to 128 bits: the mid has a say in it
  std::uint32_t main_ = 0;
  // For S16: the band around the mid of all venues.
  const GroupMember* member_;
  const OrderBook* book_ = nullptr;
  Band group_;
  bool group_follows_ = false;
};

}  // namespace steelyard
