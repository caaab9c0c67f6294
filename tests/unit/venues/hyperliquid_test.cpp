// The cold half of Hyperliquid.
#include "venues/hyperliquid.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(HyperliquidRequests, AreOneSubscriptionEachAndSayWhichBookIsTheFastOne) {
  Instrument fast, whole;
  fast.symbol = "BTC";
  whole.symbol = "@107";
  whole.channel = 1;
  const std::vector<Stream> streams = {{StreamKind::Book, &fast},
                                       {StreamKind::Book, &whole},
                                       {StreamKind::Trades, &whole},
                                       {StreamKind::Bbo, &fast}};

  EXPECT_EQ(
      kHyperliquid.subscribe(streams, 4),
      (std::vector<std::string>{
          R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC","fast":true}})",
          R"({"method":"subscribe","subscription":{"type":"l2Book","coin":"@107"}})",
          R"({"method":"subscribe","subscription":{"type":"trades","coin":"@107"}})",
          R"({"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}})"}));
  EXPECT_EQ(
      kHyperliquid.unsubscribe(streams, 4).at(0),
      R"({"method":"unsubscribe","subscription":{"type":"l2Book","coin":"BTC","fast":true}})");
}

TEST(HyperliquidControl, TellsAnswersFromRefusals) {
  EXPECT_EQ(kHyperliquid.control(R"({"channel":"pong"})").kind, Control::Kind::Pong);
  EXPECT_EQ(kHyperliquid.control(R"({"channel":"error","data":"Already subscribed"})").kind,
            Control::Kind::Rejected);
  EXPECT_EQ(kHyperliquid.control(R"({"channel":"subscriptionResponse","data":{}})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kHyperliquid.control(R"({"channel":"l2Book"})").kind, Control::Kind::Unknown);
}

TEST(HyperliquidTrades, OfBeforeTheSubscriptionAreCountedAndNotPassedOn) {
  SymbolTable symbols;
  SymbolEntry entry;
  entry.id = InstrumentId{0};
  symbols.insert("BTC", entry);
  std::string text =
      R"({"channel":"trades","data":[{"coin":"BTC","side":"B","px":"70126","sz":"2",)"
      R"("time":1790000000000,"tid":1},{"coin":"BTC","side":"A","px":"70125","sz":"1",)"
      R"("time":1790000030000,"tid":2}]})";
  const std::size_t size = text.size();
  text.append(kFramePadding, '\0');
  Frame frame;
  frame.payload = std::string_view{text}.substr(0, size);
  frame.received = TimestampNs{1'790'000'030'500'000'000};
  DecodeScratch scratch;
  MessageBatch batch;

  ASSERT_EQ(kHyperliquid.decode(frame, symbols, scratch, batch), DecodeStatus::Ok);

  ASSERT_EQ(batch.messages().size(), 1U);
  EXPECT_EQ(batch.messages()[0].last, SequenceNo{2});
  EXPECT_EQ(scratch.not_events, 1U);
}

TEST(HyperliquidInstruments, HaveStepsThatFollowFromTheDecimalsOfTheirSizes) {
  const auto list = kHyperliquid.instruments(
      R"({"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":40},)"
      R"({"name":"kPEPE","szDecimals":0,"maxLeverage":10},)"
      R"({"name":"OLD","szDecimals":7,"maxLeverage":3,"isDelisted":true}]})");

  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].name, "BTC-USDC-PERP");
  EXPECT_EQ(list[0].kind, ContractKind::Linear);
  EXPECT_EQ(list[0].tick_size, "0.1");
  EXPECT_EQ(list[0].lot_size, "0.00001");
  EXPECT_EQ(list[0].multiplier, "1");
  EXPECT_TRUE(list[0].trading);
  EXPECT_EQ(list[1].tick_size, "0.000001");
  EXPECT_EQ(list[1].lot_size, "1");
  EXPECT_EQ(list[2].tick_size, "1");
  EXPECT_FALSE(list[2].trading);
}

TEST(HyperliquidInstruments, OfSpotAreNamedAfterTheTokensTheyNumber) {
  const auto list = kHyperliquid.instruments(
      R"({"tokens":[{"name":"USDC","szDecimals":8,"index":0},)"
      R"({"name":"PURR","szDecimals":0,"index":1},{"name":"HYPE","szDecimals":2,"index":150}],)"
      R"("universe":[{"name":"PURR/USDC","tokens":[1,0],"index":0,"isCanonical":true},)"
      R"({"name":"@107","tokens":[150,0],"index":107,"isCanonical":false}]})");

  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].symbol, "PURR/USDC");
  EXPECT_EQ(list[0].name, "PURR-USDC");
  EXPECT_EQ(list[0].tick_size, "0.00000001");
  EXPECT_EQ(list[1].symbol, "@107");
  EXPECT_EQ(list[1].name, "HYPE-USDC");
  EXPECT_EQ(list[1].kind, ContractKind::Spot);
  EXPECT_EQ(list[1].tick_size, "0.000001");
  EXPECT_EQ(list[1].lot_size, "0.01");
}

}  // namespace
}  // namespace steelyard
