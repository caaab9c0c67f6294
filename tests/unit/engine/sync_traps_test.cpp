// The traps of keeping a book in step, each by its name.
#include <gmock/gmock.h>

#include "book/checksum.hpp"
#include "support/engine_driver.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// In band, ids may legally fall (OKX); fetched, ids count on (spot); fetched, linked (USD-M).
EngineDriver okx() {
  return EngineDriver{{test_instrument("okx", "A"), test_instrument("okx", "B")}};
}
EngineDriver spot() {
  return EngineDriver{{test_instrument("binance-spot", "A"), test_instrument("binance-spot", "B")}};
}
EngineDriver usdm() { return EngineDriver{{test_instrument("binance-usdm", "A")}}; }

// A live book at id 1000.
void make_live(EngineDriver& feed, std::uint32_t instrument = 0) {
  if (feed.slot(instrument).rule.snapshot == SnapshotSource::OutOfBand) {
    ASSERT_TRUE(is_one(feed.answer(snapshot(1000), instrument), EventKind::Snapshot));
  } else {
    ASSERT_TRUE(is_one(feed(snapshot(1000), instrument), EventKind::Snapshot));
  }
  (void)feed.asked();
}

void expect_no_book(const EngineDriver& feed, const Published& record, std::uint32_t cause) {
  EXPECT_EQ(record.event(), EventKind::Reset);
  EXPECT_EQ(record.tick.status, static_cast<std::uint8_t>(BookStatus::NoBook));
  EXPECT_EQ(record.tick.validity, kSyncing | cause);
  EXPECT_EQ(record.tick.bid_qty.raw(), 0);
  EXPECT_EQ(record.tick.ask_qty.raw(), 0);
  for (const char* const column : {"mid", "spread_bps", "qi", "di_5", "pbi_10bp", "wmid"}) {
    EXPECT_TRUE(std::isnan(feed.value(record, column))) << column;
  }
}

TEST(SyncTrap, OkxLostTheReset) {
  EngineDriver feed = okx();
  make_live(feed);

  // {prev 1000, id 3} is lost: maintenance let the ids fall. All that follow are "old".
  const auto records = feed(linked(3, 5, 5));

  ASSERT_TRUE(is_one(records, EventKind::Reset)) << "taken for old, the book would freeze for ever";
  expect_no_book(feed, records[0], kGap);
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Gap));
  EXPECT_TRUE(is_one(feed(snapshot(7)), EventKind::Snapshot));
  EXPECT_TRUE(is_one(feed(linked(7, 9, 9)), EventKind::Delta));
}

TEST(SyncTrap, OkxLegalBackstep) {
  EngineDriver feed = okx();
  make_live(feed);

  EXPECT_TRUE(is_one(feed(linked(1000, 3, 3)), EventKind::Delta)) << "linked, though lower";
  EXPECT_TRUE(is_one(feed(linked(3, 5, 5)), EventKind::Delta));
  EXPECT_THAT(feed(linked(1000, 3, 3)), IsEmpty()) << "a duplicate of what was applied";
  EXPECT_EQ(feed.stats().gaps, 0U);
  EXPECT_THAT(feed.asked(), IsEmpty());
}

TEST(SyncTrap, ALowerIdThatWasNotAppliedIsAGapOnlyWhereIdsMayFall) {
  EngineDriver may_fall = okx();
  make_live(may_fall);
  EXPECT_TRUE(is_one(may_fall(linked(900, 950, 950)), EventKind::Reset));

  EngineDriver may_not = usdm();
  make_live(may_not);
  ASSERT_TRUE(is_one(may_not(linked(990, 995, 1010)), EventKind::Delta));
  EXPECT_THAT(may_not(linked(900, 940, 950)), IsEmpty()) << "old, and no harm";
  EXPECT_TRUE(may_not.is_live());
}

TEST(SyncTrap, ForgetsDeltasThatPrecedeTheSnapshot) {
  EngineDriver feed = okx();
  EXPECT_THAT(feed(linked(996, 998, 998, {{105, 9}})), IsEmpty());
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start));
  EXPECT_THAT(feed(linked(998, 1000, 1000, {{106, 9}})), IsEmpty());

  ASSERT_TRUE(is_one(feed(snapshot(1000)), EventKind::Snapshot));

  EXPECT_EQ(feed.slot().book.levels(Side::Bid), 1U) << "what the snapshot does not have is gone";
  EXPECT_TRUE(is_one(feed(linked(1000, 1002, 1002)), EventKind::Delta));
  EXPECT_EQ(feed.stats().dropped, 2U);
  EXPECT_THAT(feed.asked(), IsEmpty()) << "replayed, they would have looked like a gap";
}

