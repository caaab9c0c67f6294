// src/signals/flow_window.hpp -- sums over time windows of what each observation contributed to
// flow.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "core/int128.hpp"
#include "signals/flow_ring.hpp"
#include "signals/market_event.hpp"
#include "signals/signal_params.hpp"

namespace steelyard {

// What one observation contributes, in the integers of its units.
struct FlowEntry {
  std::array<Int128, kTopLevels> level{};  // e at each populated level
  Int128 general = 0;                      // gofi_e
  Int128 best_depth = 0;                   // best bid size + best ask size
  Int128 all_depth = 0;                    // ... of the best M levels
  bool general_known = true;
};

// At time t a window of width W holds those observations with t - W < s <= t (signals.md C5). One
// ring serves all windows, each with its own tail; the vector over levels has a ring of its own,
// for one window and for observations that moved one of the levels. Sums are integers: exact.
//
// A contribution that does not fit a cell is not kept, and the windows that should hold it are not
// defined for as long as they should.
template <typename Cell>
class FlowWindows {
 public:
  static constexpr std::uint32_t kMaxWindows = 8;

  // Sums over one window. `flow` to `all_depth` stand in the order of the cells of a row.
  struct Window {
    std::int64_t width_ns = 0;
    std::int64_t due = kNever;  // when the oldest leaves
    std::uint64_t tail = 0;
    Int128 count = 0;
    Int128 flow = 0;
    Int128 absolute = 0;
    Int128 general = 0;
    Int128 all_levels = 0;
    Int128 best_depth = 0;
    Int128 all_depth = 0;
    std::int64_t unknown_until = kAlways;
    std::int64_t general_unknown_until = kAlways;
    bool changed = true;

    [[nodiscard]] bool known() const noexcept { return unknown_until == kAlways; }
    [[nodiscard]] bool general_known() const noexcept {
      return known() && general_unknown_until == kAlways;
    }
  };

  [[nodiscard]] static std::size_t memory(const SignalParams& params) {
    return Ring::memory(rows(params), kCells) +
           Ring::memory(level_rows(params), params.flow_levels);
  }

  FlowWindows(const SignalParams& params, std::span<std::byte> memory) noexcept
      : levels_{params.flow_levels},
        count_{static_cast<std::uint32_t>(params.flow_windows_ms.size())},
        level_width_ns_{to_ns(params.multi_level_window_ms)},
        ring_{memory, rows(params), kCells, to_ns(params.flow_windows_ms.back()),
              params.window_granularity_ns},
        level_ring_{memory.subspan(Ring::memory(rows(params), kCells)), level_rows(params),
                    params.flow_levels, level_width_ns_, params.window_granularity_ns} {
    for (std::uint32_t w = 0; w < count_; ++w) {
      windows_[w].width_ns = to_ns(params.flow_windows_ms[w]);
      if (windows_[w].width_ns == level_width_ns_) level_window_ = w;
    }
  }

  // HOT. Whatever is too old for a window leaves it.
  void evict(TimestampNs now) noexcept {
    now_ = std::max(now_, now);
    ahead_of_ = kAlways;
    for (std::uint32_t w = 0; w < count_; ++w) evict(windows_[w]);
    evict_levels();
  }

