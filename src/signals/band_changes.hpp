// src/signals/band_changes.hpp -- what a message changed, by the narrowest band that holds it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "core/int128.hpp"
#include "signals/market_event.hpp"

namespace steelyard {

// What stands on one side within a band, in the integers of its units. Notionals wrap where 128
// bits do not do.
struct BandDepth {
  Int128 size = 0;
  UInt128 notional = 0;

  template <typename Other>
  void operator+=(const Other& other) noexcept {
    size += other.size;
    notional += static_cast<UInt128>(other.notional);
  }
  [[nodiscard]] bool any() const noexcept { return size != 0 || notional != 0; }
};

// Sorts the changes of one message by side and band. Bands are nested: band i holds what band i - 1
// holds, and more.
template <typename Units>
class BandChanges {
 public:
  static constexpr std::uint32_t kMaxBands = 8;

  BandChanges(const Units& units, std::uint32_t bands) noexcept : units_{units}, bands_{bands} {
    for (Edges& side : edges_) side.fill(kNoEdge);
  }

  // The lowest bid and the highest ask that a band holds from here on.
  void place(std::uint32_t band, std::int64_t low, std::int64_t high) noexcept {
    edges_[kBids][band] = outward(low, kTurns[kBids]);
    edges_[kAsks][band] = outward(high, kTurns[kAsks]);
  }

  // HOT. The narrowest band that holds a change; as many as there are bands if none does.
  [[nodiscard]] std::uint32_t narrowest(const LevelChange& change) const noexcept {
    const std::uint32_t is = change.side == Side::Bid ? kBids : kAsks;
    return beyond(edges_[is], outward(change.price.raw(), kTurns[is]));
  }

  // HOT. act(band, bids, asks) for every band in which something changed, with what changed there.
  template <typename Act>
  void for_each_band(std::span<const LevelChange> changes, Act act) noexcept {
    if constexpr (Units::kNotionalByPrice) {
      // Nearly always 64 bits do; where they do not, all is counted anew with 128.
      Sums<Narrow> narrow{};
      if (sort(changes, narrow)) return tell(narrow, act);
    }
    Sums<BandDepth> wide{};
    (void)sort(changes, wide);
    tell(wide, act);
  }

  // HOT. One change, whichever bands hold it.
  void count(BandDepth& depth, const LevelChange& change) const noexcept {
    std::int64_t more = 0;
    if (Units::kNotionalByPrice &&
        !__builtin_sub_overflow(change.after.raw(), change.before.raw(), &more)) {
      // Products of integers are linear: the difference is one product.
      depth.size += more;
      depth.notional += static_cast<UInt128>(Int128{change.price.raw()} * more);
      return;
    }
    depth.size +=
        units_.size(change.price, change.after) - units_.size(change.price, change.before);
    depth.notional += static_cast<UInt128>(units_.notional(change.price, change.after)) -
                      static_cast<UInt128>(units_.notional(change.price, change.before));
  }

 private:
  enum : std::uint32_t { kBids, kAsks, kSides };

  struct Narrow {
    std::int64_t size = 0;
    std::int64_t notional = 0;
  };
  template <typename Depth>
  using Sums = std::array<std::array<Depth, kMaxBands + 1>, kSides>;

  // Prices of both sides so that they count upward from the best, and without a sign: comparing
  // them then sets the carry, which is added.
  using Edges = std::array<std::uint64_t, kMaxBands>;
  static constexpr std::uint64_t kNoEdge = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  static constexpr std::array<std::uint64_t, kSides> kTurns{~kSign, kSign};

  [[nodiscard]] static std::uint64_t outward(std::int64_t price, std::uint64_t turn) noexcept {
    return static_cast<std::uint64_t>(price) ^ turn;
  }

  // How many bands end before a place.
  [[nodiscard]] std::uint32_t beyond(const Edges& edge, std::uint64_t out) const noexcept {
    std::uint32_t at = edge[0] < out;
    at += edge[1] < out;
    at += edge[2] < out;
    at += edge[3] < out;
    if (bands_ > 4) [[unlikely]] {
      for (std::uint32_t i = 4; i < kMaxBands; ++i) at += edge[i] < out;
    }
    return at;
  }

  [[nodiscard]] static bool add(Narrow& sum, std::int64_t size, std::int64_t notional) noexcept {
    return !__builtin_add_overflow(sum.size, size, &sum.size) &&
           !__builtin_add_overflow(sum.notional, notional, &sum.notional);
  }
  [[nodiscard]] bool add(Narrow& sum, const LevelChange& change, std::uint32_t) const noexcept {
    std::int64_t more = 0;
    std::int64_t notional = 0;
    return !__builtin_sub_overflow(change.after.raw(), change.before.raw(), &more) &&
           !__builtin_mul_overflow(change.price.raw(), more, &notional) && add(sum, more, notional);
  }
  [[nodiscard]] bool add(BandDepth& sum, const LevelChange& change,
                         std::uint32_t band) const noexcept {
    if (band != bands_) count(sum, change);
    return true;
  }

  // By the narrowest band that holds a change, those beyond all bands last. False: it does not fit.
  // Counting comparisons instead of branching on them: where a change lies is anyone's guess.
  template <typename Depth>
  [[nodiscard]] bool sort(std::span<const LevelChange> changes, Sums<Depth>& sums) const noexcept {
    const LevelChange* change = changes.data();
    const LevelChange* const end = change + changes.size();
    while (change != end) {
      // A run of one side: its edges stay in registers.
      const Side side = change->side;
      const std::uint32_t is = side == Side::Bid ? kBids : kAsks;
      const std::uint64_t turn = kTurns[is];
      const Edges& edge = edges_[is];
      Depth* const sum = sums[is].data();
      do {
        const std::uint32_t at = beyond(edge, outward(change->price.raw(), turn));
        if (!add(sum[at], *change, at)) return false;
      } while (++change != end && change->side == side);
    }
    return true;
  }

  // From the narrowest outward: what one band holds, the next holds as well.
  template <typename Depth, typename Act>
  void tell(const Sums<Depth>& sums, Act act) const noexcept {
    BandDepth bids;
    BandDepth asks;
    for (std::uint32_t i = 0; i < bands_; ++i) {
      bids += sums[kBids][i];
      asks += sums[kAsks][i];
      if (bids.any() || asks.any()) act(i, bids, asks);
    }
  }

  Units units_;
  std::uint32_t bands_;
  std::array<Edges, kSides> edges_;
};

}  // namespace steelyard
