// The cold half of BitMEX.
#include "venues/bitmex.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(BitmexRequests, NameTableAndSymbol) {
  Instrument first, second;
  first.symbol = "XBTUSD";
  second.symbol = "SOLUSDT";
  second.channel = 2;
  const std::vector<Stream> streams = {{StreamKind::Book, &first},
                                       {StreamKind::Trades, &first},
                                       {StreamKind::Bbo, &first},
                                       {StreamKind::Liquidations, &first},
                                       {StreamKind::Book, &second}};

  EXPECT_EQ(
      kBitmex.subscribe(streams, 4),
      (std::vector<std::string>{R"({"op":"subscribe","args":["orderBookL2:XBTUSD","trade:XBTUSD",)"
                                R"("quote:XBTUSD","liquidation:XBTUSD","orderBook10:SOLUSDT"]})"}));
}

TEST(BitmexControl, TellsAnswersFromRefusals) {
  EXPECT_EQ(kBitmex.control("pong").kind, Control::Kind::Pong);
  EXPECT_EQ(kBitmex.control(R"({"info":"Welcome"})").kind, Control::Kind::Other);
  EXPECT_EQ(kBitmex.control(R"({"success":true,"subscribe":"trade:XBTUSD"})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kBitmex.control(R"({"success":false,"subscribe":"trade:XBTUSD"})").kind,
            Control::Kind::Rejected);
  EXPECT_EQ(kBitmex.control(R"({"status":400,"error":"Unknown table"})").kind,
            Control::Kind::Rejected);
}

TEST(BitmexInstruments, CountContractsOfDollarsOfCoinsOrOfNeither) {
  const auto list = kBitmex.instruments(
      R"([{"symbol":"XBTUSD","state":"Open","typ":"FFWCSX","underlying":"XBT",)"
      R"("quoteCurrency":"USD","lotSize":100,"tickSize":0.1,"multiplier":-100000000,)"
      R"("underlyingToSettleMultiplier":-100000000,"isQuanto":false,"isInverse":true},)"
      R"({"symbol":"XBTUSDT","state":"Open","typ":"FFWCSX","underlying":"XBT",)"
      R"("quoteCurrency":"USDT","lotSize":1000,"tickSize":0.5,"multiplier":1,)"
      R"("underlyingToPositionMultiplier":1000000,"quoteToSettleMultiplier":1000000,)"
      R"("isQuanto":false,"isInverse":false},)"
      R"({"symbol":"ETHUSD","state":"Open","typ":"FFWCSX","underlying":"ETH",)"
      R"("quoteCurrency":"USD","lotSize":1,"tickSize":0.05,"multiplier":100,)"
      R"("isQuanto":true,"isInverse":false},)"
      R"({"symbol":"ETHU26","state":"Open","typ":"FFCCSX","underlying":"ETH",)"
      R"("quoteCurrency":"XBT","lotSize":1,"tickSize":0.00001,"multiplier":100000000,)"
      R"("quoteToSettleMultiplier":100000000,"expiry":"2026-09-25T12:00:00.000Z",)"
      R"("isQuanto":false,"isInverse":false},)"
      R"({"symbol":"XBTM26-XBTU26","state":"Open","typ":"FFMCSX","underlying":"XBT",)"
      R"("quoteCurrency":"USD","lotSize":100,"tickSize":0.5,"isInverse":false},)"
      R"({"symbol":"XBT_USDT","state":"Closed","typ":"IFXXXP","underlying":"XBT",)"
      R"("quoteCurrency":"USDT","lotSize":1000,"tickSize":0.5,)"
      R"("underlyingToPositionMultiplier":100000000,"isInverse":false}])");

  ASSERT_EQ(list.size(), 6U);
  EXPECT_EQ(list[0].name, "BTC-USD-PERP");
  EXPECT_EQ(list[0].kind, ContractKind::Inverse);
  EXPECT_EQ(list[0].contract_size, 1.0);
  EXPECT_EQ(list[0].tick_size, "0.1");
  EXPECT_EQ(list[1].name, "BTC-USDT-PERP");
  EXPECT_EQ(list[1].kind, ContractKind::Linear);
  EXPECT_EQ(list[1].multiplier, "0.000001");
  EXPECT_EQ(list[2].kind, ContractKind::Quanto);
  EXPECT_EQ(list[3].name, "ETH-BTC-260925");
  EXPECT_EQ(list[3].multiplier, "1");
  EXPECT_FALSE(list[4].trading) << "its prices may be below zero";
  EXPECT_EQ(list[5].name, "BTC-USDT");
  EXPECT_EQ(list[5].kind, ContractKind::Spot);
  EXPECT_EQ(list[5].multiplier, "0.00000001");
  EXPECT_FALSE(list[5].trading);
}

}  // namespace
}  // namespace steelyard
