// src/signals/order_flow.hpp -- S5 and S6: order flow imbalance at the best level, at M levels,
// windowed.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "signals/flow_window.hpp"
#include "signals/mid_and_spread.hpp"

namespace steelyard {

// Cont, Kukanov & Stoikov 2014 (e, OFI), Su et al. 2021 (GOFI), Xu, Gould & Howison 2019 (MLOFI),
// Cont, Cucuringu & Zhang 2023 (integrated). A level that recedes contributes the size that stood
// there before, -q(n-1): an order placed and cancelled nets to zero.
template <typename Units>
class OrderFlow {
 public:
  static constexpr const char* kName = "order_flow";

  static void columns(const SignalParams& params, ColumnList& list) {
    using namespace column_order;
    list.push_back(
        {"e", "base", "Order flow of this event at the best level. Cont et al. 2014.", kFlow});
    list.push_back({"gofi_e", "base",
                    "Generalised order flow of this event: size added at prices that matter to the "
                    "best, bids minus asks. Su et al. 2021.",
                    kFlow + 1});
    for (std::uint32_t m = 1; m <= params.flow_levels; ++m) {
      list.push_back({"e_l" + std::to_string(m), "base",
                      "Order flow of this event at populated level " + std::to_string(m) + ".",
                      kLevelFlow + m});
    }
    std::uint32_t window = 0;
    for (const std::uint32_t ms : params.flow_windows_ms) {
      const std::string suffix = "_" + std::to_string(ms) + "ms";
      const std::string over = " over " + std::to_string(ms) + " ms.";
      const std::uint32_t order = kFlowWindows + 5 * window++;
      list.push_back({"ofi" + suffix, "base", "Sum of e" + over, order});
      list.push_back(
          {"ofi_norm" + suffix, "ratio", "ofi in average best queues" + over, order + 1});
      list.push_back(
          {"ofi_ratio" + suffix, "ratio", "Sum of e by sum of |e|" + over, order + 2, -1.0, 1.0});
      list.push_back({"gofi" + suffix, "base", "Sum of gofi_e" + over, order + 3});
      list.push_back({"iofi" + suffix, "ratio",
                      "Integrated multi-level order flow, depth-normalised" + over, order + 4});
    }
    const std::string suffix = "_" + std::to_string(params.multi_level_window_ms) + "ms";
    for (std::uint32_t m = 1; m <= params.flow_levels; ++m) {
      list.push_back({"mlofi_l" + std::to_string(m) + suffix, "base",
                      "Sum of e_l" + std::to_string(m) + " over the window.",
                      kLevelFlowWindow + m});
    }
    list.push_back({"ofi_ew", "base", "Exponentially decayed sum of e.", kFlowDecayed});
  }

  static std::size_t memory(const SignalParams& params) {
    return kPending * sizeof(LevelChange) + FlowWindow<Sum>::memory(params);
  }

  explicit OrderFlow(const SignalContext& context)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        levels_{context.params.flow_levels},
        decay_ns_{static_cast<double>(context.params.flow_decay_ms) * 1e6},
        window_{context.params, context.memory.subspan(kPending * sizeof(LevelChange))},
        pending_{reinterpret_cast<LevelChange*>(context.memory.data())} {}

  void advance(TimestampNs from, TimestampNs to) noexcept {
    if (decayed_ == 0.0) return;
    decayed_ *= exp_of_negative(-static_cast<double>(to.raw() - from.raw()) / decay_ns_);
  }

  void update(const MarketEvent& event, std::span<double> row) noexcept {
    flow_ = {};
    general_ = Sum{};
    general_lost_ = false;
    if (event.kind == EventKind::Reset) {
      forget();
    } else {
      window_.evict(event.now);
      if (touches_book(event)) on_book(event);
    }
    write(row);
  }

 private:
  using Sum = typename Units::Sum;
  using Flow = FlowWindow<Sum>;

  // Changes kept while a book is crossed, until it can be observed again; beyond that gofi is not
  // known for the observation, nor for the windows that hold it.
  static constexpr std::size_t kPending = 1024;

  struct Held {
    std::array<Level, kTopLevels> level{};
    std::uint32_t count = 0;
  };

  void forget() noexcept {
    window_.clear();
    has_before_ = false;
    pending_count_ = 0;
    pending_lost_ = false;
    decayed_ = 0.0;
  }

  void on_book(const MarketEvent& event) noexcept {
    if (event.rebase) {
      has_before_ = false;
      pending_count_ = 0;
      pending_lost_ = false;
    }
    if (!event.observation) {
      postpone(event.changes);
      return;
    }
    typename Flow::Entry entry{};
    entry.time = event.now;
    if (has_before_) {
      for (std::uint32_t m = 0; m < levels_; ++m) {
        flow_[m] = flow_at(m, event);
        entry.all_levels += flow_[m];
      }
      general_lost_ = pending_lost_;
      general_ = general_flow(event);
    }
    for (std::uint32_t m = 0; m < levels_; ++m) {
      entry.level[m] = flow_[m];
      entry.all_depth += size_at(event.bids, m) + size_at(event.asks, m);
    }
    entry.general = general_;
    entry.best_depth = size_at(event.bids, 0) + size_at(event.asks, 0);
    window_.push(entry, general_lost_);
    decayed_ += static_cast<double>(flow_[0]);
    keep(event.bids, bids_);
    keep(event.asks, asks_);
    has_before_ = true;
    pending_count_ = 0;
    pending_lost_ = false;
  }

