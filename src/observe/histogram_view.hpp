// src/observe/histogram_view.hpp -- a latency histogram of the segment as numbers: copies,
// differences, percentiles.
#pragma once

#include <array>
#include <cstdint>

#include "steelyard/shm_layout.hpp"

namespace steelyard {

// The greatest value, in ns, that bucket `index` takes (docs/shared-memory.md). The last bucket
// takes the rest as well.
[[nodiscard]] constexpr std::uint64_t bucket_bound_ns(std::uint32_t index) noexcept {
  if (index < 16) return index;
  return ((std::uint64_t{16} + index % 16 + 1) << (index / 16 - 1)) - 1;
}

// The same of a compact histogram.
[[nodiscard]] constexpr std::uint64_t compact_bound_ns(std::uint32_t index) noexcept {
  return bucket_bound_ns(4 * index + 3);
}

// A copy of a histogram at one moment. Its buckets are what percentiles go by; writers raise them
// one after another, so `count` may be a few records ahead of or behind their sum. Plain data.
struct HistogramView {
  std::uint64_t count = 0;
  std::uint64_t sum_ns = 0;
  std::uint64_t max_ns = 0;  // since the publisher started, in differences too
  std::array<std::uint64_t, kHistogramBuckets> buckets{};

  [[nodiscard]] static HistogramView copy(const HistogramEntry& entry) noexcept;
  // What was recorded since `before`, an earlier copy of the same histogram.
  [[nodiscard]] HistogramView since(const HistogramView& before) const noexcept;
  void add(const HistogramView& other) noexcept;
  // The upper end, in ns, of the bucket that holds this share (0 to 1) of the values, or the
  // maximum if that is less. 0 if there are none.
  [[nodiscard]] std::uint64_t percentile_ns(double share) const noexcept;
};

// A copy of a compact histogram. Plain data.
struct CompactHistogramView {
  std::uint64_t sum_ns = 0;
  std::array<std::uint64_t, kCompactBuckets> buckets{};

  [[nodiscard]] static CompactHistogramView copy(const CompactHistogramEntry& entry) noexcept;
  void add(const CompactHistogramView& other) noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept;
  // The upper end, in ns, of the bucket that holds this share (0 to 1) of the values; 0 if there
  // are none.
  [[nodiscard]] std::uint64_t percentile_ns(double share) const noexcept;
};

}  // namespace steelyard
