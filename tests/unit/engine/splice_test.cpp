// A fetched snapshot and the deltas that were buffered before it came, at the edges of the venues'
// rules.
#include <gmock/gmock.h>

#include "support/engine_driver.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "How to manage a local order book correctly": drop what has u <= S (spot) or u < S (USD-M); the
// first one must have U <= S + 1 <= u (spot) or U <= S <= u (USD-M).
struct Edge {
  const char* what;
  std::uint64_t first, last;  // of the only buffered delta; the snapshot is 1000
  enum { Contained, Applied, Useless } spot, usdm;
};
constexpr Edge kEdges[] = {
    {"far behind the snapshot", 900, 910, Edge::Contained, Edge::Contained},
    {"ends just before it", 990, 999, Edge::Contained, Edge::Contained},
    {"ends with it", 990, 1000, Edge::Contained, Edge::Applied},
    {"is its very id", 1000, 1000, Edge::Contained, Edge::Applied},
    {"straddles it", 990, 1010, Edge::Applied, Edge::Applied},
    {"starts with it", 1000, 1010, Edge::Applied, Edge::Applied},
    {"ends one after it", 990, 1001, Edge::Applied, Edge::Applied},
    {"touches it exactly", 1001, 1010, Edge::Applied, Edge::Useless},
    {"is the next id alone", 1001, 1001, Edge::Applied, Edge::Useless},
    {"leaves one id out", 1002, 1010, Edge::Useless, Edge::Useless},
    {"is far ahead", 2000, 2010, Edge::Useless, Edge::Useless},
};

class SpliceOf : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] bool is_spot() const { return std::string{GetParam()} == "binance-spot"; }
  // As the venue sends it: futures name the id before as well.
  [[nodiscard]] TestMessage next(std::uint64_t prev, std::uint64_t first, std::uint64_t last,
                                 const TestLevels& bids = {{101, 1}}) const {
    return is_spot() ? delta(first, last, bids) : linked(prev, first, last, bids);
  }
  // Live at 1000, having applied a delta that ends there.
  void make_live() {
    (void)feed_(next(980, 990, 1000));
    ASSERT_TRUE(is_one(feed_.answer(snapshot(995)), EventKind::Snapshot));
    (void)feed_.asked();
  }
  [[nodiscard]] std::int64_t bid_at(std::int64_t price) const {
    return feed_.slot().book.at(Side::Bid, Price{price}).raw();
  }

  EngineDriver feed_{{test_instrument(GetParam(), "A")}};
};

TEST_P(SpliceOf, FollowsTheVenuesRuleAtEachEdge) {
  for (const Edge& edge : kEdges) {
    SCOPED_TRACE(edge.what);
    EngineDriver feed{{test_instrument(GetParam(), "A")}};
    EXPECT_THAT(feed(next(edge.first - 1, edge.first, edge.last, {{105, 9}})), IsEmpty());
    EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Start));

    const auto records = feed.answer(snapshot(1000));

    const auto expected = is_spot() ? edge.spot : edge.usdm;
    if (expected == Edge::Useless) {
      EXPECT_THAT(records, IsEmpty());
      EXPECT_FALSE(feed.is_live());
      EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Late)) << "asked again";
      EXPECT_EQ(feed.stats().late_snapshots, 1U);
      continue;
    }
    ASSERT_TRUE(is_one(records, EventKind::Snapshot));
    EXPECT_EQ(feed.slot().book.at(Side::Bid, Price{105}).raw(), expected == Edge::Applied ? 9 : 0);
    EXPECT_EQ(records[0].tick.book_sequence.raw(), expected == Edge::Applied ? edge.last : 1000U);
    EXPECT_THAT(feed.asked(), IsEmpty());
  }
}

TEST_P(SpliceOf, HoldsTheFirstDeltaAfterALoneSnapshotToTheSameRule) {
  for (const Edge& edge : kEdges) {
    SCOPED_TRACE(edge.what);
    EngineDriver feed{{test_instrument(GetParam(), "A")}};
    ASSERT_TRUE(is_one(feed.answer(snapshot(1000)), EventKind::Snapshot)) << "live at once";

    const auto records = feed(next(edge.first - 1, edge.first, edge.last, {{105, 9}}));

    switch (is_spot() ? edge.spot : edge.usdm) {
      case Edge::Contained:
        EXPECT_THAT(records, IsEmpty());
        EXPECT_TRUE(feed.is_live());
        break;
      case Edge::Applied:
        EXPECT_TRUE(is_one(records, EventKind::Delta));
        break;
      case Edge::Useless:
        EXPECT_TRUE(is_one(records, EventKind::Reset));
        EXPECT_THAT(feed.asked(), ElementsAre(ResyncReason::Gap));
        break;
    }
  }
}

