#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "engine/shard.hpp"

namespace steelyard {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// One instrument of a venue whose book comes in band, fed entry by entry.
class Rescale : public testing::Test {
 protected:
  Rescale() {
    const auto venues = venue_registry();
    while (venues[instrument_.venue]->books[0].snapshot != SnapshotSource::InBand) {
      ++instrument_.venue;
    }
    instrument_.id = InstrumentId{0};
    instrument_.symbol = "TEST";
    SpscByteRing* const rings[] = {&ring_};
    shard_ = std::make_unique<Shard>(ShardOptions{}, std::span{&instrument_, 1}, signals_, rings);
  }
  void tell(Entry entry, std::vector<Level> levels = {}) {
    entry.received = TimestampNs{now_};
    entry.message.instrument = instrument_.id;
    entry.connection = ConnectionId{1};
    ASSERT_TRUE(write_entry(ring_, entry, levels));
    while (shard_->do_work() != 0) {
    }
  }
  static SignalParams with_table() {
    SignalParams params;
    params.micro_price.shape = {.buckets = 2, .spreads = 2};
    params.micro_price.table = {-0.25, 0.25, -0.5, 0.5};
    return params;
  }
  void snapshot(std::int64_t bid, std::int64_t spread = 2) {
    Entry entry;
    entry.message.kind = MessageKind::Snapshot;
    entry.message.ids = kHasLast;
    entry.message.last = SequenceNo{static_cast<std::uint64_t>(now_)};
    entry.message.bids = entry.message.asks = 1;
    tell(entry, {{Price{bid}, Qty{1}}, {Price{bid + spread}, Qty{1}}});
  }
  double operator[](const char* name) const { return shard_->slots()[0].row[*signals_.find(name)]; }

  std::int64_t now_ = 1'700'000'000 * kSecond;
  Instrument instrument_;
  SignalSet signals_{with_table()};
  SpscByteRing ring_{1U << 20};
  std::unique_ptr<Shard> shard_;
};

// The states start anew, and with them what they have said.
TEST_F(Rescale, LeavesNothingOfTheOldScaleInTheRow) {
  for (const std::int64_t bid : {1000, 1001, 1002, 1003}) {
    snapshot(bid);
    now_ += kSecond;
  }
  ASSERT_FALSE(std::isnan((*this)["vol_ewma_bps"]));

  Entry rescale;
  rescale.kind = EntryKind::Rescale;
  rescale.price_exponent = -1;
  tell(rescale);
  for (std::size_t i = 0; i < signals_.columns().size(); ++i) {
    EXPECT_TRUE(std::isnan(shard_->slots()[0].row[i])) << signals_.columns()[i].name;
  }

  snapshot(10'030);
  EXPECT_EQ((*this)["mid"], 1003.1);
  EXPECT_TRUE(std::isnan((*this)["vol_ewma_bps"]));
}

TEST_F(Rescale, LeavesTheTickAsWideAsItWas) {
  snapshot(1'000);
  ASSERT_EQ((*this)["micro"], 1'001 + 0.5);
  Entry rescale;
  rescale.kind = EntryKind::Rescale;
  rescale.price_exponent = -1;
  tell(rescale);

  now_ += kSecond;
  snapshot(10'000, 20);
  EXPECT_EQ((*this)["micro_src"], 1.0);
  EXPECT_EQ((*this)["micro"], 1'001 + 0.5);

  now_ += kSecond;
  snapshot(10'000, 2);
  EXPECT_EQ((*this)["micro_src"], 0.0) << "a fifth of a tick";
}

TEST(FinerTick, IsUnknownWhereItDoesNotFit) {
  EXPECT_EQ(finer_tick(5, 0), 5);
  EXPECT_EQ(finer_tick(5, 3), 5'000);
  EXPECT_EQ(finer_tick(10, 18), 1);
  EXPECT_EQ(finer_tick(1, 19), 1);
}

}  // namespace
}  // namespace steelyard
