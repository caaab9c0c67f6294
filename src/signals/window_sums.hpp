// src/signals/window_sums.hpp -- sums over several time windows of what single events contribute.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <limits>
#include <span>

#include "core/int128.hpp"
#include "signals/flow_ring.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// At time t a window of width W holds what happened at s with t - W < s <= t (signals.md C5). One
// ring serves all windows, each with its own tail. Sums are integers: what is added on entry is
// subtracted on exit, to the last bit.
//
// Contributions are below 2^126. What would not fit (2^105 in one row) is not kept, and the windows
// that should hold it are unknown for as long as they should.
template <std::uint32_t kCells>
class WindowSums {
 public:
  static constexpr std::uint32_t kMaxWindows = 8;
  using Values = std::array<Int128, kCells>;

  struct Window {
    std::int64_t width_ns = 0;
    std::int64_t due = kNever;  // when the oldest leaves
    std::uint64_t tail = 0;
    std::int64_t unknown_until = kAlways;
    Values sum{};
    bool changed = true;

    [[nodiscard]] bool known() const noexcept { return unknown_until == kAlways; }
    // When something leaves it, or comes to be known.
    [[nodiscard]] std::int64_t next() const noexcept {
      return unknown_until == kAlways ? due : std::min(due, unknown_until);
    }
    // Whether the window may have changed since this was asked last.
    [[nodiscard]] bool take_changed() noexcept {
      const bool was = changed;
      changed = false;
      return was;
    }
  };

  [[nodiscard]] static std::size_t memory(std::uint32_t entries) noexcept {
    return Ring::memory(Ring::rows(entries), kCells);
  }

  // `widths_ms`: ascending, 1 to kMaxWindows of them.
  WindowSums(std::span<const std::uint32_t> widths_ms, std::uint32_t entries,
             std::int64_t granularity_ns, std::span<std::byte> memory) noexcept
      : count_{static_cast<std::uint32_t>(widths_ms.size())},
        ring_{memory, Ring::rows(entries), kCells, to_ns(widths_ms.back()), granularity_ns} {
    assert(count_ <= kMaxWindows);
    for (std::uint32_t w = 0; w < count_; ++w) windows_[w].width_ns = to_ns(widths_ms[w]);
  }

  // HOT. Whatever is too old for a window leaves it.
  void evict(TimestampNs now) noexcept {
    now_ = std::max(now_, now.raw());
    ahead_of_ = kAlways;
    if (now_ < next_) return;
    next_ = kNever;
    for (std::uint32_t w = 0; w < count_; ++w) {
      evict(windows_[w]);
      next_ = std::min(next_, windows_[w].next());
    }
    moved_ = true;
  }
  // Whether any window may have changed since this was asked last.
  [[nodiscard]] bool take_moved() noexcept {
    const bool moved = moved_;
    moved_ = false;
    return moved;
  }

  // HOT. Something that happens at the time of the last `evict`.
  void add(const Values& values) noexcept {
    next_ = kAlways;
    moved_ = true;
    const std::uint64_t oldest = windows_[count_ - 1].tail;
    const std::int64_t time = ring_.time_at(TimestampNs{now_}, oldest);
    if (!keep(time, oldest, values)) {
      ++unkept_;
      for (std::uint32_t w = 0; w < count_; ++w) {
        Window& window = windows_[w];
        window.unknown_until = std::max(window.unknown_until, time + window.width_ns);
        window.changed = true;
        evict(window);
      }
      return;
    }
    for (std::uint32_t w = 0; w < count_; ++w) {
      Window& window = windows_[w];
      if (window.tail == ring_.head()) continue;  // rounded times may be too old at once
      for (std::uint32_t i = 0; i < kCells; ++i) window.sum[i] += values[i];
      window.changed = true;
      if (window.due == kNever) window.due = ring_.time(window.tail) + window.width_ns;
      evict(window);
    }
  }

  // HOT. What a window would hold at `now`, or holds already if that is no later than the last
  // `evict`; for others who look in while nothing happens here. Asked in the order of time, each
  // row is passed once.
  struct Held {
    const Values& sum;
    bool known;
  };
  [[nodiscard]] Held at(std::uint32_t w, TimestampNs now) noexcept {
    if (now.raw() <= now_) return {windows_[w].sum, windows_[w].known()};
    if (ahead_of_ > now.raw() || ahead_of_ == kAlways) {
      for (std::uint32_t i = 0; i < count_; ++i) {
        ahead_[i] = {windows_[i].due, windows_[i].tail, windows_[i].sum};
      }
    }
    if (ahead_of_ != now.raw()) {
      for (std::uint32_t i = 0; i < count_; ++i) look_ahead(i, now.raw());
      ahead_of_ = now.raw();
    }
    return {ahead_[w].sum, now.raw() >= windows_[w].unknown_until};
  }

  [[nodiscard]] std::span<Window> windows() noexcept { return {windows_.data(), count_}; }

  // Contributions kept under a rounded time, or not at all.
  [[nodiscard]] std::uint64_t limited() const noexcept { return ring_.rounded() + unkept_; }

 private:
  using Ring = FlowRing<Int128>;
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::min();
  static constexpr Int128 kMost = Int128{1} << 105;  // 2^20 rows of it fit a sum

  [[nodiscard]] static std::int64_t to_ns(std::uint32_t ms) noexcept {
    return std::int64_t{ms} * 1'000'000;
  }

  // Adds to the newest row if that is of the same time, else makes one. False: does not fit.
  [[nodiscard]] bool keep(std::int64_t time, std::uint64_t oldest, const Values& values) noexcept {
    const bool merge = ring_.has(time, oldest);
    Int128* const held = ring_.values(merge ? ring_.head() - 1 : ring_.head());
    Values sums = values;
    for (std::uint32_t i = 0; i < kCells; ++i) {
      if (merge) sums[i] += held[i];
      if (sums[i] > kMost || sums[i] < -kMost) return false;
    }
    if (!merge) ring_.add(time, oldest);
    std::copy_n(sums.begin(), kCells, held);
    return true;
  }

  void look_ahead(std::uint32_t w, std::int64_t now) noexcept {
    Ahead& ahead = ahead_[w];
    while (now >= ahead.due) {
      const Int128* const row = ring_.values(ahead.tail++);
      for (std::uint32_t i = 0; i < kCells; ++i) ahead.sum[i] -= row[i];
      ahead.due =
          ahead.tail == ring_.head() ? kNever : ring_.time(ahead.tail) + windows_[w].width_ns;
    }
  }

  void evict(Window& window) noexcept {
    if (window.unknown_until != kAlways && now_ >= window.unknown_until) {
      window.unknown_until = kAlways;
      window.changed = true;
    }
    while (now_ >= window.due) {
      const Int128* const row = ring_.values(window.tail++);
      for (std::uint32_t i = 0; i < kCells; ++i) window.sum[i] -= row[i];
      window.changed = true;
      window.due = window.tail == ring_.head() ? kNever : ring_.time(window.tail) + window.width_ns;
    }
  }

  std::uint32_t count_;
  std::int64_t now_ = kAlways;
  std::int64_t next_ = kAlways;  // nothing leaves any window before this
  bool moved_ = true;
  std::array<Window, kMaxWindows> windows_{};
  Ring ring_;
  std::uint64_t unkept_ = 0;
  // What the windows would be at a later time than ours, as long as nothing happens here.
  struct Ahead {
    std::int64_t due = kNever;
    std::uint64_t tail = 0;
    Values sum{};
  };
  std::int64_t ahead_of_ = kAlways;
  std::array<Ahead, kMaxWindows> ahead_{};
};

}  // namespace steelyard