TEST_P(SpliceOf, IsOneEventAtTheTimeOfTheAnswerHoweverManyDeltasWait) {
  (void)feed_(next(980, 990, 999, {{100, 77}}));
  (void)feed_(next(999, 1000, 1001, {{101, 1}}));
  (void)feed_(next(1001, 1002, 1002, {{101, 2}}));
  (void)feed_(next(1002, 1003, 1005, {{102, 3}}));

  const auto records = feed_.answer(snapshot(1000, {{100, 5}}, {{110, 5}}));

  ASSERT_TRUE(is_one(records, EventKind::Snapshot));
  EXPECT_EQ(records[0].tick.received.raw(), feed_.now_ns);
  EXPECT_EQ(records[0].tick.book_sequence.raw(), 1005U);
  EXPECT_EQ(records[0].tick.best_bid.raw(), 102);
  EXPECT_EQ(bid_at(100), 5) << "the delta before the snapshot is contained in it";
  EXPECT_EQ(bid_at(101), 2);
  EXPECT_EQ(feed_.stats().buffered, 4U);
  EXPECT_TRUE(is_one(feed_(next(1005, 1006, 1007)), EventKind::Delta)) << "the chain goes on";
}

TEST_P(SpliceOf, KeepsWhatIsBufferedWhenTheSnapshotIsTooOld) {
  (void)feed_(next(1004, 1005, 1010, {{105, 9}}));
  EXPECT_THAT(feed_.answer(snapshot(1000)), IsEmpty());
  EXPECT_THAT(feed_.answer(snapshot(1001)), IsEmpty());
  EXPECT_THAT(feed_.asked(),
              ElementsAre(ResyncReason::Start, ResyncReason::Late, ResyncReason::Late));

  ASSERT_TRUE(is_one(feed_.answer(snapshot(1007)), EventKind::Snapshot));

  EXPECT_EQ(bid_at(105), 9);
  EXPECT_EQ(feed_.stats().resyncs, 2U);
}

TEST_P(SpliceOf, TakesNoSnapshotFromBeforeAHoleInWhatIsBuffered) {
  (void)feed_(next(999, 1000, 1002, {{101, 1}}));
  (void)feed_(next(1005, 1006, 1010, {{102, 2}}));  // 1003 to 1005 are lost

  EXPECT_THAT(feed_.answer(snapshot(1000)), IsEmpty());
  EXPECT_FALSE(feed_.is_live());

  ASSERT_TRUE(is_one(feed_.answer(snapshot(1006)), EventKind::Snapshot));
  EXPECT_EQ(bid_at(101), 0) << "contained";
  EXPECT_EQ(bid_at(102), 2);
}

TEST_P(SpliceOf, BuffersTheDeltaThatRevealedTheGap) {
  make_live();
  ASSERT_TRUE(is_one(feed_(next(1004, 1005, 1006, {{105, 9}})), EventKind::Reset));
  EXPECT_THAT(feed_(next(1006, 1007, 1008, {{106, 9}})), IsEmpty());

  ASSERT_TRUE(is_one(feed_.answer(snapshot(1005)), EventKind::Snapshot));

  EXPECT_EQ(bid_at(105), 9);
  EXPECT_EQ(bid_at(106), 9);
  EXPECT_TRUE(is_one(feed_(next(1008, 1009, 1009)), EventKind::Delta));
}

TEST_P(SpliceOf, IgnoresASnapshotThatIsOlderThanTheLiveBook) {
  make_live();

  EXPECT_THAT(feed_.answer(snapshot(999, {{50, 1}}, {{60, 1}})), IsEmpty());

  EXPECT_TRUE(feed_.is_live());
  EXPECT_EQ(bid_at(50), 0);
  EXPECT_THAT(feed_.asked(), IsEmpty());
  EXPECT_TRUE(is_one(feed_(next(1000, 1001, 1002)), EventKind::Delta));
}

