#include "core/sequence.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

using enum SequenceVerdict;

Message delta(std::uint64_t first, std::uint64_t last, std::uint64_t prev = 0) {
  Message message;
  message.ids = kHasLast | kHasFirst | kHasPrev;
  message.first = SequenceNo{first};
  message.last = SequenceNo{last};
  message.prev = SequenceNo{prev};
  return message;
}

SequenceCursor at(std::uint64_t last, bool spliced = true) { return {SequenceNo{last}, spliced}; }

constexpr LinkRule kSpot{Link::Step, Splice::AfterLast};
constexpr LinkRule kFutures{Link::Prev, Splice::AtLast};
constexpr LinkRule kBitget{Link::Prev, Splice::PrevWithin, false, false, /*zero_restarts=*/true};
constexpr LinkRule kOkx{Link::Prev, Splice::AtLast, true};

TEST(Judge, SpotFirstDeltaMustHoldTheIdAfterTheSnapshot) {
  const RecentIds none;

  EXPECT_EQ(judge(kSpot, at(100, false), none, delta(95, 100)), Stale);
  EXPECT_EQ(judge(kSpot, at(100, false), none, delta(95, 101)), InOrder);
  EXPECT_EQ(judge(kSpot, at(100, false), none, delta(101, 110)), InOrder);
  EXPECT_EQ(judge(kSpot, at(100, false), none, delta(102, 110)), Gap);
}

TEST(Judge, FuturesFirstDeltaMustHoldTheIdOfTheSnapshot) {
  const RecentIds none;

  EXPECT_EQ(judge(kFutures, at(100, false), none, delta(90, 99, 80)), Stale);
  EXPECT_EQ(judge(kFutures, at(100, false), none, delta(90, 100, 80)), InOrder);
  EXPECT_EQ(judge(kFutures, at(100, false), none, delta(100, 120, 98)), InOrder);
  EXPECT_EQ(judge(kFutures, at(100, false), none, delta(101, 120, 99)), Gap);
}

TEST(Judge, SpotCountsOn) {
  const RecentIds none;

  EXPECT_EQ(judge(kSpot, at(100), none, delta(101, 105)), InOrder);
  EXPECT_EQ(judge(kSpot, at(100), none, delta(90, 100)), Stale);
  EXPECT_EQ(judge(kSpot, at(100), none, delta(102, 105)), Gap);
}

TEST(Judge, FuturesFollowThePredecessorAndNotTheCount) {
  const RecentIds none;

  EXPECT_EQ(judge(kFutures, at(100), none, delta(140, 150, 100)), InOrder);
  EXPECT_EQ(judge(kFutures, at(100), none, delta(101, 150, 99)), Gap);
  EXPECT_EQ(judge(kFutures, at(100), none, delta(80, 90, 70)), Stale);
}

TEST(Judge, BitgetsSnapshotMayLieWithinTheFirstDelta) {
  const RecentIds none;

  EXPECT_EQ(judge(kBitget, at(100, false), none, delta(0, 100, 90)), Stale);
  EXPECT_EQ(judge(kBitget, at(100, false), none, delta(0, 120, 90)), InOrder);
  EXPECT_EQ(judge(kBitget, at(100, false), none, delta(0, 120, 100)), InOrder);
  EXPECT_EQ(judge(kBitget, at(100, false), none, delta(0, 120, 101)), Gap);
  EXPECT_EQ(judge(kBitget, at(100), none, delta(0, 120, 90)), Gap);
}

TEST(Judge, APredecessorOfZeroIsAGapWhateverItsNumber) {
  RecentIds recent;
  recent.add(SequenceNo{7});

  EXPECT_EQ(judge(kBitget, at(100, false), recent, delta(0, 120, 0)), Gap);
  EXPECT_EQ(judge(kBitget, at(100), recent, delta(0, 120, 0)), Gap);
  EXPECT_EQ(judge(kBitget, at(100), recent, delta(0, 5, 0)), Gap);
  EXPECT_EQ(judge(kBitget, at(100), recent, delta(0, 7, 0)), Stale);
  EXPECT_EQ(judge(kBitget, at(100), recent, delta(0, 90, 80)), Stale);
}

TEST(Judge, OkxMayGoOnFromALowerNumber) {
  RecentIds recent;
  recent.add(SequenceNo{10});
  recent.add(SequenceNo{15});

  EXPECT_EQ(judge(kOkx, at(15), recent, delta(0, 3, 15)), InOrder);
  EXPECT_EQ(judge(kOkx, at(15), recent, delta(0, 15, 15)), InOrder) << "idle frame";
}

TEST(Judge, OkxLostTheReset) {
  RecentIds recent;
  recent.add(SequenceNo{10});
  recent.add(SequenceNo{15});

  EXPECT_EQ(judge(kOkx, at(15), recent, delta(0, 5, 3)), Gap)
      << "an older id that was not applied recently: taking it for old would freeze the book";
  EXPECT_EQ(judge(kOkx, at(15), recent, delta(0, 10, 8)), Stale) << "a duplicate";
}

TEST(Judge, WithoutIdsThereIsNoProof) {
  Message message;

  EXPECT_EQ(judge(kOkx, at(15), RecentIds{}, message), InOrder);
  EXPECT_EQ(judge(LinkRule{}, at(15), RecentIds{}, delta(7, 7)), InOrder);
}

TEST(RecentIds, ForgetsTheOldest) {
  RecentIds recent;
  for (std::uint64_t id = 1; id <= 100; ++id) recent.add(SequenceNo{id});

  EXPECT_TRUE(recent.contains(SequenceNo{100}));
  EXPECT_TRUE(recent.contains(SequenceNo{37}));
  EXPECT_FALSE(recent.contains(SequenceNo{36}));
}

}  // namespace
}  // namespace steelyard
