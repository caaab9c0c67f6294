// src/signals/flow_window.hpp -- sums over time windows of what each observation contributed to
// flow.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "core/int128.hpp"
#include "signals/flow_entry.hpp"
#include "signals/flow_ring.hpp"
#include "signals/market_event.hpp"
#include "signals/signal_params.hpp"

namespace steelyard {

// At time t a window of width W holds those observations with t - W < s <= t (signals.md C5). One
// ring serves all windows, each with its own tail. Every row has what was summed up since the start
// until it came: a window holds the sum of now less that of its oldest row, and what leaves it
// costs nothing but a look at the next row's time. The vector over levels has a ring of its own,
// for one window and for observations that moved one of the levels. Sums are integers: exact; those
// since the start wrap, their differences do not.
//
// A contribution that does not fit a cell is not kept, and the windows that should hold it are not
// defined for as long as they should.
template <typename Cell>
class FlowWindows {
 public:
  static constexpr std::uint32_t kMaxWindows = 8;

  struct Window {
    std::int64_t width_ns = 0;
    std::int64_t due = kNever;  // when the oldest leaves
    std::uint64_t tail = 0;
    std::int64_t unknown_until = kAlways;
    std::int64_t general_unknown_until = kAlways;
    bool unsure = false;  // one of both is not kAlways
    bool changed = true;

    [[nodiscard]] bool known() const noexcept { return unknown_until == kAlways; }
    [[nodiscard]] bool general_known() const noexcept {
      return known() && general_unknown_until == kAlways;
    }
  };
  // What a window holds.
  struct Sums {
    std::int64_t count = 0;
    Int128 flow = 0;
    Int128 absolute = 0;
    Int128 best_depth = 0;

    [[nodiscard]] Sums operator+(const Sums& other) const noexcept {
      return {count + other.count, flow + other.flow, absolute + other.absolute,
              best_depth + other.best_depth};
    }
  };
  // ... and what of it is of tier 2, and not kept where that is not computed.
  struct MoreSums {
    Int128 general = 0;
    Int128 all_levels = 0;
    Int128 all_depth = 0;
  };

  [[nodiscard]] static std::size_t memory(const SignalParams& params) {
    return Ring::memory(rows(params), cells(params)) +
           LevelRing::memory(level_rows(params), params.flow_levels);
  }

  FlowWindows(const SignalParams& params, std::span<std::byte> memory) noexcept
      : levels_{params.flow_levels},
        general_{params.tier2},
        count_{static_cast<std::uint32_t>(params.flow_windows_ms.size())},
        level_width_ns_{to_ns(params.multi_level_window_ms)},
        ring_{memory, rows(params), cells(params), to_ns(params.flow_windows_ms.back()),
              params.window_granularity_ns},
        level_ring_{memory.subspan(Ring::memory(rows(params), cells(params))), level_rows(params),
                    params.flow_levels, level_width_ns_, params.window_granularity_ns} {
    for (std::uint32_t w = 0; w < count_; ++w) {
      windows_[w].width_ns = to_ns(params.flow_windows_ms[w]);
      if (windows_[w].width_ns == level_width_ns_) level_window_ = w;
    }
    levels_changed_ = all_levels();
  }

  // HOT. Whatever is too old for a window leaves it.
  void evict(TimestampNs now) noexcept {
    now_ = std::max(now_, now);
    ahead_of_ = kAlways;
    if (now_.raw() >= next_) leave();
  }

  // HOT. An observation at the time of the last `evict`. `moved`: the levels whose flow is not
  // zero, bit by bit.
  void add(const FlowEntry<Cell>& entry, std::uint32_t moved) noexcept {
    const std::uint64_t oldest = windows_[count_ - 1].tail;
    const std::int64_t time = ring_.time_at(now_, oldest);
    if ((moved != 0 && !add_levels(entry, moved)) || !keep(time, oldest, entry, moved)) {
      ++unkept_;
      for (std::uint32_t w = 0; w < count_; ++w) forget_until(windows_[w].unknown_until, w, time);
      return;
    }
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      if (!entry.general_known) forget_until(window.general_unknown_until, w, time);
      if (window.tail == ring_.head()) continue;  // rounded times may be too old at once
      window.changed = true;
      if (window.due != kNever) continue;
      window.due = ring_.time(window.tail) + window.width_ns;
      next_ = std::min(next_, window.due);
    }
    if (time != now_.raw()) evict(now_);
  }

