// The cold half of Bitstamp.
#include "venues/bitstamp.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace steelyard {
namespace {

Control::Kind kind_of(std::string_view text) { return kBitstamp.control(text).kind; }

TEST(BitstampControl, TellsAnswersNoticesAndErrorsApart) {
  EXPECT_EQ(
      kind_of(R"({"event":"bts:subscription_succeeded","channel":"order_book_btcusd","data":{}})"),
      Control::Kind::Acknowledged);
  EXPECT_EQ(kind_of(R"({"event":"bts:error","channel":"","data":{"code":4009,"message":"no"}})"),
            Control::Kind::Rejected);
  EXPECT_EQ(kind_of(R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})"),
            Control::Kind::Pong);
  EXPECT_EQ(kind_of(R"({"event":"bts:request_reconnect","channel":"","data":""})"),
            Control::Kind::PleaseReconnect);
  EXPECT_EQ(kind_of(R"({"event":"bts:weather"})"), Control::Kind::Unknown);
  EXPECT_EQ(kind_of("bts"), Control::Kind::Unknown);
}

TEST(BitstampRequests, NameOneChannelEach) {
  Instrument changes, whole;
  changes.symbol = "btcusd";
  whole.symbol = "ethusd";
  whole.channel = 1;
  const std::vector<Stream> streams = {
      {StreamKind::Book, &changes}, {StreamKind::Book, &whole}, {StreamKind::Trades, &changes}};

  EXPECT_EQ(kBitstamp.subscribe(streams, 1),
            (std::vector<std::string>{
                R"({"event":"bts:subscribe","data":{"channel":"diff_order_book_btcusd"}})",
                R"({"event":"bts:subscribe","data":{"channel":"order_book_ethusd"}})",
                R"({"event":"bts:subscribe","data":{"channel":"live_trades_btcusd"}})"}));
  EXPECT_EQ(kBitstamp.snapshot(changes).target, "/api/v2/order_book/btcusd/?group=1");
}

TEST(BitstampInstruments, OfBothListsHaveStepsAndNames) {
  const auto now = kBitstamp.instruments(
      R"([{"name":"BTC/USD","market_symbol":"btcusd","base_currency":"BTC","base_decimals":8,)"
      R"("counter_currency":"USD","counter_decimals":2,"trading":"Enabled","market_type":"SPOT"},)"
      R"({"name":"BTC/USD-PERP","market_symbol":"btcusd-perp","base_currency":"BTC",)"
      R"("base_decimals":5,"counter_currency":"USD","counter_decimals":0,"trading":"Disabled",)"
      R"("market_type":"PERPETUAL"}])");
  const auto once = kBitstamp.instruments(
      R"([{"base_decimals":8,"name":"XRP/BTC","counter_decimals":8,"trading":"Enabled",)"
      R"("url_symbol":"xrpbtc"}])");

  ASSERT_EQ(now.size(), 2U);
  EXPECT_EQ(now[0].symbol, "btcusd");
  EXPECT_EQ(now[0].name, "BTC-USD");
  EXPECT_EQ(now[0].kind, ContractKind::Spot);
  EXPECT_EQ(now[0].tick_size, "0.01");
  EXPECT_EQ(now[0].lot_size, "0.00000001");
  EXPECT_TRUE(now[0].trading);
  EXPECT_EQ(now[1].name, "BTC-USD-PERP");
  EXPECT_EQ(now[1].kind, ContractKind::Linear);
  EXPECT_FALSE(now[1].trading);
  ASSERT_EQ(once.size(), 1U);
  EXPECT_EQ(once[0].symbol, "xrpbtc");
  EXPECT_THROW((void)kBitstamp.instruments(R"({"status":"error","reason":"no"})"),
               std::runtime_error);
}

}  // namespace
}  // namespace steelyard
