#include <gtest/gtest.h>

#include <vector>

#include "book/book_status.hpp"
#include "book/book_sync.hpp"
#include "book/checksum.hpp"
#include "book/delta_buffer.hpp"
#include "book/trusted_depth.hpp"

namespace steelyard {
namespace {

Level level(std::int64_t price, std::int64_t qty) { return {Price{price}, Qty{qty}}; }

TEST(BookStatus, FollowsTheTwoBestLevels) {
  EXPECT_EQ(book_status(level(10, 1), level(11, 1)), BookStatus::Ok);
  EXPECT_EQ(book_status(level(10, 1), level(10, 1)), BookStatus::Locked);
  EXPECT_EQ(book_status(level(11, 1), level(10, 1)), BookStatus::Crossed);
  EXPECT_EQ(book_status(level(10, 1), Level{}), BookStatus::BidOnly);
  EXPECT_EQ(book_status(Level{}, level(10, 1)), BookStatus::AskOnly);
  EXPECT_EQ(book_status(Level{}, Level{}), BookStatus::Empty);
}

TEST(Step, ForgetsDeltasThatPrecedeTheSnapshotInBandAndKeepsThemOutOfBand) {
  const auto hold = [](SnapshotSource source) {
    return step(SyncState::AwaitingSnapshot, SyncInput::DeltaInOrder, source).action;
  };

  EXPECT_EQ(hold(SnapshotSource::InBand), SyncAction::Drop);
  EXPECT_EQ(hold(SnapshotSource::OutOfBand), SyncAction::Buffer);
}

TEST(Step, AnnouncesBeforeItAsks) {
  for (const SyncInput input :
       {SyncInput::DeltaGap, SyncInput::BookInvalid, SyncInput::InputOverrun}) {
    const SyncStep next = step(SyncState::Live, input, SnapshotSource::InBand);

    EXPECT_EQ(next.state, SyncState::AwaitingSnapshot);
    EXPECT_EQ(next.action, SyncAction::InvalidateAndResync);
  }
}

TEST(Checksum, EqualsTheDocumentedVectors) {
  OrderBook both{{}};
  (void)both.set(Side::Bid, Price{33661}, Qty{7});
  (void)both.set(Side::Bid, Price{33660}, Qty{6});
  (void)both.set(Side::Ask, Price{33668}, Qty{9});
  (void)both.set(Side::Ask, Price{33680}, Qty{8});
  OrderBook one_bid{{}};
  (void)one_bid.set(Side::Bid, Price{33661}, Qty{7});
  (void)one_bid.set(Side::Ask, Price{33668}, Qty{9});
  (void)one_bid.set(Side::Ask, Price{33680}, Qty{8});
  (void)one_bid.set(Side::Ask, Price{33720}, Qty{8});
  const Scale scale{.price_exponent = -1};

  EXPECT_EQ(checksum(ChecksumId::InterleavedTop25, both, scale), -1881014294);
  EXPECT_EQ(checksum(ChecksumId::InterleavedTop25, one_bid, scale), 831078360);
}

TEST(Checksum, PadsNumbersToTheInstrumentsDecimals) {
  // zlib.crc32 of "2.50:10.000:2.51:0.125:2.49:3.500:3.00:1.000" in Python.
  OrderBook book{{}};
  (void)book.set(Side::Bid, Price{250}, Qty{10000});
  (void)book.set(Side::Bid, Price{249}, Qty{3500});
  (void)book.set(Side::Ask, Price{251}, Qty{125});
  (void)book.set(Side::Ask, Price{300}, Qty{1000});

  EXPECT_EQ(checksum(ChecksumId::PaddedInterleavedTop25, book,
                     {.price_exponent = -2, .qty_exponent = -3}),
            1968435344);

  // "250:1.0:251:0.5": no decimals, and no point, where the exponent is zero.
  OrderBook whole{{}};
  (void)whole.set(Side::Bid, Price{250}, Qty{10});
  (void)whole.set(Side::Ask, Price{251}, Qty{5});
  EXPECT_EQ(checksum(ChecksumId::PaddedInterleavedTop25, whole, {.qty_exponent = -1}), -152067611);
}

TEST(Checksum, EqualsTheVectorOfKrakensGuide) {
  constexpr std::pair<std::int64_t, std::int64_t> kAsks[] = {
      {452852, 100000},   {452864, 154571953}, {452866, 154571109}, {452896, 154560911},
      {452902, 15890660}, {452918, 154553491}, {452947, 4454749},   {452961, 35380000},
      {452975, 9945542},  {452995, 18772827}};
  constexpr std::pair<std::int64_t, std::int64_t> kBids[] = {
      {452835, 10000000},  {452834, 154582015}, {452821, 10000000}, {452810, 10000000},
      {452803, 154592586}, {452790, 7990000},   {452776, 3310103},  {452775, 30000000},
      {452773, 154602737}, {452766, 15445238}};
  OrderBook book{{}};
  for (const auto& [price, qty] : kAsks) (void)book.set(Side::Ask, Price{price}, Qty{qty});
  for (const auto& [price, qty] : kBids) (void)book.set(Side::Bid, Price{price}, Qty{qty});
  (void)book.set(Side::Ask, Price{453000}, Qty{1});  // the eleventh does not count

  EXPECT_EQ(static_cast<std::uint32_t>(checksum(ChecksumId::ConcatenatedTop10, book, {})),
            3310070434U);
}

TEST(Checksum, WritesBitfinexNumbersAsJavaScriptDoes) {
  OrderBook book{{}};
  const Scale scale{.price_exponent = -5, .qty_exponent = -8};
  for (const std::int64_t price : {5000, 4995, 4990, 4980, 4975, 4970, 4965, 4960, 4955, 4950}) {
    (void)book.set(Side::Bid, Price{price}, Qty{500});
  }
  for (std::int64_t price = 5005; price <= 5050; price += 5) {
    (void)book.set(Side::Ask, Price{price}, Qty{500});
  }
  OrderBook tiny{{}};
  (void)tiny.set(Side::Bid, Price{5000}, Qty{12});
  (void)tiny.set(Side::Ask, Price{5010}, Qty{10});
  (void)tiny.set(Side::Ask, Price{5020}, Qty{100});

  EXPECT_EQ(checksum(ChecksumId::SignedInterleavedTop25, book, scale), -2041917507);
  // CRC-32 of "0.05:1.2e-7:0.0501:-1e-7:0.0502:-0.000001".
  EXPECT_EQ(checksum(ChecksumId::SignedInterleavedTop25, tiny, scale), 175977714);
}

TEST(Checksum, IsOverTheVenuesOwnUnits) {
  OrderBook contracts{{}};
  (void)contracts.set(Side::Bid, Price{33661}, Qty{7});
  OrderBook base_units{{}};
  (void)base_units.set(Side::Bid, Price{33661}, Qty{35});

  EXPECT_EQ(checksum(ChecksumId::InterleavedTop25, base_units,
                     {.price_exponent = -1,
                      .qty_exponent = -3,
                      .qty_multiplier = 5,
                      .multiplier_exponent = -3}),
            checksum(ChecksumId::InterleavedTop25, contracts, {.price_exponent = -1}));
}

TEST(TrustedDepth, EndsWhereACutSnapshotEnds) {
  std::vector<Level> bids;
  for (int i = 0; i < 20; ++i) bids.push_back(level(100 - i, 1));
  const std::vector<Level> asks{level(101, 1), level(102, 1), level(103, 1)};

  const TrustedDepth depth = TrustedDepth::of_snapshot(bids, asks);

  EXPECT_TRUE(depth.limited());
  EXPECT_TRUE(depth.covers(Side::Bid, Price{81}));
  EXPECT_FALSE(depth.covers(Side::Bid, Price{80}));
  EXPECT_TRUE(depth.covers(Side::Ask, Price{1'000'000})) << "three levels are the whole side";
}

TEST(BookChecksum, IsTheSameWithTextKeptSinceEarlierMessagesAsWithout) {
  for (const ChecksumId id : {ChecksumId::InterleavedTop25, ChecksumId::PaddedInterleavedTop25,
                              ChecksumId::SignedInterleavedTop25, ChecksumId::ConcatenatedTop10}) {
    OrderBook book{{}};
    BookChecksum kept{id};
    Scale scale{.price_exponent = -2, .qty_exponent = -8};
    std::uint64_t random = 7;
    const auto next = [&random](std::uint64_t below) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      return static_cast<std::int64_t>((random >> 33) % below);
    };

    for (int message = 0; message < 4'000; ++message) {
      if (message == 2'000) scale.price_exponent = -3;  // the venue sent more digits
      if (next(200) == 0) book.clear();
      for (std::int64_t changes = next(message % 100 == 0 ? 80 : 5); changes >= 0; --changes) {
        const Side side = next(2) == 0 ? Side::Bid : Side::Ask;
        const std::int64_t apart = 1 + next(60);
        (void)book.set(side, Price{1'000 + (side == Side::Bid ? -apart : apart)},
                       Qty{next(3) == 0   ? 0
                           : next(2) == 0 ? next(500)
                                          : next(4'000'000'000'000)});
      }

      ASSERT_EQ(kept.of(book, scale), checksum(id, book, scale)) << "message " << message;
    }
  }
}

TEST(DeltaBuffer, KeepsTheOrderAndForgetsOneSlotOnly) {
  DeltaBuffer buffer{2, 4 * DeltaBuffer::kChunkBytes};
  const std::vector<Level> levels(100, level(5, 6));
  Message message;
  message.bids = 60;
  message.asks = 40;

  for (std::uint64_t id = 0; id < 300; ++id) {
    message.last = SequenceNo{id};
    ASSERT_TRUE(
        buffer.append(id % 2, message, std::span{levels}.first(60), std::span{levels}.last(40)));
  }
  buffer.clear(0);

  std::uint64_t next = 1;
  buffer.for_each(
      1, [&](const Message& held, std::span<const Level> bids, std::span<const Level> asks) {
        EXPECT_EQ(held.last.raw(), next);
        EXPECT_EQ(bids.size(), 60U);
        EXPECT_EQ(asks.back(), level(5, 6));
        next += 2;
        return true;
      });
  EXPECT_EQ(next, 301U);
  EXPECT_TRUE(buffer.empty(0));
}

TEST(DeltaBuffer, RefusesWhenTheMemoryIsUsedUpAndRecovers) {
  DeltaBuffer buffer{1, DeltaBuffer::kChunkBytes};
  const std::vector<Level> levels(1'000, level(5, 6));
  Message message;
  message.bids = 1'000;
  int kept = 0;

  while (buffer.append(0, message, levels, {})) ++kept;

  EXPECT_GT(kept, 10);
  EXPECT_FALSE(buffer.append(0, message, levels, {}));
  buffer.clear(0);
  EXPECT_EQ(buffer.free_chunks(), 1U);
  EXPECT_TRUE(buffer.append(0, message, levels, {}));
}

}  // namespace
}  // namespace steelyard
