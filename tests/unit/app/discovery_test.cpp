#include "app/discovery.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace steelyard {
namespace {

constexpr const char* kDelta =
    R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1672515782136,"s":"BTCUSDT",)"
    R"("U":157,"u":160,"b":[["61000.25","0.5"]],"a":[["61000.5","0.125"]]}})";

TEST(Discovery, FindsTheExponentsThatHoldEveryDigitAndTakesOneUnitOfThemForTheTick) {
  Discovery discovery;
  const PaddedFrame frame{kDelta, {}};

  discovery.on_frame(*find_venue("binance-spot"), *frame);

  const std::vector<Instrument> found = discovery.instruments();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].symbol, "BTCUSDT");
  EXPECT_EQ(found[0].scale.price_exponent, -2);
  EXPECT_EQ(found[0].scale.qty_exponent, -3);
  EXPECT_FALSE(found[0].has_metadata);
  EXPECT_EQ(found[0].tick, 1) << "a coarser one leaves most levels off the book's grid";
}

TEST(Discovery, BelievesMetadataWhereTheRecordingHoldsIt) {
  Discovery discovery;
  const PaddedFrame frame{kDelta, {}};
  const PaddedFrame list{
      R"({"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",)"
      R"("filters":[{"filterType":"PRICE_FILTER","tickSize":"0.05000000"},)"
      R"({"filterType":"LOT_SIZE","stepSize":"0.00001000"}]}]})",
      "https://api.binance.com/api/v3/exchangeInfo"};

  discovery.on_frame(*find_venue("binance-spot"), *frame);
  discovery.on_frame(*find_venue("binance-spot"), *list);

  const std::vector<Instrument> found = discovery.instruments();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].has_metadata);
  EXPECT_EQ(found[0].tick, 5);
  EXPECT_EQ(found[0].scale.qty_exponent, -5);
  EXPECT_EQ(found[0].name, "BTC-USDT");
}

}  // namespace
}  // namespace steelyard