TEST(SyncTrap, GapIsAnnouncedBeforeAnythingElseIsTried) {
  for (const bool in_band : {true, false}) {
    EngineDriver feed = in_band ? okx() : spot();
    make_live(feed);

    const auto records = feed(in_band ? linked(1004, 1006, 1006) : delta(1005, 1006));

    ASSERT_EQ(records.size(), 1U);
    expect_no_book(feed, records[0], kGap);
    EXPECT_EQ(records[0].requests_so_far, 0U) << "the record precedes the request";
    EXPECT_EQ(records[0].tick.received.raw(), feed.now_ns);
    EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Gap));
    EXPECT_EQ(feed.stats().gaps, 1U);
    EXPECT_EQ(feed.stats().resets, 1U);
  }
}

TEST(SyncTrap, NothingIsPublishedOfADoubtfulBookButTrades) {
  EngineDriver feed = spot();
  make_live(feed);
  ASSERT_TRUE(is_one(feed(delta(1005, 1006)), EventKind::Reset));

  EXPECT_THAT(feed(delta(1007, 1008)), IsEmpty());
  EXPECT_THAT(feed(delta(1012, 1013)), IsEmpty()) << "and no second reset";
  const auto trades = feed(test_message(MessageKind::Trade, {{103, 2}}, {}));
  ASSERT_TRUE(is_one(trades, EventKind::Trade));
  EXPECT_FALSE(trades[0].has_book());
  EXPECT_EQ(trades[0].tick.validity, kSyncing | kGap) << "the cause stays until the cure";
  EXPECT_TRUE(std::isnan(feed.value(trades[0], "mid")));
}

TEST(SyncTrap, OnlyTheInstrumentWithTheGapIsTouched) {
  EngineDriver feed = spot();
  make_live(feed, 0);
  make_live(feed, 1);

  ASSERT_TRUE(is_one(feed(delta(1005, 1006), 0), EventKind::Reset));

  EXPECT_TRUE(feed.is_live(1));
  EXPECT_TRUE(is_one(feed(delta(1001, 1002), 1), EventKind::Delta));
  ASSERT_EQ(feed.requests.size(), 1U);
  EXPECT_EQ(feed.requests[0].instrument, InstrumentId{0});
}

TEST(SyncTrap, AcknowledgedButNoData) {
  EngineDriver feed = okx();
  feed.tell(EntryKind::LinkUp);
  EXPECT_THAT(feed.asked(), IsEmpty()) << "the subscription itself asks";

  feed.now_ns += 4'900'000'000;
  feed.tell(EntryKind::Timer);
  EXPECT_THAT(feed.asked(), IsEmpty());
  feed.now_ns += 200'000'000;
  feed.tell(EntryKind::Timer);
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start, ResyncReason::Start))
      << "both instruments are silent";
  feed.now_ns += 4'900'000'000;
  feed.tell(EntryKind::Timer);
  EXPECT_THAT(feed.asked(), IsEmpty()) << "an answer may still come";
  feed.now_ns += 200'000'000;
  feed.tell(EntryKind::Timer);
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Deadline, ResyncReason::Deadline));
}

TEST(SyncTrap, ASnapshotThatTheVenueTakesItsTimeForIsWaitedFor) {
  EngineDriver feed{{test_instrument("kucoin-uta", "BTC-USDT")}};
  feed.tell(EntryKind::LinkUp);

  feed.now_ns += 11'900'000'000;
  feed.tell(EntryKind::Timer);
  EXPECT_THAT(feed.asked(), IsEmpty()) << "six seconds are usual";
  feed.now_ns += 200'000'000;
  feed.tell(EntryKind::Timer);
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start));
}

TEST(SyncTrap, AFetchedSnapshotIsAskedForThoughNoDeltaCame) {
  EngineDriver feed = usdm();
  feed.tell(EntryKind::LinkUp);
  feed.tell(EntryKind::Timer);
  EXPECT_THAT(feed.asked(), IsEmpty());

  feed.now_ns += 500'000'000;
  feed.tell(EntryKind::Timer);

  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start));
}

TEST(SyncTrap, TheDeadlineConcernsTheInstrumentsOfItsThreadOnly) {
  EngineDriver feed{{test_instrument("okx", "A", 0), test_instrument("okx", "B", 1)}};
  feed.tell(EntryKind::LinkUp);
  feed.now_ns += 6'000'000'000;

  feed.tell(EntryKind::Timer, 1);

  ASSERT_EQ(feed.requests.size(), 1U);
  EXPECT_EQ(feed.requests[0].instrument, InstrumentId{1});
}

TEST(SyncTrap, LivenessIsStampedBeforeDuplicatesAreDropped) {
  EngineDriver feed = spot();
  make_live(feed);
  ASSERT_TRUE(is_one(feed(delta(1001, 1002)), EventKind::Delta));
  feed.now_ns += 9'000'000'000;
  EXPECT_THAT(feed(delta(1001, 1002)), IsEmpty()) << "a twin, as after a reconnect";
  feed.now_ns += 9'000'000'000;

  const auto records = feed(test_message(MessageKind::Trade, {{103, 2}}, {}));

  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].tick.validity & kStale, 0U) << "9 s, not 18: the stream is alive";
  feed.now_ns += 292'000'000'000;  // whose pace is not known yet: thirty times the limit
  EXPECT_EQ(feed(test_message(MessageKind::Trade, {{103, 2}}, {}))[0].tick.validity, kStale);
}

