// src/signals/flow_ring.hpp -- what observations contributed, by time, in memory fixed at start.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "steelyard/types.hpp"

namespace steelyard {

// Rows of time, a note and values, oldest first, never full. Rows of one time are one row: they
// leave every window together, so nothing is lost by adding them up. While the ring is more than
// half full, times are rounded down to steps of which the other half holds a whole window;
// signals.md C5 says what that computes: what buckets of that width would.
template <typename Cell>
class FlowRing {
 public:
  [[nodiscard]] static std::uint32_t rows(std::uint32_t wanted) noexcept {
    return std::bit_ceil(std::max(wanted, 16U));
  }
  [[nodiscard]] static std::size_t memory(std::uint32_t rows, std::uint32_t cells) noexcept {
    return rows * stride(cells);
  }

  // `memory`: aligned to 16 bytes. `longest_ns`: of the windows over it; `granularity_ns`: steps
  // that times are rounded to anyway.
  FlowRing(std::span<std::byte> memory, std::uint32_t rows, std::uint32_t cells,
           std::int64_t longest_ns, std::int64_t granularity_ns) noexcept
      : rows_{memory.data()},
        mask_{rows - 1},
        stride_{stride(cells)},
        step_ns_{std::max<std::int64_t>(granularity_ns, 1)},
        coarse_ns_{std::max(step_ns_, longest_ns / (rows / 2 - 2) + 1)} {
    assert(std::has_single_bit(rows) && memory.size() >= FlowRing::memory(rows, cells));
  }

  // Rows are numbered from 0 for ever; [oldest, head) are held.
  [[nodiscard]] std::uint64_t head() const noexcept { return head_; }
  [[nodiscard]] std::int64_t time(std::uint64_t row) const noexcept { return at(row)->time; }
  // A number beside the values, for whoever fills the row.
  [[nodiscard]] std::int64_t& note(std::uint64_t row) noexcept { return at(row)->note; }
  [[nodiscard]] Cell* values(std::uint64_t row) noexcept {
    return reinterpret_cast<Cell*>(at(row) + 1);
  }

  // HOT. The time under which something that happens now is kept. `oldest`: the first row that a
  // window still holds.
  [[nodiscard]] std::int64_t time_at(TimestampNs now, std::uint64_t oldest) noexcept {
    const bool crowded = head_ - oldest > mask_ / 2;
    std::int64_t time = now.raw();
    if (crowded || step_ns_ > 1) [[unlikely]]
      time = round_down(time, crowded);
    last_time_ = std::max(last_time_, time);
    return last_time_;
  }
  // HOT. Whether the newest row is of that time and still held.
  [[nodiscard]] bool has(std::int64_t time, std::uint64_t oldest) const noexcept {
    return head_ != oldest && this->time(head_ - 1) == time;
  }
  // HOT. A new row; its values are for the caller to write.
  void add(std::int64_t time, [[maybe_unused]] std::uint64_t oldest) noexcept {
    assert(head_ - oldest <= mask_);
    at(head_++)->time = time;
    // The next one was written a lap ago, or never, and lies far away.
    const auto* const next = reinterpret_cast<const std::byte*>(at(head_));
    for (std::size_t line = 0; line < stride_; line += 64) __builtin_prefetch(next + line, 1);
  }

  // Observations whose time was rounded for want of room.
  [[nodiscard]] std::uint64_t rounded() const noexcept { return rounded_; }

 private:
  // Time and values in one place: with the one comes the other.
  struct Row {
    std::int64_t time;
    std::int64_t note;
  };
  static_assert(sizeof(Row) % alignof(Cell) == 0);

  [[nodiscard]] static std::size_t stride(std::uint32_t cells) noexcept {
    constexpr std::size_t kAlign = 16;
    return (sizeof(Row) + cells * sizeof(Cell) + kAlign - 1) / kAlign * kAlign;
  }
  [[nodiscard]] Row* at(std::uint64_t row) const noexcept {
    return reinterpret_cast<Row*>(rows_ + (row & mask_) * stride_);
  }
  [[nodiscard]] std::int64_t round_down(std::int64_t time, bool crowded) noexcept {
    const std::int64_t step = crowded ? coarse_ns_ : step_ns_;
    if (crowded && coarse_ns_ > step_ns_) ++rounded_;
    return step > 1 ? time - ((time % step) + step) % step : time;
  }

  std::byte* rows_;
  std::uint64_t mask_;
  std::size_t stride_;
  std::int64_t step_ns_;
  std::int64_t coarse_ns_;
  std::int64_t last_time_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t head_ = 0;
  std::uint64_t rounded_ = 0;
};

}  // namespace steelyard
