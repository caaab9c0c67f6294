#include "observe/observer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "core/clock.hpp"
#include "observe/health.hpp"
#include "observe/histories.hpp"
#include "support/seen_samples.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

class ObserverTest : public SharedMemoryTest {
 protected:
  [[nodiscard]] static SegmentPlan plan() {
    SegmentPlan plan = test_plan();
    plan.columns.push_back({"alert", "flag", "An edge.", -1.0, 1.0});
    plan.headline = {1, 0, 3};
    plan.counters = {"binance-spot AAAUSDT deltas",
                     "binance-spot AAAUSDT gaps",
                     "io0 frames",
                     "shard0 binance-spot/stream/1a wins",
                     "shard0 binance-spot/stream/1a twins",
                     "shard0 binance-spot/stream/1a late_us"};
    plan.compact_histograms = {
        "binance-spot AAAUSDT received to published", "binance-spot BBBUSDT update to update",
        "shard0 binance-spot/stream/1a venue to received",
        "shard1 binance-spot/stream/1a venue to received", "of nobody received to published"};
    return plan;
  }
  void start() {
    segment_ = std::make_unique<Segment>(Segment::create(plan()));
    segment_->heartbeat();
  }
  void tell(std::uint32_t instrument, EventKind event, double alert = 0.0,
            std::int64_t took_ns = 5000) {
    Tick tick = numbered_tick(instrument);
    tick.event = static_cast<std::uint8_t>(event);
    tick.published = wall_clock();
    tick.received = TimestampNs{tick.published.raw() - took_ns};
    const std::array<double, 4> row{100.5, 0.25, 0.125, alert};
    ShardPublisher publisher = std::move(*publisher_);
    publisher.publish(tick, row, {}, {});
    publisher_ = std::make_unique<ShardPublisher>(std::move(publisher));
  }
  void open_shard() { publisher_ = std::make_unique<ShardPublisher>(segment_->shard(0)); }

  std::unique_ptr<Segment> segment_;
  std::unique_ptr<ShardPublisher> publisher_;
  Observer observer_{"test"};
};

TEST_F(ObserverTest, SaysWhyThereIsNothingToSee) {
  const Observation& seen = observer_.look();

  EXPECT_EQ(seen.presence, Presence::Absent);
  EXPECT_THAT(seen.reason, testing::HasSubstr("No such file"));
  ASSERT_EQ(troubles(seen).size(), 1U);
  EXPECT_EQ(troubles(seen)[0].level, Trouble::Level::Down);
}

TEST_F(ObserverTest, SeesAnInstrumentWithItsRowItsCountersAndItsLatency) {
  start();
  open_shard();
  segment_->counter(0) = 7;
  segment_->counter(1) = 2;
  tell(0, EventKind::Delta);

  const Observation& seen = observer_.look();

  ASSERT_EQ(seen.presence, Presence::Alive);
  ASSERT_EQ(seen.instruments.size(), 2U);
  const SeenInstrument& first = seen.instruments[0];
  EXPECT_TRUE(first.there);
  EXPECT_EQ(seen.value(first, "mid"), 100.5);
  EXPECT_TRUE(std::isnan(seen.value(first, "no such column")));
  EXPECT_EQ(first.counter("deltas"), 7U);
  EXPECT_EQ(first.counter("gaps"), 2U);
  EXPECT_EQ(first.latency_p50_ns, 5000U);
  EXPECT_LT(first.age_s, 60.0);
  EXPECT_FALSE(seen.instruments[1].there);
}

TEST_F(ObserverTest, TakesSilenceForNoEvent) {
  start();
  open_shard();
  tell(0, EventKind::Timer);

  EXPECT_TRUE(std::isnan(observer_.look().instruments[0].age_s));
}

TEST_F(ObserverTest, RemembersAnAlertThatIsOverInTheTable) {
  start();
  open_shard();
  tell(0, EventKind::Delta, -1.0);
  tell(0, EventKind::Delta, 0.0);

  const SeenInstrument& first = observer_.look().instruments[0];

  EXPECT_EQ(first.alert, -1.0);
  EXPECT_LT(first.alert_age_s, 60.0);
  EXPECT_TRUE(std::isnan(first.cascade_alert_age_s));
}

TEST_F(ObserverTest, AddsUpWhatAConnectionDidForEachShard) {
  start();
  segment_->counter(3) = 30;
  segment_->counter(4) = 10;
  segment_->counter(5) = 250;

  const Observation& seen = observer_.look();

  ASSERT_EQ(seen.links.size(), 1U);
  EXPECT_EQ(seen.links[0].name, "binance-spot/stream/1a");
  EXPECT_EQ(seen.links[0].group, "binance-spot/stream");
  EXPECT_EQ(seen.links[0].win_share(), 0.75);
  EXPECT_EQ(seen.links[0].mean_late_us(), 25.0);
  ASSERT_EQ(seen.counters.size(), 1U);
  EXPECT_EQ(seen.counters[0].name, "io0 frames");
}

