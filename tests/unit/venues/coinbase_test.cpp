// The cold halves of both Coinbase feeds, and rows that name their side each.
#include "venues/coinbase.hpp"

#include <gtest/gtest.h>

#include "venues/coinbase_exchange.hpp"
#include "venues/json_rows.hpp"

namespace steelyard {
namespace {

TEST(MixedSides, LieInTheBatchBidsFirstInTheirOwnOrder) {
  MessageBatch batch;
  ASSERT_TRUE(batch.push({Price{7}, Qty{7}})) << "of a message before";
  json::MixedSides sides{batch};
  for (const std::int64_t price : {1, 2, 3, 4, 5}) {
    ASSERT_TRUE(sides.push(price % 2 == 0, {Price{price}, Qty{1}}));
  }

  const json::BookSides& found = sides.finish();

  EXPECT_EQ(found.bids.count, 2U);
  EXPECT_EQ(found.asks.count, 3U);
  ASSERT_EQ(batch.level_count(), 6U);
  const std::vector<std::int64_t> prices = {7, 2, 4, 1, 3, 5};
  for (std::size_t i = 0; i < prices.size(); ++i) {
    EXPECT_EQ(batch.levels()[i].price.raw(), prices[i]) << i;
  }
}

TEST(MixedSides, FillABatchToItsLastLevelAndNoFurther) {
  const auto batch = std::make_unique<MessageBatch>();
  json::MixedSides sides{*batch};
  for (std::size_t i = 0; i < MessageBatch::kMaxLevels; ++i) {
    ASSERT_TRUE(sides.push(i % 3 == 0, {Price{static_cast<std::int64_t>(i) + 1}, Qty{1}}));
  }
  EXPECT_FALSE(sides.push(true, {Price{1}, Qty{1}}));
  EXPECT_FALSE(sides.push(false, {Price{1}, Qty{1}}));

  const json::BookSides& found = sides.finish();

  ASSERT_EQ(batch->level_count(), MessageBatch::kMaxLevels);
  EXPECT_EQ(batch->levels()[0].price.raw(), 1);
  EXPECT_EQ(batch->levels()[found.bids.count].price.raw(), 2);
  EXPECT_EQ(batch->levels()[found.bids.count + 1].price.raw(), 3);
  EXPECT_EQ(batch->levels()[MessageBatch::kMaxLevels - 1].price.raw(),
            static_cast<std::int64_t>(MessageBatch::kMaxLevels));
}

TEST(CoinbaseRequests, AreOneForEachChannelAndHeartbeatsComeFirst) {
  Instrument btc, eth;
  btc.symbol = "BTC-USD";
  eth.symbol = "ETH-USD";
  const std::vector<Stream> streams = {
      {StreamKind::Book, &btc}, {StreamKind::Trades, &btc}, {StreamKind::Book, &eth}};

  EXPECT_EQ(kCoinbase.greeting(),
            (std::vector<std::string>{R"({"type":"subscribe","channel":"heartbeats"})"}));
  EXPECT_EQ(kCoinbase.subscribe(streams, 1),
            (std::vector<std::string>{
                R"({"type":"subscribe","product_ids":["BTC-USD","ETH-USD"],"channel":"level2"})",
                R"({"type":"subscribe","product_ids":["BTC-USD"],"channel":"market_trades"})"}));
}

TEST(CoinbaseExchangeRequests, AskForHeartbeatsBesideEachStreamAndKeepThem) {
  Instrument btc;
  btc.symbol = "BTC-USD";
  const std::vector<Stream> streams = {{StreamKind::Book, &btc}, {StreamKind::Trades, &btc}};

  EXPECT_EQ(kCoinbaseExchange.subscribe(streams, 1),
            (std::vector<std::string>{R"({"type":"subscribe","product_ids":["BTC-USD"],)"
                                      R"("channels":["level2_batch","heartbeat"]})",
                                      R"({"type":"subscribe","product_ids":["BTC-USD"],)"
                                      R"("channels":["matches","heartbeat"]})"}));
  EXPECT_EQ(kCoinbaseExchange.unsubscribe(std::span{streams}.first(1), 1),
            (std::vector<std::string>{R"({"type":"unsubscribe","product_ids":["BTC-USD"],)"
                                      R"("channels":["level2_batch"]})"}));
}

TEST(CoinbaseControl, TellsAcceptedFromRefused) {
  for (const Venue* const venue : {&kCoinbase, &kCoinbaseExchange}) {
    EXPECT_EQ(venue->control(R"({"type":"error","message":"no"})").kind, Control::Kind::Rejected);
    EXPECT_EQ(venue->control(R"({"tea":"leaves"})").kind, Control::Kind::Unknown);
  }
  EXPECT_EQ(kCoinbase.control(R"({"channel":"subscriptions","events":[]})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kCoinbaseExchange.control(R"({"type":"subscriptions","channels":[]})").kind,
            Control::Kind::Acknowledged);
}

TEST(CoinbaseInstruments, OfOneBookAreOneWithAnotherSymbolToAskBy) {
  const auto list = kCoinbase.instruments(
      R"({"products":[)"
      R"({"product_id":"BTC-USDC","price_increment":"0.01","base_increment":"0.00000001",)"
      R"("status":"online","product_type":"SPOT","alias":"BTC-USD","alias_to":[]},)"
      R"({"product_id":"BTC-USD","price_increment":"0.01","base_increment":"0.00000001",)"
      R"("status":"online","product_type":"SPOT","alias":"","alias_to":["BTC-USDC"]},)"
      R"({"product_id":"BIT-25SEP26-CDE","price_increment":"5","base_increment":"1",)"
      R"("status":"","product_type":"FUTURE","quote_currency_id":"USD","alias":"",)"
      R"("future_product_details":{"contract_size":"0.01","contract_root_unit":"BTC",)"
      R"("contract_expiry":"2026-09-25T15:00:00Z","contract_expiry_type":"EXPIRING"}},)"
      R"({"product_id":"ETH-EUR","price_increment":"0.01","base_increment":"0.00000001",)"
      R"("status":"online","trading_disabled":true,"product_type":"SPOT","alias":""}]})");

  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].symbol, "BTC-USD");
  EXPECT_EQ(list[0].aliases, (std::vector<std::string>{"BTC-USDC"}));
  EXPECT_EQ(list[0].kind, ContractKind::Spot);
  EXPECT_EQ(list[1].name, "BTC-USD-260925");
  EXPECT_EQ(list[1].kind, ContractKind::Linear);
  EXPECT_EQ(list[1].multiplier, "0.01");
  EXPECT_FALSE(list[2].trading);
}

TEST(CoinbaseExchangeInstruments, AreAListAtTheRoot) {
  const auto list = kCoinbaseExchange.instruments(
      R"([{"id":"BTC-USD","quote_increment":"0.01","base_increment":"0.00000001",)"
      R"("status":"online","trading_disabled":false},)"
      R"({"id":"OLD-USD","quote_increment":"0.01","base_increment":"1","status":"delisted"}])");

  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].tick_size, "0.01");
  EXPECT_EQ(list[0].lot_size, "0.00000001");
  EXPECT_TRUE(list[0].trading);
  EXPECT_FALSE(list[1].trading);
}

}  // namespace
}  // namespace steelyard