  // HOT. What a window's flow would be at `now`, or is already if that is no later than the last
  // `evict`; for others who look in while nothing happens here. Asked in the order of time, each
  // row is passed once.
  struct Flow {
    Int128 sum;
    bool known;
  };
  [[nodiscard]] Flow flow_at(std::uint32_t w, TimestampNs now) noexcept {
    if (now <= now_) return {sums(windows_[w]).flow, windows_[w].known()};
    if (ahead_of_ > now.raw() || ahead_of_ == kAlways) {
      for (std::uint32_t i = 0; i < count_; ++i) ahead_[i] = {windows_[i].due, windows_[i].tail};
    }
    if (ahead_of_ != now.raw()) {
      for (std::uint32_t i = 0; i < count_; ++i) {
        pass(ahead_[i].due, ahead_[i].tail, windows_[i].width_ns, now.raw());
      }
      ahead_of_ = now.raw();
    }
    return {since(ahead_[w].tail).flow, now.raw() >= windows_[w].unknown_until};
  }

  void clear() noexcept {
    ahead_of_ = kAlways;
    for (std::uint32_t w = 0; w < count_; ++w) {
      const std::int64_t width_ns = windows_[w].width_ns;
      windows_[w] = Window{};
      windows_[w].width_ns = width_ns;
      windows_[w].tail = ring_.head();
    }
    level_sums_ = {};
    level_sums_fit_ = true;
    level_tail_ = level_ring_.head();
    level_due_ = next_ = kNever;
    levels_changed_ = all_levels();
  }

  [[nodiscard]] std::span<Window> windows() noexcept { return {windows_.data(), count_}; }
  // HOT.
  [[nodiscard]] Sums sums(const Window& window) noexcept { return since(window.tail); }
  [[nodiscard]] MoreSums more_sums(const Window& window) noexcept {
    if (window.tail == ring_.head()) return {};
    const Int128* const row = ring_.values(window.tail);
    return {wrapped_difference(more_total_.general, row[kGeneral]),
            wrapped_difference(more_total_.all_levels, row[kAllLevels]),
            wrapped_difference(more_total_.all_depth, row[kAllDepth])};
  }

  // HOT. Of a level; where not all of them fit a cell, see `wide_level_sum`.
  [[nodiscard]] Cell level_sum(std::uint32_t m) const noexcept { return level_sums_[m]; }
  [[nodiscard]] bool level_sums_fit() const noexcept { return level_sums_fit_; }
  // cold: goes through the window.
  [[nodiscard]] Int128 wide_level_sum(std::uint32_t m) noexcept {
    Int128 sum = 0;
    for (std::uint64_t row = level_tail_; row != level_ring_.head(); ++row) {
      if ((level_ring_.note(row) >> m & 1) != 0) sum += level_ring_.values(row)[m];
    }
    return sum;
  }
  // The levels whose sums may have changed since this was asked last, bit by bit.
  [[nodiscard]] std::uint32_t take_levels_changed() noexcept {
    const std::uint32_t changed = levels_changed_;
    levels_changed_ = 0;
    return changed;
  }
  [[nodiscard]] bool levels_known() const noexcept { return windows_[level_window_].known(); }

  // Observations kept under a rounded time, or not at all.
  [[nodiscard]] std::uint64_t limited() const noexcept {
    return ring_.rounded() + level_ring_.rounded() + unkept_;
  }

