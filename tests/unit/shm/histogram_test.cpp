// Latency histograms: which bucket a value is in, and what is kept of it.
#include <random>

#include "support/test_segment.hpp"

namespace steelyard {
namespace {

// docs/shared-memory.md: bucket b holds what is at most this, and more than the one before holds.
std::uint64_t bound(std::uint32_t bucket) {
  return bucket < 16 ? bucket : (std::uint64_t{16 + bucket % 16 + 1} << (bucket / 16 - 1)) - 1;
}

class Histograms : public SharedMemoryTest {
 protected:
  Histograms() : segment_{Segment::create(test_plan())}, histogram_{segment_.histogram(0)} {
    EXPECT_EQ(view_.open(segment_path("test")), "");
  }
  [[nodiscard]] const HistogramEntry& entry() const { return view_.histogram(0); }
  // The only bucket that holds anything; emptied.
  [[nodiscard]] std::uint32_t bucket_of(std::int64_t value) {
    std::vector<std::uint64_t> before;
    for (const auto& bucket : entry().buckets) before.push_back(bucket);
    histogram_.record(value);
    std::uint32_t found = kHistogramBuckets;
    for (std::uint32_t b = 0; b < kHistogramBuckets; ++b) {
      if (entry().buckets[b] != before[b]) {
        EXPECT_EQ(found, kHistogramBuckets) << "one value, one bucket";
        EXPECT_EQ(entry().buckets[b], before[b] + 1);
        found = b;
      }
    }
    return found;
  }

  Segment segment_;
  SegmentView view_;
  Histogram histogram_;
};

TEST_F(Histograms, KeepCountSumAndMaximum) {
  for (const std::int64_t value : {5, 100, 7}) histogram_.record(value);

  EXPECT_EQ(SegmentView::text(entry().label), "received to decoded");
  EXPECT_EQ(entry().count, 3U);
  EXPECT_EQ(entry().sum, 112U);
  EXPECT_EQ(entry().max, 100U);
}

TEST_F(Histograms, CountNegativeValuesAsZero) {
  EXPECT_EQ(bucket_of(-1), 0U);
  EXPECT_EQ(bucket_of(INT64_MIN), 0U);
  EXPECT_EQ(entry().sum, 0U);
}

TEST_F(Histograms, PutEveryValueWhereTheDocumentSays) {
  std::mt19937_64 random{7};
  std::vector<std::int64_t> values{0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 1'000'000'000};
  for (int bits = 1; bits < 42; ++bits) {
    values.push_back((std::int64_t{1} << bits) - 1);
    values.push_back(std::int64_t{1} << bits);
    for (int i = 0; i < 20; ++i) {
      values.push_back(static_cast<std::int64_t>(random() % (std::uint64_t{1} << bits)));
    }
  }
  for (const std::int64_t value : values) {
    const std::uint32_t bucket = bucket_of(value);
    ASSERT_LT(bucket, kHistogramBuckets);
    EXPECT_LE(static_cast<std::uint64_t>(value), bound(bucket)) << value;
    if (bucket > 0) EXPECT_GT(static_cast<std::uint64_t>(value), bound(bucket - 1)) << value;
  }
}

TEST_F(Histograms, PutWhatIsBeyondTheLastBoundIntoTheLastBucket) {
  const auto last = static_cast<std::int64_t>(bound(kHistogramBuckets - 1));
  EXPECT_EQ(bucket_of(last), kHistogramBuckets - 1);
  EXPECT_EQ(bucket_of(last + 1), kHistogramBuckets - 1);
  EXPECT_EQ(bucket_of(INT64_MAX), kHistogramBuckets - 1);
}

TEST_F(Histograms, CompactOnesHaveFourBucketsOfTheOthersInEach) {
  CompactHistogram compact = segment_.compact_histogram(0);
  std::mt19937_64 random{11};
  std::vector<std::int64_t> values{-5, 0, 3, 4, 15, 16, 63, 64, 1'000'000, INT64_MAX};
  for (int bits = 1; bits < 45; ++bits) {
    for (int i = 0; i < 20; ++i) {
      values.push_back(static_cast<std::int64_t>(random() % (std::uint64_t{1} << bits)));
    }
  }
  for (const std::int64_t value : values) {
    compact.record(value);
    histogram_.record(value);
  }

  const CompactHistogramEntry& there = view_.compact_histogram(0);
  EXPECT_EQ(SegmentView::text(there.label), "binance-spot AAAUSDT received to published");
  EXPECT_EQ(there.sum, entry().sum);
  std::uint64_t count = 0;
  for (std::uint32_t b = 0; b < kCompactBuckets; ++b) {
    std::uint64_t four = 0;
    for (std::uint32_t i = 0; i < 4; ++i) four += entry().buckets[4 * b + i];
    EXPECT_EQ(there.buckets[b], four) << b;
    count += there.buckets[b];
  }
  EXPECT_EQ(count, values.size());
}

TEST_F(Histograms, CompactOnesWithoutAnEntryCountForNobody) {
  CompactHistogram nobody;
  nobody.record(17);
  EXPECT_EQ(view_.compact_histogram(0).sum, 0U);
}

}  // namespace
}  // namespace steelyard
