#include "app/segment_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "steelyard/shm_layout.hpp"

namespace steelyard {
namespace {

TEST(DefaultHeadline, HoldsWhatTheParametersYieldAndFourCacheLinesTake) {
  const SignalSet defaults{SignalParams{}};
  SignalParams other;
  other.flow_windows_ms = {500};
  other.multi_level_window_ms = 500;
  const SignalSet fewer{other};

  const std::vector<std::string> names = default_headline(defaults);

  EXPECT_THAT(names, testing::IsSupersetOf({"mid", "pbi_10bp", "ofi_1000ms", "ofi_ew"}));
  for (const std::string& name : names) EXPECT_TRUE(defaults.find(name).has_value()) << name;
  EXPECT_LE(slot_words(names.size()) * 8, 4U * 64);
  EXPECT_THAT(default_headline(fewer), testing::Not(testing::Contains("ofi_1000ms")));
  EXPECT_THAT(default_headline(fewer), testing::Contains("ofi_ew"));
}

}  // namespace
}  // namespace steelyard
