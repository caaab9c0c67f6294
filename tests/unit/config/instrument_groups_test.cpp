#include "app/instrument_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kVenue = "[venues.okx]\ninstruments = [\"*\"]\n";

std::string refusal(const std::string& groups) {
  try {
    (void)parse_config("[groups]\n" + groups + kVenue, "a.toml");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

Instrument instrument(const char* venue, const char* symbol, const char* name) {
  Instrument of;
  of.venue = venue_index(*find_venue(venue));
  of.symbol = symbol;
  of.name = name;
  return of;
}

TEST(InstrumentGroups, AreTheSymbolsTextWhereNothingIsConfigured) {
  EXPECT_EQ(group_key(instrument("okx", "BTC-USDT", "X")),
            group_key(instrument("binance-spot", "BTC-USDT", "Y")));
  EXPECT_NE(group_key(instrument("okx", "BTC-USDT", "X")),
            group_key(instrument("okx", "BTC-USDC", "X")));
}

TEST(InstrumentGroups, TakeInstrumentsBySymbolOrNameOfAVenueOrOfAll) {
  const Config config = parse_config(
      "[groups]\nBTCUSDT = [\"* BTC-USDT\", \"binance-* BTCUSD?\"]\n" + kVenue, "a.toml");
  Instrument all[] = {instrument("okx", "BTC-USDT", "BTC-USDT"),
                      instrument("binance-usdm", "BTCUSDC", "N"), instrument("okx", "BTCUSDC", "N"),
                      instrument("binance-spot", "BTCUSDT", "BTC-USDT")};

  assign_groups(all, config.groups, true);

  EXPECT_EQ(all[0].group, "BTCUSDT");
  EXPECT_EQ(group_key(all[0]), group_key(all[1]));
  EXPECT_EQ(group_key(all[0]), group_key(all[3]));
  EXPECT_EQ(group_key(all[2]), "BTCUSDC");
  EXPECT_NE(group_key(all[0]), group_key(instrument("okx", "BTCUSDT", "")))
      << "a group that is named like a symbol is not that symbol's";
}

TEST(InstrumentGroups, RefuseAnInstrumentInTwo) {
  const Config config =
      parse_config("[groups]\na = [\"okx BTC*\"]\nb = [\"okx *USDT\"]\n" + kVenue, "a.toml");
  Instrument all[] = {instrument("okx", "BTC-USDT", "BTC-USDT")};

  try {
    assign_groups(all, config.groups, false);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("a.toml:3:5: groups.b: okx BTC-USDT"),
                                    HasSubstr("is in groups.a already")));
  }
}

TEST(InstrumentGroups, NamePlaceValueAndFix) {
  EXPECT_THAT(refusal("a = [\"okxx BTC\"]\n"),
              AllOf(HasSubstr("a.toml:2:5: groups.a"), HasSubstr("did you mean okx?")));
  EXPECT_THAT(refusal("a = [\"BTC-USDT\"]\n"), HasSubstr("is no \"venue symbol\""));
  EXPECT_THAT(refusal("a = [\"okx \"]\n"), HasSubstr("is no \"venue symbol\""));
  EXPECT_THAT(refusal("a = []\n"), HasSubstr("at least one \"venue symbol\""));
  EXPECT_THAT(refusal("a = \"okx BTC\"\n"), HasSubstr("a list of texts"));
}

}  // namespace
}  // namespace steelyard