TEST_F(ObserverTest, CopiesLatenciesOfBooksAndConnectionsWhenItLooksClosely) {
  start();
  for (std::size_t i = 0; i < 5; ++i) {
    segment_->compact_histogram(i).record(1000 * static_cast<std::int64_t>(i + 1));
  }
  for (const SeenLatency& latency : observer_.look().latencies) {
    EXPECT_EQ(latency.total.count(), 0U) << "a glance is cheap";
  }

  const Observation& seen = observer_.look_closely();

  ASSERT_EQ(seen.latencies.size(), 3U);
  EXPECT_EQ(seen.latencies[0].of, SeenLatency::Of::Book);
  EXPECT_EQ(seen.instruments[seen.latencies[0].index].symbol, "AAAUSDT");
  EXPECT_EQ(seen.latencies[0].what, "received to published");
  EXPECT_EQ(seen.latencies[0].total.sum_ns, 1000U);
  EXPECT_EQ(seen.instruments[seen.latencies[1].index].symbol, "BBBUSDT");
  EXPECT_EQ(seen.latencies[2].of, SeenLatency::Of::Link);
  EXPECT_EQ(seen.links[seen.latencies[2].index].name, "binance-spot/stream/1a");
  EXPECT_EQ(seen.latencies[2].total.count(), 2U) << "one for each shard";
  EXPECT_EQ(seen.latencies[2].total.sum_ns, 7000U);
  EXPECT_EQ(observer_.look_closely().latencies[2].total.sum_ns, 7000U) << "not added up again";
}

TEST_F(ObserverTest, ReadsTheLatenciesThatADeadDaemonLeft) {
  start();
  segment_->compact_histogram(0).record(1000);
  (void)observer_.look_closely();
  segment_->close();

  const Observation& seen = observer_.look_closely();

  EXPECT_EQ(seen.presence, Presence::Stopped);
  EXPECT_EQ(seen.latencies[0].total.sum_ns, 1000U);
}

TEST_F(ObserverTest, KnowsAnEndInGoodOrderAndFindsTheNextDaemon) {
  start();
  open_shard();
  tell(0, EventKind::Delta);
  (void)observer_.look();
  segment_->close();

  EXPECT_EQ(observer_.look().presence, Presence::Stopped);
  EXPECT_EQ(observer_.look().instruments[0].view.tick.instrument, InstrumentId{0})
      << "its last state can still be read";

  const std::uint64_t before = observer_.seen().generation;
  segment_.reset();
  start();
  // The reader looks for a successor every 50 ms of the clock that also says who is alive.
  for (const std::int64_t end = monotonic_ns() + 5'000'000'000;
       observer_.look().generation == before && monotonic_ns() < end;) {
  }
  EXPECT_EQ(observer_.seen().presence, Presence::Alive);
  EXPECT_EQ(observer_.seen().restarts, 1U);
}

TEST_F(ObserverTest, LeavesAHoleInAHistoryWhereNothingWasCurrent) {
  start();
  open_shard();
  tell(0, EventKind::Delta);
  Histories histories{{"mid", "not there"}, 3};
  histories.sample(observer_.look());
  segment_->close();
  histories.sample(observer_.look());

  const std::vector<double> mids = histories.of(0, "mid");

  ASSERT_EQ(mids.size(), 2U);
  EXPECT_EQ(mids[0], 100.5);
  EXPECT_TRUE(std::isnan(mids[1]));
  EXPECT_TRUE(std::isnan(histories.of(0, "not there")[0]));
  EXPECT_TRUE(histories.of(0, "never asked for").empty());
}

TEST(HistoriesOfABook, HaveAHoleWhileItIsNotLive) {
  Observation seen = seen_daemon();
  Histories histories{{"mid"}, 3};
  histories.sample(seen);
  seen.instruments[0].view.tick.validity = kStale;
  histories.sample(seen);
  seen.instruments[0].view.tick.validity = 0;
  histories.sample(seen);

  const std::vector<double> mids = histories.of(0, "mid");

  ASSERT_EQ(mids.size(), 3U);
  EXPECT_EQ(mids[0], 61800.15);
  EXPECT_TRUE(std::isnan(mids[1])) << "what it was stands still, and is not shown as if it were";
  EXPECT_EQ(mids[2], 61800.15);
}

}  // namespace
}  // namespace steelyard
