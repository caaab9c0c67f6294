// A shard: connections that come and go, time, overruns, rescaling, and what is published.
#include "engine/shard.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <random>

#include "engine/run_digest.hpp"
#include "support/engine_driver.hpp"
#include "support/test_segment.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ShardLinks, ALostConnectionEndsTheBooksThatItCarriedAndNoOthers) {
  EngineDriver feed{{test_instrument("okx", "A"), test_instrument("okx", "B")}};
  (void)feed(snapshot(1000), 0, 1);
  (void)feed(snapshot(1000), 1, 2);
  (void)feed.asked();

  const auto records = feed.tell(EntryKind::LinkDown, 0, 0, 1);

  ASSERT_TRUE(is_one(records, EventKind::Reset));
  EXPECT_EQ(records[0].tick.instrument, InstrumentId{0});
  EXPECT_EQ(records[0].tick.validity, kSyncing | kLinkDown);
  EXPECT_TRUE(feed.is_live(1));
  EXPECT_THAT(feed.asked(), IsEmpty()) << "nobody is there to ask";
  EXPECT_THAT(feed.tell(EntryKind::LinkDown, 0, 0, 1), IsEmpty()) << "down is down";
}

TEST(ShardLinks, AConnectionThatStartsAnewVoidsWhatItCarriedBefore) {
  EngineDriver feed{{test_instrument("okx", "A")}};
  (void)feed(snapshot(1000), 0, 1);

  EXPECT_TRUE(is_one(feed.tell(EntryKind::LinkUp, 0, 0, 1), EventKind::Reset));

  EXPECT_EQ(feed.slot().state, SyncState::AwaitingSnapshot);
  EXPECT_TRUE(is_one(feed(snapshot(5)), EventKind::Snapshot)) << "ids may start anew as well";
}

TEST(ShardLinks, AnAnswerThatComesWhileTheConnectionIsDownMakesNoBookLive) {
  EngineDriver feed{{test_instrument("binance-spot", "A")}};
  (void)feed(delta(999, 1001));
  (void)feed.answer(snapshot(1000));
  ASSERT_TRUE(is_one(feed.tell(EntryKind::LinkDown), EventKind::Reset));
  (void)feed.asked();

  EXPECT_THAT(feed.answer(snapshot(1005)), IsEmpty()) << "nobody would tell what changes";
  EXPECT_EQ(feed.slot().state, SyncState::Down);

  feed.tell(EntryKind::LinkUp);
  EXPECT_THAT(feed(delta(1010, 1012)), IsEmpty());
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start));
  EXPECT_TRUE(is_one(feed.answer(snapshot(1011)), EventKind::Snapshot));
}

TEST(ShardLinks, AConnectionOfAnotherVenueWakesNobody) {
  EngineDriver feed{{test_instrument("okx", "A"), test_instrument("binance-spot", "B")}};

  feed.tell(EntryKind::LinkUp, 0, 1, 1);

  EXPECT_EQ(feed.slot(0).state, SyncState::Down);
  EXPECT_EQ(feed.slot(1).state, SyncState::AwaitingSnapshot);
}

TEST(ShardLinks, InBandABookFollowsTheConnectionWhoseSnapshotCameLast) {
  EngineDriver feed{{test_instrument("okx", "A")}};
  (void)feed(snapshot(1000), 0, 1);
  ASSERT_TRUE(is_one(feed(snapshot(2000), 0, 2), EventKind::Snapshot)) << "its successor";

  EXPECT_THAT(feed(linked(1000, 1002, 1002), 0, 1), IsEmpty()) << "not its stream any more";
  EXPECT_TRUE(is_one(feed(linked(2000, 2002, 2002), 0, 2), EventKind::Delta));
  EXPECT_THAT(feed.tell(EntryKind::LinkDown, 0, 0, 1, true), IsEmpty());
  EXPECT_TRUE(feed.is_live());
}

TEST(ShardLinks, APlannedEndHarmsNoBookWhoseIdsProveWhatIsMissing) {
  EngineDriver fetched{{test_instrument("binance-spot", "A")}};
  (void)fetched(delta(999, 1001));
  (void)fetched.answer(snapshot(1000));
  EXPECT_THAT(fetched.tell(EntryKind::LinkDown, 0, 0, 1, true), IsEmpty());
  EXPECT_TRUE(is_one(fetched(delta(1002, 1003), 0, 2), EventKind::Delta));

  EngineDriver in_band{{test_instrument("okx", "A")}};
  (void)in_band(snapshot(1000));
  EXPECT_TRUE(is_one(in_band.tell(EntryKind::LinkDown, 0, 0, 1, true), EventKind::Reset));
}

