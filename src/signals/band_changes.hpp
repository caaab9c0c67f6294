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

  void operator+=(const BandDepth& other) noexcept {
    size += other.size;
    notional += other.notional;
  }
};

// Sorts the changes of one message by side and band. Bands are nested: band i holds what band i - 1
// holds, and more.
template <typename Units>
class BandChanges {
 public:
  static constexpr std::uint32_t kMaxBands = 8;
  // Per side, the last price outward that a band holds; for those beyond `count` kNoEdge.
  using Edges = std::array<std::int64_t, kMaxBands>;
  static constexpr std::int64_t kNoEdge = std::numeric_limits<std::int64_t>::max();

  BandChanges(const Units& units, std::uint32_t bands) noexcept : units_{units}, bands_{bands} {}

  // HOT. `bids`: the edges with all bits turned, so that both sides count upward.
  void sort(std::span<const LevelChange> changes, const Edges& bids, const Edges& asks) noexcept {
    if constexpr (Units::kNotionalByPrice) {
      // Nearly always 64 bits do; where they do not, all is counted anew with 128.
      std::array<std::array<Narrow, kMaxBands + 1>, 2> narrow{};
      const bool fits = for_each(changes, bids, asks, [&](const LevelChange& change, auto at) {
        std::int64_t more = 0;
        std::int64_t notional = 0;
        Narrow& sum = narrow[change.side == Side::Bid ? 0 : 1][at];
        return !__builtin_sub_overflow(change.after.raw(), change.before.raw(), &more) &&
               !__builtin_mul_overflow(change.price.raw(), more, &notional) &&
               !__builtin_add_overflow(sum.size, more, &sum.size) &&
               !__builtin_add_overflow(sum.notional, notional, &sum.notional);
      });
      if (fits) {
        for (std::uint32_t side = 0; side < 2; ++side) {
          for (std::uint32_t i = 0; i < bands_; ++i) {
            sums_[side][i] = {narrow[side][i].size,
                              static_cast<UInt128>(Int128{narrow[side][i].notional})};
          }
        }
        return;
      }
    }
    sums_ = {};
    (void)for_each(changes, bids, asks, [&](const LevelChange& change, auto at) {
      if (at == bands_) return true;
      count(sums_[change.side == Side::Bid ? 0 : 1][at], change);
      return true;
    });
  }

  // Whether any band of at most this rank changed; what changed in the band, but not in the one
  // within.
  [[nodiscard]] bool touches(std::uint32_t band) const noexcept {
    return (touched_ & ((2U << band) - 1)) != 0;
  }
  [[nodiscard]] const BandDepth& of(Side side, std::uint32_t band) const noexcept {
    return sums_[side == Side::Bid ? 0 : 1][band];
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
  struct Narrow {
    std::int64_t size = 0;
    std::int64_t notional = 0;
  };

  // act(change, narrowest band that holds it, or `bands_`) until it says false. Counting
  // comparisons instead of branching on them: where a change lies is anyone's guess.
  template <typename Act>
  [[nodiscard]] bool for_each(std::span<const LevelChange> changes, const Edges& bids,
                              const Edges& asks, Act act) noexcept {
    touched_ = 0;
    const LevelChange* change = changes.data();
    const LevelChange* const end = change + changes.size();
    while (change != end) {
      // A run of one side: its edges stay in registers.
      const Side side = change->side;
      const std::int64_t turn = side == Side::Bid ? -1 : 0;
      const Edges& edge = side == Side::Bid ? bids : asks;
      const std::int64_t first = edge[0];
      const std::int64_t second = edge[1];
      const std::int64_t third = edge[2];
      const std::int64_t fourth = edge[3];
      do {
        const std::int64_t out = change->price.raw() ^ turn;
        std::uint32_t at = (out > first) + (out > second) + (out > third) + (out > fourth);
        if (bands_ > 4) {
          at += (out > edge[4]) + (out > edge[5]) + (out > edge[6]) + (out > edge[7]);
        }
        touched_ |= 1U << at;
        if (!act(*change, at)) return false;
      } while (++change != end && change->side == side);
    }
    return true;
  }

  Units units_;
  std::uint32_t bands_;
  std::uint32_t touched_ = 0;
  std::array<std::array<BandDepth, kMaxBands + 1>, 2> sums_{};
};

}  // namespace steelyard
