// src/signals/flow_window.hpp -- sums over time windows of what each observation contributed to
// flow.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
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

// act(number) for every bit that is set, from the lowest on.
template <typename Act>
void for_each_bit(std::uint32_t bits, Act act) noexcept {
  for (; bits != 0; bits &= bits - 1) act(static_cast<std::uint32_t>(std::countr_zero(bits)));
}

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

  // Sums over one window. `general`, `all_levels` and `all_depth` are of tier 2, and not kept where
  // that is not computed.
  struct Window {
    std::int64_t width_ns = 0;
    std::int64_t due = kNever;  // when the oldest leaves
    std::uint64_t tail = 0;
    std::int64_t count = 0;
    Int128 flow = 0;
    Int128 absolute = 0;
    Int128 general = 0;
    Int128 all_levels = 0;
    Int128 best_depth = 0;
    Int128 all_depth = 0;
    std::int64_t unknown_until = kAlways;
    std::int64_t general_unknown_until = kAlways;
    bool unsure = false;  // one of both is not kAlways
    bool changed = true;

    [[nodiscard]] bool known() const noexcept { return unknown_until == kAlways; }
    [[nodiscard]] bool general_known() const noexcept {
      return known() && general_unknown_until == kAlways;
    }
  };

  [[nodiscard]] static std::size_t memory(const SignalParams& params) {
    return Ring::memory(rows(params), cells(params)) +
           Ring::memory(level_rows(params), params.flow_levels + 1);
  }

  FlowWindows(const SignalParams& params, std::span<std::byte> memory) noexcept
      : levels_{params.flow_levels},
        general_{params.tier2},
        count_{static_cast<std::uint32_t>(params.flow_windows_ms.size())},
        level_width_ns_{to_ns(params.multi_level_window_ms)},
        ring_{memory, rows(params), cells(params), to_ns(params.flow_windows_ms.back()),
              params.window_granularity_ns},
        level_ring_{memory.subspan(Ring::memory(rows(params), cells(params))), level_rows(params),
                    params.flow_levels + 1, level_width_ns_, params.window_granularity_ns} {
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
    for (std::uint32_t w = 0; w < count_; ++w) evict(windows_[w]);
    evict_levels();
  }

  // HOT. An observation at the time of the last `evict`. `moved`: the levels whose flow is not
  // zero, bit by bit.
  void add(const FlowEntry& entry, std::uint32_t moved) noexcept {
    general_ ? add<kAllCells>(entry, moved) : add<kTier1Cells>(entry, moved);
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
    levels_changed_ = all_levels();
  }

  [[nodiscard]] std::span<Window> windows() noexcept { return {windows_.data(), count_}; }

  [[nodiscard]] Int128 level_sum(std::uint32_t m) const noexcept { return level_sums_[m]; }
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
  using Ring = FlowRing<Cell>;
  enum : std::uint32_t {
    kCount,
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

  template <std::uint32_t kCells>
  void add(const FlowEntry& entry, std::uint32_t moved) noexcept {
    constexpr bool kOfTier2 = kCells == kAllCells;
    const std::uint64_t oldest = windows_[count_ - 1].tail;
    const std::int64_t time = ring_.time_at(now_, oldest);
    std::array<Int128, kCells> value{};
    value[kCount] = 1;
    value[kFlow] = entry.level[0];
    value[kAbsolute] = entry.level[0] < 0 ? -entry.level[0] : entry.level[0];
    value[kBestDepth] = entry.best_depth;
    if constexpr (kOfTier2) {
      value[kGeneral] = entry.general_known ? entry.general : 0;
      for_each_bit(moved, [&](std::uint32_t m) { value[kAllLevels] += entry.level[m]; });
      value[kAllDepth] = entry.all_depth;
    }
    if ((moved != 0 && !add_levels(entry, moved)) || !keep<kCells>(time, oldest, value)) {
      ++unkept_;
      for (std::uint32_t w = 0; w < count_; ++w) forget_until(windows_[w].unknown_until, w, time);
      return;
    }
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      if (!entry.general_known) forget_until(window.general_unknown_until, w, time);
      if (window.tail == ring_.head()) continue;  // rounded times may be too old at once
      window.count += 1;
      if ((moved & 1U) != 0) {
        window.flow += value[kFlow];
        window.absolute += value[kAbsolute];
      }
      window.best_depth += value[kBestDepth];
      if constexpr (kOfTier2) {
        window.general += value[kGeneral];
        window.all_levels += value[kAllLevels];
        window.all_depth += value[kAllDepth];
      }
      window.changed = true;
      if (window.due == kNever) window.due = ring_.time(window.tail) + window.width_ns;
      if (time != now_.raw()) evict(window);
    }
  }

  // Puts a value in a cell. False: it does not fit.
  [[nodiscard]] static bool put(Int128 value, Cell& cell) noexcept {
    cell = static_cast<Cell>(value);
    return cell == value;
  }

  // Adds to the newest row if that is of the same time, else makes one. False: does not fit.
  template <std::uint32_t kCells>
  [[nodiscard]] bool keep(std::int64_t time, std::uint64_t oldest,
                          const std::array<Int128, kCells>& values) noexcept {
    bool fits = true;
    if (!ring_.has(time, oldest)) {
      // Nobody reads the row before it is added.
      Cell* const next = ring_.values(ring_.head());
      for (std::uint32_t i = 0; i < kCells; ++i) fits &= put(values[i], next[i]);
      if (fits) ring_.add(time, oldest);
      return fits;
    }
    Cell* const held = ring_.values(ring_.head() - 1);
    std::array<Cell, kCells> sums;
    for (std::uint32_t i = 0; i < kCells; ++i) fits &= put(values[i] + held[i], sums[i]);
    if (fits) std::copy_n(sums.begin(), kCells, held);
    return fits;
  }

  // A row of levels ends with the levels that moved in it, bit by bit; the others' cells are zero.
  [[nodiscard]] bool keep_levels(std::int64_t time, const FlowEntry& entry,
                                 std::uint32_t moved) noexcept {
    bool fits = true;
    if (!level_ring_.has(time, level_tail_)) {
      Cell* const next = level_ring_.values(level_ring_.head());
      std::fill_n(next, levels_, Cell{0});
      for_each_bit(moved, [&](std::uint32_t m) { fits &= put(entry.level[m], next[m]); });
      next[levels_] = moved;
      if (fits) level_ring_.add(time, level_tail_);
      return fits;
    }
    Cell* const held = level_ring_.values(level_ring_.head() - 1);
    std::array<Cell, kTopLevels> sums;
    for_each_bit(moved, [&](std::uint32_t m) { fits &= put(entry.level[m] + held[m], sums[m]); });
    if (!fits) return false;
    for_each_bit(moved, [&](std::uint32_t m) { held[m] = sums[m]; });
    held[levels_] |= Cell{moved};
    return true;
  }

  [[nodiscard]] bool add_levels(const FlowEntry& entry, std::uint32_t moved) noexcept {
    const std::int64_t time = level_ring_.time_at(now_, level_tail_);
    if (!keep_levels(time, entry, moved)) return false;
    for_each_bit(moved, [&](std::uint32_t m) { level_sums_[m] += entry.level[m]; });
    levels_changed_ |= moved;
    if (level_due_ == kNever) level_due_ = level_ring_.time(level_tail_) + level_width_ns_;
    if (time != now_.raw()) evict_levels();
    return true;
  }
  [[nodiscard]] std::uint32_t all_levels() const noexcept { return (1U << levels_) - 1; }

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
    windows_[w].unsure = windows_[w].changed = true;
    levels_changed_ = all_levels();
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

  void evict(Window& window) noexcept {
    if (window.unsure) settle(window);
    while (now_.raw() >= window.due) {
      const Cell* const row = ring_.values(window.tail++);
      window.count -= static_cast<std::int64_t>(row[kCount]);
      window.flow -= row[kFlow];
      window.absolute -= row[kAbsolute];
      window.best_depth -= row[kBestDepth];
      if (general_) {
        window.general -= row[kGeneral];
        window.all_levels -= row[kAllLevels];
        window.all_depth -= row[kAllDepth];
      }
      window.changed = true;
      window.due = window.tail == ring_.head() ? kNever : ring_.time(window.tail) + window.width_ns;
    }
  }

  void evict_levels() noexcept {
    while (now_.raw() >= level_due_) {
      const Cell* const row = level_ring_.values(level_tail_++);
      const auto moved = static_cast<std::uint32_t>(row[levels_]);
      for_each_bit(moved, [&](std::uint32_t m) { level_sums_[m] -= row[m]; });
      levels_changed_ |= moved;
      level_due_ = level_tail_ == level_ring_.head()
                       ? kNever
                       : level_ring_.time(level_tail_) + level_width_ns_;
    }
  }

  std::uint32_t levels_;
  bool general_;  // tier 2 is computed
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
  std::uint32_t levels_changed_ = 0;  // bit by bit
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
