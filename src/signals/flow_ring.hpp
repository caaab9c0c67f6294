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

// Rows of time and values, oldest first, never full. Rows of one time are one row: they leave every
// window together, so nothing is lost by adding them up. While the ring is more than half full,
// times are rounded down to steps of which the other half holds a whole window; signals.md C5 says
// what that computes: what buckets of that width would.
template <typename Cell>
class FlowRing {
 public:
  [[nodiscard]] static std::uint32_t rows(std::uint32_t wanted) noexcept {
    return std::bit_ceil(std::max(wanted, 16U));
  }
  [[nodiscard]] static std::size_t memory(std::uint32_t rows, std::uint32_t cells) noexcept {
    return rows * (sizeof(std::int64_t) + cells * sizeof(Cell));
  }

  // `longest_ns`: of the windows over it; `granularity_ns`: steps that times are rounded to anyway.
  FlowRing(std::span<std::byte> memory, std::uint32_t rows, std::uint32_t cells,
           std::int64_t longest_ns, std::int64_t granularity_ns) noexcept
      : cells_{reinterpret_cast<Cell*>(memory.data())},
        times_{reinterpret_cast<std::int64_t*>(memory.data() + rows * cells * sizeof(Cell))},
        mask_{rows - 1},
        stride_{cells},
        step_ns_{std::max<std::int64_t>(granularity_ns, 1)},
        coarse_ns_{std::max(step_ns_, longest_ns / (rows / 2 - 2) + 1)} {
    assert(std::has_single_bit(rows) && memory.size() >= FlowRing::memory(rows, cells));
  }

  // Rows are numbered from 0 for ever; [oldest, head) are held.
  [[nodiscard]] std::uint64_t head() const noexcept { return head_; }
  [[nodiscard]] std::int64_t time(std::uint64_t row) const noexcept { return times_[row & mask_]; }
  [[nodiscard]] Cell* values(std::uint64_t row) noexcept {
    return &cells_[(row & mask_) * stride_];
  }

  // HOT. The time under which something that happens now is kept. `oldest`: the first row that a
  // window still holds.
  [[nodiscard]] std::int64_t time_at(TimestampNs now, std::uint64_t oldest) noexcept {
    const bool crowded = head_ - oldest > mask_ / 2;
    const std::int64_t step = crowded ? coarse_ns_ : step_ns_;
    if (crowded && coarse_ns_ > step_ns_) ++rounded_;
    std::int64_t time = now.raw();
    if (step > 1) time -= ((time % step) + step) % step;
    last_time_ = std::max(last_time_, time);
    return last_time_;
  }
  // HOT. Whether the newest row is of that time and still held.
  [[nodiscard]] bool has(std::int64_t time, std::uint64_t oldest) const noexcept {
    return head_ != oldest && times_[(head_ - 1) & mask_] == time;
  }
  // HOT. A new row; its values are for the caller to write.
  void add(std::int64_t time, [[maybe_unused]] std::uint64_t oldest) noexcept {
    assert(head_ - oldest <= mask_);
    times_[head_++ & mask_] = time;
  }

  // Observations whose time was rounded for want of room.
  [[nodiscard]] std::uint64_t rounded() const noexcept { return rounded_; }

 private:
  Cell* cells_;
  std::int64_t* times_;
  std::uint64_t mask_;
  std::uint32_t stride_;
  std::int64_t step_ns_;
  std::int64_t coarse_ns_;
  std::int64_t last_time_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t head_ = 0;
  std::uint64_t rounded_ = 0;
};

}  // namespace steelyard
