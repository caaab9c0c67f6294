// Several connections that carry one stream: the first to bring a message wins, and what one has
// lost another may still bring.
#include <gtest/gtest.h>

#include "engine/shard.hpp"

namespace steelyard {
namespace {

constexpr ConnectionId kA{1};
constexpr ConnectionId kB{2};
constexpr std::int64_t kMs = 1'000'000;

class Arbitration : public testing::Test {
 protected:
  explicit Arbitration(const char* venue = "okx") {
    instrument_.id = InstrumentId{0};
    instrument_.venue = venue_index(*find_venue(venue));
    instrument_.symbol = "BTC-USDT";
    options_.tap.context = this;
    options_.tap.on_record = [](void* context, const PublishedRecord& record) noexcept {
      static_cast<Arbitration*>(context)->events_ +=
          "sdtlr."[static_cast<std::size_t>(record.tick->event)];
    };
    options_.seen_trades = 1024;
    SpscByteRing* const inputs[] = {&ring_};
    shard_ = std::make_unique<Shard>(options_, std::span{&instrument_, 1}, signals_, inputs);
  }

  void send(const Entry& entry, std::span<const Level> levels = {}) {
    ASSERT_TRUE(write_entry(ring_, entry, levels));
    while (shard_->do_work() != 0) {
    }
  }
  [[nodiscard]] Entry entry_of(ConnectionId from, MessageKind kind) {
    Entry entry{};
    entry.connection = from;
    entry.received = TimestampNs{now_ += kMs};
    entry.message.kind = kind;
    entry.message.instrument = instrument_.id;
    entry.message.ids = kHasLast;
    return entry;
  }
  void snapshot(ConnectionId from, std::uint64_t last) {
    Entry entry = entry_of(from, MessageKind::Snapshot);
    entry.message.last = SequenceNo{last};
    entry.message.bids = entry.message.asks = 1;
    const Level levels[] = {{Price{100}, Qty{1}}, {Price{101}, Qty{1}}};
    send(entry, levels);
  }
  void delta(ConnectionId from, std::uint64_t previous, std::uint64_t last) {
    Entry entry = entry_of(from, MessageKind::Delta);
    entry.message.ids |= kHasPrev;
    entry.message.prev = SequenceNo{previous};
    entry.message.last = SequenceNo{last};
    entry.message.bids = 1;
    const Level levels[] = {{Price{99}, Qty{static_cast<std::int64_t>(last)}}};
    send(entry, levels);
  }
  void trade(ConnectionId from, std::uint64_t id) {
    Entry entry = entry_of(from, MessageKind::Trade);
    entry.message.last = SequenceNo{id};
    entry.message.bids = 1;
    entry.message.aggressor = Aggressor::Buy;
    const Level levels[] = {{Price{101}, Qty{1}}};
    send(entry, levels);
  }
  void link(EntryKind kind, ConnectionId which) {
    Entry entry{};
    entry.kind = kind;
    entry.connection = which;
    entry.venue = static_cast<std::uint16_t>(instrument_.venue);
    entry.received = TimestampNs{now_ += kMs};
    send(entry);
  }
  void timer(std::int64_t after_ns) {
    Entry entry{};
    entry.kind = EntryKind::Timer;
    entry.received = TimestampNs{now_ += after_ns};
    send(entry);
  }
  [[nodiscard]] const InstrumentSlot& slot() const { return shard_->slots()[0]; }

