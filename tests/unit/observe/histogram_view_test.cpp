#include "observe/histogram_view.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "support/test_segment.hpp"

namespace steelyard {
namespace {

class HistogramViewTest : public SharedMemoryTest {
 protected:
  Segment segment_ = Segment::create(test_plan());
  SegmentView view_;
  void SetUp() override { ASSERT_EQ(view_.open(segment_path("test")), ""); }
  [[nodiscard]] HistogramView copy() const { return HistogramView::copy(view_.histogram(0)); }
};

TEST_F(HistogramViewTest, FindsAPercentileToASixteenth) {
  for (std::int64_t ns = 1; ns <= 10'000; ++ns) segment_.histogram(0).record(ns);

  for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = share * 10'000;
    const auto found = static_cast<double>(copy().percentile_ns(share));
    EXPECT_GE(found, exact) << share;
    EXPECT_LE(found, exact * (1 + 1.0 / 16) + 1) << share;
  }
  EXPECT_EQ(copy().percentile_ns(1.0), 10'000U);
}

TEST_F(HistogramViewTest, IsNothingBeforeAnythingWasMeasured) {
  EXPECT_EQ(copy().percentile_ns(0.5), 0U);
}

TEST_F(HistogramViewTest, KnowsWhatCameSinceAnEarlierCopy) {
  for (int i = 0; i < 1000; ++i) segment_.histogram(0).record(1'000'000);
  const HistogramView before = copy();
  for (int i = 0; i < 10; ++i) segment_.histogram(0).record(100);

  const HistogramView since = copy().since(before);

  EXPECT_EQ(since.count, 10U);
  EXPECT_EQ(since.sum_ns, 1000U);
  EXPECT_LT(since.percentile_ns(0.99), 110U);
  EXPECT_GT(copy().percentile_ns(0.99), 900'000U);
}

TEST_F(HistogramViewTest, OfACompactOneHasPercentilesWithinAQuarter) {
  CompactHistogram writer = segment_.compact_histogram(0);
  EXPECT_EQ(CompactHistogramView{}.percentile_ns(0.5), 0U) << "nothing was measured";
  for (std::int64_t ns = 1; ns <= 10'000; ++ns) writer.record(ns);

  const auto copied = CompactHistogramView::copy(view_.compact_histogram(0));

  EXPECT_EQ(copied.count(), 10'000U);
  EXPECT_EQ(copied.sum_ns, 50'005'000U);
  for (const double share : {0.01, 0.5, 0.9, 0.999}) {
    const auto found = static_cast<double>(copied.percentile_ns(share));
    EXPECT_GE(found, share * 10'000) << share;
    EXPECT_LE(found, share * 10'000 * 1.25 + 1) << share;
  }
}

TEST(BucketBound, IsWhereTheWriterPutsValues) {
  for (std::uint32_t i = 1; i + 1 < kHistogramBuckets; ++i) {
    ASSERT_GT(bucket_bound_ns(i), bucket_bound_ns(i - 1)) << i;
  }
  for (const std::uint32_t i : {0U, 15U, 16U, 17U, 31U, 32U, 100U, 300U}) {
    const auto entry = std::make_unique<HistogramEntry>();
    Histogram writer{entry.get()};
    writer.record(static_cast<std::int64_t>(bucket_bound_ns(i)));
    writer.record(static_cast<std::int64_t>(bucket_bound_ns(i) + 1));
    EXPECT_EQ(entry->buckets[i].load(), 1U) << i;
    EXPECT_EQ(entry->buckets[i + 1].load(), 1U) << i;
  }
}

}  // namespace
}  // namespace steelyard