  // HOT. An observation at the time of the last `evict`. `moved`: some level's flow is not zero.
  void add(const FlowEntry& entry, bool moved) noexcept {
    const std::uint64_t oldest = windows_[count_ - 1].tail;
    const std::int64_t time = ring_.time_at(now_, oldest);
    std::array<Int128, kCells> value{};
    value[kCount] = 1;
    // Most observations move nothing as deep as flow looks.
    const bool flows = moved || entry.general != 0;
    if (flows) {
      value[kFlow] = entry.level[0];
      value[kAbsolute] = entry.level[0] < 0 ? -entry.level[0] : entry.level[0];
      value[kGeneral] = entry.general_known ? entry.general : 0;
      for (std::uint32_t m = 0; m < levels_; ++m) value[kAllLevels] += entry.level[m];
    }
    value[kBestDepth] = entry.best_depth;
    value[kAllDepth] = entry.all_depth;
    if ((moved && !add_levels(entry)) || !keep(ring_, time, oldest, value)) {
      ++unkept_;
      for (std::uint32_t w = 0; w < count_; ++w) forget_until(windows_[w].unknown_until, w, time);
      return;
    }
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      if (!entry.general_known) forget_until(window.general_unknown_until, w, time);
      if (window.tail == ring_.head()) continue;  // rounded times may be too old at once
      window.count += 1;
      if (flows) {
        window.flow += value[kFlow];
        window.absolute += value[kAbsolute];
        window.general += value[kGeneral];
        window.all_levels += value[kAllLevels];
      }
      window.best_depth += value[kBestDepth];
      window.all_depth += value[kAllDepth];
      window.changed = true;
      if (window.due == kNever) window.due = ring_.time(window.tail) + window.width_ns;
      if (time != now_.raw()) evict(window);
    }
  }

  // HOT. What a window's flow would be at `now`, or is already if that is no later than the last
  // `evict`; for others who look in while nothing happens here. Asked in the order of time, each
  // row is passed once.
  struct Flow {
    Int128 sum;
    bool known;
  };
  [[nodiscard]] Flow flow_at(std::uint32_t w, TimestampNs now) noexcept {
    if (now <= now_) return {windows_[w].flow, windows_[w].known()};
    if (ahead_of_ > now.raw() || ahead_of_ == kAlways) {
      for (std::uint32_t i = 0; i < count_; ++i) {
        ahead_[i] = {windows_[i].due, windows_[i].tail, windows_[i].flow};
      }
    }
    if (ahead_of_ != now.raw()) {
      for (std::uint32_t i = 0; i < count_; ++i) look_ahead(i, now.raw());
      ahead_of_ = now.raw();
    }
    return {ahead_[w].flow, now.raw() >= windows_[w].unknown_until};
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
    level_tail_ = level_ring_.head();
    level_due_ = kNever;
    levels_changed_ = true;
  }

  [[nodiscard]] std::span<Window> windows() noexcept { return {windows_.data(), count_}; }

  [[nodiscard]] Int128 level_sum(std::uint32_t m) const noexcept { return level_sums_[m]; }
  // Whether the sums over levels may have changed since this was asked last.
  [[nodiscard]] bool take_levels_changed() noexcept {
    const bool changed = levels_changed_;
    levels_changed_ = false;
    return changed;
  }
  [[nodiscard]] bool levels_known() const noexcept { return windows_[level_window_].known(); }

  // Observations kept under a rounded time, or not at all.
  [[nodiscard]] std::uint64_t limited() const noexcept {
    return ring_.rounded() + level_ring_.rounded() + unkept_;
  }

