// The cold half of Bybit, and whose its answers are.
#include "venues/bybit.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(BybitRequests, OfSpotHoldTenTopicsAtMost) {
  std::vector<Instrument> instruments(12);
  std::vector<Stream> streams;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    instruments[i].symbol = "SYM" + std::to_string(i);
    streams.push_back({StreamKind::Trades, &instruments[i]});
  }

  const auto spot = kBybitSpot.subscribe(streams, 3);

  ASSERT_EQ(spot.size(), 2U);
  EXPECT_EQ(spot[1],
            R"({"req_id":"4","op":"subscribe","args":["publicTrade.SYM10","publicTrade.SYM11"]})");
  EXPECT_EQ(kBybitLinear.subscribe(streams, 3).size(), 1U);
}

TEST(BybitRequests, NameTheTopicOfEachStreamOnce) {
  Instrument book, best;
  book.symbol = "BTCUSDT";
  best.symbol = "SOLUSDT";
  best.channel = 4;
  const std::vector<Stream> streams = {{StreamKind::Book, &book},
                                       {StreamKind::Liquidations, &book},
                                       {StreamKind::Book, &best},
                                       {StreamKind::Bbo, &best}};

  EXPECT_EQ(kBybitLinear.unsubscribe(streams, 1),
            (std::vector<std::string>{
                R"({"req_id":"1","op":"unsubscribe","args":["orderbook.50.BTCUSDT",)"
                R"("allLiquidation.BTCUSDT","orderbook.1.SOLUSDT"]})"}));
}

TEST(BybitControl, TakesAPingThatComesBackForAPong) {
  EXPECT_EQ(kBybitSpot.control(R"({"success":true,"ret_msg":"pong","op":"ping"})").kind,
            Control::Kind::Pong);
  EXPECT_EQ(kBybitSpot.control(R"({"op":"pong","args":["1675418560633"]})").kind,
            Control::Kind::Pong);
  EXPECT_EQ(kBybitSpot.control(R"({"success":true,"ret_msg":"","op":"subscribe"})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(
      kBybitSpot.control(R"({"success":false,"ret_msg":"error:no handler","op":"subscribe"})").kind,
      Control::Kind::Rejected);
}

TEST(BybitInstruments, OfAllMarketsHaveStepsAndNames) {
  const auto linear = kBybitLinear.instruments(
      R"({"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[)"
      R"({"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading",)"
      R"("baseCoin":"BTC","quoteCoin":"USDT","deliveryTime":"0",)"
      R"("priceFilter":{"tickSize":"0.10"},"lotSizeFilter":{"qtyStep":"0.001"}},)"
      R"({"symbol":"BTCPERP","contractType":"LinearPerpetual","status":"PreLaunch",)"
      R"("baseCoin":"BTC","quoteCoin":"USDC","deliveryTime":"0",)"
      R"("priceFilter":{"tickSize":"0.10"},"lotSizeFilter":{"qtyStep":"0.001"}},)"
      R"({"symbol":"BTCUSDT-26SEP26","contractType":"LinearFutures","status":"Trading",)"
      R"("baseCoin":"BTC","quoteCoin":"USDT","deliveryTime":"1790380800000",)"
      R"("priceFilter":{"tickSize":"0.50"},"lotSizeFilter":{"qtyStep":"0.001"}}],)"
      R"("nextPageCursor":""}})");
  const auto spot = kBybitSpot.instruments(
      R"({"retCode":0,"retMsg":"OK","result":{"category":"spot","list":[)"
      R"({"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT","status":"Trading",)"
      R"("lotSizeFilter":{"basePrecision":"0.000001","quotePrecision":"0.0000001"},)"
      R"("priceFilter":{"tickSize":"0.1"}}]}})");
  const auto inverse = kBybitInverse.instruments(
      R"({"retCode":0,"retMsg":"OK","result":{"category":"inverse","list":[)"
      R"({"symbol":"BTCUSD","contractType":"InversePerpetual","status":"Trading",)"
      R"("baseCoin":"BTC","quoteCoin":"USD","deliveryTime":"0",)"
      R"("priceFilter":{"tickSize":"0.50"},"lotSizeFilter":{"qtyStep":"1"}}]}})");

  ASSERT_EQ(linear.size(), 3U);
  EXPECT_EQ(linear[0].name, "BTC-USDT-PERP");
  EXPECT_EQ(linear[0].kind, ContractKind::Linear);
  EXPECT_EQ(linear[0].lot_size, "0.001");
  EXPECT_EQ(linear[1].name, "BTC-USDC-PERP");
  EXPECT_FALSE(linear[1].trading);
  EXPECT_EQ(linear[2].name, "BTC-USDT-260926");
  ASSERT_EQ(spot.size(), 1U);
  EXPECT_EQ(spot[0].name, "BTC-USDT");
  EXPECT_EQ(spot[0].kind, ContractKind::Spot);
  EXPECT_EQ(spot[0].lot_size, "0.000001");
  ASSERT_EQ(inverse.size(), 1U);
  EXPECT_EQ(inverse[0].name, "BTC-USD-PERP");
  EXPECT_EQ(inverse[0].kind, ContractKind::Inverse);
  EXPECT_EQ(inverse[0].contract_size, 1.0);
}

TEST(BybitAnswers, AreOfTheMarketThatTheirRequestOrTheyThemselvesName) {
  const auto whose = [](std::string_view url, std::string_view payload) {
    return venue_of_frame(venue_of_url(url), payload, url);
  };
  const std::string host = "https://api.bybit.com/v5/market/instruments-info";

  EXPECT_EQ(whose(host + "?&category=linear&status=Trading", "{}"), &kBybitLinear);
  EXPECT_EQ(whose(host + "?category=inverse", "{}"), &kBybitInverse);
  EXPECT_EQ(whose(host + "?category=spot", "{}"), &kBybitSpot);
  EXPECT_EQ(whose(host, R"({"retCode":0,"result":{"category":"linear","list":[]}})"),
            &kBybitLinear);
  EXPECT_EQ(whose(host, "{}"), &kBybitSpot);
}

TEST(BybitStreams, AreToldApartByTheirPaths) {
  EXPECT_EQ(venue_of_url("wss://stream.bybit.com/v5/public/linear"), &kBybitLinear);
  EXPECT_EQ(venue_of_url("wss://stream-testnet.bybit.com/v5/public/inverse"), &kBybitInverse);
  EXPECT_EQ(venue_of_url("wss://stream.bybit.com/v5/public/spot"), &kBybitSpot);
  EXPECT_EQ(venue_of_url("wss://stream.bybit.com/v5/public/option"), nullptr);
  EXPECT_EQ(venue_of_frame(&kBybitLinear, R"({"category":"spot"})", {}), &kBybitLinear);
}

}  // namespace
}  // namespace steelyard