TEST(SyncTrap, DuplicatesAreNoEventAndNoGapOnAnyLink) {
  EngineDriver counts_on = spot();
  make_live(counts_on);
  EngineDriver names_before = usdm();
  make_live(names_before);
  EngineDriver may_fall = okx();
  make_live(may_fall);
  for (std::uint64_t id = 1000; id < 1100; id += 2) {
    ASSERT_TRUE(is_one(counts_on(delta(id + 1, id + 2)), EventKind::Delta));
    EXPECT_THAT(counts_on(delta(id + 1, id + 2)), IsEmpty());
    EXPECT_THAT(counts_on(delta(id - 1, id)), IsEmpty());
    ASSERT_TRUE(is_one(names_before(linked(id, id, id + 2)), EventKind::Delta));
    EXPECT_THAT(names_before(linked(id, id, id + 2)), IsEmpty());
    ASSERT_TRUE(is_one(may_fall(linked(id, id + 2, id + 2)), EventKind::Delta));
    EXPECT_THAT(may_fall(linked(id, id + 2, id + 2)), IsEmpty());
    EXPECT_THAT(may_fall(linked(id - 2, id, id)), IsEmpty());
  }
  EXPECT_EQ(counts_on.stats().stale, 100U);
  EXPECT_EQ(counts_on.stats().gaps + names_before.stats().gaps + may_fall.stats().gaps, 0U);
}

TEST(SyncTrap, ABareIdMovesTheSequenceOnAndIsNoEvent) {
  EngineDriver feed = okx();
  make_live(feed);

  EXPECT_THAT(feed(linked(1000, 1000, 1000, {}, {})), IsEmpty()) << "OKX repeats the id when idle";
  EXPECT_THAT(feed(linked(1000, 1004, 1004, {}, {})), IsEmpty());

  EXPECT_TRUE(is_one(feed(linked(1004, 1006, 1006)), EventKind::Delta));
}

TEST(SyncTrap, AFailedChecksumEndsTheBookAndAGoodOneDoesNot) {
  EngineDriver feed = okx();
  make_live(feed);
  TestMessage good = linked(1000, 1002, 1002, {{100, 7}});
  OrderBook book{{.tick = 1, .max_levels = 100}};
  (void)book.set(Side::Bid, Price{100}, Qty{7});
  (void)book.set(Side::Ask, Price{110}, Qty{5});
  good.message.ids |= kHasChecksum;
  good.message.checksum =
      checksum(ChecksumId::InterleavedTop25, book, feed.slot().instrument.scale);

  ASSERT_TRUE(is_one(feed(good), EventKind::Delta));
  TestMessage bad = linked(1002, 1004, 1004, {{100, 8}});
  bad.message.ids |= kHasChecksum;
  bad.message.checksum = good.message.checksum;
  const auto records = feed(bad);

  ASSERT_EQ(records.size(), 1U);
  expect_no_book(feed, records[0], kBadChecksum);
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Checksum));
  EXPECT_EQ(feed.stats().checksums_ok, 1U);
  EXPECT_EQ(feed.stats().checksums_bad, 1U);
}

TEST(SyncTrap, ASnapshotWithAFailedChecksumGivesNoBook) {
  EngineDriver feed = okx();
  TestMessage bad = snapshot(1000);
  bad.message.ids |= kHasChecksum;
  bad.message.checksum = 1;

  EXPECT_THAT(feed(bad), IsEmpty()) << "none was live";
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Checksum));
  make_live(feed);
  EXPECT_TRUE(is_one(feed(bad), EventKind::Reset));
  EXPECT_FALSE(feed.is_live());
}

TEST(SyncTrap, ABadFrameEndsTheBookThatItNamesAndNoOther) {
  EngineDriver feed = spot();
  make_live(feed, 0);
  make_live(feed, 1);

  const auto records = feed.tell(EntryKind::BadFrame, 0, 1);

  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].tick.instrument, InstrumentId{1});
  expect_no_book(feed, records[0], kBadFrame);
  EXPECT_TRUE(feed.is_live(0));
  EXPECT_THAT(feed.tell(EntryKind::BadFrame, 0, 1), IsEmpty()) << "there is no book to end";
}

TEST(SyncTrap, AFullBookIsRefusedNotCutOff) {
  EngineDriver feed = okx();
  make_live(feed);
  TestLevels many;
  for (std::int64_t i = 0; i < 20'001; ++i) many.emplace_back(1'000'000 + i, 1);

  const auto records = feed(linked(1000, 1002, 1002, {}, many));

  ASSERT_EQ(records.size(), 1U);
  expect_no_book(feed, records[0], kOverrun);
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::BookFull));
  EXPECT_EQ(feed.slot().book.levels(Side::Ask), 0U);
  EXPECT_TRUE(is_one(feed(snapshot(1004)), EventKind::Snapshot)) << "and comes back";
}

}  // namespace
}  // namespace steelyard