 private:
  using Ring = FlowRing<Cell>;
  enum : std::uint32_t {
    kCount,
    kFlow,
    kAbsolute,
    kGeneral,
    kAllLevels,
    kBestDepth,
    kAllDepth,
    kCells
  };
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] static std::int64_t to_ns(std::uint32_t ms) noexcept {
    return std::int64_t{ms} * 1'000'000;
  }
  [[nodiscard]] static std::uint32_t rows(const SignalParams& params) noexcept {
    return Ring::rows(params.flow_entries);
  }
  // As dense in time as the other ring.
  [[nodiscard]] static std::uint32_t level_rows(const SignalParams& params) noexcept {
    const std::uint64_t share = std::uint64_t{params.flow_entries} * params.multi_level_window_ms /
                                params.flow_windows_ms.back();
    return Ring::rows(static_cast<std::uint32_t>(std::max<std::uint64_t>(share, 256)));
  }

  // Adds to the newest row if that is of the same time, else makes one. False: does not fit.
  template <std::size_t kValues>
  [[nodiscard]] static bool keep(Ring& ring, std::int64_t time, std::uint64_t oldest,
                                 const std::array<Int128, kValues>& values,
                                 std::uint32_t count = kValues) noexcept {
    if (!ring.has(time, oldest)) {
      // Nobody reads the row before it is added.
      Cell* const next = ring.values(ring.head());
      bool fits = true;
      for (std::uint32_t i = 0; i < count; ++i) {
        next[i] = static_cast<Cell>(values[i]);
        fits = fits && next[i] == values[i];
      }
      if (fits) ring.add(time, oldest);
      return fits;
    }
    Cell* const held = ring.values(ring.head() - 1);
    std::array<Cell, kValues> cells;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Int128 sum = values[i] + held[i];
      cells[i] = static_cast<Cell>(sum);
      if (cells[i] != sum) return false;
    }
    std::copy_n(cells.begin(), count, held);
    return true;
  }

  [[nodiscard]] bool add_levels(const FlowEntry& entry) noexcept {
    const std::int64_t time = level_ring_.time_at(now_, level_tail_);
    if (!keep(level_ring_, time, level_tail_, entry.level, levels_)) return false;
    for (std::uint32_t m = 0; m < levels_; ++m) level_sums_[m] += entry.level[m];
    levels_changed_ = true;
    if (level_due_ == kNever) level_due_ = level_ring_.time(level_tail_) + level_width_ns_;
    if (time != now_.raw()) evict_levels();
    return true;
  }

  void look_ahead(std::uint32_t w, std::int64_t now) noexcept {
    Ahead& ahead = ahead_[w];
    while (now >= ahead.due) {
      ahead.flow -= ring_.values(ahead.tail++)[kFlow];
      ahead.due =
          ahead.tail == ring_.head() ? kNever : ring_.time(ahead.tail) + windows_[w].width_ns;
    }
  }

  void forget_until(std::int64_t& until, std::uint32_t w, std::int64_t time) noexcept {
    until = std::max(until, time + windows_[w].width_ns);
    windows_[w].changed = levels_changed_ = true;
    evict(windows_[w]);
  }

  void evict(Window& window) noexcept {
    for (std::int64_t* const until : {&window.unknown_until, &window.general_unknown_until}) {
      if (*until != kAlways && now_.raw() >= *until) {
        *until = kAlways;
        window.changed = levels_changed_ = true;
      }
    }
    while (now_.raw() >= window.due) {
      const Cell* const row = ring_.values(window.tail++);
      window.count -= row[kCount];
      window.flow -= row[kFlow];
      window.absolute -= row[kAbsolute];
      window.general -= row[kGeneral];
      window.all_levels -= row[kAllLevels];
      window.best_depth -= row[kBestDepth];
      window.all_depth -= row[kAllDepth];
      window.changed = true;
      window.due = window.tail == ring_.head() ? kNever : ring_.time(window.tail) + window.width_ns;
    }
  }

  void evict_levels() noexcept {
    while (now_.raw() >= level_due_) {
      const Cell* const row = level_ring_.values(level_tail_++);
      for (std::uint32_t m = 0; m < levels_; ++m) level_sums_[m] -= row[m];
      levels_changed_ = true;
      level_due_ = level_tail_ == level_ring_.head()
                       ? kNever
                       : level_ring_.time(level_tail_) + level_width_ns_;
    }
  }

  std::uint32_t levels_;
  std::uint32_t count_;
  std::uint32_t level_window_ = 0;
  std::int64_t level_width_ns_;
  TimestampNs now_{kAlways};
  std::array<Window, kMaxWindows> windows_{};
  Ring ring_;
  Ring level_ring_;
  std::uint64_t level_tail_ = 0;
  std::int64_t level_due_ = kNever;
  std::array<Int128, kTopLevels> level_sums_{};
  std::uint64_t unkept_ = 0;
  bool levels_changed_ = true;
  // What the windows would be at a later time than ours, as long as nothing happens here.
  struct Ahead {
    std::int64_t due = kNever;
    std::uint64_t tail = 0;
    Int128 flow = 0;
  };
  std::int64_t ahead_of_ = kAlways;
  std::array<Ahead, kMaxWindows> ahead_{};
};

}  // namespace steelyard