  void postpone(std::span<const LevelChange> changes) noexcept {
    for (const LevelChange& change : changes) {
      if (pending_count_ == kPending) {
        pending_lost_ = true;
        return;
      }
      pending_[pending_count_++] = change;
    }
  }

  static void keep(std::span<const Level> from, Held& to) noexcept {
    to.count = static_cast<std::uint32_t>(from.size());
    for (std::uint32_t i = 0; i < to.count; ++i) to.level[i] = from[i];
  }

  [[nodiscard]] Sum size_at(std::span<const Level> side, std::uint32_t m) const noexcept {
    return m < side.size() ? units_.size(side[m]) : Sum{};
  }

  // e at one populated level: a missing level is a price beyond all others, with size zero.
  [[nodiscard]] Sum flow_at(std::uint32_t m, const MarketEvent& event) const noexcept {
    return side_flow(m, event.bids, bids_, [](Price a, Price b) noexcept { return a > b; }) -
           side_flow(m, event.asks, asks_, [](Price a, Price b) noexcept { return a < b; });
  }

  template <typename Better>
  [[nodiscard]] Sum side_flow(std::uint32_t m, std::span<const Level> now, const Held& before,
                              Better better) const noexcept {
    const bool is = m < now.size();
    const bool was = m < before.count;
    if (!is && !was) return Sum{};
    if (!was) return units_.size(now[m]);
    if (!is) return -units_.size(before.level[m]);
    const Price price = now[m].price;
    const Price held = before.level[m].price;
    if (price == held) return units_.size(now[m]) - units_.size(before.level[m]);
    return better(price, held) ? units_.size(now[m]) : -units_.size(before.level[m]);
  }

  // What was added at prices from the worse of the two bests on, bids minus asks.
  [[nodiscard]] Sum general_flow(const MarketEvent& event) const noexcept {
    constexpr Price kLowest{std::numeric_limits<std::int64_t>::min()};
    constexpr Price kHighest{std::numeric_limits<std::int64_t>::max()};
    const Price bid = event.bids.empty() || bids_.count == 0
                          ? kLowest
                          : std::min(event.bids[0].price, bids_.level[0].price);
    const Price ask = event.asks.empty() || asks_.count == 0
                          ? kHighest
                          : std::max(event.asks[0].price, asks_.level[0].price);
    Sum sum{};
    const auto add = [&](std::span<const LevelChange> changes) noexcept {
      for (const LevelChange& change : changes) {
        const bool is_bid = change.side == Side::Bid;
        if (is_bid ? change.price < bid : change.price > ask) continue;
        const Sum added =
            units_.size(change.price, change.after) - units_.size(change.price, change.before);
        sum += is_bid ? added : -added;
      }
    };
    add({pending_, pending_count_});
    add(event.changes);
    return sum;
  }

  void write(std::span<double> row) noexcept {
    const std::uint16_t* at = own_;
    row[*at++] = units_.base(flow_[0]);
    row[*at++] = general_lost_ ? kUndefined : units_.base(general_);
    for (std::uint32_t m = 0; m < levels_; ++m) row[*at++] = units_.base(flow_[m]);
    bool levels_changed = false;
    for (std::uint32_t w = 0; w < window_.windows().size(); ++w) {
      typename Flow::Window& window = window_.windows()[w];
      const std::uint16_t* const column = at;
      at += 5;
      if (!window.changed) continue;
      window.changed = false;
      levels_changed = levels_changed || w == window_.multi_level();
      const bool whole = Flow::is_whole(window);
      const auto n = static_cast<double>(window.observations);
      const Sum flow = window.flow.value();
      const Sum absolute = window.absolute.value();
      const Sum best = window.best_depth.value();
      const Sum all = window.all_depth.value();
      const auto ratio = [whole](double a, double b) noexcept {
        return whole && b != 0.0 ? a / b : kUndefined;
      };
      row[column[0]] = whole ? units_.base(flow) : kUndefined;
      // flow / mean of (qb + qa) / 2
      row[column[1]] = ratio(2.0 * n * static_cast<double>(flow), static_cast<double>(best));
      row[column[2]] = ratio(static_cast<double>(flow), static_cast<double>(absolute));
      row[column[3]] =
          Flow::is_general_whole(window) ? units_.base(window.general.value()) : kUndefined;
      // (sum over m of OFI^m / M) / mean of (sum of sizes) / 2M
      row[column[4]] =
          ratio(2.0 * n * static_cast<double>(window.all_levels.value()), static_cast<double>(all));
    }
    if (levels_changed) {
      const bool whole = Flow::is_whole(window_.windows()[window_.multi_level()]);
      for (std::uint32_t m = 0; m < levels_; ++m) {
        row[at[m]] = whole ? units_.base(window_.level_sum(m)) : kUndefined;
      }
    }
    at += levels_;
    row[*at] = base_of_decayed();
  }

  [[nodiscard]] double base_of_decayed() const noexcept {
    if constexpr (Units::kExact) {
      return decayed_ / units_.base_divisor();
    } else {
      return decayed_;
    }
  }

  Units units_;
  const std::uint16_t* own_;
  std::uint32_t levels_;
  double decay_ns_;
  Flow window_;
  LevelChange* pending_;
  std::size_t pending_count_ = 0;
  bool pending_lost_ = false;
  bool general_lost_ = false;
  bool has_before_ = false;
  Held bids_;
  Held asks_;
  std::array<Sum, kTopLevels> flow_{};
  Sum general_{};
  double decayed_ = 0.0;  // in mantissas where units are exact
};

}  // namespace steelyard
