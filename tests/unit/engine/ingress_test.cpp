// Frames to ring entries: all of a frame or nothing, and what a full ring means.
#include "engine/ingress.hpp"

#include <gmock/gmock.h>

#include "support/engine_driver.hpp"
#include "support/fixtures.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string spot_delta(const std::string& symbol, int first, const std::string& price = "10.01",
                       const std::string& qty = "1.5") {
  return R"({"e":"depthUpdate","E":5,"s":")" + symbol + R"(","U":)" + std::to_string(first) +
         R"(,"u":)" + std::to_string(first + 1) + R"(,"b":[[")" + price + R"(",")" + qty +
         R"("]],"a":[]})";
}
std::string okx_trades(const std::string& second_price) {
  const auto trade = [](const std::string& price) {
    return R"({"instId":"AAA","tradeId":"1","px":")" + price +
           R"(","sz":"1","side":"buy","ts":"5"})";
  };
  return R"({"arg":{"channel":"trades","instId":"AAA"},"data":[)" + trade("10.01") + "," +
         trade(second_price) + "]}";
}

// Two shards: AAAUSDT and AAA are on shard 0, BBBUSDT on shard 1. Connection 0 tells time only, 1
// is spot, 2 is OKX, both of io thread 3.
class IngressOf : public testing::Test {
 protected:
  static constexpr std::uint16_t kIo = 3;
  static constexpr std::uint32_t kTimers = 0, kSpot = 1, kOkx = 2;

  explicit IngressOf(std::size_t ring_bytes = 1 << 16)
      : rings_{{SpscByteRing{ring_bytes}, SpscByteRing{ring_bytes}}} {
    instruments_ = {test_instrument("binance-spot", "AAAUSDT", kIo, 0),
                    test_instrument("binance-spot", "BBBUSDT", kIo, 1),
                    test_instrument("okx", "AAA", kIo, 0)};
    for (std::uint32_t i = 0; i < instruments_.size(); ++i) {
      instruments_[i].id = InstrumentId{i};
    }
    const ConnectionInfo connections[] = {
        {nullptr, kIo}, {find_venue("binance-spot"), kIo}, {find_venue("okx"), kIo}};
    SpscByteRing* const rings[] = {&rings_[0], &rings_[1]};
    ingress_ = std::make_unique<Ingress>(instruments_, connections, rings, false);
  }

  DecodeStatus frame(const std::string& text, std::uint32_t connection = kSpot,
                     FrameKind kind = FrameKind::Text, const std::string& request = {}) {
    const PaddedFrame padded{text, request};
    Frame made = *padded;
    made.kind = kind;
    made.received = TimestampNs{++now_};
    made.connection = ConnectionId{connection};
    return ingress_->on_frame(made);
  }
  // What is in a ring; emptied.
  struct Arrived {
    Entry entry;
    std::vector<Level> bids, asks;
  };
  std::vector<Arrived> arrived(std::size_t shard) {
    std::vector<Arrived> all;
    for (auto bytes = rings_[shard].front(); !bytes.empty(); bytes = rings_[shard].front()) {
      const EntryView view = read_entry(bytes);
      all.push_back({*view.entry,
                     {view.bids.begin(), view.bids.end()},
                     {view.asks.begin(), view.asks.end()}});
      rings_[shard].pop();
    }
    return all;
  }
  static std::vector<EntryKind> kinds(const std::vector<Arrived>& all) {
    std::vector<EntryKind> kinds;
    for (const Arrived& one : all) kinds.push_back(one.entry.kind);
    return kinds;
  }
  [[nodiscard]] const IngressCounts& counts(const char* venue) const {
    return ingress_->counts(venue_index(*find_venue(venue)));
  }
  [[nodiscard]] std::uint64_t count(const char* venue, DecodeStatus status) const {
    return counts(venue).by_status[static_cast<std::size_t>(status)];
  }

  std::vector<Instrument> instruments_;
  std::array<SpscByteRing, 2> rings_;
  std::unique_ptr<Ingress> ingress_;
  std::int64_t now_ = 0;
};

