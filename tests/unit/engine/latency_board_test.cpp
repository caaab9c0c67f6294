// How long things take by book and by stream: which message counts where.
#include "engine/latency_board.hpp"

#include <gtest/gtest.h>

#include "support/engine_driver.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

// Two books on connections 1 and 2, followed by a shard that stamps what it publishes.
class LatencyBoardOf : public SharedMemoryTest {
 protected:
  LatencyBoardOf() {
    SegmentPlan plan = test_plan();
    plan.compact_histograms = {"book 0 latency", "book 0 pause", "book 1 latency", "book 1 pause",
                               "link 1 delay",   "link 1 took",  "link 2 delay",   "link 2 took"};
    segment_ = std::make_unique<Segment>(Segment::create(plan));
    std::vector<LatencyBoard::OfBook> books(2);
    std::vector<LatencyBoard::OfLink> links(3);
    std::size_t at = 0;
    for (auto& book : books) {
      for (CompactHistogram& each : book) each = segment_->compact_histogram(at++);
    }
    for (std::size_t link = 1; link < links.size(); ++link) {
      for (CompactHistogram& each : links[link]) each = segment_->compact_histogram(at++);
    }
    board_ = std::make_unique<LatencyBoard>(std::move(books), std::move(links));
    ShardOptions options;
    options.stamp_published = true;
    feed_ = std::make_unique<EngineDriver>(
        std::vector{test_instrument("okx", "A"), test_instrument("okx", "B")}, options);
    for (std::size_t i = 0; i < 3; ++i) stages_.push_back(segment_->histogram(0));
    feed_->shard().measure({&stages_[0], &stages_[1], &stages_[2], board_.get()});
    EXPECT_EQ(view_.open(segment_path("test")), "");
  }

  // A message that the venue stamped so long before it was received; decoded at once.
  void tell(TestMessage made, std::int64_t sent_before, std::uint32_t book = 0,
            std::uint32_t connection = 1) {
    Entry entry{};
    entry.message = made.message;
    entry.message.instrument = InstrumentId{book};
    entry.message.bids = static_cast<std::uint32_t>(made.bids.size());
    entry.message.asks = static_cast<std::uint32_t>(made.asks.size());
    entry.message.venue_time = TimestampNs{feed_->now_ns + kMillisecond - sent_before};
    entry.connection = ConnectionId{connection};
    entry.decoded = TimestampNs{feed_->now_ns + kMillisecond};
    std::vector<Level> levels = made.bids;
    levels.insert(levels.end(), made.asks.begin(), made.asks.end());
    (void)feed_->feed(entry, levels);
  }
  [[nodiscard]] const CompactHistogramEntry& entry(std::string_view label) const {
    for (std::uint32_t i = 0; i < view_.count(RegionKind::CompactHistograms); ++i) {
      const CompactHistogramEntry& of = view_.compact_histogram(i);
      if (SegmentView::text(of.label) == label) return of;
    }
    throw std::runtime_error{std::string{label}};
  }
  [[nodiscard]] std::uint64_t count(std::string_view label) const {
    std::uint64_t sum = 0;
    for (const auto& bucket : entry(label).buckets) sum += bucket;
    return sum;
  }
  [[nodiscard]] std::uint64_t sum(std::string_view label) const { return entry(label).sum; }

  std::unique_ptr<Segment> segment_;
  std::unique_ptr<LatencyBoard> board_;
  std::vector<Histogram> stages_;
  std::unique_ptr<EngineDriver> feed_;
  SegmentView view_;
};

TEST_F(LatencyBoardOf, ARecordCountsForItsBookAndForTheConnectionThatBroughtIt) {
  tell(snapshot(1000), 0);
  tell(linked(1000, 1001, 1001), 0);
  tell(snapshot(50), 0, 1, 2);

  EXPECT_EQ(count("book 0 latency"), 2U);
  EXPECT_EQ(count("link 1 took"), 2U);
  EXPECT_EQ(count("book 1 latency"), 1U);
  EXPECT_EQ(count("link 2 took"), 1U);
  // The driver's clock began in 1970: what is published now took all the time since.
  EXPECT_GT(sum("book 0 latency"), 2U * 1'000'000'000'000'000'000U);
}

