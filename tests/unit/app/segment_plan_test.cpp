#include "app/segment_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "steelyard/shm_layout.hpp"
#include "venues/venue.hpp"

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

TEST(SegmentPlan, SaysOfEachBookWhatWouldTellThatAChangeWasLost) {
  std::vector<Instrument> instruments;
  for (std::uint32_t venue = 0; venue < venue_registry().size(); ++venue) {
    for (std::size_t row = 0; row < venue_registry()[venue]->books.size(); ++row) {
      Instrument& instrument = instruments.emplace_back();
      instrument.venue = static_cast<decltype(instrument.venue)>(venue);
      instrument.channel = static_cast<decltype(instrument.channel)>(row);
    }
  }

  const SegmentPlan plan = make_segment_plan("plan", instruments, SignalSet{SignalParams{}}, 1);

  std::map<std::string, unsigned> proofs;
  for (const SegmentPlan::InstrumentRow& row : plan.instruments) {
    EXPECT_NE(row.proof, 0) << row.venue << " " << row.channel;
    proofs[row.venue + " " + row.channel] = row.proof;
  }
  EXPECT_EQ(proofs["binance-spot depth@100ms"], kProofIds);
  EXPECT_EQ(proofs["kraken book10"], kProofChecksum);
  EXPECT_EQ(proofs["hyperliquid l2Book"], kProofWhole);
  EXPECT_EQ(proofs["bitmex orderBookL2"], kUnproven);
}

}  // namespace
}  // namespace steelyard