TEST(ShardOverrun, EndsTheBooksOfItsThreadAndNoOthers) {
  EngineDriver feed{{test_instrument("okx", "A", 0), test_instrument("okx", "B", 1)}};
  (void)feed(snapshot(1000), 0);
  (void)feed(snapshot(1000), 1);

  const auto records = feed.tell(EntryKind::Overrun, 1);

  ASSERT_TRUE(is_one(records, EventKind::Reset));
  EXPECT_EQ(records[0].tick.instrument, InstrumentId{1});
  EXPECT_EQ(records[0].tick.validity, kSyncing | kOverrun);
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Overrun));
  EXPECT_EQ(feed.tell(EntryKind::Overrun, kEveryIo).size(), 1U) << "the other one, too";
}

TEST(ShardOverrun, AsksAgainWhereTheSnapshotMayHaveBeenAmongWhatWasRefused) {
  EngineDriver feed{{test_instrument("binance-spot", "A")}};
  (void)feed(delta(999, 1001));
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start));

  EXPECT_THAT(feed.tell(EntryKind::Overrun), IsEmpty()) << "no book, no reset";
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Overrun));

  (void)feed(delta(1005, 1006));
  EXPECT_THAT(feed.answer(snapshot(1000)), IsEmpty()) << "what was buffered before is not trusted";
  EXPECT_TRUE(is_one(feed.answer(snapshot(1004)), EventKind::Snapshot));
}

TEST(ShardRescale, StartsTheBookAnewAtTheFinerScale) {
  EngineDriver feed{{test_instrument("okx", "A"), test_instrument("okx", "B")}};
  (void)feed(snapshot(1000), 0);
  (void)feed(snapshot(1000), 1);
  (void)feed.asked();

  const auto records = feed.rescale(-4, -3);

  ASSERT_TRUE(is_one(records, EventKind::Reset));
  EXPECT_EQ(records[0].tick.price_exponent, -2) << "it is about the old book";
  EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Rescale));
  const auto anew = feed(snapshot(2000, {{1'001'234, 5}}, {{1'001'235, 5}}));
  ASSERT_TRUE(is_one(anew, EventKind::Snapshot));
  EXPECT_EQ(anew[0].tick.price_exponent, -4);
  EXPECT_NEAR(feed.value(anew[0], "mid"), 100.12345, 1e-9);
  EXPECT_TRUE(feed.is_live(1)) << "and nobody else's";
}

