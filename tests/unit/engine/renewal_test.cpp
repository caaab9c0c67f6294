// A fetched book that stands and is fetched again: because nothing proves it, or because the market
// went to where the first snapshot ended.
#include <gmock/gmock.h>

#include "support/engine_driver.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kSecond = 1'000'000'000;

// `count` levels a side from this best bid and the ask above it.
[[nodiscard]] TestMessage cut_off(std::uint64_t last, std::int64_t bid, std::int64_t count) {
  TestLevels bids;
  TestLevels asks;
  for (std::int64_t i = 0; i < count; ++i) {
    bids.push_back({bid - i, 5});
    asks.push_back({bid + 1 + i, 5});
  }
  return snapshot(last, bids, asks);
}
// Takes the best `count` asks away and puts as many bids in their place.
[[nodiscard]] TestMessage rise(std::uint64_t id, std::int64_t from, std::int64_t count) {
  TestLevels bids;
  TestLevels asks;
  for (std::int64_t i = 0; i < count; ++i) {
    bids.push_back({from + 1 + i, 1});
    asks.push_back({from + 1 + i, 0});
  }
  return delta(id, id, bids, asks);
}

class Renewal : public testing::Test {
 protected:
  // Live, of 100 levels a side, and then risen by 85: fifteen asks are left of what was fetched.
  void rise_out_of_the_snapshot() {
    (void)feed_(delta(11, 11));
    ASSERT_TRUE(is_one(feed_.answer(cut_off(11, 1000, 100)), EventKind::Snapshot));
    (void)feed_.asked();
    ASSERT_TRUE(is_one(feed_(rise(12, 1000, 85)), EventKind::Delta));
    ASSERT_TRUE(feed_.is_live());
  }
  [[nodiscard]] std::vector<ResyncReason> asked_after(std::int64_t ns) {
    feed_.now_ns += ns;
    EXPECT_THAT(feed_.tell(EntryKind::Timer), testing::Each(testing::Truly([](const auto& record) {
                  return record.event() == EventKind::Timer;
                })));
    return feed_.asked();
  }

  EngineDriver feed_{{test_instrument("binance-spot", "A")}};
};

TEST_F(Renewal, IsAskedForWhenTheBestLevelsReachTheEndOfWhatWasFetched) {
  rise_out_of_the_snapshot();

  EXPECT_THAT(asked_after(9 * kSecond), IsEmpty()) << "not that soon after the last one";
  EXPECT_THAT(asked_after(2 * kSecond), ElementsAre(ResyncReason::Renewal));
  EXPECT_TRUE(feed_.is_live()) << "the book is right as far as it goes, and says how far that is";
  EXPECT_THAT(asked_after(kSecond), IsEmpty()) << "on its way";
}

TEST_F(Renewal, IsNotAskedForWhileTheBestLevelsAreCovered) {
  (void)feed_(delta(11, 11));
  (void)feed_.answer(cut_off(11, 1000, 100));
  (void)feed_.asked();
  (void)feed_(rise(12, 1000, 80));

  EXPECT_THAT(asked_after(60 * kSecond), IsEmpty());
}

TEST_F(Renewal, ReplacesTheBookByAnAnswerThatIsOlderThanItAndWhatCameSince) {
  rise_out_of_the_snapshot();
  (void)asked_after(11 * kSecond);
  (void)feed_(delta(13, 13, {{1085, 7}}));
  (void)feed_(delta(14, 14, {{1084, 8}}));

  const auto records = feed_.answer(cut_off(13, 1085, 100));

  ASSERT_TRUE(is_one(records, EventKind::Snapshot));
  EXPECT_TRUE(feed_.is_live());
  EXPECT_EQ(records[0].tick.book_sequence, SequenceNo{14});
  EXPECT_EQ(feed_.slot().ask_count, 20U);
  EXPECT_TRUE(feed_.slot().covers_top());
  EXPECT_EQ(feed_.slot().bids[0], (Level{Price{1085}, Qty{5}})) << "the answer knows of 13";
  EXPECT_EQ(feed_.slot().bids[1], (Level{Price{1084}, Qty{8}})) << "and not of 14";
  EXPECT_TRUE(is_one(feed_(delta(15, 15)), EventKind::Delta)) << "the chain goes on";
  EXPECT_THAT(feed_.asked(), IsEmpty());
}

TEST_F(Renewal, LeavesTheBookWhereAnAnswerIsOlderThanWhatIsHeldAndAsksAgain) {
  rise_out_of_the_snapshot();
  (void)asked_after(11 * kSecond);
  (void)feed_(delta(13, 13));
  (void)feed_(delta(14, 14));

  EXPECT_THAT(feed_.answer(cut_off(10, 1000, 100)), IsEmpty());

  EXPECT_TRUE(feed_.is_live());
  EXPECT_EQ(feed_.slot().cursor.last, SequenceNo{14});
  EXPECT_THAT(asked_after(6 * kSecond), ElementsAre(ResyncReason::Renewal));
  EXPECT_TRUE(is_one(feed_.answer(cut_off(12, 1085, 100)), EventKind::Snapshot))
      << "the second contains what is before the first that is held";
}

TEST_F(Renewal, IsForgottenWhenTheBookDies) {
  rise_out_of_the_snapshot();
  (void)asked_after(11 * kSecond);

  EXPECT_TRUE(is_one(feed_(delta(14, 14)), EventKind::Reset)) << "13 is missing";
  EXPECT_FALSE(feed_.is_live());
  EXPECT_THAT(feed_.asked(), ElementsAre(ResyncReason::Gap));
  EXPECT_THAT(feed_.answer(cut_off(12, 1085, 100)), IsEmpty()) << "without 13";
  EXPECT_TRUE(is_one(feed_.answer(cut_off(13, 1085, 100)), EventKind::Snapshot));
  EXPECT_EQ(feed_.slot().cursor.last, SequenceNo{14});
}

TEST(RenewalOfTheUnproven, TakesAnAnswerThatContainsTheFirstChangeThatIsHeld) {
  EngineDriver feed{{test_instrument("bitstamp", "A")}};
  const auto change = [](std::uint64_t time, const TestLevels& bids) {
    TestMessage made = delta(time, time, bids);
    made.message.ids = kHasLast;
    return made;
  };
  (void)feed(change(1000, {{101, 1}}));
  ASSERT_TRUE(is_one(feed.answer(snapshot(1000)), EventKind::Snapshot));
  (void)feed.asked();
  feed.now_ns += 61 * kSecond;
  (void)feed.tell(EntryKind::Timer);
  ASSERT_THAT(feed.asked(), ElementsAre(ResyncReason::Renewal)) << "nothing proves it";
  (void)feed(change(2000, {{102, 2}}));
  (void)feed(change(2010, {{103, 3}}));

  EXPECT_THAT(feed.answer(snapshot(1990)), IsEmpty())
      << "what came between it and the first that is held is in neither";
  EXPECT_TRUE(feed.is_live());
  ASSERT_TRUE(is_one(feed.answer(snapshot(2000, {{102, 9}})), EventKind::Snapshot));
  EXPECT_EQ(feed.slot().bids[0], (Level{Price{103}, Qty{3}}));
  EXPECT_EQ(feed.slot().bids[1], (Level{Price{102}, Qty{9}}));
}

}  // namespace
}  // namespace steelyard
