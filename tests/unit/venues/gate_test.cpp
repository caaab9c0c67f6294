// The cold half of Gate: requests, what is not data, metadata, and whose a URL is.
#include "venues/gate.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(GateRequests, ListWhatMayBeListedAndAskForEachDiffBookAlone) {
  Instrument a, b, c;
  a.symbol = "BTC_USDT";
  b.symbol = "ETH_USDT";
  b.channel = 1;
  c.symbol = "SOL_USDT";
  c.channel = 2;
  const std::vector<Stream> streams = {{StreamKind::Book, &a},
                                       {StreamKind::Trades, &a},
                                       {StreamKind::Book, &b},
                                       {StreamKind::Book, &c},
                                       {StreamKind::Bbo, &c}};

  EXPECT_EQ(kGate.subscribe(streams, 7),
            (std::vector<std::string>{
                R"({"time":1,"id":7,"channel":"spot.order_book_update","event":"subscribe",)"
                R"("payload":["SOL_USDT","100ms"]})",
                R"({"time":1,"id":8,"channel":"spot.obu","event":"subscribe",)"
                R"("payload":["ob.BTC_USDT.50","ob.ETH_USDT.400"]})",
                R"({"time":1,"id":9,"channel":"spot.trades","event":"subscribe",)"
                R"("payload":["BTC_USDT"]})",
                R"({"time":1,"id":10,"channel":"spot.book_ticker","event":"subscribe",)"
                R"("payload":["SOL_USDT"]})"}));
}

TEST(GateRequests, OfContractsNameADepth) {
  Instrument updates, whole;
  updates.symbol = whole.symbol = "BTC_USDT";
  updates.channel = 2;
  whole.channel = 3;
  const std::vector<Stream> streams = {
      {StreamKind::Book, &updates}, {StreamKind::Book, &whole}, {StreamKind::Liquidations, &whole}};

  EXPECT_EQ(kGateFutures.unsubscribe(streams, 1),
            (std::vector<std::string>{
                R"({"time":1,"id":1,"channel":"futures.order_book_update","event":"unsubscribe",)"
                R"("payload":["BTC_USDT","100ms","100"]})",
                R"({"time":1,"id":2,"channel":"futures.order_book","event":"unsubscribe",)"
                R"("payload":["BTC_USDT","100","0"]})",
                R"({"time":1,"id":3,"channel":"futures.public_liquidates","event":"unsubscribe",)"
                R"("payload":["BTC_USDT"]})"}));
  EXPECT_EQ(kGateInverse.snapshot(updates).target,
            "/api/v4/futures/btc/order_book?contract=BTC_USDT&limit=100&with_id=true");
}

TEST(GateControl, TellsARefusalFromAnAcknowledgement) {
  const auto kind = [](std::string_view text) { return kGate.control(text).kind; };
  EXPECT_EQ(kind(R"({"channel":"spot.obu","event":"subscribe","result":{"status":"success"}})"),
            Control::Kind::Acknowledged);
  EXPECT_EQ(kind(R"({"channel":"spot.obu","event":"subscribe","error":null,)"
                 R"("result":{"status":"success"}})"),
            Control::Kind::Acknowledged);
  EXPECT_EQ(kind(R"({"channel":"spot.obu","event":"subscribe","result":{"status":"fail"}})"),
            Control::Kind::Rejected);
  EXPECT_EQ(kind(R"({"channel":"spot.obu","event":"subscribe","error":{"code":2,)"
                 R"("message":"Alert sub ob.BTC_USDT.50"},"result":{"status":"fail"}})"),
            Control::Kind::Rejected);
  EXPECT_EQ(kind(R"({"label":"INVALID_PARAM_VALUE","message":"x"})"), Control::Kind::Rejected);
  EXPECT_EQ(kind(R"({"channel":"spot.pong","event":"","result":null})"), Control::Kind::Pong);
  EXPECT_EQ(kind(R"({"channel":"futures.system","event":"update","result":{"type":"upgrade"}})"),
            Control::Kind::PleaseReconnect);
  EXPECT_EQ(kind("?"), Control::Kind::Unknown);
}

