// Back-off, pacing, budgets: pure, with their time given.
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "net/backoff.hpp"
#include "net/pacer.hpp"
#include "net/weight_budget.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, WaitsAnywhereBelowADoublingLimitUpToItsCap) {
  std::vector<std::int64_t> longest(12, 0);
  std::vector<std::int64_t> shortest(12, INT64_MAX);
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Backoff backoff{{.base = 100ms, .cap = 5000ms}, seed};
    for (std::size_t n = 0; n < longest.size(); ++n) {
      const std::int64_t wait = backoff.next().count();
      longest[n] = std::max(longest[n], wait);
      shortest[n] = std::min(shortest[n], wait);
    }
  }

  for (std::size_t n = 0; n < longest.size(); ++n) {
    const std::int64_t limit = std::min<std::int64_t>(5000, 100LL << n);
    EXPECT_LE(longest[n], limit) << n;
    EXPECT_GT(longest[n], limit * 9 / 10) << n << ": the whole range is used";
    EXPECT_LT(shortest[n], limit / 10) << n << ": full jitter begins at nothing";
  }
}

TEST(Backoff, NeverOverflowsHoweverOftenItFails) {
  Backoff backoff{{.base = 250ms, .cap = 30'000ms}, 1};
  for (int i = 0; i < 1000; ++i) {
    const auto wait = backoff.next();
    ASSERT_GE(wait, 0ms);
    ASSERT_LE(wait, 30'000ms);
  }
}

TEST(Backoff, StartsOverOnlyAfterALongLife) {
  Backoff backoff{{.base = 100ms, .cap = 60'000ms, .stable_after = 30'000ms}, 1};
  for (int i = 0; i < 6; ++i) (void)backoff.next();

  backoff.lived(29'999ms);
  EXPECT_EQ(backoff.failures(), 6U);

  backoff.lived(30'000ms);
  EXPECT_EQ(backoff.failures(), 0U);
  EXPECT_LE(backoff.next(), 100ms);
}

TEST(Backoff, DiffersFromSeedToSeed) {
  Backoff one{{}, 1};
  Backoff other{{}, 2};
  std::vector<std::int64_t> a, b;
  for (int i = 0; i < 8; ++i) {
    a.push_back(one.next().count());
    b.push_back(other.next().count());
  }
  EXPECT_NE(a, b);
}

const Pacer::Clock::time_point kNow = Pacer::Clock::time_point{} + 1h;

TEST(Pacer, LetsABurstThroughAndThenItsRate) {
  Pacer pacer{4.0, 2.0};
  EXPECT_EQ(pacer.take(kNow).count(), 0);
  EXPECT_EQ(pacer.take(kNow).count(), 0);

  const auto wait = pacer.take(kNow);
  EXPECT_NEAR(static_cast<double>(wait.count()), 250e6, 10.0);
  EXPECT_GT(pacer.take(kNow + 249ms).count(), 0);
  EXPECT_EQ(pacer.take(kNow + wait).count(), 0) << "when it said so";
  EXPECT_GT(pacer.take(kNow + wait).count(), 0);
}

TEST(Pacer, MakesOthersWaitForWhatCouldNot) {
  Pacer pacer{4.0};

  for (int i = 0; i < 3; ++i) pacer.owe(kNow);  // the first takes what there is

  EXPECT_GT(pacer.take(kNow + 749ms).count(), 0);
  EXPECT_EQ(pacer.take(kNow + 751ms).count(), 0);
}

TEST(Pacer, NeverExceedsItsRateOverAnyLength) {
  Pacer pacer{5.0, 2.0};
  int taken = 0;
  for (auto at = kNow; at < kNow + 20s; at += 1ms) taken += pacer.take(at).count() == 0 ? 1 : 0;

  EXPECT_LE(taken, 20 * 5 + 2);
  EXPECT_GE(taken, 20 * 5);
}

TEST(Pacer, SavesNoMoreThanItsBurstAndMindsNoClockThatGoesBack) {
  Pacer pacer{1.0, 2.0};
  (void)pacer.take(kNow);
  EXPECT_EQ(pacer.take(kNow + 1h).count(), 0);
  EXPECT_EQ(pacer.take(kNow + 1h).count(), 0);
  EXPECT_GT(pacer.take(kNow + 1h).count(), 0);
  EXPECT_GT(pacer.take(kNow).count(), 0);
  EXPECT_LE(pacer.take(kNow).count(), 1'000'000'001);
}

constexpr TimestampNs wall(std::int64_t seconds) {
  return TimestampNs{(1'700'000'040 + seconds) * 1'000'000'000};  // second 0 begins a minute
}

TEST(WeightBudget, SpendsFourFifthsOfTheLimitInACalendarMinute) {
  WeightBudget budget{1000};
  EXPECT_EQ(budget.take(500, kNow, wall(20)).count(), 0);
  EXPECT_EQ(budget.take(300, kNow, wall(30)).count(), 0);

  const auto wait = budget.take(1, kNow, wall(50));
  EXPECT_EQ(wait, std::chrono::nanoseconds{10s}) << "to the end of the minute, not a minute";
  EXPECT_EQ(budget.take(1, kNow, wall(60)).count(), 0);
  EXPECT_EQ(budget.used(), 1U);
}

TEST(WeightBudget, SpendsNoMoreThanTheLimitInAnyCalendarMinute) {
  WeightBudget budget{1000};
  std::map<std::int64_t, std::uint32_t> spent;
  for (int second = 25; second < 600; ++second) {
    if (budget.take(97, kNow + std::chrono::seconds{second}, wall(second)).count() == 0) {
      spent[second / 60] += 97;
    }
  }
  for (const auto& [minute, weight] : spent) EXPECT_LE(weight, 800U) << minute;
}

TEST(WeightBudget, LetsARequestThatIsHeavierThanAllOfItGoAlone) {
  WeightBudget budget{100};
  EXPECT_EQ(budget.take(250, kNow, wall(0)).count(), 0);
  EXPECT_GT(budget.take(1, kNow, wall(1)).count(), 0);
}

TEST(WeightBudget, BelievesTheVenueThatMoreWasUsedButNotOfAnotherMinute) {
  WeightBudget budget{1000};
  (void)budget.take(10, kNow, wall(10));
  budget.reported(790, wall(10));
  EXPECT_EQ(budget.used(), 790U);
  EXPECT_GT(budget.take(20, kNow, wall(20)).count(), 0);

  budget.reported(5, wall(10));
  EXPECT_EQ(budget.used(), 790U) << "what we know to have used, others cannot take back";
  budget.reported(-1, wall(10));
  EXPECT_EQ(budget.used(), 790U) << "not reported";

  EXPECT_EQ(budget.take(20, kNow, wall(61)).count(), 0);
  budget.reported(790, wall(59));
  EXPECT_EQ(budget.used(), 20U) << "an answer to what was asked before the minute began";
}

TEST(WeightBudget, IsClosedForAsLongAsARefusalSays) {
  WeightBudget budget{1000};
  budget.refused(429, 7, kNow);

  EXPECT_EQ(budget.take(1, kNow + 2s, wall(0)), std::chrono::nanoseconds{5s});
  EXPECT_EQ(budget.take(1, kNow + 7s, wall(0)).count(), 0);
  EXPECT_EQ(budget.refusals(), 1U);
}

TEST(WeightBudget, WaitsAMinuteAfterARefusalAndTwoAfterABanThatSayNothing) {
  WeightBudget refused{1000};
  refused.refused(429, -1, kNow);
  EXPECT_EQ(refused.take(1, kNow, wall(0)), std::chrono::nanoseconds{60s});

  WeightBudget banned{1000};
  banned.refused(418, -1, kNow);
  EXPECT_EQ(banned.take(1, kNow, wall(0)), std::chrono::nanoseconds{120s});
  banned.refused(429, 1, kNow);
  EXPECT_EQ(banned.take(1, kNow, wall(0)), std::chrono::nanoseconds{120s})
      << "a shorter wait does not end a longer one";
}

TEST(WeightBudget, TakesNoNonsenseForATime) {
  WeightBudget budget{1000};
  budget.refused(429, INT64_MAX, kNow);
  const auto wait = budget.take(1, kNow, wall(0));
  EXPECT_GT(wait, std::chrono::nanoseconds{24h * 3});
  EXPECT_LT(wait, std::chrono::nanoseconds{24h * 5});

  WeightBudget zero{1000};
  zero.refused(429, 0, kNow);
  EXPECT_EQ(zero.take(1, kNow, wall(0)), std::chrono::nanoseconds{1s}) << "never at once";
}

}  // namespace
}  // namespace steelyard
