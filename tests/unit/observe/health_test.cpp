#include "observe/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observe/number_text.hpp"
#include "support/seen_samples.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

TEST(Health, NamesTheBookAndTheReason) {
  const std::vector<Trouble> wrong = troubles(seen_daemon());

  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].level, Trouble::Level::NotReady);
  EXPECT_EQ(wrong[0].subject, "okx ETH-USDT");
  EXPECT_THAT(wrong[0].what, HasSubstr("stale: it has been silent"));
}

TEST(Health, PutsADeadDaemonBeforeAllElse) {
  Observation seen = seen_daemon();
  seen.presence = Presence::Silent;
  seen.heartbeat_age_s = 12.3;

  const std::vector<Trouble> wrong = troubles(seen);

  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].level, Trouble::Level::Down);
  EXPECT_THAT(wrong[0].what, HasSubstr("no heartbeat for 12 s"));
}

TEST(Health, WarnsOfCountersThatRiseNowNotOfOldOnes) {
  Observation seen = seen_daemon();
  seen.instruments.pop_back();
  seen.counters[1].value = 5;
  EXPECT_TRUE(troubles(seen).empty());

  seen.counters[1].rate_hz = 3.0;
  ASSERT_EQ(troubles(seen).size(), 1U);
  EXPECT_EQ(troubles(seen)[0].subject, "io0 ring_refused");
}

TEST(Health, SaysThatNoConnectionIsOpen) {
  Observation seen = seen_daemon();
  seen.instruments.pop_back();
  seen.counters[0].value = 0;

  ASSERT_EQ(troubles(seen).size(), 1U);
  EXPECT_EQ(troubles(seen)[0].what, "no connection is open");
}

TEST(NumberText, IsShortAndNamesItsUnit) {
  EXPECT_EQ(duration_text(850), "850ns");
  EXPECT_EQ(duration_text(12'345), "12.3µs");
  EXPECT_EQ(duration_text(4'980'736), "4.98ms");
  EXPECT_EQ(duration_text(999'960), "1.00ms");
  EXPECT_EQ(duration_text(0), "-");
  EXPECT_EQ(age_text(0.012), "12ms");
  EXPECT_EQ(age_text(61), "61s");
  EXPECT_EQ(age_text(7300), "2h");
  EXPECT_EQ(age_text(kUnknown), "-");
  EXPECT_EQ(uptime_text(192), "3m12s");
  EXPECT_EQ(rate_text(1234), "1.2k");
  EXPECT_EQ(count_text(1'234'567), "1,234,567");
  EXPECT_EQ(compact_text(-1234.5, 5), "-1234");
  EXPECT_EQ(compact_text(1.25e9, 5), "1250M");
}

}  // namespace
}  // namespace steelyard