  std::int64_t now_ = 1'000'000'000;
  Instrument instrument_;
  SignalSet signals_{SignalParams{}};
  SpscByteRing ring_{1U << 20};
  ShardOptions options_;
  std::unique_ptr<Shard> shard_;
  std::string events_;  // s: snapshot, d: delta, t: trade, r: reset, .: timer
};

TEST_F(Arbitration, TheFirstToBringAMessageWinsAndItsTwinIsNoEvent) {
  snapshot(kA, 10);
  snapshot(kB, 10);
  delta(kA, 10, 11);
  delta(kB, 10, 11);
  delta(kB, 11, 12);
  delta(kA, 11, 12);

  EXPECT_EQ(events_, "sdd") << "the spare's snapshot held nothing new either";
  EXPECT_EQ(slot().stats.twins, 3U);
  EXPECT_EQ(slot().state, SyncState::Live);
  EXPECT_EQ(slot().book.at(Side::Bid, Price{99}), Qty{12});
}

TEST_F(Arbitration, WhatOneConnectionHasLostAnotherStillBrings) {
  snapshot(kA, 10);
  snapshot(kB, 10);
  delta(kA, 11, 12);  // A lost 11
  delta(kB, 10, 11);
  delta(kB, 11, 12);
  delta(kA, 12, 13);
  timer(600 * kMs);

  EXPECT_EQ(events_, "sddd.");
  EXPECT_EQ(slot().stats.healed, 1U);
  EXPECT_EQ(slot().stats.gaps, 0U);
}

TEST_F(Arbitration, WhatEveryConnectionHasLostIsAGapAtOnce) {
  snapshot(kA, 10);
  snapshot(kB, 10);
  delta(kA, 11, 12);
  delta(kB, 11, 12);

  EXPECT_EQ(events_, "sr");
  EXPECT_EQ(slot().stats.gaps, 1U);
}

TEST_F(Arbitration, WhatNobodyBringsInTimeIsAGap) {
  snapshot(kA, 10);
  snapshot(kB, 10);
  delta(kA, 11, 12);  // and B is silent
  timer(400 * kMs);
  EXPECT_EQ(slot().state, SyncState::Live);
  timer(200 * kMs);

  EXPECT_EQ(slot().state, SyncState::AwaitingSnapshot);
  EXPECT_EQ(slot().stats.gaps, 1U);
}

TEST_F(Arbitration, AConnectionAloneHasNobodyToHealIt) {
  snapshot(kA, 10);
  delta(kA, 11, 12);

  EXPECT_EQ(events_, "sr");
}

TEST_F(Arbitration, ASpareThatNeverBroughtAnythingHealsNothing) {
  snapshot(kA, 10);
  link(EntryKind::LinkUp, kB);
  delta(kA, 11, 12);

  EXPECT_EQ(events_, "sr");
}

TEST_F(Arbitration, ALateSnapshotOfTheSpareMovesNothingBack) {
  snapshot(kA, 10);
  delta(kA, 10, 11);
  delta(kA, 11, 12);
  snapshot(kB, 11);
  delta(kA, 12, 13);

  EXPECT_EQ(events_, "sddd");
  EXPECT_EQ(slot().book.at(Side::Bid, Price{99}), Qty{13});
}

// The venue numbers may legally fall there, so that a lower number alone is not an old one.
TEST_F(Arbitration, WhatTheSnapshotOfASpareContainsIsNoLossWhenItComesLater) {
  snapshot(kA, 10);
  snapshot(kB, 13);  // overtakes what A has on its way
  delta(kA, 10, 11);
  delta(kA, 11, 12);
  delta(kA, 12, 13);
  delta(kA, 13, 14);
  delta(kB, 13, 14);
  timer(600 * kMs);

  EXPECT_EQ(events_, "ssd.");
  EXPECT_EQ(slot().stats.gaps, 0U);
  EXPECT_EQ(slot().stats.stale, 2U);
  EXPECT_EQ(slot().state, SyncState::Live);
}

TEST_F(Arbitration, WhatComesLongAfterTheSnapshotOfASpareWithLowerNumbersIsAGap) {
  snapshot(kA, 10);
  snapshot(kB, 13);
  timer(600 * kMs);
  delta(kA, 11, 12);
  timer(600 * kMs);

  EXPECT_EQ(slot().stats.gaps, 1U);
}

TEST_F(Arbitration, TheBookOutlivesTheConnectionThatBroughtIt) {
  snapshot(kA, 10);
  snapshot(kB, 10);
  link(EntryKind::LinkDown, kA);
  delta(kB, 10, 11);

  EXPECT_EQ(events_, "sd");
}

TEST_F(Arbitration, TheBookDiesWithTheLastConnectionInStep) {
  snapshot(kA, 10);
  snapshot(kB, 10);
  delta(kA, 11, 12);  // A has a hole
  link(EntryKind::LinkDown, kB);

  EXPECT_EQ(events_, "sr");
}

TEST_F(Arbitration, ASnapshotSentAgainOnTheOnlyConnectionIsAnEvent) {
  snapshot(kA, 10);
  snapshot(kA, 10);

  EXPECT_EQ(events_, "ss");
}

TEST_F(Arbitration, TradesOfTwinsCountOnceAndTwoOfOneConnectionTwice) {
  trade(kA, 7);
  trade(kB, 7);
  trade(kB, 8);
  trade(kA, 8);
  trade(kA, 9);
  trade(kA, 9);

  EXPECT_EQ(events_, "tttt");
  EXPECT_EQ(slot().stats.twins, 2U);
}

TEST(SeenIds, ForgetsTheOldestFirstAndFindsAllTheRest) {
  SeenIds seen{64};
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    ASSERT_EQ(
        seen.twin_of(SequenceNo{id * 977}, kA, TimestampNs{1 + static_cast<std::int64_t>(id)}),
        TimestampNs{});
    for (std::uint64_t back = id < 63 ? id : 63; back > 0; back -= 21) {
      ASSERT_NE(seen.twin_of(SequenceNo{(id - back) * 977}, kB, TimestampNs{9}), TimestampNs{})
          << id << " back " << back;
      if (back < 21) break;
    }
  }
  EXPECT_EQ(seen.twin_of(SequenceNo{0}, kB, TimestampNs{1}), TimestampNs{});
}

TEST(StreamPace, MissesABusyStreamAtTheFloorAndForgivesAQuietOne) {
  constexpr std::int64_t kFloor = 10'000 * kMs;
  StreamPace busy;
  StreamPace quiet;
  std::int64_t now = kMs;
  for (int i = 0; i < 100; ++i) busy.arrived(TimestampNs{now += 100 * kMs});
  for (int i = 0; i < 10; ++i) quiet.arrived(TimestampNs{now += 600'000 * kMs});

  EXPECT_FALSE(busy.is_silent(TimestampNs{busy.last().raw() + kFloor}, kFloor));
  EXPECT_TRUE(busy.is_silent(TimestampNs{busy.last().raw() + kFloor + 1}, kFloor));
  EXPECT_FALSE(quiet.is_silent(TimestampNs{now + 2'400'000 * kMs}, kFloor));
  EXPECT_TRUE(quiet.is_silent(TimestampNs{now + 2'400'001 * kMs}, kFloor));
}

TEST(StreamPace, GivesAStreamThatItDoesNotKnowYetTime) {
  constexpr std::int64_t kFloor = 10'000 * kMs;
  StreamPace fresh;
  EXPECT_FALSE(fresh.is_silent(TimestampNs{kFloor * 100}, kFloor)) << "it has not begun";
  fresh.arrived(TimestampNs{kMs});

  EXPECT_FALSE(fresh.is_silent(TimestampNs{kMs + 30 * kFloor}, kFloor));
  EXPECT_TRUE(fresh.is_silent(TimestampNs{kMs + 30 * kFloor + 1}, kFloor));
}

}  // namespace
}  // namespace steelyard
