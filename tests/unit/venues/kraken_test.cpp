// The cold halves of Kraken, spot and derivatives.
#include "venues/kraken.hpp"

#include <gtest/gtest.h>

#include "venues/kraken_futures.hpp"

namespace steelyard {
namespace {

TEST(KrakenRequests, AreOneForEachChannelAndDepth) {
  Instrument narrow, deep;
  narrow.symbol = "BTC/USD";
  deep.symbol = "ETH/USD";
  deep.channel = 2;
  const std::vector<Stream> streams = {{StreamKind::Book, &narrow},
                                       {StreamKind::Trades, &narrow},
                                       {StreamKind::Bbo, &narrow},
                                       {StreamKind::Book, &deep},
                                       {StreamKind::Trades, &deep}};

  EXPECT_EQ(kKraken.subscribe(streams, 7),
            (std::vector<std::string>{
                R"({"method":"subscribe","params":{"channel":"book","depth":10,"snapshot":true,)"
                R"("symbol":["BTC/USD"]},"req_id":7})",
                R"({"method":"subscribe","params":{"channel":"trade","snapshot":false,)"
                R"("symbol":["BTC/USD","ETH/USD"]},"req_id":8})",
                R"({"method":"subscribe","params":{"channel":"ticker","event_trigger":"bbo",)"
                R"("symbol":["BTC/USD"]},"req_id":9})",
                R"({"method":"subscribe","params":{"channel":"book","depth":100,"snapshot":true,)"
                R"("symbol":["ETH/USD"]},"req_id":10})"}));
  EXPECT_EQ(
      kKraken.unsubscribe(std::span{streams}.subspan(3), 1),
      (std::vector<std::string>{R"({"method":"unsubscribe","params":{"channel":"book","depth":100,)"
                                R"("symbol":["ETH/USD"]},"req_id":1})",
                                R"({"method":"unsubscribe","params":{"channel":"trade",)"
                                R"("symbol":["ETH/USD"]},"req_id":2})"}));
}

TEST(KrakenControl, TellsAcceptedFromRefused) {
  EXPECT_EQ(kKraken.control(R"({"method":"subscribe","success":true,"result":{}})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kKraken.control(R"({"method":"subscribe","success":false,"error":"no"})").kind,
            Control::Kind::Rejected);
  EXPECT_EQ(kKraken.control(R"({"method":"pong","req_id":1})").kind, Control::Kind::Pong);
  EXPECT_EQ(kKraken.control(R"({"channel":"status","type":"update","data":[]})").kind,
            Control::Kind::Other);
  EXPECT_EQ(kKraken.control(R"({"tea":"leaves"})").kind, Control::Kind::Unknown);
}

TEST(KrakenInstruments, HaveTheNamesOfTheWireAndTheDecimalsOfItsText) {
  const auto asked = kKraken.instruments(
      R"({"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD",)"
      R"("pair_decimals":1,"lot_decimals":8,"tick_size":"0.1","status":"online"},)"
      R"("XDGEUR":{"wsname":"XDG/EUR","pair_decimals":7,"lot_decimals":8,)"
      R"("tick_size":"0.000001","status":"cancel_only"}}})");
  const auto told = kKraken.instruments(
      R"({"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[)"
      R"({"symbol":"ETH/USDT","status":"online","qty_precision":8,"price_precision":2,)"
      R"("price_increment":0.05}]}})");

  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].symbol, "BTC/USD");
  EXPECT_EQ(asked[0].name, "BTC-USD");
  EXPECT_EQ(asked[0].tick_size, "0.1");
  EXPECT_EQ(asked[0].price_places, 1);
  EXPECT_EQ(asked[0].qty_places, 8);
  EXPECT_TRUE(asked[0].trading);
  EXPECT_EQ(asked[1].symbol, "DOGE/EUR");
  EXPECT_EQ(asked[1].price_places, 7) << "more than the step needs: zeros are in the text";
  EXPECT_FALSE(asked[1].trading);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].symbol, "ETH/USDT");
  EXPECT_EQ(told[0].tick_size, "0.05");
  EXPECT_EQ(told[0].price_places, 2);
}

TEST(KrakenInstruments, SayWhatTheVenueAnsweredInsteadOfAList) {
  EXPECT_THROW((void)kKraken.instruments(R"({"error":["EGeneral:Too many requests"]})"),
               std::runtime_error);
}

TEST(KrakenFuturesRequests, AskForTradesOnceThoughLiquidationsAreTrades) {
  Instrument instrument;
  instrument.symbol = "PF_XBTUSD";
  const std::vector<Stream> streams = {{StreamKind::Book, &instrument},
                                       {StreamKind::Trades, &instrument},
                                       {StreamKind::Liquidations, &instrument},
                                       {StreamKind::Bbo, &instrument}};

  EXPECT_EQ(kKrakenFutures.subscribe(streams, 1),
            (std::vector<std::string>{
                R"({"event":"subscribe","feed":"book","product_ids":["PF_XBTUSD"]})",
                R"({"event":"subscribe","feed":"trade","product_ids":["PF_XBTUSD"]})",
                R"({"event":"subscribe","feed":"ticker","product_ids":["PF_XBTUSD"]})"}));
}

TEST(KrakenFuturesInstruments, TellInverseFromLinearAndAreInUpperCase) {
  const auto list = kKrakenFutures.instruments(
      R"({"result":"success","instruments":[)"
      R"({"symbol":"pi_xbtusd","type":"futures_inverse","tickSize":0.5,"contractSize":1,)"
      R"("tradeable":true},)"
      R"({"symbol":"PF_SHIBUSD","type":"flexible_futures","tickSize":1e-09,"contractSize":1,)"
      R"("contractValueTradePrecision":-3,"tradeable":true},)"
      R"({"symbol":"PF_ETHUSD","type":"flexible_futures","tickSize":0.1,"contractSize":1,)"
      R"("contractValueTradePrecision":3,"tradeable":true},)"
      R"({"symbol":"FI_XBTUSD_210924","type":"futures_inverse","tickSize":0.5,"contractSize":1,)"
      R"("tradeable":false},)"
      R"({"symbol":"in_xbtusd","type":"spot index","tradeable":false}]})");

  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(list[0].symbol, "PI_XBTUSD");
  EXPECT_EQ(list[0].name, "BTC-USD-PERP");
  EXPECT_EQ(list[0].kind, ContractKind::Inverse);
  EXPECT_EQ(list[0].contract_size, 1.0);
  EXPECT_EQ(list[0].lot_size, "1");
  EXPECT_EQ(list[1].kind, ContractKind::Linear);
  EXPECT_EQ(list[1].lot_size, "0");
  EXPECT_EQ(list[2].lot_size, "0.001");
  EXPECT_EQ(list[2].multiplier, "1");
  EXPECT_EQ(list[3].name, "BTC-USD-210924");
  EXPECT_FALSE(list[3].trading);
  EXPECT_FALSE(list[4].trading);
}

TEST(KrakenFuturesControl, TellsAcceptedFromRefused) {
  EXPECT_EQ(kKrakenFutures.control(R"({"event":"subscribed","feed":"book"})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kKrakenFutures.control(R"({"event":"error","message":"Invalid product id"})").kind,
            Control::Kind::Rejected);
  EXPECT_EQ(kKrakenFutures.control(R"({"event":"info","version":1})").kind, Control::Kind::Other);
}

}  // namespace
}  // namespace steelyard
