// A fetched snapshot where nothing proves that no delta is missing between it and those that wait:
// only its time says what it contains (Bitstamp).
#include <gmock/gmock.h>

#include "support/engine_driver.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

EngineDriver bitstamp() { return EngineDriver{{test_instrument("bitstamp", "A")}}; }

// A change at a time; nothing says what was before it.
[[nodiscard]] TestMessage change(std::uint64_t time, const TestLevels& bids) {
  TestMessage made = delta(time, time, bids);
  made.message.ids = kHasLast;
  return made;
}
[[nodiscard]] std::int64_t bid_at(const EngineDriver& feed, std::int64_t price) {
  std::int64_t qty = 0;
  feed.slot().book.walk(Side::Bid, [&](Level level) {
    if (level.price.raw() == price) qty = level.qty.raw();
    return true;
  });
  return qty;
}

TEST(UnprovenSplice, RefusesTheAnswerThatWasOnItsWayWhenAFrameWasLost) {
  EngineDriver feed = bitstamp();
  (void)feed(change(1000, {{101, 1}}));
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start));
  EXPECT_THAT(feed.tell(EntryKind::BadFrame), IsEmpty()) << "there is no book to end";
  (void)feed(change(1020, {{102, 2}}));

  EXPECT_THAT(feed.answer(snapshot(1005)), IsEmpty()) << "what the lost frame said is in neither";
  EXPECT_FALSE(feed.is_live());
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Late));

  ASSERT_TRUE(is_one(feed.answer(snapshot(1015)), EventKind::Snapshot)) << "asked for afterwards";
  EXPECT_EQ(bid_at(feed, 101), 0) << "older than the loss: the snapshot contains it";
  EXPECT_EQ(bid_at(feed, 102), 2) << "newer than the snapshot";
}

TEST(UnprovenSplice, TakesTheAnswerThatIsAsNewAsWhatCameAfterTheLostFrame) {
  EngineDriver feed = bitstamp();
  (void)feed(change(1000, {{101, 1}}));
  (void)feed.tell(EntryKind::BadFrame);
  (void)feed(change(1020, {{102, 2}}));
  (void)feed(change(1030, {{103, 3}}));
  (void)feed.asked();

  ASSERT_TRUE(is_one(feed.answer(snapshot(1020)), EventKind::Snapshot));

  EXPECT_EQ(bid_at(feed, 102), 0) << "contained in it";
  EXPECT_EQ(bid_at(feed, 103), 3);
  EXPECT_THAT(feed.asked(), IsEmpty());
}

TEST(UnprovenSplice, RefusesNothingWhereNothingWasOnItsWay) {
  EngineDriver feed = bitstamp();
  (void)feed.tell(EntryKind::LinkUp);
  (void)feed.tell(EntryKind::BadFrame);
  (void)feed(change(1000, {{101, 1}}));

  ASSERT_TRUE(is_one(feed.answer(snapshot(990)), EventKind::Snapshot));

  EXPECT_EQ(bid_at(feed, 101), 1);
}

TEST(UnprovenSplice, RefusesOneAnswerAndNoMoreOnAQuietMarket) {
  EngineDriver feed = bitstamp();
  (void)feed(change(1000, {{101, 1}}));
  (void)feed.tell(EntryKind::BadFrame);

  EXPECT_THAT(feed.answer(snapshot(1005)), IsEmpty());
  EXPECT_TRUE(is_one(feed.answer(snapshot(1006)), EventKind::Snapshot));
}

TEST(UnprovenSplice, RefusesTheAnswerThatWasOnItsWayWhenInputWasLost) {
  EngineDriver feed = bitstamp();
  (void)feed(change(1000, {{101, 1}}));
  (void)feed.tell(EntryKind::Overrun);
  (void)feed(change(1020, {{102, 2}}));

  EXPECT_THAT(feed.answer(snapshot(1005)), IsEmpty());
  EXPECT_TRUE(is_one(feed.answer(snapshot(1015)), EventKind::Snapshot));
}

TEST(UnprovenSplice, RefusesTheAnswerThatWasOnItsWayWhenTheConnectionWasLost) {
  EngineDriver feed = bitstamp();
  (void)feed(change(1000, {{101, 1}}));
  (void)feed.tell(EntryKind::LinkDown);
  (void)feed.tell(EntryKind::LinkUp);
  (void)feed(change(1020, {{102, 2}}));

  EXPECT_THAT(feed.answer(snapshot(1005)), IsEmpty());
  EXPECT_TRUE(is_one(feed.answer(snapshot(1015)), EventKind::Snapshot));
}

TEST(UnprovenSplice, RefusesARenewalThatWasOnItsWayWhenTheBookEnded) {
  EngineDriver feed = bitstamp();
  ASSERT_TRUE(is_one(feed.answer(snapshot(1000)), EventKind::Snapshot));
  ASSERT_TRUE(is_one(feed.tell(EntryKind::BadFrame), EventKind::Reset));
  (void)feed(change(1020, {{102, 2}}));

  EXPECT_THAT(feed.answer(snapshot(1005)), IsEmpty());
  EXPECT_TRUE(is_one(feed.answer(snapshot(1015)), EventKind::Snapshot));
}

TEST(UnprovenSplice, EndsTheBookWhenItsOnlyConnectionIsReplaced) {
  EngineDriver feed = bitstamp();
  (void)feed(change(1000, {{101, 1}}));
  ASSERT_TRUE(is_one(feed.answer(snapshot(1000)), EventKind::Snapshot));

  EXPECT_TRUE(is_one(feed.tell(EntryKind::LinkDown, 0, 0, 1, true), EventKind::Reset))
      << "what is sent in between, no id would miss";
}

TEST(UnprovenSplice, LeavesChainsToTheirIds) {
  EngineDriver feed{{test_instrument("binance-spot", "A")}};
  (void)feed(delta(1001, 1001));
  (void)feed.tell(EntryKind::BadFrame);
  (void)feed(delta(1002, 1002));

  EXPECT_TRUE(is_one(feed.answer(snapshot(1000)), EventKind::Snapshot))
      << "another frame's loss: the ids prove that none of these is missing";
}

}  // namespace
}  // namespace steelyard
