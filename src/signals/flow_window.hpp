// src/signals/flow_window.hpp -- sums over time windows of what each observation contributed to
// flow.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

#include "core/int128.hpp"
#include "signals/signal_params.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// A sum that things are added to and taken from again for ever: integers are exact, doubles are
// compensated (Neumaier), so neither drifts.
template <typename Sum>
class RunningSum {
 public:
  void add(Sum value) noexcept { sum_ += value; }
  void clear() noexcept { sum_ = Sum{}; }
  [[nodiscard]] Sum value() const noexcept { return sum_; }

 private:
  Sum sum_{};
};
template <>
class RunningSum<double> {
 public:
  void add(double value) noexcept {
    const double sum = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
  }
  void clear() noexcept { sum_ = lost_ = 0.0; }
  [[nodiscard]] double value() const noexcept { return sum_ + lost_; }

 private:
  double sum_ = 0.0;
  double lost_ = 0.0;
};

// One ring of observations and one tail per window (signals.md C5): at time t a window of width W
// holds those with t - W < s <= t. What the ring is too small for leaves the windows early, and
// those windows are not defined until it would have left them anyway.
template <typename Sum>
class FlowWindow {
 public:
  static constexpr std::uint32_t kMaxWindows = 8;
  static constexpr std::uint32_t kMaxLevels = 20;

  struct Entry {
    TimestampNs time;
    Sum general{};     // gofi_e
    Sum all_levels{};  // sum of e over the levels
    Sum best_depth{};  // best bid size + best ask size
    Sum all_depth{};   // ... of the best M levels
    std::array<Sum, kMaxLevels> level{};
  };

  struct Window {
    std::int64_t width_ns = 0;
    std::uint64_t tail = 0;
    std::uint64_t observations = 0;
    RunningSum<Sum> flow, absolute, general, all_levels, best_depth, all_depth;
    std::int64_t lost_until = std::numeric_limits<std::int64_t>::min();
    std::int64_t general_lost_until = std::numeric_limits<std::int64_t>::min();
    bool changed = true;
  };

  static std::size_t memory(const SignalParams& params) {
    return std::size_t{params.flow_entries} * (kFixed + params.flow_levels) * sizeof(Cell);
  }

  FlowWindow(const SignalParams& params, std::span<std::byte> memory)
      : cells_{reinterpret_cast<Cell*>(memory.data())},
        stride_{kFixed + params.flow_levels},
        levels_{params.flow_levels},
        capacity_{params.flow_entries},
        count_{static_cast<std::uint32_t>(params.flow_windows_ms.size())},
        granularity_{params.window_granularity_ns} {
    for (std::uint32_t w = 0; w < count_; ++w) {
      windows_[w].width_ns = std::int64_t{params.flow_windows_ms[w]} * 1'000'000;
      if (params.flow_windows_ms[w] == params.multi_level_window_ms) multi_level_ = w;
    }
  }