TEST_F(IngressOf, AMessageArrivesAtTheShardOfItsInstrumentWithItsLevels) {
  ASSERT_EQ(frame(spot_delta("BBBUSDT", 7)), DecodeStatus::Ok);

  EXPECT_THAT(arrived(0), IsEmpty());
  const auto there = arrived(1);
  ASSERT_EQ(there.size(), 1U);
  const Entry& entry = there[0].entry;
  EXPECT_EQ(entry.kind, EntryKind::Message);
  EXPECT_EQ(entry.message.instrument, InstrumentId{1});
  EXPECT_EQ(entry.message.first.raw(), 7U);
  EXPECT_EQ(entry.received.raw(), 1);
  EXPECT_EQ(entry.decoded.raw(), 0) << "a replay looks at no clock";
  EXPECT_EQ(entry.connection, ConnectionId{kSpot});
  EXPECT_EQ(entry.io, kIo);
  EXPECT_FALSE(entry.answer);
  ASSERT_EQ(there[0].bids.size(), 1U);
  EXPECT_EQ(there[0].bids[0], (Level{Price{1001}, Qty{1500}}));
  EXPECT_THAT(there[0].asks, IsEmpty());
  EXPECT_EQ(ingress_->messages().size(), 1U);
}

TEST_F(IngressOf, AnAnswerIsToldFromTheStream) {
  ASSERT_EQ(frame(R"({"lastUpdateId":7,"bids":[],"asks":[]})", kSpot, FrameKind::Answer,
                  "https://api.binance.com/api/v3/depth?symbol=AAAUSDT&limit=5000"),
            DecodeStatus::Ok);

  const auto there = arrived(0);
  ASSERT_EQ(there.size(), 1U);
  EXPECT_TRUE(there[0].entry.answer);
}

TEST_F(IngressOf, AFrameWithOneBadElementPassesNothingOn) {
  ASSERT_EQ(frame(okx_trades("10.02"), kOkx), DecodeStatus::Ok);
  EXPECT_EQ(arrived(0).size(), 2U);

  EXPECT_TRUE(is_defect(frame(okx_trades("-10.02"), kOkx)));

  EXPECT_THAT(arrived(0), IsEmpty()) << "not even the good one before it";
  EXPECT_THAT(ingress_->messages(), IsEmpty());
  EXPECT_EQ(counts("okx").messages, 2U);
}

TEST_F(IngressOf, AFrameCutOffAnywherePassesNothingOn) {
  const std::string whole = spot_delta("AAAUSDT", 7);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(is_defect(frame(whole.substr(0, size)))) << size;
    for (const Arrived& one : arrived(0)) EXPECT_EQ(one.entry.kind, EntryKind::BadFrame);
  }
  EXPECT_EQ(counts("binance-spot").frames, whole.size());
  EXPECT_EQ(counts("binance-spot").messages, 0U);
}

TEST_F(IngressOf, WhatNobodyAskedForIsCountedAndPassedToNobody) {
  EXPECT_EQ(frame(spot_delta("CCCUSDT", 7)), DecodeStatus::Unwanted);

  EXPECT_THAT(arrived(0), IsEmpty());
  EXPECT_THAT(arrived(1), IsEmpty());
  EXPECT_EQ(count("binance-spot", DecodeStatus::Unwanted), 1U);
}

TEST_F(IngressOf, ABadFrameIsToldOfTheBookThatItNamesAndOfNoOther) {
  EXPECT_TRUE(is_defect(frame(spot_delta("BBBUSDT", 7, "10.01", "-1"))));

  EXPECT_THAT(arrived(0), IsEmpty());
  const auto there = arrived(1);
  ASSERT_THAT(kinds(there), ElementsAre(EntryKind::BadFrame));
  EXPECT_EQ(there[0].entry.message.instrument, InstrumentId{1});
  EXPECT_EQ(there[0].entry.received.raw(), now_);
}

TEST_F(IngressOf, ABadFrameThatNamesNobodyIsOnlyCounted) {
  EXPECT_TRUE(is_defect(frame("{\"garbage\":[[[")));

  EXPECT_THAT(arrived(0), IsEmpty());
  EXPECT_THAT(arrived(1), IsEmpty());
}

TEST_F(IngressOf, TimeAndLinksAreToldToEveryShard) {
  frame({}, kTimers, FrameKind::Timer);
  frame({}, kSpot, FrameKind::LinkUp);
  frame("planned", kOkx, FrameKind::LinkDown);

  for (const std::size_t shard : {0U, 1U}) {
    const auto there = arrived(shard);
    ASSERT_THAT(kinds(there),
                ElementsAre(EntryKind::Timer, EntryKind::LinkUp, EntryKind::LinkDown));
    EXPECT_EQ(there[0].entry.io, kIo);
    EXPECT_EQ(there[1].entry.venue, venue_index(*find_venue("binance-spot")));
    EXPECT_FALSE(there[1].entry.planned);
    EXPECT_EQ(there[2].entry.venue, venue_index(*find_venue("okx")));
    EXPECT_TRUE(there[2].entry.planned);
  }
}

