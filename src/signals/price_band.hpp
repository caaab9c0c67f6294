// src/signals/price_band.hpp -- S3: imbalance and depth within bands around the mid.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "signals/mid_and_spread.hpp"

namespace steelyard {

// The founding definition: volume of buy against sell orders within a defined price level. The
// edges are inclusive and exact: a bid is inside iff 2e8 p >= (bid + ask)(1e8 - X), X the band in
// 1e-8.
template <typename Units>
class PriceBand {
 public:
  static constexpr const char* kName = "price_band";

  static void columns(const SignalParams& params, ColumnList& list) {
    std::uint32_t place = 0;
    for (const double band : params.bands_bps) {
      list.push_back({"pbi_" + text_of(band) + "bp", "ratio",
                      "Imbalance of the sizes within " + text_of(band) + " bps of the mid.",
                      column_order::kBands + place, -1.0, 1.0});
      ++place;
    }
    place = 0;
    for (const double band : params.bands_bps) {
      const std::string suffix = "_" + text_of(band) + "bp";
      const std::string within = " within " + text_of(band) + " bps of the mid.";
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
        bands_{static_cast<std::uint32_t>(context.params.bands_bps.size())} {
    for (std::uint32_t i = 0; i < bands_; ++i) {
      width_[i] = std::llround(context.params.bands_bps[i] * 1e4);
    }
  }

  void update(const MarketEvent& event, std::span<double> row) noexcept {
    if (!touches_book(event)) return;
    if (!has_mid(event.status)) {
      mid2_ = 0;
      for (std::uint32_t i = 0; i < 5 * bands_; ++i) row[own_[i]] = kUndefined;
      return;
    }
    const Int128 mid2 = Int128{event.bids[0].price.raw()} + event.asks[0].price.raw();
    if (Units::kExact && mid2 == mid2_ && event.kind == EventKind::Delta) {
      if (!add_changes(event.changes)) return;  // nothing inside the widest band moved
    } else {
      mid2_ = mid2;
      place_edges();
      scan(*event.book);
    }
    write(row);
  }

 private:
  using Sum = typename Units::Sum;
  static constexpr std::size_t kMaxBands = 8;

  // What lies in each ring between one band's edge and the next wider one's.
  struct Ring {
    Sum size{};
    Sum notional{};
  };

  [[nodiscard]] static std::string text_of(double band) {
    char text[32];
    const auto result = std::to_chars(text, text + sizeof text, band);
    return {text, result.ptr};
  }

  void place_edges() noexcept {
    constexpr Int128 kOne = 100'000'000;
    for (std::uint32_t i = 0; i < bands_; ++i) {
      const Int128 low = mid2_ * (kOne - width_[i]);
      const Int128 high = mid2_ * (kOne + width_[i]);
      constexpr Int128 kTwice = 2 * kOne;
      // Mids are above zero: these are the ceiling and the floor.
      low_[i] = static_cast<std::int64_t>((low + kTwice - 1) / kTwice);
      high_[i] = static_cast<std::int64_t>(high / kTwice);
    }
  }

  // The narrowest band that holds the price; bands_ if none does.
  [[nodiscard]] std::uint32_t ring_of(Side side, std::int64_t price) const noexcept {
    std::uint32_t ring = 0;
    if (side == Side::Bid) {
      while (ring < bands_ && price < low_[ring]) ++ring;
    } else {
      while (ring < bands_ && price > high_[ring]) ++ring;
    }
    return ring;
  }

  void scan(const OrderBook& book) noexcept {
    for (const Side side : {Side::Bid, Side::Ask}) {
      std::array<Ring, kMaxBands>& rings = rings_[static_cast<int>(side)];
      rings = {};
      std::uint32_t ring = 0;
      book.walk(side, [&](Level level) noexcept {
        while (ring < bands_ && (side == Side::Bid ? level.price.raw() < low_[ring]
                                                   : level.price.raw() > high_[ring])) {
          ++ring;
        }
        if (ring == bands_) return false;
        rings[ring].size += units_.size(level);
        rings[ring].notional += units_.notional(level.price, level.qty);
        return true;
      });
    }
  }

  // The mid stands: sums change by what the message changed.
  [[nodiscard]] bool add_changes(std::span<const LevelChange> changes) noexcept {
    bool inside = false;
    for (const LevelChange& change : changes) {
      const std::uint32_t ring = ring_of(change.side, change.price.raw());
      if (ring == bands_) continue;
      inside = true;
      Ring& sums = rings_[static_cast<int>(change.side)][ring];
      sums.size +=
          units_.size(change.price, change.after) - units_.size(change.price, change.before);
      sums.notional += units_.notional(change.price, change.after) -
                       units_.notional(change.price, change.before);
    }
    return inside;
  }

  void write(std::span<double> row) const noexcept {
    Ring bid;
    Ring ask;
    for (std::uint32_t i = 0; i < bands_; ++i) {
      bid.size += rings_[0][i].size;
      bid.notional += rings_[0][i].notional;
      ask.size += rings_[1][i].size;
      ask.notional += rings_[1][i].notional;
      row[own_[i]] = imbalance(bid.size, ask.size);
      const std::uint16_t* const depth = own_ + bands_ + 4 * i;
      row[depth[0]] = units_.base(bid.size);
      row[depth[1]] = units_.base(ask.size);
      row[depth[2]] = units_.quote(bid.notional);
      row[depth[3]] = units_.quote(ask.notional);
    }
  }

  Units units_;
  const std::uint16_t* own_;
  std::uint32_t bands_;
  std::array<std::int64_t, kMaxBands> width_{};
  std::array<std::int64_t, kMaxBands> low_{};
  std::array<std::int64_t, kMaxBands> high_{};
  std::array<Ring, kMaxBands> rings_[2]{};
  Int128 mid2_ = 0;
};

}  // namespace steelyard
