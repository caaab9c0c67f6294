#include "observe/histogram_view.hpp"

#include <algorithm>
#include <cmath>

namespace steelyard {

HistogramView HistogramView::copy(const HistogramEntry& entry) noexcept {
  HistogramView view;
  for (std::uint32_t i = 0; i < kHistogramBuckets; ++i) {
    view.buckets[i] = entry.buckets[i].load(std::memory_order_relaxed);
  }
  view.count = entry.count.load(std::memory_order_relaxed);
  view.sum_ns = entry.sum.load(std::memory_order_relaxed);
  view.max_ns = entry.max.load(std::memory_order_relaxed);
  return view;
}

HistogramView HistogramView::since(const HistogramView& before) const noexcept {
  // A copy that is not earlier is one of another publisher: then all of it is new.
  const auto minus = [](std::uint64_t a, std::uint64_t b) { return a >= b ? a - b : a; };
  HistogramView view = *this;
  view.count = minus(count, before.count);
  view.sum_ns = minus(sum_ns, before.sum_ns);
  for (std::uint32_t i = 0; i < kHistogramBuckets; ++i) {
    view.buckets[i] = minus(buckets[i], before.buckets[i]);
  }
  return view;
}

void HistogramView::add(const HistogramView& other) noexcept {
  count += other.count;
  sum_ns += other.sum_ns;
  max_ns = std::max(max_ns, other.max_ns);
  for (std::uint32_t i = 0; i < kHistogramBuckets; ++i) buckets[i] += other.buckets[i];
}

std::uint64_t HistogramView::percentile_ns(double share) const noexcept {
  std::uint64_t total = 0;
  for (const std::uint64_t bucket : buckets) total += bucket;
  if (total == 0) return 0;
  const double exact = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(total));
  const std::uint64_t rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(exact));
  std::uint64_t seen = 0;
  for (std::uint32_t i = 0; i < kHistogramBuckets; ++i) {
    seen += buckets[i];
    if (seen < rank) continue;
    // The last bucket has no end.
    if (i + 1 == kHistogramBuckets) return max_ns;
    return max_ns == 0 ? bucket_bound_ns(i) : std::min(bucket_bound_ns(i), max_ns);
  }
  return max_ns;
}

}  // namespace steelyard