TEST_F(LatencyBoardOf, TheWayFromTheVenueIsThatOfTheStreamAlone) {
  tell(snapshot(1000), 7 * kMillisecond);
  EXPECT_EQ(count("link 1 delay"), 0U) << "what a subscription begins with may be old";

  tell(linked(1000, 1001, 1001), 3 * kMillisecond);
  EXPECT_EQ(count("link 1 delay"), 1U);
  EXPECT_EQ(sum("link 1 delay"), 3U * kMillisecond);
  EXPECT_EQ(count("link 2 delay"), 0U);

  tell(snapshot(1002), 5 * kMillisecond);
  EXPECT_EQ(sum("link 1 delay"), 8U * kMillisecond) << "in a living stream snapshots are news";
}

TEST_F(LatencyBoardOf, AnAnswerTookNoWayThatAStreamTakes) {
  Entry entry{};
  entry.connection = ConnectionId{1};
  entry.message.venue_time = TimestampNs{1'000};
  entry.received = TimestampNs{5'000};
  board_->came(entry, true);
  ASSERT_EQ(sum("link 1 delay"), 4'000U);

  entry.answer = true;
  board_->came(entry, true);
  entry.answer = false;
  entry.message.venue_time = TimestampNs{};
  board_->came(entry, true);
  EXPECT_EQ(count("link 1 delay"), 1U) << "nor does what the venue did not stamp say anything";
}

TEST_F(LatencyBoardOf, WhatIsNotPublishedCameAllTheSame) {
  tell(snapshot(1000), 0);
  tell(linked(1000, 1001, 1001), kMillisecond);
  tell(linked(1000, 1001, 1001), 4 * kMillisecond);

  EXPECT_EQ(count("link 1 delay"), 2U);
  EXPECT_EQ(count("link 1 took"), 2U) << "a repetition makes no record";
}

TEST_F(LatencyBoardOf, AVenueWhoseClockIsAheadCountsAsAtOnce) {
  tell(snapshot(1000), 0);
  tell(linked(1000, 1001, 1001), -kMillisecond);

  EXPECT_EQ(count("link 1 delay"), 1U);
  EXPECT_EQ(sum("link 1 delay"), 0U);
  EXPECT_EQ(entry("link 1 delay").buckets[0], 1U);
}

TEST_F(LatencyBoardOf, PausesAreThoseBetweenChangesOfTheBook) {
  tell(snapshot(1000), 0);
  EXPECT_EQ(count("book 0 pause"), 0U) << "nothing before it";
  feed_->now_ns += 9 * kMillisecond;
  tell(linked(1000, 1001, 1001), 0);
  EXPECT_EQ(sum("book 0 pause"), 10U * kMillisecond);

  tell(test_message(MessageKind::Trade, {{100, 1}}, {}), 0);
  EXPECT_EQ(count("book 0 pause"), 1U) << "a trade changes no book";
  tell(linked(1001, 1002, 1002), 0);
  EXPECT_EQ(sum("book 0 pause"), 12U * kMillisecond);
}

TEST_F(LatencyBoardOf, ASilenceCountsForNobody) {
  tell(snapshot(1000), 0);
  feed_->now_ns += 500 * kMillisecond;
  ASSERT_TRUE(is_one(feed_->tell(EntryKind::Timer), EventKind::Timer));

  EXPECT_EQ(count("book 0 latency"), 1U);
}

TEST_F(LatencyBoardOf, ConnectionsAndBooksThatItDoesNotKnowCountForNobody) {
  LatencyBoard empty{{}, {}};
  Entry entry{};
  entry.message.venue_time = TimestampNs{1};
  empty.came(entry, true);
  empty.published(entry, Measured{2}, true);
  EXPECT_EQ(count("link 1 delay"), 0U);
}

}  // namespace
}  // namespace steelyard