  // HOT.
  void evict(TimestampNs now) noexcept {
    now_ = now.raw();
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      // What was lost is no longer missed once it would have left.
      if (window.lost_until != kNever && now_ >= window.lost_until) {
        window.lost_until = kNever;
        window.changed = true;
      }
      if (window.general_lost_until != kNever && now_ >= window.general_lost_until) {
        window.general_lost_until = kNever;
        window.changed = true;
      }
      while (window.tail != head_ && time_of(window.tail) <= now_ - window.width_ns) take(w);
    }
  }

  // HOT. `general_lost`: its gofi_e is not known.
  void push(const Entry& entry, bool general_lost) noexcept {
    if (head_ - oldest() == capacity_) drop_oldest();
    Cell* const cell = &cells_[head_ % capacity_ * stride_];
    const std::int64_t time =
        granularity_ == 0 ? entry.time.raw() : entry.time.raw() / granularity_ * granularity_;
    bool whole = true;
    cell[0] = std::bit_cast<Cell>(time);
    cell[1] = narrow(entry.general, whole);
    cell[2] = narrow(entry.all_levels, whole);
    cell[3] = narrow(entry.best_depth, whole);
    cell[4] = narrow(entry.all_depth, whole);
    for (std::uint32_t m = 0; m < levels_; ++m) cell[kFixed + m] = narrow(entry.level[m], whole);
    ++head_;
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      add(w, cell, 1);
      if (!whole) window.lost_until = std::max(window.lost_until, time + window.width_ns);
      if (general_lost) {
        window.general_lost_until = std::max(window.general_lost_until, time + window.width_ns);
      }
      // Coarse times may be due at once.
      while (window.tail != head_ && time_of(window.tail) <= now_ - window.width_ns) take(w);
    }
  }

  void clear() noexcept {
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      window.tail = head_;
      window.observations = 0;
      for (RunningSum<Sum>* const sum :
           {&window.flow, &window.absolute, &window.general, &window.all_levels, &window.best_depth,
            &window.all_depth}) {
        sum->clear();
      }
      window.lost_until = window.general_lost_until = kNever;
      window.changed = true;
    }
    for (RunningSum<Sum>& sum : level_sums_) sum.clear();
  }

  [[nodiscard]] std::span<Window> windows() noexcept { return {windows_.data(), count_}; }
  [[nodiscard]] std::uint32_t multi_level() const noexcept { return multi_level_; }
  [[nodiscard]] Sum level_sum(std::uint32_t m) const noexcept { return level_sums_[m].value(); }
  [[nodiscard]] static bool is_whole(const Window& window) noexcept {
    return window.lost_until == kNever;
  }
  [[nodiscard]] static bool is_general_whole(const Window& window) noexcept {
    return window.lost_until == kNever && window.general_lost_until == kNever;
  }

 private:
  using Cell = std::conditional_t<std::is_same_v<Sum, double>, double, std::int64_t>;
  static constexpr std::uint32_t kFixed = 5;
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] std::int64_t time_of(std::uint64_t at) const noexcept {
    return std::bit_cast<std::int64_t>(cells_[at % capacity_ * stride_]);
  }
  [[nodiscard]] std::uint64_t oldest() const noexcept {
    std::uint64_t oldest = head_;
    for (std::uint32_t w = 0; w < count_; ++w) oldest = std::min(oldest, windows_[w].tail);
    return oldest;
  }

  // A contribution beyond 64 bits is not kept; the windows it belongs to are then not defined.
  [[nodiscard]] static Cell narrow(Sum value, bool& whole) noexcept {
    if constexpr (std::is_same_v<Sum, double>) {
      return value;
    } else {
      const auto cell = static_cast<std::int64_t>(value);
      whole = whole && Sum{cell} == value;
      return cell;
    }
  }

  void add(std::uint32_t w, const Cell* cell, int sign) noexcept {
    Window& window = windows_[w];
    const auto signed_of = [sign](Cell value) noexcept {
      return sign > 0 ? Sum{value} : -Sum{value};
    };
    const Sum flow{cell[kFixed]};
    window.flow.add(signed_of(cell[kFixed]));
    window.absolute.add(sign > 0 ? (flow < Sum{} ? -flow : flow) : (flow < Sum{} ? flow : -flow));
    window.general.add(signed_of(cell[1]));
    window.all_levels.add(signed_of(cell[2]));
    window.best_depth.add(signed_of(cell[3]));
    window.all_depth.add(signed_of(cell[4]));
    if (w == multi_level_) {
      for (std::uint32_t m = 0; m < levels_; ++m) level_sums_[m].add(signed_of(cell[kFixed + m]));
    }
    window.observations += static_cast<std::uint64_t>(static_cast<std::int64_t>(sign));
    window.changed = true;
    // An empty window has sums of exactly zero, whatever rounding left.
    if (window.observations == 0) {
      for (RunningSum<Sum>* const sum :
           {&window.flow, &window.absolute, &window.general, &window.all_levels, &window.best_depth,
            &window.all_depth}) {
        sum->clear();
      }
      if (w == multi_level_) {
        for (RunningSum<Sum>& sum : level_sums_) sum.clear();
      }
    }
  }

  void take(std::uint32_t w) noexcept {
    add(w, &cells_[windows_[w].tail % capacity_ * stride_], -1);
    ++windows_[w].tail;
  }

  void drop_oldest() noexcept {
    const std::uint64_t at = oldest();
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      if (window.tail != at) continue;
      window.lost_until = std::max(window.lost_until, time_of(at) + window.width_ns);
      take(w);
    }
  }

  Cell* cells_;
  std::uint32_t stride_;
  std::uint32_t levels_;
  std::uint64_t capacity_;
  std::uint32_t count_;
  std::uint32_t multi_level_ = 0;
  std::int64_t granularity_;
  std::int64_t now_ = kNever / 2;
  std::uint64_t head_ = 0;
  std::array<Window, kMaxWindows> windows_{};
  std::array<RunningSum<Sum>, kMaxLevels> level_sums_{};
};

}  // namespace steelyard
