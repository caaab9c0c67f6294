#include "measure/measure.hpp"

#include <gtest/gtest.h>

namespace steelyard::measure {
namespace {

// What is measured is the host's affair; that all of it was measured, ours.
TEST(Measure, ReadsEveryRecordThatItPublished) {
  if (allowed_cores().size() < 2) GTEST_SKIP() << "two cores are needed";
  const Latencies of = publish_to_read(2'000, 20'000);

  EXPECT_EQ(of.sorted.size(), 2'000U);
  EXPECT_GT(of.percentile(0.0), 0);
  EXPECT_LE(of.percentile(0.5), of.percentile(0.99));
  EXPECT_EQ(of.percentile(1.0), of.sorted.back());
}

TEST(Measure, FindsEachStageToCostMoreThanDecodingAlone) {
  const std::vector<FrameCost> costs = frame_cost(3'000, 3);

  ASSERT_EQ(costs.size(), 4U);
  EXPECT_GT(costs[0].ns.low, 0.0);
  // The least of the runs: what a busy machine adds, it adds to some of them.
  EXPECT_GT(costs[3].ns.low, costs[0].ns.low);
  for (const FrameCost& cost : costs) {
    EXPECT_LE(cost.ns.low, cost.ns.median) << cost.stage;
    EXPECT_LE(cost.ns.median, cost.ns.high) << cost.stage;
  }
}

TEST(Measure, SeesEveryFrameThatItSentOverTheWire) {
  if (allowed_cores().size() < 2) GTEST_SKIP() << "two cores are needed";
  const WireLatency of = wire_to_record(500, 1, "sleep");

  EXPECT_EQ(of.sent, 500U);
  EXPECT_EQ(of.latencies.sorted.size(), 500U);
  EXPECT_GT(of.latencies.percentile(0.0), 0);
}

TEST(Spread, IsLeastMedianAndGreatest) {
  const Spread of = spread({5, 1, 3});
  EXPECT_EQ(of.low, 1);
  EXPECT_EQ(of.median, 3);
  EXPECT_EQ(of.high, 5);
}

}  // namespace
}  // namespace steelyard::measure