TEST(ShardRescale, DropsWhatWasBufferedAtTheOldScale) {
  EngineDriver feed{{test_instrument("binance-spot", "A")}};
  (void)feed(delta(999, 1001, {{105, 9}}));

  EXPECT_THAT(feed.rescale(-4, -3), IsEmpty()) << "no book, no reset";

  (void)feed(delta(1002, 1003, {{10'100, 1}}));
  ASSERT_TRUE(
      is_one(feed.answer(snapshot(1002, {{10'000, 5}}, {{11'000, 5}})), EventKind::Snapshot));
  EXPECT_EQ(feed.slot().book.at(Side::Bid, Price{105}).raw(), 0);
}

TEST(ShardRescale, LeavesNoValueOfTheOldScaleInTheRow) {
  EngineDriver feed{{test_instrument("okx", "A")}};
  (void)feed(snapshot(1000));
  ASSERT_TRUE(is_one(feed.rescale(-4, -3), EventKind::Reset));

  for (const double value : feed.slot().row) EXPECT_TRUE(std::isnan(value));
}

TEST(ShardTime, ATimerIsAnEventAfterSilenceOnly) {
  EngineDriver feed{{test_instrument("okx", "A"), test_instrument("okx", "B", 1)}};
  EXPECT_THAT(feed.tell(EntryKind::Timer), IsEmpty()) << "nothing happened yet";
  (void)feed(snapshot(1000));
  feed.now_ns += 98'000'000;
  EXPECT_THAT(feed.tell(EntryKind::Timer), IsEmpty());
  feed.now_ns += 1'000'000;

  const auto records = feed.tell(EntryKind::Timer);

  ASSERT_TRUE(is_one(records, EventKind::Timer));
  EXPECT_EQ(records[0].tick.received.raw(), feed.now_ns);
  EXPECT_TRUE(records[0].has_book());
  feed.now_ns += 200'000'000;
  EXPECT_THAT(feed.tell(EntryKind::Timer, 1), IsEmpty()) << "of another thread";
}

TEST(ShardTime, DoesNotRunBackward) {
  EngineDriver feed{{test_instrument("okx", "A")}};
  (void)feed(snapshot(1000));
  const std::int64_t before = feed.now_ns;
  feed.now_ns -= 500'000'000;

  const auto records = feed(linked(1000, 1002, 1002));

  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].tick.received.raw(), before);
  EXPECT_EQ(feed.stats().backward_clocks, 1U);
}

TEST(ShardBooks, AReplacingChannelIsDifferencedAndItsOldBooksAreDropped) {
  EngineDriver feed{{test_instrument("binance-spot", "A", 0, 0, "depth5@100ms")}};
  ASSERT_TRUE(is_one(feed(snapshot(10, {{100, 5}}, {{110, 5}})), EventKind::Snapshot));

  const auto records = feed(snapshot(12, {{100, 8}}, {{110, 5}}));

  ASSERT_TRUE(is_one(records, EventKind::Snapshot));
  EXPECT_DOUBLE_EQ(feed.value(records[0], "e"), 0.003) << "three more at the best bid";
  EXPECT_THAT(feed(snapshot(11, {{90, 1}}, {{95, 1}})), IsEmpty());
  EXPECT_EQ(feed.stats().stale, 1U);
}

TEST(ShardBooks, ACrossedBookSaysSoAndDefinesNothingThatNeedsAnUncrossedOne) {
  EngineDriver feed{{test_instrument("okx", "A")}};
  (void)feed(snapshot(1000));

  const auto records = feed(linked(1000, 1002, 1002, {{115, 1}}));

  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].tick.status, static_cast<std::uint8_t>(BookStatus::Crossed));
  EXPECT_EQ(records[0].tick.validity, kCrossed);
  EXPECT_EQ(records[0].tick.best_bid.raw(), 115);
  EXPECT_TRUE(std::isnan(feed.value(records[0], "mid")));
  EXPECT_EQ(feed.stats().crossed, 1U);
}

TEST(ShardBooks, AnInstrumentOfAnotherShardIsNoneOfItsBusiness) {
  EngineDriver feed{{test_instrument("okx", "A", 0, 0), test_instrument("okx", "B", 0, 1)}};

  EXPECT_EQ(feed.shard().slots().size(), 1U);
  EXPECT_THAT(feed(snapshot(1000), 1), IsEmpty());
  EXPECT_THAT(feed.tell(EntryKind::BadFrame, 0, 1), IsEmpty());
  EXPECT_THAT(feed.rescale(-4, -3, 1), IsEmpty());
}

TEST(ShardRequests, AreCountedWhenNobodyTakesThem) {
  EngineDriver feed{{test_instrument("okx", "A")}};
  SpscByteRing ring{1 << 16};
  SpscByteRing* const rings[] = {&ring};
  Instrument instrument = test_instrument("okx", "A");
  instrument.id = InstrumentId{0};
  const SignalSet signals{SignalParams{}};
  Shard shard{{}, std::span{&instrument, 1}, signals, rings};
  Entry entry{};
  entry.kind = EntryKind::Overrun;

  Entry first{};
  first.message.kind = MessageKind::Delta;
  first.message.instrument = instrument.id;
  ASSERT_TRUE(write_entry(ring, first, {}));
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(write_entry(ring, entry, {}));
    while (shard.do_work() != 0) {
    }
  }

  EXPECT_EQ(shard.lost_requests(), 5001U - 4096U);
}

TEST(ShardDigest, TellsRecordsApartAndNotTheirInterleavingAcrossInstruments) {
  const auto digest = [](std::uint32_t first, std::uint32_t second, std::int64_t qty) {
    EngineDriver feed{{test_instrument("okx", "A"), test_instrument("okx", "B")}};
    (void)feed(snapshot(1000, {{100, qty}}), first);
    feed.now_ns -= 1'000'000;  // at the same time
    (void)feed(snapshot(1000, {{100, qty}}), second);
    std::vector<const InstrumentSlot*> slots;
    for (const InstrumentSlot& slot : feed.shard().slots()) slots.push_back(&slot);
    return digest_of(slots);
  };

  EXPECT_EQ(digest(0, 1, 5), digest(1, 0, 5));
  EXPECT_NE(digest(0, 1, 5), digest(0, 1, 6));
}

class ShardPublishes : public SharedMemoryTest {};

