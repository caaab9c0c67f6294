// The cold half of Bitget.
#include "venues/bitget.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(BitgetInstruments, OfTheUnifiedAccountHaveTheirStepsAndSayWhichMarket) {
  const auto list = kBitgetFutures.instruments(
      R"({"code":"00000","msg":"success","requestTime":1,"data":[)"
      R"({"symbol":"ODDUSDT","category":"USDT-FUTURES","baseCoin":"ODD","quoteCoin":"USDT",)"
      R"("priceMultiplier":"0.25","pricePrecision":"2","quantityMultiplier":"5",)"
      R"("quantityPrecision":"0","type":"perpetual","status":"online"},)"
      R"({"symbol":"BTCUSD_CM","category":"COIN-FUTURES","baseCoin":"BTC","quoteCoin":"USD",)"
      R"("priceMultiplier":"0.1","quantityMultiplier":"1","type":"perpetual","status":"offline"},)"
      R"({"symbol":"BTCUSDZ26_CM","category":"COIN-FUTURES","baseCoin":"BTC","quoteCoin":"USD",)"
      R"("priceMultiplier":"0.1","type":"delivery","deliveryTime":"1798185600000"}]})");

  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].name, "ODD-USDT-PERP");
  EXPECT_EQ(list[0].kind, ContractKind::Linear);
  EXPECT_EQ(list[0].tick_size, "0.25");
  EXPECT_EQ(list[0].lot_size, "5");
  EXPECT_EQ(list[0].multiplier, "1");
  EXPECT_TRUE(list[0].trading);
  EXPECT_EQ(list[1].name, "BTC-USD-PERP");
  EXPECT_EQ(list[1].kind, ContractKind::Inverse);
  EXPECT_EQ(list[1].contract_size, 1.0);
  EXPECT_FALSE(list[1].trading);
  EXPECT_EQ(list[2].name, "BTC-USD-261225");
}

TEST(BitgetInstruments, OfOlderListsHavePlacesAndScales) {
  const auto spot = kBitget.instruments(
      R"({"code":"00000","data":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT",)"
      R"("pricePrecision":"2","quantityPrecision":"6","status":"online"},)"
      R"({"symbol":"ALPHAUSDT_SPBL","symbolName":"ALPHAUSDT","baseCoin":"ALPHA",)"
      R"("quoteCoin":"USDT","priceScale":"4","quantityScale":"1","status":"online"}]})");
  const auto futures = kBitgetFutures.instruments(
      R"({"code":"00000","data":[{"symbol":"BTCUSDT","baseCoin":"BTC","quoteCoin":"USDT",)"
      R"("pricePlace":"1","priceEndStep":"5","volumePlace":"3","sizeMultiplier":"0.001",)"
      R"("symbolType":"perpetual","symbolStatus":"normal"}]})");

  ASSERT_EQ(spot.size(), 2U);
  EXPECT_EQ(spot[0].name, "BTC-USDT");
  EXPECT_EQ(spot[0].kind, ContractKind::Spot);
  EXPECT_EQ(spot[0].tick_size, "0.01");
  EXPECT_EQ(spot[0].lot_size, "0.000001");
  EXPECT_EQ(spot[1].symbol, "ALPHAUSDT");
  EXPECT_EQ(spot[1].tick_size, "0.0001");
  EXPECT_EQ(spot[1].lot_size, "0.1");
  ASSERT_EQ(futures.size(), 1U);
  EXPECT_EQ(futures[0].name, "BTC-USDT-PERP");
  EXPECT_EQ(futures[0].tick_size, "0.5");
  EXPECT_EQ(futures[0].lot_size, "0.001");
}

TEST(BitgetInstruments, ErrorSaysWhatTheVenueSaid) {
  try {
    (void)kBitget.instruments(R"({"code":"40034","msg":"Parameter does not exist"})");
    FAIL();
  } catch (const std::exception& error) {
    EXPECT_NE(std::string{error.what()}.find("40034"), std::string::npos) << error.what();
  }
}

TEST(BitgetRequests, NameMarketTopicAndSymbol) {
  Instrument usdt, usdc, coin;
  usdt.symbol = "BTCUSDT";
  usdc.symbol = "BTCPERP";
  coin.symbol = "BTCUSD_CM";
  const std::vector<Stream> streams = {{StreamKind::Book, &usdt},
                                       {StreamKind::Trades, &usdc},
                                       {StreamKind::Bbo, &coin},
                                       {StreamKind::Liquidations, &usdt}};

  EXPECT_EQ(kBitgetFutures.subscribe(streams, 1),
            (std::vector<std::string>{
                R"({"op":"subscribe","args":[)"
                R"({"instType":"usdt-futures","topic":"books","symbol":"BTCUSDT"},)"
                R"({"instType":"usdc-futures","topic":"publicTrade","symbol":"BTCPERP"},)"
                R"({"instType":"coin-futures","topic":"books1","symbol":"BTCUSD_CM"},)"
                R"({"instType":"usdt-futures","topic":"liquidation"}]})"}));
  EXPECT_EQ(
      kBitget.unsubscribe(std::span{streams}.first(1), 1),
      (std::vector<std::string>{R"({"op":"unsubscribe","args":[)"
                                R"({"instType":"spot","topic":"books","symbol":"BTCUSDT"}]})"}));
}

TEST(BitgetMarkets, AreToldApartByTheTypeOfTheirInstruments) {
  const auto of = [](std::string_view url, std::string_view payload) {
    const Venue* const venue = venue_of_url(url);
    const bool answer = url.starts_with("https");
    return venue_of_frame(venue, payload, answer ? url : std::string_view{});
  };
  constexpr std::string_view kSocket = "wss://ws.bitget.com/v3/ws/public";

  EXPECT_EQ(of(kSocket, R"({"arg":{"instType":"spot","topic":"books"}})"), &kBitget);
  EXPECT_EQ(of(kSocket, R"({"arg":{"instType": "usdt-futures","topic":"books"}})"),
            &kBitgetFutures);
  EXPECT_EQ(of("wss://ws.bitget.com/v2/ws/public", R"({"arg":{"instType":"SPOT"}})"), &kBitget);
  EXPECT_EQ(of(kSocket, "pong"), &kBitget);
  EXPECT_EQ(of("wss://ws.bitget.com/mix/v1/stream", "pong"), &kBitgetFutures);
  EXPECT_EQ(of("wss://ws.bitget.com/spot/v1/stream", R"({"arg":{"instType":"sp"}})"), &kBitget);
  EXPECT_EQ(of("https://api.bitget.com/api/v2/mix/market/contracts?productType=x", "{}"),
            &kBitgetFutures);
  EXPECT_EQ(of("https://api.bitget.com/api/v2/spot/public/symbols", "{}"), &kBitget);
}

TEST(BitgetControl, SaysWhatBecameOfASubscription) {
  EXPECT_EQ(kBitget.control("pong").kind, Control::Kind::Pong);
  EXPECT_EQ(kBitget.control(R"({"event":"subscribe","arg":{}})").kind, Control::Kind::Acknowledged);
  const Control rejected = kBitget.control(R"({"event":"error","code":30001,"msg":"no such"})");
  EXPECT_EQ(rejected.kind, Control::Kind::Rejected);
  EXPECT_NE(rejected.text.find("no such"), std::string::npos);
}

}  // namespace
}  // namespace steelyard
