// src/signals/order_flow.hpp -- S5 and S6: order flow imbalance at the best level, at M levels,
// windowed.
#pragma once

#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
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
  static constexpr const char* kSource = "Cont, Kukanov & Stoikov 2014";
  static constexpr const char* kCaveat =
      "One message is one observation: a venue that batches 100 ms of changes yields fewer, "
      "netted ones than one that sends each. Compare venues and days by ratios only. It "
      "explains the move of its own window far better than the next one.";

  static void columns(const SignalParams& params, ColumnList& list) {
    using namespace column_order;
    list.push_back({"e", "base", "Order flow of this event at the best level.", kFlow});
    list.push_back({"gofi_e", "base",
                    "Generalised order flow of this event: size added at prices that matter to the "
                    "best, bids minus asks.",
                    kFlow + 1, kNoLow, kNoHigh, 2, "Su, Sun, Li & Yuan 2021"});
    for (std::uint32_t m = 1; m <= params.flow_levels; ++m) {
      list.push_back({"e_l" + std::to_string(m), "base",
                      "Order flow of this event at populated level " + std::to_string(m) + ".",
                      kLevelFlow + m, kNoLow, kNoHigh, kTierOfSignal, "Xu, Gould & Howison 2019"});
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
      list.push_back({"gofi" + suffix, "base", "Sum of gofi_e" + over, order + 3, kNoLow, kNoHigh,
                      2, "Su, Sun, Li & Yuan 2021"});
      list.push_back({"iofi" + suffix, "ratio",
                      "Integrated multi-level order flow, depth-normalised" + over, order + 4,
                      kNoLow, kNoHigh, 2, "Cont, Cucuringu & Zhang 2023"});
    }
    const std::string suffix = "_" + std::to_string(params.multi_level_window_ms) + "ms";
    for (std::uint32_t m = 1; m <= params.flow_levels; ++m) {
      list.push_back({"mlofi_l" + std::to_string(m) + suffix, "base",
                      "Sum of e_l" + std::to_string(m) + " over the window.", kLevelFlowWindow + m,
                      kNoLow, kNoHigh, kTierOfSignal, "Xu, Gould & Howison 2019"});
    }
    list.push_back({"ofi_ew", "base", "Exponentially decayed sum of e.", kFlowDecayed});
  }

  static std::size_t memory(const SignalParams& params) {
    return kPending * sizeof(LevelChange) + Windows::memory(params);
  }

  explicit OrderFlow(const SignalContext& context)
      : units_{context.instrument.scale},
        own_{context.own.data()},
        levels_{context.params.flow_levels},
        shown_levels_{(1U << levels_) - 1},
        general_{context.params.tier2},
        decay_ns_{static_cast<double>(context.params.flow_decay_ms) * 1e6},
        windows_{context.params, context.memory.subspan(kPending * sizeof(LevelChange))},
        pending_{reinterpret_cast<LevelChange*>(context.memory.data())} {
    // Columns of levels stand side by side in the row: the directory sorts them so.
    assert(std::uint32_t{own_[1 + levels_]} - own_[2] == levels_ - 1);
    assert(std::uint32_t{*(context.own.end() - 2)} - *(context.own.end() - 1 - levels_) ==
           levels_ - 1);
  }

  void advance(TimestampNs from, TimestampNs to) noexcept {
    if (decayed_ == 0.0) return;
    decayed_ *= exp_of_negative(-static_cast<double>(to.raw() - from.raw()) / decay_ns_);
    if (std::abs(decayed_) < kNothing) decayed_ = 0.0;
  }

  void update(const MarketEvent& event, ValueRow row) noexcept {
    if (shown_) clear_flow();
    if (event.kind == EventKind::Reset) {
      forget();
    } else {
      windows_.evict(event.now);
      if (touches_book(event)) on_book(event);
    }
    write(row);
  }

  // What S16 sums up over venues.
  void tell(TimestampNs now, GroupFlow& flow) noexcept {
    for (std::uint32_t w = 0; w < windows_.windows().size(); ++w) {
      const auto is = windows_.flow_at(w, now);
      flow.windows[w].order_flow = is.known ? units_.base(is.sum) : kUndefined;
    }
  }

  // Observations that a window holds under a rounded time, or cannot hold; and those whose gofi_e
  // is not known.
  [[nodiscard]] std::uint64_t limited() const noexcept { return windows_.limited() + unknown_; }

 private:
  using Windows = FlowWindows<typename Units::Cell>;

  // Changes kept while a book is crossed; who needs one that was not kept says so.
  static constexpr std::size_t kPending = 1024;
  static constexpr double kNothing = 1e-280;  // of a mantissa: decays no further, never denormal

  // One side as the observation before left it; sizes of the levels that flow looks at. Where there
  // is none, the price is worse than all and the size zero.
  struct Held {
    std::array<Level, kTopLevels> level{};
    std::array<typename Units::Cell, kTopLevels> size{};
    std::uint32_t count = 0;  // kept for what is general
  };
  // What the row shows of a window's flow.
  struct Shown {
    Int128 flow = 0;
    Int128 absolute = 0;
    double flow_as_double = 0.0;
    bool known = false;
  };
  void clear_flow() noexcept {
    if (moved_ != 0) {
      const BitRange range{moved_};
      for (std::uint32_t m = range.from; m < range.until; ++m) entry_.level[m] = 0;
      entry_.wide = 0;
    }
    entry_.general = 0;
    entry_.general_known = true;
    moved_ = 0;
  }

  void forget() noexcept {
    windows_.clear();
    forget_before();
    in_step_ = false;
    decayed_ = 0.0;
  }
  void forget_before() noexcept {
    has_before_ = false;
    pending_count_ = 0;
    pending_lost_ = false;
  }

  void on_book(const MarketEvent& event) noexcept {
    if (event.rebase) forget_before();
    if (!event.observation) {
      in_step_ = false;
      postpone(event.changes);
      return;
    }
    // What is before these ranks, and from those on, is what it was: its flow is zero, its sizes
    // stand.
    const std::uint32_t bids_from = in_step_ ? event.bids_differ_from : 0;
    const std::uint32_t asks_from = in_step_ ? event.asks_differ_from : 0;
    const std::uint32_t bids_until = in_step_ ? event.bids_differ_until : kTopLevels;
    const std::uint32_t asks_until = in_step_ ? event.asks_differ_until : kTopLevels;
    const std::uint32_t from = std::min(bids_from, asks_from);
    if (from < levels_) {
      if (general_ && has_before_) {
        entry_.general =
            general_flow<Side::Bid>(event, event.bids, bids_,
                                    size_at(event.bids, event.bid_sizes)) -
            general_flow<Side::Ask>(event, event.asks, asks_, size_at(event.asks, event.ask_sizes));
      }
      replace<Side::Bid>(event.bids, event.bid_sizes, bids_from, bids_until, bids_);
      replace<Side::Ask>(event.asks, event.ask_sizes, asks_from, asks_until, asks_);
      moved_ = entry_.wide;
      const std::uint32_t until = std::min(std::max(bids_until, asks_until), levels_);
      for (std::uint32_t m = from; m < until; ++m) {
        moved_ |= std::uint32_t{entry_.level[m] != 0} << m;
      }
      if (from == 0) entry_.best_depth = Int128{bids_.size[0]} + asks_.size[0];
      if (general_) {
        entry_.all_depth = 0;
        for (std::uint32_t m = 0; m < levels_; ++m) {
          entry_.all_depth += Int128{bids_.size[m]} + asks_.size[m];
        }
      }
    }
    if (general_) {
      hold(event.bids, bids_from, bids_until, bids_);
      hold(event.asks, asks_from, asks_until, asks_);
    }
    windows_.add(entry_, moved_);
    if ((moved_ & 1U) != 0) decayed_ += nearest_double(entry_.at(0));
    if (!entry_.general_known) ++unknown_;
    in_step_ = has_before_ = true;
    pending_count_ = 0;
    pending_lost_ = false;
  }

  void postpone(std::span<const LevelChange> changes) noexcept {
    if (!general_) return;
    for (const LevelChange& change : changes) {
      if (pending_count_ == kPending) {
        pending_lost_ = true;
        return;
      }
      pending_[pending_count_++] = change;
    }
  }

  [[nodiscard]] static Int128 size_at(std::span<const Level> side, const Int128* of,
                                      std::uint32_t m = 0) noexcept {
    return m < side.size() ? Units::size_at(side, of, m) : 0;
  }

  template <Side kSide>
  [[nodiscard]] static bool better(Price a, Price b) noexcept {
    return kSide == Side::Bid ? a > b : a < b;
  }

  // What one populated level contributes: a missing one is a price worse than all, with size zero.
  template <Side kSide>
  [[nodiscard]] static Int128 flow_at(std::uint32_t m, std::span<const Level> now, Int128 size,
                                      const Held& before) noexcept {
    const bool is = m < now.size();
    const bool was = m < before.count;
    if (!is) return was ? -Int128{before.size[m]} : 0;
    if (!was) return size;
    if (now[m].price == before.level[m].price) return size - before.size[m];
    return better<kSide>(now[m].price, before.level[m].price) ? size : -Int128{before.size[m]};
  }
  // From rank `from` to `until`: adds up what each level contributes, and holds what is there now.
  template <Side kSide>
  void replace(std::span<const Level> now, const Int128* of, std::uint32_t from,
               std::uint32_t until, Held& held) noexcept {
    using Cell = typename Units::Cell;
    constexpr Price kNone{kSide == Side::Bid ? std::numeric_limits<std::int64_t>::min()
                                             : std::numeric_limits<std::int64_t>::max()};
    const auto count = static_cast<std::uint32_t>(now.size());
    const std::uint32_t end = std::min(until, levels_);
    for (std::uint32_t m = from; m < end; ++m) {
      Price price = kNone;
      Cell size = 0;
      if (m < count) {
        price = now[m].price;
        size = static_cast<Cell>(Units::size_at(now, of, m));
      }
      if (has_before_) {
        // Sizes are not negative: their difference fits as they do. What is missing has no size
        // and a price worse than all.
        const Price before = held.level[m].price;
        Cell flow = 0;
        if (!better<kSide>(before, price)) flow += size;
        if (!better<kSide>(price, before)) flow -= held.size[m];
        if constexpr (kSide == Side::Bid) {
          entry_.level[m] = flow;
        } else {
          take(flow, m);
        }
      }
      held.size[m] = size;
      held.level[m].price = price;
    }
  }
  // From a level of the entry, of which bids have had their say.
  void take(typename Units::Cell flow, std::uint32_t m) noexcept {
    typename Units::Cell& level = entry_.level[m];
    if constexpr (sizeof(flow) == sizeof(Int128)) {
      level -= flow;
    } else {
      const std::int64_t bids = level;
      if (!__builtin_sub_overflow(bids, flow, &level)) [[likely]]
        return;
      entry_.wide |= 1U << m;
      entry_.wide_level[m] = Int128{bids} - flow;
    }
  }
  // For what is general of the next: all levels, of which `replace` has seen those that flow looks
  // at.
  static void hold(std::span<const Level> now, std::uint32_t from, std::uint32_t until,
                   Held& held) noexcept {
    const auto count = static_cast<std::uint32_t>(now.size());
    for (std::uint32_t m = from; m < std::min(count, until); ++m) held.level[m] = now[m];
    held.count = count;
  }

  // What was added at prices from the worse of the two bests on: what stands there now less what
  // stood there before.
  template <Side kSide>
  [[nodiscard]] Int128 general_flow(const MarketEvent& event, std::span<const Level> now,
                                    const Held& before, Int128 best_size) noexcept {
    const bool bounded = !now.empty() && before.count != 0;
    if (bounded && now[0].price == before.level[0].price) {
      return flow_at<kSide>(0, now, best_size, before);
    }
    Price limit;
    if (bounded) {
      limit =
          better<kSide>(now[0].price, before.level[0].price) ? before.level[0].price : now[0].price;
    }
    const auto counts = [=](Price price) noexcept {
      return !bounded || !better<kSide>(limit, price);
    };
    if (before.count == kTopLevels && counts(before.level[kTopLevels - 1].price)) {
      return general_flow_of_changes<kSide>(event.changes, counts);  // there may have been more
    }
    Int128 sum = 0;
    for (std::uint32_t i = 0; i < before.count && counts(before.level[i].price); ++i) {
      sum -= units_.size(before.level[i]);
    }
    if (now.size() < kTopLevels || !counts(now.back().price)) {
      for (std::size_t i = 0; i < now.size() && counts(now[i].price); ++i) {
        sum += units_.size(now[i]);
      }
    } else {
      event.book->walk(kSide, [&](Level level) noexcept {
        if (!counts(level.price)) return false;
        sum += units_.size(level);
        return true;
      });
    }
    return sum;
  }

  template <Side kSide, typename Counts>
  [[nodiscard]] Int128 general_flow_of_changes(std::span<const LevelChange> changes,
                                               Counts counts) noexcept {
    entry_.general_known = entry_.general_known && !pending_lost_;
    Int128 sum = 0;
    const auto add = [&](std::span<const LevelChange> some) noexcept {
      for (const LevelChange& change : some) {
        if (change.side != kSide || !counts(change.price)) continue;
        sum += units_.size(change.price, change.after) - units_.size(change.price, change.before);
      }
    };
    add({pending_, pending_count_});
    add(changes);
    return sum;
  }

  void write(ValueRow row) noexcept {
    const std::uint16_t* at = own_;
    const Units units = units_;  // of this function, not of memory that the row may be
    const bool shows = moved_ != 0 || entry_.general != 0 || !entry_.general_known;
    if (shows || shown_) {
      row[at[0]] = units.base(entry_.at(0));
      if (general_) {
        row[at[1]] = entry_.general_known ? units.base(entry_.general) : kUndefined;
      }
      if (const std::uint32_t levels = moved_ | shown_levels_; levels != 0) {
        const BitRange range{levels};
        row.fill(at[2], range.from, range.until,
                 [&](std::uint32_t m) { return units.base(entry_.level[m]); });
        for_each_bit(entry_.wide,
                     [&](std::uint32_t m) { row[at[2] + m] = units.base(entry_.wide_level[m]); });
      }
      shown_levels_ = moved_;
    }
    shown_ = shows;
    at += 2 + levels_;
    const std::span<typename Windows::Window> windows = windows_.windows();
    for (std::size_t w = 0; w < windows.size(); ++w) {
      if (windows[w].changed) write(windows[w], shown_windows_[w], at, row);
      at += 5;
    }
    if (const std::uint32_t changed = windows_.take_levels_changed(); changed != 0) {
      const bool known = windows_.levels_known();
      const BitRange range{changed};
      if (known && windows_.level_sums_fit()) [[likely]] {
        row.fill(at[0], range.from, range.until,
                 [&](std::uint32_t m) { return units.base(windows_.level_sum(m)); });
      } else {
        row.fill(at[0], range.from, range.until, [&](std::uint32_t m) {
          return known ? units.base(windows_.wide_level_sum(m)) : kUndefined;
        });
      }
    }
    if (decayed_ != shown_decayed_) {
      shown_decayed_ = decayed_;
      row[at[levels_]] = units_.base(decayed_);
    }
  }

  void write(typename Windows::Window& window, Shown& shown, const std::uint16_t* at,
             ValueRow row) noexcept {
    window.changed = false;
    const bool known = window.known();
    const auto ratio = [known](double a, Int128 b) noexcept {
      return known && b != 0 ? a / nearest_double(b) : kUndefined;
    };
    const typename Windows::Sums sums = windows_.sums(window);
    const bool same =
        known && shown.known && sums.flow == shown.flow && sums.absolute == shown.absolute;
    if (!same) {
      shown = {sums.flow, sums.absolute, nearest_double(sums.flow), known};
      row[at[0]] = known ? units_.base(shown.flow_as_double) : kUndefined;
      row[at[2]] = ratio(shown.flow_as_double, sums.absolute);
    }
    const double twice = 2.0 * static_cast<double>(sums.count);
    // By the mean of (qb + qa) / 2.
    row[at[1]] = ratio(twice * shown.flow_as_double, sums.best_depth);
    if (!general_) return;
    const typename Windows::MoreSums more = windows_.more_sums(window);
    row[at[3]] = window.general_known() ? units_.base(more.general) : kUndefined;
    // Sum over m of OFI^m / M, by the mean of the sum of sizes / 2M.
    row[at[4]] = ratio(twice * nearest_double(more.all_levels), more.all_depth);
  }

  Units units_;
  const std::uint16_t* own_;
  std::uint32_t levels_;
  std::uint32_t shown_levels_;  // at which the row may show an event's flow that is not zero
  bool general_;                // gofi and iofi are computed
  double decay_ns_;
  Windows windows_;
  LevelChange* pending_;
  std::size_t pending_count_ = 0;
  bool pending_lost_ = false;
  bool has_before_ = false;  // there is an observation to difference against
  bool in_step_ = false;     // ... and it was the book event before this one
  std::uint32_t moved_ = 0;  // the levels at which this event's flow is not zero, bit by bit
  bool shown_ = true;        // the row may show an event's flow that is not zero
  Held bids_;
  Held asks_;
  FlowEntry<typename Units::Cell>
      entry_;             // of this event, and its depths of the observation before
  double decayed_ = 0.0;  // counts mantissas
  double shown_decayed_ = kUndefined;
  std::array<Shown, Windows::kMaxWindows> shown_windows_{};
  std::uint64_t unknown_ = 0;
};

}  // namespace steelyard
