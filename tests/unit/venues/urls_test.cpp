// Which venue a URL is of.
#include <gtest/gtest.h>

#include "venues/venue.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string_view name_of(std::string_view url) {
  const Venue* const venue = venue_of_url(url);
  return venue == nullptr ? std::string_view{"-"} : venue->name;
}

TEST(VenueOfUrl, MatchesWholeHostsAndWholePathsOnWhateverPort) {
  EXPECT_EQ(name_of("wss://ws.okx.com:8443/ws/v5/public"), "okx");
  EXPECT_EQ(name_of("wss://ws.okx.com/ws/v5/public"), "okx");
  EXPECT_EQ(name_of("ws.okx.com"), "okx");
  EXPECT_EQ(name_of("wss://ws.okx.com?x=1"), "okx");
  EXPECT_EQ(name_of("wss://ws.okx.com.elsewhere.net/ws"), "-");
  EXPECT_EQ(name_of("wss://xws.okx.com/ws"), "-");
  EXPECT_EQ(name_of(""), "-");
}

TEST(VenueOfUrl, TakesTheLongestPathAmongVenuesOfOneHost) {
  EXPECT_EQ(name_of("wss://ws.bitget.com:443/mix/v1/stream"), "bitget-futures");
  EXPECT_EQ(name_of("wss://ws.bitget.com/mix/v1/stream?x"), "bitget-futures");
  EXPECT_EQ(name_of("wss://ws.bitget.com/mix/v1/streams"), "bitget");
  EXPECT_EQ(name_of("https://testnet.binancefuture.com:443/dapi/v1/depth"), "binance-coinm");
}

}  // namespace
}  // namespace steelyard
