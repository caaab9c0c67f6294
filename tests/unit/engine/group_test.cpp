#include <gtest/gtest.h>

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

  for (const InstrumentSlot& slot : shard_of(two("BTCUSDT", "BTCUSDT", 0)).slots()) {
    EXPECT_EQ(slot.digested, columns);
  }
  for (const InstrumentSlot& slot : shard_of(two("BTCUSDT", "BTCUSDT", 1)).slots()) {
    EXPECT_EQ(slot.digested, first);
  }
  for (const InstrumentSlot& slot : shard_of(two("BTCUSDT", "ETHUSDT", 1)).slots()) {
    EXPECT_EQ(slot.digested, columns);
  }
}

}  // namespace
}  // namespace steelyard
