#include "observe/histogram_view.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace steelyard {
namespace {

// The bucket that holds this share of the values; as many as there are buckets if there is none.
[[nodiscard]] std::uint32_t bucket_of_share(std::span<const std::uint64_t> buckets,
                                            double share) noexcept {
  const auto total = std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  const double exact = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(total));
  const std::uint64_t rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(exact));
  std::uint64_t seen = 0;
  std::uint32_t at = 0;
  for (; at < buckets.size(); ++at) {
    seen += buckets[at];
    if (seen >= rank) break;
  }
  return at;
}

}  // namespace

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
  const std::uint32_t at = bucket_of_share(buckets, share);
  if (at == kHistogramBuckets) return 0;
  // The last bucket has no end.
  if (at + 1 == kHistogramBuckets) return max_ns;
  return max_ns == 0 ? bucket_bound_ns(at) : std::min(bucket_bound_ns(at), max_ns);
}

CompactHistogramView CompactHistogramView::copy(const CompactHistogramEntry& entry) noexcept {
  CompactHistogramView view;
  for (std::uint32_t i = 0; i < kCompactBuckets; ++i) {
    view.buckets[i] = entry.buckets[i].load(std::memory_order_relaxed);
  }
  view.sum_ns = entry.sum.load(std::memory_order_relaxed);
  return view;
}

void CompactHistogramView::add(const CompactHistogramView& other) noexcept {
  sum_ns += other.sum_ns;
  for (std::uint32_t i = 0; i < kCompactBuckets; ++i) buckets[i] += other.buckets[i];
}

std::uint64_t CompactHistogramView::percentile_ns(double share) const noexcept {
  const std::uint32_t at = bucket_of_share(buckets, share);
  return at == kCompactBuckets ? 0 : compact_bound_ns(at);
}

std::uint64_t CompactHistogramView::count() const noexcept {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

}  // namespace steelyard