TEST(GateInstruments, OfSpotHaveStepsOfSoManyPlaces) {
  const auto list = kGate.instruments(
      R"([{"id":"BTC_USDT","base":"BTC","quote":"USDT","amount_precision":6,"precision":1,)"
      R"("trade_status":"tradable"},{"id":"X_ETH","base":"X","quote":"ETH",)"
      R"("amount_precision":0,"precision":9,"trade_status":"untradable"}])");

  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "BTC-USDT");
  EXPECT_EQ(list[0].tick_size, "0.1");
  EXPECT_EQ(list[0].lot_size, "0.000001");
  EXPECT_TRUE(list[0].trading);
  EXPECT_EQ(list[1].lot_size, "1");
  EXPECT_FALSE(list[1].trading);
  EXPECT_THROW((void)kGate.instruments(R"({"label":"TOO_FAST"})"), std::runtime_error);
}

TEST(GateInstruments, OfContractsAreOfCoinsOfDollarsOrNeither) {
  const auto list = kGateFutures.instruments(
      R"([{"name":"BTC_USDT","quanto_multiplier":"0.0001","order_price_round":"0.1",)"
      R"("order_size_min":1,"in_delisting":false,"enable_decimal":false},)"
      R"({"name":"ETH_USDT","quanto_multiplier":"0.01","order_price_round":"0.01",)"
      R"("order_size_min":"0.1","in_delisting":true,"enable_decimal":true},)"
      R"({"name":"BTC_USD","quanto_multiplier":"0","order_price_round":"0.1",)"
      R"("order_size_min":1,"in_delisting":false},)"
      R"({"name":"ETH_USD","quanto_multiplier":"0.000001","order_price_round":"0.01",)"
      R"("order_size_min":1,"in_delisting":false},)"
      R"({"name":"BTC_USDT_20261225","quanto_multiplier":"0.0001","order_price_round":"0.1"}])");

  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(list[0].name, "BTC-USDT-PERP");
  EXPECT_EQ(list[0].kind, ContractKind::Linear);
  EXPECT_EQ(list[0].multiplier, "0.0001");
  EXPECT_EQ(list[0].lot_size, "1");
  EXPECT_EQ(list[1].lot_size, "0.1") << "parts of contracts";
  EXPECT_FALSE(list[1].trading);
  EXPECT_EQ(list[2].kind, ContractKind::Inverse);
  EXPECT_DOUBLE_EQ(list[2].contract_size, 1.0);
  EXPECT_EQ(list[3].kind, ContractKind::Quanto);
  EXPECT_EQ(list[4].name, "BTC-USDT-261225");
}

TEST(GateUrls, TellTheMarketByThePath) {
  EXPECT_EQ(venue_of_url("wss://api.gateio.ws/ws/v4/"), &kGate);
  EXPECT_EQ(venue_of_url("https://api.gateio.ws/api/v4/spot/order_book?currency_pair=X"), &kGate);
  EXPECT_EQ(venue_of_url("wss://fx-ws.gateio.ws/v4/ws/usdt"), &kGateFutures);
  EXPECT_EQ(venue_of_url("wss://fx-ws.gateio.ws/v4/ws/delivery/usdt"), &kGateFutures);
  EXPECT_EQ(venue_of_url("https://api.gateio.ws/api/v4/futures/usdt/contracts"), &kGateFutures);
  EXPECT_EQ(venue_of_url("wss://fx-ws.gateio.ws/v4/ws/btc"), &kGateInverse);
  EXPECT_EQ(venue_of_url("wss://fx-ws.gateio.ws/v4/ws"), &kGateInverse);
}

}  // namespace
}  // namespace steelyard
