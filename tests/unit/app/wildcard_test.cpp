// Patterns by which instruments are asked for.
#include "app/wildcard.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(Wildcard, FindsABookByAnyOfItsSymbolsAndByItsName) {
  InstrumentInfo info;
  info.symbol = "BTC-USD";
  info.name = "BTC-DOLLAR";
  info.aliases = {"BTC-USDC", "XBT-USD"};

  for (const char* const pattern : {"BTC-USD", "BTC-DOLLAR", "BTC-USDC", "XBT*", "*USD?"}) {
    EXPECT_TRUE(asks_for(pattern, info)) << pattern;
  }
  for (const char* const pattern : {"BTC-USDT", "btc-usdc", "ETH*"}) {
    EXPECT_FALSE(asks_for(pattern, info)) << pattern;
  }
}

}  // namespace
}  // namespace steelyard
