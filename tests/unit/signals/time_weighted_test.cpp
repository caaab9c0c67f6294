#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "signals/held_integral.hpp"
#include "support/signal_case.hpp"

namespace steelyard {
namespace {

class TimeWeightedCase : public SignalCase {};

TEST_F(TimeWeightedCase, IsUndefinedBeforeAnyTimeWithAMid) {
  tell(EventKind::Timer);
  wait(1'000);
  snapshot({bid(99, 1), ask(101, 1)});
  EXPECT_TRUE(undefined("twap"));
  EXPECT_TRUE(undefined("twap_dev_bps"));
  EXPECT_TRUE(undefined("twai"));

  now_ += 1;
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["twap"], 100.0);
  EXPECT_EQ((*this)["twap_dev_bps"], 0.0);
}

TEST_F(TimeWeightedCase, WeighsEachMidByHowLongItStood) {
  snapshot({bid(99, 1), ask(101, 1)});
  wait(3'000);
  delta({bid(100, 1), ask(101, 0), ask(104, 1)});  // 102
  wait(1'000);
  delta({ask(104, 0), ask(106, 1)});  // 103, for no time yet

  EXPECT_EQ((*this)["twap"], 100.5);
  EXPECT_NEAR((*this)["twap_dev_bps"], 1e4 * (103.0 / 100.5 - 1.0), 1e-10);
}

TEST_F(TimeWeightedCase, TrimsTheOldestToTheNanosecond) {
  snapshot({bid(99, 1), ask(101, 1)});  // 100 for 30 s
  wait(30'000);
  delta({bid(99, 0), ask(101, 0), bid(109, 1), ask(111, 1)});  // 110
  wait(30'000);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["twap"], 105.0);

  wait(15'000);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["twap"], 107.5);
  wait(15'000);
  now_ -= 1;
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["twap"], 110.0 - 10.0 / 60e9);
  now_ += 1;
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["twap"], 110.0);
}

TEST_F(TimeWeightedCase, DoesNotCountTimeWithoutAMid) {
  snapshot({bid(99, 1), ask(101, 1)});
  wait(2'000);
  delta({ask(101, 0)});
  wait(7'000);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["twap"], 100.0);
  EXPECT_TRUE(undefined("twap_dev_bps")) << "there is no mid to compare";

  delta({ask(105, 1)});  // 102
  wait(2'000);
  delta({bid(106, 1)});
  ASSERT_EQ(driver_.status(), BookStatus::Crossed);
  wait(5'000);
  tell(EventKind::Reset);
  wait(5'000);
  tell(EventKind::Timer);
  EXPECT_EQ((*this)["twap"], 101.0) << "two seconds of 100 and two of 102";

  wait(60'000);
  tell(EventKind::Timer);
  EXPECT_TRUE(undefined("twap")) << "nothing is left in the window";
  EXPECT_TRUE(undefined("twai"));
}

TEST_F(TimeWeightedCase, AveragesTheImbalanceWhileThereIsABand) {
  snapshot({bid(9'999, 3), ask(10'001, 1)});  // 0.5
  wait(1'000);
  delta({bid(9'999, 1), ask(10'001, 3)});  // -0.5
  wait(2'000);
  delta({bid(9'999, 0), bid(9'900, 1)});
  ASSERT_TRUE(undefined("pbi_10bp")) << "the spread is wider than the band";
  wait(1'000);
  tell(EventKind::Timer);

  EXPECT_EQ((*this)["twai"], -0.5 / 3.0);
}

// Of each nanosecond the value, summed anew: what the ring does in integers.
TEST(HeldIntegral, IsTheSumOverTheWindowWhateverWasHeld) {
  std::array<std::byte, 64 * 32> memory;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    HeldIntegral<std::int64_t> integral{memory, 64, 1};
    std::mt19937_64 random{seed};
    std::int64_t now = 5'000'000;
    std::int64_t value = -1;  // none
    std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> held;
    for (int i = 0; i < 500; ++i) {
      const auto step = static_cast<std::int64_t>(1 + random() % 50'000);
      integral.pass(TimestampNs{now}, TimestampNs{now + step});
      if (value >= 0) held.emplace_back(now, now + step, value);
      now += step;

      std::int64_t sum = 0;
      std::int64_t duration = 0;
      for (const auto& [from, to, is] : held) {
        const std::int64_t inside = to - std::max(from, now - 1'000'000);
        if (inside <= 0) continue;
        sum += inside * is;
        duration += inside;
      }
      ASSERT_EQ(integral.duration_ns(), duration);
      ASSERT_EQ(static_cast<std::int64_t>(integral.integral()), sum);

      value = static_cast<std::int64_t>(random() % 4) - 1;
      value < 0 ? integral.hold_nothing() : integral.hold(value);
    }
    EXPECT_EQ(integral.merged(), 0U);
  }
}

// With room for four of a hundred changes a window: within what the oldest of them spans.
TEST(HeldIntegral, StaysAMeanOfWhatWasHeldWhenItHasNoRoom) {
  std::array<std::byte, 4 * 32> memory;
  HeldIntegral<std::int64_t> integral{memory, 4, 1};
  std::mt19937_64 random{3};
  std::int64_t now = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto value = static_cast<std::int64_t>(1'000 + random() % 1'000);
    random() % 5 == 0 ? integral.hold_nothing() : integral.hold(value);
    integral.pass(TimestampNs{now}, TimestampNs{now + 10'000});
    now += 10'000;
    ASSERT_LE(integral.duration_ns(), 1'000'000);
    if (integral.duration_ns() == 0) continue;
    const auto mean = static_cast<std::int64_t>(integral.integral() / integral.duration_ns());
    ASSERT_GE(mean, 999);
    ASSERT_LE(mean, 2'000);
  }
  EXPECT_GT(integral.merged(), 1'000U);

  // Silence for a window forgets all of it: nothing is left over.
  integral.hold_nothing();
  integral.pass(TimestampNs{now}, TimestampNs{now + 1'000'000});
  EXPECT_EQ(integral.duration_ns(), 0);
  EXPECT_TRUE(integral.integral() == 0);
}

TEST(TimeWeighted, HasRoomForHugePricesThatStandForYears) {
  SignalDriver driver{SignalParams{}, Instrument{}};
  constexpr std::int64_t kHuge = 9'000'000'000'000'000'000;
  driver.on({EventKind::Snapshot, 0, {bid(kHuge, 1), ask(kHuge + 2, 1)}});

  driver.on({EventKind::Timer, kHuge, {}});

  EXPECT_EQ(driver["twap"], 9e18);
  EXPECT_EQ(driver["twap_dev_bps"], 0.0);
}

}  // namespace
}  // namespace steelyard
