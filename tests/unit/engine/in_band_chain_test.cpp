// Books whose snapshot comes on the stream and whose deltas name their predecessor.
#include <gtest/gtest.h>

#include <memory>

#include "engine/book_keeper.hpp"

namespace steelyard {
namespace {

using What = BookOutcome::What;

class InBandChain : public testing::Test {
 protected:
  static BookChannel channel() {
    return {.channel = "books",
            .link = {.link = Link::Prev, .splice = Splice::PrevWithin, .zero_restarts = true},
            .depth = 1000};
  }
  BookOutcome on(MessageKind kind, std::uint64_t last, std::uint64_t prev, std::int64_t price) {
    const Level bid{Price{price}, Qty{5}};
    Entry entry{};
    entry.message.kind = kind;
    entry.message.ids = kHasLast | kHasPrev;
    entry.message.last = SequenceNo{last};
    entry.message.prev = SequenceNo{prev};
    entry.message.bids = 1;
    entry.received = TimestampNs{++now_};
    entry.connection = ConnectionId{1};
    return keeper_.on_book(*slot_, 0, {&entry, {&bid, 1}, {}});
  }
  BookOutcome snapshot(std::uint64_t last) { return on(MessageKind::Snapshot, last, 0, 100); }
  BookOutcome delta(std::uint64_t last, std::uint64_t prev) {
    return on(MessageKind::Delta, last, prev, 101);
  }

  std::unique_ptr<InstrumentSlot> slot_ =
      std::make_unique<InstrumentSlot>(Instrument{}, channel(), 1000U, 16U);
  BookKeeper keeper_{1, 1 << 16};
  std::int64_t now_ = 0;
};

TEST_F(InBandChain, TheFirstDeltaMayReachBackOverTheSnapshotAndNoLaterOne) {
  EXPECT_EQ(snapshot(100).what, What::Snapshot);

  EXPECT_EQ(delta(99, 80).what, What::Nothing);
  EXPECT_EQ(delta(120, 90).what, What::Delta);
  EXPECT_EQ(delta(130, 120).what, What::Delta);
  EXPECT_EQ(slot_->stats.links_ok, 2U);
  EXPECT_EQ(slot_->stats.links_bad, 0U);

  EXPECT_EQ(delta(150, 125).what, What::Reset);
  EXPECT_EQ(slot_->stats.gaps, 1U);
}

TEST_F(InBandChain, AFirstDeltaBeyondTheSnapshotIsAGap) {
  (void)snapshot(100);

  const BookOutcome outcome = delta(120, 101);

  EXPECT_EQ(outcome.what, What::Reset);
  EXPECT_TRUE(outcome.request);
}

TEST_F(InBandChain, APredecessorOfZeroResetsOnceAndAsksOnceUntilTheNextSnapshot) {
  (void)snapshot(100);
  (void)delta(120, 100);

  const BookOutcome restart = delta(7, 0);
  const BookOutcome next = delta(9, 7);

  EXPECT_EQ(restart.what, What::Reset);
  EXPECT_TRUE(restart.request);
  EXPECT_EQ(restart.reason, ResyncReason::Gap);
  EXPECT_EQ(next.what, What::Nothing);
  EXPECT_FALSE(next.request);
  EXPECT_EQ(slot_->stats.resets, 1U);
  EXPECT_EQ(snapshot(9).what, What::Snapshot);
  EXPECT_EQ(delta(11, 9).what, What::Delta);
}

TEST_F(InBandChain, ARepeatedDeltaChangesNothing) {
  (void)snapshot(100);
  (void)delta(120, 100);

  EXPECT_EQ(delta(120, 100).what, What::Nothing);
  EXPECT_EQ(slot_->stats.resets, 0U);
}

TEST(WholeBooks, NumberedAnewReplaceTheBookAndOlderOnesDoNot) {
  const BookChannel channel{.channel = "best", .snapshot = SnapshotSource::Replace, .depth = 1};
  const auto slot = std::make_unique<InstrumentSlot>(Instrument{}, channel, 16U, 16U);
  BookKeeper keeper{1, 1 << 16};
  const auto on = [&](std::uint64_t last, std::uint8_t more) {
    const Level bid{Price{static_cast<std::int64_t>(last)}, Qty{5}};
    Entry entry{};
    entry.message.kind = MessageKind::Snapshot;
    entry.message.ids = static_cast<std::uint8_t>(kHasLast | more);
    entry.message.last = SequenceNo{last};
    entry.message.bids = 1;
    entry.received = TimestampNs{1};
    entry.connection = ConnectionId{1};
    return keeper.on_book(*slot, 0, {&entry, {&bid, 1}, {}}).what;
  };
  EXPECT_EQ(on(100, 0), What::Snapshot);

  EXPECT_EQ(on(99, 0), What::Nothing);
  EXPECT_EQ(on(1, kRestarts), What::Snapshot);
  EXPECT_EQ(on(2, 0), What::Snapshot);
  EXPECT_EQ(slot->book.best(Side::Bid).price, Price{2});
}

}  // namespace
}  // namespace steelyard
