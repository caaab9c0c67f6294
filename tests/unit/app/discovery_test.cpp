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

// Messages of Kraken do not say of which depth they are.
class DepthOfKraken : public testing::Test {
 protected:
  void on(const std::string& text) {
    const PaddedFrame frame{text, {}};
    discovery_.on_frame(*find_venue("kraken"), *frame);
  }
  [[nodiscard]] static std::string snapshot(int levels) {
    std::string rows;
    for (int i = 0; i < levels; ++i) {
      rows += (i == 0 ? "" : ",") + std::string{"{\"price\":"} + std::to_string(61'000 - i) +
              ".0,\"qty\":1.00000000}";
    }
    return R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[)" + rows +
           R"(],"asks":[],"checksum":1}]})";
  }
  [[nodiscard]] std::string channel() const {
    const std::vector<Instrument> found = discovery_.instruments();
    if (found.size() != 1) return std::to_string(found.size()) + " instruments";
    return std::string{find_venue("kraken")->books[found[0].channel].channel};
  }
  static constexpr const char* kUpdate =
      R"({"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[],)"
      R"("asks":[{"price":61000.5,"qty":1.00000000}],"checksum":1}]})";
  static constexpr const char* kTrade =
      R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy",)"
      R"("price":61000.5,"qty":0.1,"trade_id":7,"timestamp":"2026-05-04T10:11:12.4Z"}]})";
  static constexpr const char* kAccepted =
      R"({"method":"subscribe","success":true,"result":{"channel":"book","depth":100,)"
      R"("snapshot":true,"symbol":"BTC/USD"}})";

  Discovery discovery_;
};

TEST_F(DepthOfKraken, IsTheSmallestThatHoldsTheSnapshot) {
  on(snapshot(10));
  EXPECT_EQ(channel(), "book10");
  on(snapshot(11));
  EXPECT_EQ(channel(), "book25") << "a later snapshot did not fit";
  on(snapshot(3));
  EXPECT_EQ(channel(), "book25");
}

TEST_F(DepthOfKraken, IsLearnedFromASnapshotAlsoIfOtherThingsCameFirst) {
  on(kTrade);
  on(kUpdate);
  EXPECT_EQ(channel(), "book10");
  on(snapshot(26));
  EXPECT_EQ(channel(), "book100");
}

TEST_F(DepthOfKraken, IsWhatAnAcknowledgementSays) {
  on(kTrade);
  on(kAccepted);
  on(snapshot(10));
  EXPECT_EQ(channel(), "book100");
}

TEST_F(DepthOfKraken, IsOfDigitsAsTheyAreWrittenZerosIncluded) {
  on(snapshot(2));
  on(kTrade);

  const Scale scale = discovery_.instruments().at(0).scale;
  EXPECT_EQ(scale.price_exponent, -1);
  EXPECT_EQ(scale.qty_exponent, -8);
}

TEST(Discovery, GoesOnWhereAnErrorWasAnsweredInsteadOfAList) {
  Discovery discovery;
  const PaddedFrame refused{R"({"error":["EGeneral:Too many requests"]})",
                            "https://api.kraken.com/0/public/AssetPairs"};

  discovery.on_frame(*find_venue("kraken"), *refused);

  EXPECT_TRUE(discovery.instruments().empty());
}

TEST(Discovery, FindsAnInstrumentBesideOneThatIsKnown) {
  Discovery discovery;
  const PaddedFrame frame{
      R"({"channel":"trade","type":"update","data":[)"
      R"({"symbol":"BTC/USD","side":"buy","price":61000.5,"qty":0.1,"trade_id":7,)"
      R"("timestamp":"2026-05-04T10:11:12.4Z"},)"
      R"({"symbol":"ETH/USD","side":"buy","price":2900.25,"qty":0.1,"trade_id":8,)"
      R"("timestamp":"2026-05-04T10:11:12.4Z"}]})",
      {}};

  discovery.on_frame(*find_venue("kraken"), *frame);

  EXPECT_EQ(discovery.instruments().size(), 2U);
}

}  // namespace
}  // namespace steelyard
