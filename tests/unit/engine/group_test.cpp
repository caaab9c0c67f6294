#include <gtest/gtest.h>

#include <cmath>

#include "engine/shard.hpp"

namespace steelyard {
namespace {

std::vector<Instrument> two(const char* first, const char* second, std::uint16_t second_io) {
  std::vector<Instrument> instruments(2);
  instruments[0].symbol = first;
  instruments[1].symbol = second;
  for (std::uint32_t i = 0; i < 2; ++i) instruments[i].id = InstrumentId{i};
  instruments[1].io = second_io;
  return instruments;
}

class ShardGroups : public testing::Test {
 protected:
  [[nodiscard]] Shard shard_of(const std::vector<Instrument>& instruments) {
    SpscByteRing* const rings[] = {&ring_};
    ShardOptions options;
    options.buffer_bytes = 1 << 16;
    options.audit_entries = 16;
    return Shard{options, instruments, signals_, rings};
  }

  SignalSet signals_{SignalParams{}};
  SpscByteRing ring_{1 << 16};
};

TEST_F(ShardGroups, AreOfThoseThatShareASymbol) {
  const Shard alike = shard_of(two("BTCUSDT", "BTCUSDT", 0));
  const Shard apart = shard_of(two("BTCUSDT", "ETHUSDT", 0));

  EXPECT_EQ(alike.slots()[0].group, alike.slots()[1].group);
  EXPECT_EQ(alike.slots()[0].group->members.size(), 2U);
  EXPECT_NE(apart.slots()[0].group, apart.slots()[1].group);
  EXPECT_EQ(apart.slots()[1].group->members.size(), 1U);
}

TEST_F(ShardGroups, AreConfiguredByName) {
  std::vector<Instrument> instruments = two("BTCUSDT", "BTC-USDT", 0);
  for (Instrument& instrument : instruments) instrument.group = "btc";

  const Shard shard = shard_of(instruments);

  EXPECT_EQ(shard.slots()[0].group->members.size(), 2U);
}

// What reaches a shard from two io threads may come in another order in a replay.
TEST_F(ShardGroups, OverSeveralIoThreadsLeaveTheirColumnsOutOfTheDigest) {
  const std::size_t columns = signals_.columns().size();
  const std::size_t first = *signals_.find("x_n");

  const Shard on_one_io = shard_of(two("BTCUSDT", "BTCUSDT", 0));
  for (const InstrumentSlot& slot : on_one_io.slots()) {
    EXPECT_EQ(slot.digested, columns);
  }
  const Shard on_two = shard_of(two("BTCUSDT", "BTCUSDT", 1));
  for (const InstrumentSlot& slot : on_two.slots()) {
    EXPECT_EQ(slot.digested, first);
  }
  const Shard apart = shard_of(two("BTCUSDT", "ETHUSDT", 1));
  for (const InstrumentSlot& slot : apart.slots()) {
    EXPECT_EQ(slot.digested, columns);
  }
}

// Signals start anew at another scale, and write only what changes: what the row held before must
// not be taken for theirs.
TEST_F(ShardGroups, NothingOfARowOutlivesAnotherScale) {
  std::vector<Instrument> instruments = two("BTCUSDT", "ETHUSDT", 0);
  instruments[0].venue = venue_index(*find_venue("okx"));
  Shard shard = shard_of(instruments);
  const auto send = [&](const Entry& entry, std::span<const Level> levels) {
    ASSERT_TRUE(write_entry(ring_, entry, levels));
    while (shard.do_work() != 0) {
    }
  };
  std::int64_t now = 1'000'000'000'000;
  const auto book = [&](MessageKind kind, std::uint64_t last, std::int64_t price) {
    Entry entry{};
    entry.received = TimestampNs{now += 700'000'000};
    entry.message.kind = kind;
    entry.message.instrument = InstrumentId{0};
    entry.message.ids = kHasLast | kHasPrev;
    entry.message.prev = SequenceNo{last - 1};
    entry.message.last = SequenceNo{last};
    entry.message.bids = entry.message.asks = 1;
    const Level levels[] = {{Price{price}, Qty{static_cast<std::int64_t>(last)}},
                            {Price{price + 2}, Qty{1}}};
    send(entry, levels);
  };
  book(MessageKind::Snapshot, 1, 1'000);
  for (std::uint64_t id = 2; id < 200; ++id) {
    book(MessageKind::Delta, id, 1'000 - static_cast<std::int64_t>(id % 7));
  }
  const std::size_t volatility = *signals_.find("vol_ewma_bps");
  ASSERT_FALSE(std::isnan(shard.slots()[0].row[volatility]));

  Entry rescale{};
  rescale.kind = EntryKind::Rescale;
  rescale.received = TimestampNs{now};
  rescale.message.instrument = InstrumentId{0};
  rescale.price_exponent = -1;
  send(rescale, {});
  book(MessageKind::Snapshot, 1'000, 10'000);

  const InstrumentSlot& slot = shard.slots()[0];
  EXPECT_EQ(slot.status, BookStatus::Ok);
  EXPECT_TRUE(std::isnan(slot.row[volatility]));
  EXPECT_EQ(slot.row[*signals_.find("x_mid")], 1'000.1);
}

}  // namespace
}  // namespace steelyard