TEST_P(SpliceOf, ReplacesALiveBookByASnapshotOfItsOwnIdWithoutLosingTheChain) {
  make_live();

  ASSERT_TRUE(is_one(feed_.answer(snapshot(1000, {{99, 4}}, {{110, 5}})), EventKind::Snapshot))
      << "a row, also when nothing differs";

  EXPECT_EQ(bid_at(99), 4);
  EXPECT_EQ(bid_at(100), 0);
  EXPECT_TRUE(is_one(feed_(next(1000, 1001, 1002)), EventKind::Delta));
}

TEST_P(SpliceOf, ReplacesALiveBookByANewerSnapshotAndSplicesAnew) {
  make_live();
  ASSERT_TRUE(is_one(feed_.answer(snapshot(1010)), EventKind::Snapshot));

  EXPECT_THAT(feed_(next(1000, 1001, 1005)), IsEmpty()) << "contained in it";
  EXPECT_TRUE(is_one(feed_(next(1005, 1006, 1015)), EventKind::Delta));
  EXPECT_TRUE(is_one(feed_(next(1015, 1016, 1017)), EventKind::Delta));
}

TEST_P(SpliceOf, TakesAnyDeltaAfterASnapshotWithoutAnId) {
  TestMessage just_listed = snapshot(0, {}, {});
  just_listed.message.ids = 0;
  ASSERT_TRUE(is_one(feed_.answer(just_listed), EventKind::Snapshot));

  EXPECT_TRUE(is_one(feed_(next(7, 8, 9)), EventKind::Delta));
  EXPECT_TRUE(is_one(feed_(next(9, 10, 11)), EventKind::Delta));
  EXPECT_TRUE(is_one(feed_(next(12, 13, 14)), EventKind::Reset)) << "from there on ids count";
}

TEST_P(SpliceOf, TrustsNoSnapshotFromBeforeItRanOutOfRoomForDeltas) {
  ShardOptions little;
  little.buffer_bytes = DeltaBuffer::kChunkBytes;
  EngineDriver feed{{test_instrument(GetParam(), "A")}, little};
  TestLevels many;
  for (std::int64_t i = 0; i < 5000; ++i) many.emplace_back(i + 1, 1);
  std::uint64_t id = 1000;
  while (feed.stats().dropped == 0) {
    (void)feed(next(id, id + 1, id + 2, many));
    id += 2;
  }
  const std::uint64_t lost = id;  // the last id of the delta that found no room
  for (; id < lost + 6; id += 2) (void)feed(next(id, id + 1, id + 2, many));

  EXPECT_THAT(feed.answer(snapshot(1001)), IsEmpty()) << "what followed it is not all there";
  EXPECT_FALSE(feed.is_live());

  const auto records = feed.answer(snapshot(is_spot() ? lost : lost + 1));
  ASSERT_TRUE(is_one(records, EventKind::Snapshot));
  EXPECT_EQ(records[0].tick.book_sequence.raw(), id) << "there was room again for what came after";
}

TEST_P(SpliceOf, FollowsTwinConnectionsByIdsAlone) {
  make_live();
  for (std::uint64_t id = 1000; id < 1020; id += 2) {
    const bool first_is_one = id % 4 == 0;
    EXPECT_TRUE(is_one(feed_(next(id, id + 1, id + 2), 0, first_is_one ? 1 : 2), EventKind::Delta));
    EXPECT_THAT(feed_(next(id, id + 1, id + 2), 0, first_is_one ? 2 : 1), IsEmpty());
  }
  EXPECT_THAT(feed_.tell(EntryKind::LinkDown, 0, 0, 1), IsEmpty()) << "the other one carries on";
  EXPECT_TRUE(is_one(feed_(next(1020, 1021, 1022), 0, 2), EventKind::Delta));
  EXPECT_TRUE(is_one(feed_.tell(EntryKind::LinkDown, 0, 0, 2), EventKind::Reset));
}

INSTANTIATE_TEST_SUITE_P(Venues, SpliceOf, testing::Values("binance-spot", "binance-usdm"),
                         [](const auto& of) { return of.param[8] == 's' ? "spot" : "usdm"; });

}  // namespace
}  // namespace steelyard