TEST_F(IngressOf, WhatWasSentAndWhatIsOfAnUnknownConnectionIsIgnored) {
  EXPECT_EQ(frame(spot_delta("AAAUSDT", 7), kSpot, FrameKind::Sent), DecodeStatus::Ignored);
  EXPECT_EQ(frame(spot_delta("AAAUSDT", 7), 77), DecodeStatus::Ignored);
  EXPECT_EQ(frame(spot_delta("AAAUSDT", 7), kTimers), DecodeStatus::Ignored);

  EXPECT_THAT(arrived(0), IsEmpty());
  ingress_->add_connection(ConnectionId{77}, {find_venue("binance-spot"), kIo});
  EXPECT_EQ(frame(spot_delta("AAAUSDT", 7), 77), DecodeStatus::Ok);
}

TEST_F(IngressOf, MoreDigitsThanPromisedRefineTheInstrumentAheadOfTheMessage) {
  ASSERT_EQ(frame(spot_delta("AAAUSDT", 7, "10.01234", "1.55555")), DecodeStatus::Ok);

  const auto there = arrived(0);
  std::vector<EntryKind> expected(there.size() - 1, EntryKind::Rescale);
  expected.push_back(EntryKind::Message);
  ASSERT_EQ(kinds(there), expected);
  const Entry& rescale = there[there.size() - 2].entry;
  EXPECT_EQ(rescale.message.instrument, InstrumentId{0});
  EXPECT_EQ(rescale.price_exponent, -5);
  EXPECT_EQ(rescale.qty_exponent, -5);
  EXPECT_EQ(there.back().bids[0], (Level{Price{1'001'234}, Qty{155'555}}));
  EXPECT_EQ(counts("binance-spot").rescales, there.size() - 1);

  ASSERT_EQ(frame(spot_delta("AAAUSDT", 9)), DecodeStatus::Ok);
  EXPECT_THAT(kinds(arrived(0)), ElementsAre(EntryKind::Message)) << "and from then on it holds";
}

TEST_F(IngressOf, DigitsBeyondAnyExponentAreADefectOfThatBook) {
  const DecodeStatus status = frame(spot_delta("AAAUSDT", 7, "10.0123456789012345678901"));

  EXPECT_TRUE(is_defect(status));
  EXPECT_THAT(kinds(arrived(0)), ElementsAre(EntryKind::BadFrame));
}

TEST_F(IngressOf, AnUnnamedAnswerIsNobodysWhileOthersExist) {
  const std::string answer = R"({"lastUpdateId":7,"bids":[],"asks":[]})";
  const std::string request = "https://api.binance.com/api/v3/depth";
  EXPECT_EQ(frame(answer, kSpot, FrameKind::Answer, request), DecodeStatus::NoInstrument);

  SpscByteRing* const rings[] = {&rings_[0], &rings_[1]};
  const ConnectionInfo connections[] = {{nullptr, kIo}, {find_venue("binance-spot"), kIo}};
  ingress_ = std::make_unique<Ingress>(std::span{instruments_}.first(1), connections, rings, false);
  EXPECT_EQ(frame(answer, kSpot, FrameKind::Answer, request), DecodeStatus::Ok);

  ingress_->note_unwanted(venue_index(*find_venue("binance-spot")));
  EXPECT_EQ(frame(answer, kSpot, FrameKind::Answer, request), DecodeStatus::NoInstrument);
}

class FullRing : public IngressOf {
 protected:
  FullRing() : IngressOf{4096} {}
  // Until the ring of shard 0 refuses one.
  void fill() {
    while (counts("binance-spot").refused == 0) {
      ASSERT_EQ(frame(spot_delta("AAAUSDT", id_ += 2)), DecodeStatus::Ok);
    }
  }
  int id_ = 1;
};

TEST_F(FullRing, RefusesCountsAndTellsTheOverrunAheadOfWhatComesNext) {
  fill();
  frame(spot_delta("AAAUSDT", id_ += 2));
  frame(spot_delta("AAAUSDT", id_ += 2));
  EXPECT_EQ(counts("binance-spot").refused, 3U);
  for (const Arrived& one : arrived(0)) {
    EXPECT_EQ(one.entry.kind, EntryKind::Message) << "what was accepted is whole";
    EXPECT_EQ(one.bids.size(), 1U);
  }

  ASSERT_EQ(frame(spot_delta("AAAUSDT", id_ += 2)), DecodeStatus::Ok);

  const auto after = arrived(0);
  ASSERT_THAT(kinds(after), ElementsAre(EntryKind::Overrun, EntryKind::Message)) << "told once";
  EXPECT_EQ(after[0].entry.io, kIo);
  EXPECT_EQ(after[0].entry.received.raw(), now_);
  EXPECT_EQ(after[1].entry.message.first.raw(), static_cast<std::uint64_t>(id_));
  ASSERT_EQ(frame(spot_delta("AAAUSDT", id_ += 2)), DecodeStatus::Ok);
  EXPECT_THAT(kinds(arrived(0)), ElementsAre(EntryKind::Message));
}

TEST_F(FullRing, IsNoConcernOfAnotherShard) {
  fill();

  ASSERT_EQ(frame(spot_delta("BBBUSDT", 1)), DecodeStatus::Ok);
  frame({}, kTimers, FrameKind::Timer);

  EXPECT_THAT(kinds(arrived(1)), ElementsAre(EntryKind::Message, EntryKind::Timer));
}

TEST_F(FullRing, TellsTheOverrunByATimerIfNothingElseComes) {
  fill();
  (void)arrived(0);

  frame({}, kTimers, FrameKind::Timer);

  EXPECT_THAT(kinds(arrived(0)), ElementsAre(EntryKind::Overrun, EntryKind::Timer));
}

TEST_F(FullRing, EndsExactlyTheBooksWhoseInputItRefused) {
  // The whole way: a shard with books of two io threads behind a ring that is too small.
  std::vector<Instrument> instruments{test_instrument("binance-spot", "AAAUSDT", kIo, 0),
                                      test_instrument("binance-spot", "BBBUSDT", 5, 0)};
  for (std::uint32_t i = 0; i < 2; ++i) instruments[i].id = InstrumentId{i};
  SpscByteRing of_three{4096}, of_five{4096};
  SpscByteRing* const both[] = {&of_three, &of_five};
  SpscByteRing* const own[] = {&of_three};
  const ConnectionInfo connections[] = {{nullptr, kIo}, {find_venue("binance-spot"), kIo}};
  ingress_ = std::make_unique<Ingress>(instruments, connections, own, false);
  const SignalSet signals{SignalParams{}};
  Shard shard{{}, instruments, signals, both};
  const auto work = [&] {
    while (shard.do_work() != 0) {
    }
  };
  const auto load = [&](SpscByteRing& ring, std::uint32_t instrument) {
    Entry entry{};
    entry.message = snapshot(2).message;
    entry.message.instrument = InstrumentId{instrument};
    entry.answer = true;
    ASSERT_TRUE(write_entry(ring, entry, {}));
    work();
  };
  load(of_three, 0);
  load(of_five, 1);
  ASSERT_EQ(shard.slots()[0].state, SyncState::Live);
  ASSERT_EQ(shard.slots()[1].state, SyncState::Live);

  fill();
  work();
  frame(spot_delta("AAAUSDT", id_ += 2));
  work();

  EXPECT_EQ(shard.slots()[0].state, SyncState::AwaitingSnapshot);
  EXPECT_EQ(shard.slots()[0].causes, kSyncing | kOverrun);
  EXPECT_EQ(shard.slots()[1].state, SyncState::Live);
  ResyncRequest request;
  ASSERT_TRUE(shard.resyncs(kIo % 2).pop(request));
  EXPECT_EQ(request.reason, ResyncReason::Overrun);
}

TEST_F(FullRing, TellsOfAllThreadsWhatTwoOfThemLost) {
  ingress_->add_connection(ConnectionId{8}, {find_venue("binance-spot"), 5});
  fill();
  frame(spot_delta("AAAUSDT", id_ += 2), 8);  // refused as well
  (void)arrived(0);

  frame({}, kTimers, FrameKind::Timer);

  const auto after = arrived(0);
  ASSERT_THAT(kinds(after), ElementsAre(EntryKind::Overrun, EntryKind::Timer));
  EXPECT_EQ(after[0].entry.io, kEveryIo);
}

TEST_F(IngressOf, FramesThatTheRecorderLostAreToldOfTheThreadThatLostThem) {
  frame("12", kOkx, FrameKind::Lost);

  for (const std::size_t shard : {0U, 1U}) {
    const auto there = arrived(shard);
    ASSERT_THAT(kinds(there), ElementsAre(EntryKind::Overrun));
    EXPECT_EQ(there[0].entry.io, kIo);
  }
}

}  // namespace
}  // namespace steelyard
