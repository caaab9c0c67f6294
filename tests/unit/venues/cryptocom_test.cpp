// The cold half of Crypto.com.
#include "venues/cryptocom.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(CryptocomControl, AnswersHeartbeatsWithTheirNumber) {
  const Control control = kCryptocom.control(R"({"id":1789,"method":"public/heartbeat","code":0})");

  EXPECT_EQ(control.kind, Control::Kind::Probe);
  EXPECT_EQ(control.answer, R"({"id":1789,"method":"public/respond-heartbeat"})");
}

TEST(CryptocomControl, SaysWhatBecameOfASubscription) {
  EXPECT_EQ(kCryptocom.control(R"({"id":1,"method":"subscribe","code":0})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kCryptocom.control(R"({"id":1,"method":"subscribe","code":40003,"message":"no"})").kind,
            Control::Kind::Rejected);
}

TEST(CryptocomRequests, AskForChangesWholeBooksAndTheRestApart) {
  Instrument chained, whole;
  chained.symbol = "BTCUSD-PERP";
  whole.symbol = "BTC_USDT";
  whole.channel = 2;
  const std::vector<Stream> streams = {{StreamKind::Book, &chained},
                                       {StreamKind::Trades, &chained},
                                       {StreamKind::Book, &whole},
                                       {StreamKind::Bbo, &whole}};

  EXPECT_EQ(kCryptocom.subscribe(streams, 5),
            (std::vector<std::string>{
                R"({"id":5,"method":"subscribe","params":{"channels":["book.BTCUSD-PERP.50"],)"
                R"("book_subscription_type":"SNAPSHOT_AND_UPDATE","book_update_frequency":10}})",
                R"({"id":6,"method":"subscribe","params":{"channels":["book.BTC_USDT.150"],)"
                R"("book_subscription_type":"SNAPSHOT","book_update_frequency":500}})",
                R"({"id":7,"method":"subscribe","params":{"channels":["trade.BTCUSD-PERP",)"
                R"("ticker.BTC_USDT"]}})"}));
  EXPECT_EQ(
      kCryptocom.unsubscribe(std::span{streams}.first(1), 1),
      (std::vector<std::string>{
          R"({"id":1,"method":"unsubscribe","params":{"channels":["book.BTCUSD-PERP.50"]}})"}));
}

TEST(CryptocomInstruments, OfBothListsHaveStepsAndNames) {
  const auto now = kCryptocom.instruments(
      R"({"id":1,"method":"public/get-instruments","code":0,"result":{"data":[)"
      R"({"symbol":"BTCUSD-PERP","inst_type":"PERPETUAL_SWAP","base_ccy":"BTC","quote_ccy":"USD",)"
      R"("quote_decimals":2,"quantity_decimals":4,"price_tick_size":"0.5","qty_tick_size":"0.0001",)"
      R"("tradable":true,"contract_size":"1"},)"
      R"({"symbol":"BTCUSD-261225","inst_type":"FUTURE","base_ccy":"BTC","quote_ccy":"USD",)"
      R"("price_tick_size":"0.5","qty_tick_size":"0.0001","tradable":false,)"
      R"("expiry_timestamp_ms":1798185600000},)"
      R"({"symbol":"BTC_USDT","inst_type":"CCY_PAIR","base_ccy":"BTC","quote_ccy":"USDT",)"
      R"("price_tick_size":"0.01","qty_tick_size":"0.00001","tradable":true}]}})");
  const auto once = kCryptocom.instruments(
      R"({"id":-1,"method":"public/get-instruments","code":0,"result":{"instruments":[)"
      R"({"instrument_name":"RSR_USDT","quote_currency":"USDT","base_currency":"RSR",)"
      R"("price_decimals":5,"quantity_decimals":1}]}})");

  ASSERT_EQ(now.size(), 3U);
  EXPECT_EQ(now[0].name, "BTC-USD-PERP");
  EXPECT_EQ(now[0].kind, ContractKind::Linear);
  EXPECT_EQ(now[0].tick_size, "0.5");
  EXPECT_EQ(now[0].multiplier, "1");
  EXPECT_EQ(now[1].name, "BTC-USD-261225");
  EXPECT_FALSE(now[1].trading);
  EXPECT_EQ(now[2].name, "BTC-USDT");
  EXPECT_EQ(now[2].kind, ContractKind::Spot);
  ASSERT_EQ(once.size(), 1U);
  EXPECT_EQ(once[0].symbol, "RSR_USDT");
  EXPECT_EQ(once[0].name, "RSR-USDT");
  EXPECT_EQ(once[0].tick_size, "0.00001");
  EXPECT_EQ(once[0].lot_size, "0.1");
}

}  // namespace
}  // namespace steelyard
