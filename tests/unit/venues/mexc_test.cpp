// The cold half of MEXC.
#include "venues/mexc.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(MexcControl, OfSpotSaysRefusalsInWords) {
  EXPECT_EQ(kMexc.control(R"({"id":0,"code":0,"msg":"PONG"})").kind, Control::Kind::Pong);
  EXPECT_EQ(kMexc.control(R"({"id":0,"code":0,"msg":"spot@public.aggre.deals"})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kMexc.control(R"({"id":0,"code":0,"msg":"Not Subscribed successfully! [x]"})").kind,
            Control::Kind::Rejected);
}

TEST(MexcControl, OfContractsNamesItsChannel) {
  EXPECT_EQ(kMexcFutures.control(R"({"channel":"pong","data":1})").kind, Control::Kind::Pong);
  EXPECT_EQ(kMexcFutures.control(R"({"channel":"rs.sub.depth","data":"success"})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kMexcFutures.control(R"({"channel":"rs.error","data":"no"})").kind,
            Control::Kind::Rejected);
}

TEST(MexcRequests, OfSpotNameCadenceSymbolAndDepthInTheirPlaces) {
  Instrument fast, whole;
  fast.symbol = "BTCUSDT";
  whole.symbol = "ETHUSDT";
  whole.channel = 4;
  const std::vector<Stream> streams = {{StreamKind::Book, &fast},
                                       {StreamKind::Trades, &fast},
                                       {StreamKind::Bbo, &fast},
                                       {StreamKind::Book, &whole}};

  EXPECT_EQ(
      kMexc.subscribe(streams, 3),
      (std::vector<std::string>{R"({"method":"SUBSCRIPTION","params":[)"
                                R"("spot@public.aggre.depth.v3.api.pb@10ms@BTCUSDT",)"
                                R"("spot@public.aggre.deals.v3.api.pb@10ms@BTCUSDT",)"
                                R"("spot@public.aggre.bookTicker.v3.api.pb@10ms@BTCUSDT",)"
                                R"("spot@public.limit.depth.v3.api.pb@ETHUSDT@5"],"id":3})"}));
  EXPECT_EQ(kMexc.snapshot(fast).target, "/api/v3/depth?symbol=BTCUSDT&limit=5000");
}

TEST(MexcRequests, OfContractsAskForOneStreamEach) {
  Instrument merged, whole;
  merged.symbol = "BTC_USDT";
  whole.symbol = "ETH_USDT";
  whole.channel = 2;
  const std::vector<Stream> streams = {
      {StreamKind::Book, &merged}, {StreamKind::Trades, &merged}, {StreamKind::Book, &whole}};

  EXPECT_EQ(kMexcFutures.unsubscribe(streams, 3),
            (std::vector<std::string>{
                R"({"method":"unsub.depth","param":{"symbol":"BTC_USDT"}})",
                R"({"method":"unsub.deal","param":{"symbol":"BTC_USDT"}})",
                R"({"method":"unsub.depth.full","param":{"symbol":"ETH_USDT","limit":10}})"}));
  EXPECT_EQ(kMexcFutures.snapshot(merged).target, "/api/v1/contract/depth/BTC_USDT?limit=1000");
}

TEST(MexcInstruments, OfSpotAndContracts) {
  const auto spot = kMexc.instruments(
      R"({"timezone":"CST","symbols":[{"symbol":"BTCUSDT","status":"1","baseAsset":"BTC",)"
      R"("baseAssetPrecision":8,"quoteAsset":"USDT","quotePrecision":2,)"
      R"("baseSizePrecision":"0.000001"},{"symbol":"XENUSDT","status":"2","baseAsset":"XEN",)"
      R"("baseAssetPrecision":1,"quoteAsset":"USDT","quotePrecision":11,"baseSizePrecision":"0"}]})");
  const auto contracts = kMexcFutures.instruments(
      R"({"success":true,"code":0,"data":[{"symbol":"BTC_USDT","baseCoin":"BTC","quoteCoin":"USDT",)"
      R"("settleCoin":"USDT","contractSize":0.0001,"priceUnit":0.1,"volUnit":1,"state":0},)"
      R"({"symbol":"BTC_USD","baseCoin":"BTC","quoteCoin":"USD","settleCoin":"BTC",)"
      R"("contractSize":100,"priceUnit":0.5,"volUnit":1,"state":3}]})");

  ASSERT_EQ(spot.size(), 2U);
  EXPECT_EQ(spot[0].name, "BTC-USDT");
  EXPECT_EQ(spot[0].tick_size, "0.01");
  EXPECT_EQ(spot[0].lot_size, "0.000001");
  EXPECT_TRUE(spot[0].trading);
  EXPECT_EQ(spot[1].lot_size, "0.1");
  EXPECT_FALSE(spot[1].trading);
  ASSERT_EQ(contracts.size(), 2U);
  EXPECT_EQ(contracts[0].name, "BTC-USDT-PERP");
  EXPECT_EQ(contracts[0].kind, ContractKind::Linear);
  EXPECT_EQ(contracts[0].multiplier, "0.0001");
  EXPECT_EQ(contracts[0].tick_size, "0.1");
  EXPECT_TRUE(contracts[0].trading);
  EXPECT_EQ(contracts[1].kind, ContractKind::Inverse);
  EXPECT_EQ(contracts[1].contract_size, 100.0);
  EXPECT_FALSE(contracts[1].trading);
}

}  // namespace
}  // namespace steelyard