 private:
  using Ring = FlowRing<Int128>;     // sums before the row; its note is how many were counted
  using LevelRing = FlowRing<Cell>;  // what moved; its note is which levels did, bit by bit
  enum : std::uint32_t {
    kFlow,
    kAbsolute,
    kBestDepth,
    kTier1Cells,
    kGeneral = kTier1Cells,
    kAllLevels,
    kAllDepth,
    kAllCells
  };
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] static std::int64_t to_ns(std::uint32_t ms) noexcept {
    return std::int64_t{ms} * 1'000'000;
  }
  [[nodiscard]] static std::uint32_t rows(const SignalParams& params) noexcept {
    return Ring::rows(params.flow_entries);
  }
  [[nodiscard]] static std::uint32_t cells(const SignalParams& params) noexcept {
    return params.tier2 ? kAllCells : kTier1Cells;
  }
  // As dense in time as the other ring.
  [[nodiscard]] static std::uint32_t level_rows(const SignalParams& params) noexcept {
    const std::uint64_t share = std::uint64_t{params.flow_entries} * params.multi_level_window_ms /
                                params.flow_windows_ms.back();
    return Ring::rows(static_cast<std::uint32_t>(std::max<std::uint64_t>(share, 256)));
  }

  // What came from that row on.
  [[nodiscard]] Sums since(std::uint64_t tail) noexcept {
    if (tail == ring_.head()) return {};
    const Int128* const row = ring_.values(tail);
    return {total_.count - ring_.note(tail), wrapped_difference(total_.flow, row[kFlow]),
            wrapped_difference(total_.absolute, row[kAbsolute]),
            wrapped_difference(total_.best_depth, row[kBestDepth])};
  }

  [[nodiscard]] static bool fits(Int128 value) noexcept {
    return static_cast<Cell>(value) == value;
  }
  [[nodiscard]] static bool fits(const Sums& sums) noexcept {
    return fits(sums.flow) && fits(sums.absolute) && fits(sums.best_depth);
  }

  // Adds to the newest row if that is of the same time, else makes one. False: does not fit, as one
  // row or with what the row has.
  [[nodiscard]] bool keep(std::int64_t time, std::uint64_t oldest, const FlowEntry<Cell>& entry,
                          std::uint32_t moved) noexcept {
    const bool joins = ring_.has(time, oldest);
    const std::uint64_t row = joins ? ring_.head() - 1 : ring_.head();
    const Int128 flow = entry.level[0];
    const Sums more{1, flow, flow < 0 ? -flow : flow, entry.best_depth};
    if (!fits(more) || (joins && !fits(more + since(row)))) return false;
    if (general_ && !keep_more(row, joins, entry, moved)) return false;
    if (!joins) {
      Int128* const before = ring_.values(row);
      before[kFlow] = total_.flow;
      before[kAbsolute] = total_.absolute;
      before[kBestDepth] = total_.best_depth;
      ring_.note(row) = total_.count;
      ring_.add(time, oldest);
    }
    ++total_.count;
    total_.best_depth = wrapped_sum(total_.best_depth, entry.best_depth);
    if ((moved & 1U) != 0) {
      total_.flow = wrapped_sum(total_.flow, more.flow);
      total_.absolute = wrapped_sum(total_.absolute, more.absolute);
    }
    return true;
  }
  [[nodiscard]] bool keep_more(std::uint64_t row, bool joins, const FlowEntry<Cell>& entry,
                               std::uint32_t moved) noexcept {
    Int128* const before = ring_.values(row);
    const MoreSums total = more_total_;
    const MoreSums from =
        joins ? MoreSums{before[kGeneral], before[kAllLevels], before[kAllDepth]} : total;
    MoreSums next = total;
    if (entry.general_known) next.general = wrapped_sum(next.general, entry.general);
    for_each_bit(moved, [&](std::uint32_t m) {
      next.all_levels = wrapped_sum(next.all_levels, entry.level[m]);
    });
    next.all_depth = wrapped_sum(next.all_depth, entry.all_depth);
    if (!fits(wrapped_difference(next.general, from.general)) ||
        !fits(wrapped_difference(next.all_levels, from.all_levels)) ||
        !fits(wrapped_difference(next.all_depth, from.all_depth))) {
      return false;
    }
    before[kGeneral] = from.general;
    before[kAllLevels] = from.all_levels;
    before[kAllDepth] = from.all_depth;
    more_total_ = next;
    return true;
  }

  // A row has cells for all levels from the first that moved to the last.
  [[nodiscard]] bool keep_levels(std::int64_t time, const FlowEntry<Cell>& entry,
                                 BitRange moved) noexcept {
    if (!level_ring_.has(time, level_tail_)) {
      const std::uint64_t row = level_ring_.head();
      Cell* const next = level_ring_.values(row);
      for (std::uint32_t m = moved.from; m < moved.until; ++m) next[m] = entry.level[m];
      level_ring_.note(row) = moved.bits();
      level_ring_.add(time, level_tail_);
      return true;
    }
    const std::uint64_t row = level_ring_.head() - 1;
    Cell* const held = level_ring_.values(row);
    const auto had = static_cast<std::uint32_t>(level_ring_.note(row));
    const BitRange both{had | moved.bits()};
    std::array<Cell, kTopLevels> sums;
    for (std::uint32_t m = both.from; m < both.until; ++m) {
      const Int128 before = (had >> m & 1U) != 0 ? Int128{held[m]} : 0;
      const Int128 sum = before + entry.level[m];  // zero where it has not moved
      if (!fits(sum)) return false;
      sums[m] = static_cast<Cell>(sum);
    }
    for (std::uint32_t m = both.from; m < both.until; ++m) held[m] = sums[m];
    level_ring_.note(row) = both.bits();
    return true;
  }

  [[nodiscard]] bool add_levels(const FlowEntry<Cell>& entry, std::uint32_t moved) noexcept {
    const std::int64_t time = level_ring_.time_at(now_, level_tail_);
    const BitRange range{moved};
    if (entry.wide != 0 || !keep_levels(time, entry, range)) return false;
    for (std::uint32_t m = range.from; m < range.until; ++m) {
      add_to(level_sums_[m], entry.level[m]);
    }
    levels_changed_ |= range.bits();
    if (level_due_ == kNever) {
      level_due_ = level_ring_.time(level_tail_) + level_width_ns_;
      next_ = std::min(next_, level_due_);
    }
    if (time != now_.raw()) evict_levels();
    return true;
  }
  // Sums of what fits wrap where they do not, and are right again as soon as they do.
  void add_to(Cell& sum, Cell more) noexcept {
    if constexpr (sizeof(Cell) == sizeof(Int128)) {
      sum += more;
    } else if (__builtin_add_overflow(sum, more, &sum)) [[unlikely]] {
      level_sums_fit_ = false;
    }
  }
  void take_from(Cell& sum, Cell less) noexcept {
    if constexpr (sizeof(Cell) == sizeof(Int128)) {
      sum -= less;
    } else if (__builtin_sub_overflow(sum, less, &sum)) [[unlikely]] {
      level_sums_fit_ = false;
    }
  }
  [[nodiscard]] std::uint32_t all_levels() const noexcept { return (1U << levels_) - 1; }

  void forget_until(std::int64_t& until, std::uint32_t w, std::int64_t time) noexcept {
    until = std::max(until, time + windows_[w].width_ns);
    windows_[w].unsure = windows_[w].changed = true;
    levels_changed_ = all_levels();
    next_ = kAlways;
    evict(windows_[w]);
  }

  void settle(Window& window) noexcept {
    window.unsure = false;
    for (std::int64_t* const until : {&window.unknown_until, &window.general_unknown_until}) {
      if (*until == kAlways) continue;
      if (now_.raw() >= *until) {
        *until = kAlways;
        window.changed = true;
        levels_changed_ = all_levels();
      } else {
        window.unsure = true;
      }
    }
  }

  void leave() noexcept {
    evict_levels();
    next_ = level_due_;
    for (std::uint32_t w = 0; w < count_; ++w) {
      evict(windows_[w]);
      next_ = windows_[w].unsure ? kAlways : std::min(next_, windows_[w].due);
    }
  }

  void evict(Window& window) noexcept {
    if (window.unsure) settle(window);
    if (now_.raw() < window.due) return;
    window.changed = true;
    pass(window.due, window.tail, window.width_ns, now_.raw());
  }
  // To the first row that is not too old.
  void pass(std::int64_t& due, std::uint64_t& tail, std::int64_t width_ns,
            std::int64_t now) const noexcept {
    while (now >= due) {
      ++tail;
      due = tail == ring_.head() ? kNever : ring_.time(tail) + width_ns;
    }
  }

  void evict_levels() noexcept {
    while (now_.raw() >= level_due_) {
      const Cell* const row = level_ring_.values(level_tail_);
      const BitRange range{static_cast<std::uint32_t>(level_ring_.note(level_tail_))};
      for (std::uint32_t m = range.from; m < range.until; ++m) take_from(level_sums_[m], row[m]);
      levels_changed_ |= range.bits();
      ++level_tail_;
      if (level_tail_ != level_ring_.head()) {
        level_due_ = level_ring_.time(level_tail_) + level_width_ns_;
      } else {
        level_due_ = kNever;
        level_sums_fit_ = true;  // all zero
      }
    }
  }

  std::uint32_t levels_;
  bool general_;  // tier 2 is computed
  std::uint32_t count_;
  std::uint32_t level_window_ = 0;
  std::int64_t level_width_ns_;
  TimestampNs now_{kAlways};
  std::int64_t next_ = kNever;  // nothing leaves any window before this
  Sums total_;                  // of all since the start
  MoreSums more_total_;
  std::array<Window, kMaxWindows> windows_{};
  Ring ring_;
  LevelRing level_ring_;
  std::uint64_t level_tail_ = 0;
  std::int64_t level_due_ = kNever;
  std::array<Cell, kTopLevels> level_sums_{};
  bool level_sums_fit_ = true;  // none of them wrapped since the window was empty
  std::uint64_t unkept_ = 0;
  std::uint32_t levels_changed_ = 0;  // bit by bit
  // Where the windows would begin at a later time than ours, as long as nothing happens here.
  struct Ahead {
    std::int64_t due = kNever;
    std::uint64_t tail = 0;
  };
  std::int64_t ahead_of_ = kAlways;
  std::array<Ahead, kMaxWindows> ahead_{};
};

}  // namespace steelyard