// Bit by bit: undefined values are NaN.
bool same_bits(std::span<const double> a, std::span<const double> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

TEST_F(ShardPublishes, EveryColumnAsItIsWhicheverOfThemAnEventMoved) {
  const SignalSet signals{SignalParams{}};
  const Instrument instrument = test_instrument("okx", "A");
  SegmentPlan plan = test_plan();
  plan.instruments = {{instrument, "okx", "books"}};
  plan.columns.clear();
  for (const Column& column : signals.columns())
    plan.columns.push_back({column.name, "", "", 0, 0});
  plan.headline = {static_cast<std::uint16_t>(*signals.find("mid"))};
  const Segment segment = Segment::create(plan);
  ShardPublisher publisher = segment.shard(0);
  Reader reader;
  ASSERT_EQ(reader.attach("test"), "");
  ShardOptions options;
  options.publisher = &publisher;
  EngineDriver feed{{instrument}, options};
  std::mt19937_64 random{5};
  StateView view;
  std::vector<double> row(signals.columns().size());
  std::uint64_t id = 1000;
  const auto expect_row = [&](const std::vector<Published>& records) {
    ASSERT_FALSE(records.empty());
    ASSERT_TRUE(reader.latest(InstrumentId{0}, view, row));
    EXPECT_TRUE(same_bits(row, records.back().row)) << "after id " << id;
    const InstrumentSlot& slot = feed.slot(0);
    ASSERT_EQ(view.bid_count, slot.bid_count);
    ASSERT_EQ(view.ask_count, slot.ask_count);
    for (std::uint32_t i = 0; i < view.bid_count; ++i) {
      EXPECT_EQ(view.bids[i].price, slot.bids[i].price) << "bid " << i << " after id " << id;
      EXPECT_EQ(view.bids[i].qty, slot.bids[i].qty) << "bid " << i << " after id " << id;
    }
    for (std::uint32_t i = 0; i < view.ask_count; ++i) {
      EXPECT_EQ(view.asks[i].price, slot.asks[i].price) << "ask " << i << " after id " << id;
      EXPECT_EQ(view.asks[i].qty, slot.asks[i].qty) << "ask " << i << " after id " << id;
    }
  };

  expect_row(feed(snapshot(id)));
  for (int i = 0; i < 500; ++i) {
    const auto price = static_cast<std::int64_t>(random() % 40);
    const auto size = static_cast<std::int64_t>(random() % 4);
    expect_row(feed(random() % 2 == 0 ? linked(id, id, id + 1, {{100 - price, size}})
                                      : linked(id, id, id + 1, {}, {{110 + price, size}})));
    ++id;
  }
  expect_row(feed(linked(id + 7, id + 8, id + 8)));  // a gap: the book is void
  expect_row(feed(snapshot(id + 100)));
}

TEST_F(ShardPublishes, TheVerdictInTheSlotWithTheValuesAndTheStateRowBeforeIt) {
  const SignalSet signals{SignalParams{}};
  Instrument instrument = test_instrument("okx", "A");
  SegmentPlan plan = test_plan();
  plan.instruments = {{instrument, "okx", "books"}};
  plan.columns.clear();
  for (const Column& column : signals.columns())
    plan.columns.push_back({column.name, "", "", 0, 0});
  plan.headline = {static_cast<std::uint16_t>(*signals.find("mid"))};
  const Segment segment = Segment::create(plan);
  ShardPublisher publisher = segment.shard(0);
  Reader reader;
  ASSERT_EQ(reader.attach("test"), "");
  ShardOptions options;
  options.publisher = &publisher;
  EngineDriver feed{{instrument}, options};
  Record record;

  (void)feed(snapshot(1000));
  ASSERT_EQ(reader.poll(record), Poll::Ok);
  EXPECT_TRUE(record.is_live());
  EXPECT_DOUBLE_EQ(record["mid"], 1.05);
  (void)feed(linked(1004, 1006, 1006));
  ASSERT_EQ(reader.poll(record), Poll::Ok);

  EXPECT_EQ(record.event(), EventKind::Reset);
  EXPECT_FALSE(record.is_live());
  EXPECT_TRUE(std::isnan(record["mid"]));
  StateView view;
  std::vector<double> row(signals.columns().size());
  ASSERT_TRUE(reader.latest(InstrumentId{0}, view, row));
  EXPECT_EQ(view.tick.validity, kSyncing | kGap);
  EXPECT_EQ(view.bid_count + view.ask_count, 0U);
  EXPECT_TRUE(std::isnan(row[*signals.find("mid")]));
}

}  // namespace
}  // namespace steelyard
