// src/signals/micro_price.hpp -- S4: the micro-price, looked up; and what its estimator learns
// from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "signals/micro_price_exchange.hpp"
#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Stoikov 2018: the mid plus what a table expects of it, by the size imbalance and the spread of
// the best quote. The table is the estimator's where there is one, else that of the parameters;
// where there is none, or it has no row, the micro-price is the weighted mid.
template <typename Units>
class MicroPrice {
 public:
  static constexpr const char* kName = "micro_price";
  static constexpr Hears kHears = Hears::Books;
  static constexpr const char* kSource = "Stoikov 2018";
  static constexpr const char* kCaveat =
      "Only as good as its table: another instrument's, or an old one, misleads. Spreads wider "
      "than "
      "the table, as after jumps, fall back to wmid.";

  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"micro", "price", "Micro-price; the weighted mid where there is no table.",
                    column_order::kWeightedMid + 1});
    list.push_back({"micro_src", "flag", "1: micro is from the table; 0: it is the weighted mid.",
                    column_order::kWeightedMid + 2, 0.0, 1.0});
  }

  static void reads(const SignalParams&, std::vector<std::string>& names) {
    names.push_back("wmid");
  }

  explicit MicroPrice(const SignalContext& context)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        weighted_mid_{context.reads[0]},
        tick_{context.instrument.tick},
        shape_{context.params.micro_price.shape},
        given_{context.params.micro_price.table},
        exchange_{context.micro_price} {}

  void update(const MarketEvent& event, ValueRow row) noexcept {
    // Without an estimator the table stands, and all else is what the best levels say.
    if (exchange_ == nullptr && !moves_best(event)) return;
    if (exchange_ != nullptr) learn(event);
    double micro = row[weighted_mid_];
    double source = kUndefined;
    if (has_mid(event.status)) {
      source = 0.0;
      std::span<const double> table = given_;
      if (exchange_ != nullptr) {
        if (const auto learnt = exchange_->table(); !learnt.empty()) table = learnt;
      }
      const std::optional<std::uint32_t> state = table.empty() ? std::nullopt : state_of(event);
      if (state) {
        const double mid = 0.5 * nearest_double(mid2_of(event));
        micro = units_.price(mid + table[*state] * static_cast<double>(tick_));
        source = 1.0;
      }
    }
    row[own_[0]] = micro;
    row[own_[1]] = source;
  }

 private:
  struct Quote {
    Level bid;
    Level ask;
    bool operator==(const Quote&) const = default;
  };

  [[nodiscard]] static Int128 mid2_of(const MarketEvent& event) noexcept {
    return Int128{event.bids[0].price.raw()} + event.asks[0].price.raw();
  }

  // Nothing for a spread that is no whole number of ticks, zero, or wider than the table.
  [[nodiscard]] std::optional<std::uint32_t> state_of(const MarketEvent& event) const noexcept {
    const Int128 spread = Int128{event.asks[0].price.raw()} - event.bids[0].price.raw();
    if (spread <= 0 || spread > Int128{tick_} * shape_.spreads) return std::nullopt;
    const auto wide = static_cast<std::int64_t>(spread);
    if (wide % tick_ != 0) return std::nullopt;
    const Int128 bid = Units::size_at(event.bids, event.bid_sizes, 0);
    const Int128 part =
        shape_.buckets * bid / (bid + Units::size_at(event.asks, event.ask_sizes, 0));
    const auto bucket = std::min(static_cast<std::uint32_t>(part), shape_.buckets - 1);
    return (static_cast<std::uint32_t>(wide / tick_) - 1) * shape_.buckets + bucket;
  }

  // Counts a transition where the best quote has changed and nothing is missing between.
  void learn(const MarketEvent& event) noexcept {
    if (event.kind == EventKind::Reset || event.rebase) before_.reset();
    if (!event.observation) return;
    if (!has_mid(event.status)) {
      before_.reset();
      return;
    }
    const Quote quote{event.bids[0], event.asks[0]};
    if (before_ && quote == quote_) return;
    const std::optional<std::uint32_t> state = state_of(event);
    const Int128 mid2 = mid2_of(event);
    if (before_ && state) count(*before_, *state, mid2 - mid2_);
    before_ = state;
    quote_ = quote;
    mid2_ = mid2;
  }

  // `twice`: how far the mid went, doubled.
  void count(std::uint32_t from, std::uint32_t to, Int128 twice) noexcept {
    if (twice == 0) {
      exchange_->count_stay(from, to);
      return;
    }
    for (std::size_t move = 0; move < kMidMoves.size(); ++move) {
      const auto half_ticks = static_cast<int>(2.0 * kMidMoves[move]);
      if (twice == Int128{tick_} * half_ticks) exchange_->count_move(from, to, move);
    }
  }

  Units units_;
  const std::uint16_t* own_;
  std::uint16_t weighted_mid_;
  std::int64_t tick_;
  MicroPriceShape shape_;
  std::span<const double> given_;
  MicroPriceExchange* exchange_;  // none: nothing is learnt
  std::optional<std::uint32_t> before_;
  Quote quote_{};
  Int128 mid2_ = 0;
};

}  // namespace steelyard
