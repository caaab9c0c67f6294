// The cold half of Deribit.
#include "venues/deribit.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(DeribitRequests, NameEachChannelOnceWithTheInstrumentInItsMiddle) {
  Instrument changes, grouped;
  changes.symbol = "BTC-PERPETUAL";
  grouped.symbol = "ETH_USDC-PERPETUAL";
  grouped.channel = 3;
  const std::vector<Stream> streams = {{StreamKind::Book, &changes},
                                       {StreamKind::Trades, &changes},
                                       {StreamKind::Liquidations, &changes},
                                       {StreamKind::Bbo, &changes},
                                       {StreamKind::Book, &grouped}};

  EXPECT_EQ(kDeribit.subscribe(streams, 4),
            (std::vector<std::string>{
                R"({"jsonrpc":"2.0","id":4,"method":"public/subscribe","params":{"channels":[)"
                R"("book.BTC-PERPETUAL.100ms","trades.BTC-PERPETUAL.100ms",)"
                R"("quote.BTC-PERPETUAL","book.ETH_USDC-PERPETUAL.none.20.100ms"]}})"}));
}

TEST(DeribitControl, AnswersTestRequestsForWhichTheGreetingAsks) {
  const Control probe = kDeribit.control(
      R"({"params":{"type":"test_request"},"method":"heartbeat","jsonrpc":"2.0"})");

  EXPECT_NE(kDeribit.greeting().at(0).find(R"("method":"public/set_heartbeat")"),
            std::string::npos);
  EXPECT_EQ(probe.kind, Control::Kind::Probe);
  EXPECT_EQ(probe.answer, R"({"jsonrpc":"2.0","id":0,"method":"public/test","params":{}})");
  EXPECT_EQ(
      kDeribit.control(R"({"params":{"type":"heartbeat"},"method":"heartbeat","jsonrpc":"2.0"})")
          .kind,
      Control::Kind::Other);
}

TEST(DeribitControl, TakesAnEmptyListForARefusal) {
  EXPECT_EQ(kDeribit.control(R"({"id":2,"result":["book.BTC-PERPETUAL.100ms"]})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kDeribit.control(R"({"id":2,"result":[]})").kind, Control::Kind::Rejected);
  EXPECT_EQ(kDeribit.control(R"({"id":2,"error":{"code":13778,"message":"no"}})").kind,
            Control::Kind::Rejected);
  EXPECT_EQ(kDeribit.control(R"({"id":0,"result":"ok"})").kind, Control::Kind::Other);
}

TEST(DeribitInstruments, TellTheirKindsAndTheSmallestOfTheirSteps) {
  const auto list = kDeribit.instruments(
      R"({"jsonrpc":"2.0","result":[)"
      R"({"instrument_name":"BTC-PERPETUAL","kind":"future","instrument_type":"reversed",)"
      R"("tick_size":0.5,"min_trade_amount":10,"contract_size":10,"is_active":true},)"
      R"({"instrument_name":"BTC_USDC-PERPETUAL","kind":"future","instrument_type":"linear",)"
      R"("tick_size":0.5,"min_trade_amount":0.0001,"contract_size":0.0001,"is_active":true},)"
      R"({"instrument_name":"BTC-25SEP26","kind":"future","tick_size":2.5,)"
      R"("min_trade_amount":10,"expiration_timestamp":1790323200000,"is_active":true},)"
      R"({"instrument_name":"BTC-25SEP26-62000-C","kind":"option","tick_size":0.0005,)"
      R"("tick_size_steps":[{"above_price":0.005,"tick_size":0.0001},)"
      R"({"above_price":0.1,"tick_size":0.001}],"min_trade_amount":0.1,)"
      R"("expiration_timestamp":1790323200000,"is_active":true},)"
      R"({"instrument_name":"ETH_BTC","kind":"spot","tick_size":0.0001,)"
      R"("min_trade_amount":0.001,"is_active":false},)"
      R"({"instrument_name":"BTC-FS-25SEP26_PERP","kind":"future_combo","tick_size":0.5,)"
      R"("min_trade_amount":10,"is_active":true}]})");

  ASSERT_EQ(list.size(), 6U);
  EXPECT_EQ(list[0].name, "BTC-USD-PERP");
  EXPECT_EQ(list[0].kind, ContractKind::Inverse);
  EXPECT_EQ(list[0].contract_size, 1.0) << "amounts are dollars, not contracts of ten";
  EXPECT_EQ(list[1].name, "BTC-USDC-PERP");
  EXPECT_EQ(list[1].kind, ContractKind::Linear);
  EXPECT_EQ(list[1].multiplier, "1");
  EXPECT_EQ(list[2].name, "BTC-USD-260925");
  EXPECT_EQ(list[2].kind, ContractKind::Inverse);
  EXPECT_EQ(list[3].name, "BTC-USD-260925-62000-C");
  EXPECT_EQ(list[3].kind, ContractKind::Option);
  EXPECT_EQ(list[3].tick_size, "0.0001");
  EXPECT_EQ(list[4].name, "ETH-BTC");
  EXPECT_EQ(list[4].kind, ContractKind::Spot);
  EXPECT_FALSE(list[4].trading);
  EXPECT_FALSE(list[5].trading) << "its prices may be below zero";
}

}  // namespace
}  // namespace steelyard
