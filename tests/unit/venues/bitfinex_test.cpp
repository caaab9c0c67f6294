// The cold half of Bitfinex, and what its decoder keeps between frames.
#include "venues/bitfinex.hpp"

#include <gtest/gtest.h>

namespace steelyard {
namespace {

TEST(BitfinexRequests, AreOneChannelEachAndLiquidationsOne) {
  Instrument first, second;
  first.symbol = "tBTCUSD";
  second.symbol = "tBTCF0:USTF0";
  second.channel = 1;
  const std::vector<Stream> streams = {{StreamKind::Book, &first},
                                       {StreamKind::Trades, &first},
                                       {StreamKind::Liquidations, &first},
                                       {StreamKind::Book, &second},
                                       {StreamKind::Liquidations, &second}};

  EXPECT_EQ(
      kBitfinex.subscribe(streams, 4),
      (std::vector<std::string>{
          R"({"event":"subscribe","channel":"book","symbol":"tBTCUSD","prec":"P0","freq":"F0","len":"100"})",
          R"({"event":"subscribe","channel":"trades","symbol":"tBTCUSD"})",
          R"({"event":"subscribe","channel":"status","key":"liq:global"})",
          R"({"event":"subscribe","channel":"book","symbol":"tBTCF0:USTF0","prec":"P0","freq":"F0","len":"25"})"}));
  EXPECT_TRUE(kBitfinex.unsubscribe(streams, 5).empty());
}

TEST(BitfinexGreeting, AsksForTimesACountAndChecksums) {
  EXPECT_EQ(kBitfinex.greeting(), (std::vector<std::string>{R"({"event":"conf","flags":229376})"}));
  EXPECT_EQ(229376, 32768 + 65536 + 131072);
}

TEST(BitfinexControl, TakesARestartForAnEndOfTheConnection) {
  EXPECT_EQ(kBitfinex.control(R"({"event":"info","version":2})").kind, Control::Kind::Other);
  EXPECT_EQ(kBitfinex.control(R"({"event":"info","code":20051})").kind,
            Control::Kind::PleaseReconnect);
  EXPECT_EQ(kBitfinex.control(R"({"event":"info","code":20060})").kind, Control::Kind::Other);
  EXPECT_EQ(kBitfinex.control(R"({"event":"info","code":20061})").kind,
            Control::Kind::PleaseReconnect);
  EXPECT_EQ(kBitfinex.control(R"({"event":"error","code":10305})").kind, Control::Kind::Rejected);
  EXPECT_EQ(kBitfinex.control(R"({"event":"conf","status":"FAILED"})").kind,
            Control::Kind::Rejected);
  EXPECT_EQ(kBitfinex.control(R"({"event":"conf","status":"OK"})").kind,
            Control::Kind::Acknowledged);
  EXPECT_EQ(kBitfinex.control(R"({"event":"pong"})").kind, Control::Kind::Pong);
  EXPECT_EQ(kBitfinex.control(R"([1,"hb",7])").kind, Control::Kind::Other);
}

class BitfinexFrames : public testing::Test {
 protected:
  BitfinexFrames() {
    SymbolEntry entry;
    entry.id = InstrumentId{0};
    entry.wire_qty_exponent = -8;
    symbols_.insert("tBTCUSD", entry);
  }
  DecodeStatus decode(std::string text, std::uint32_t connection = 0) {
    const std::size_t size = text.size();
    text.append(kFramePadding, '\0');
    Frame frame;
    frame.payload = std::string_view{text}.substr(0, size);
    frame.received = TimestampNs{1};
    frame.connection = ConnectionId{connection};
    batch_.clear();
    return kBitfinex.decode(frame, symbols_, scratch_, batch_);
  }
  static constexpr const char* kAck =
      R"({"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD","prec":"P0",)"
      R"("freq":"F0","len":"100"})";

  SymbolTable symbols_;
  DecodeScratch scratch_;
  MessageBatch batch_;
};

TEST_F(BitfinexFrames, AreOfWhatTheirConnectionNumberedSo) {
  EXPECT_EQ(decode("[7,[70125,1,2],1]"), DecodeStatus::NoInstrument);
  ASSERT_EQ(decode(kAck), DecodeStatus::Control);

  EXPECT_EQ(decode("[7,[70125,1,2],2]"), DecodeStatus::Ok);
  EXPECT_EQ(decode("[7,[70125,1,2],2]", 1), DecodeStatus::NoInstrument) << "of another connection";
  EXPECT_EQ(decode(R"({"event":"unsubscribed","status":"OK","chanId":7})"), DecodeStatus::Control);
  EXPECT_EQ(decode("[7,[70125,1,2],3]"), DecodeStatus::NoInstrument);
}

TEST_F(BitfinexFrames, AreCountedWhateverTheyAreAndWhateverIsWrongWithThem) {
  ASSERT_EQ(decode(kAck), DecodeStatus::Control);
  EXPECT_FALSE(scratch_.counted);

  const std::pair<const char*, DecodeStatus> frames[] = {
      {R"([7,"hb",1])", DecodeStatus::Control},
      {R"([7,"cs",-5,2])", DecodeStatus::Ok},
      {R"([8,"hb",3,1790000000723])", DecodeStatus::Control},
      {"[7,[70125,1,0],4]", DecodeStatus::BadNumber},
      {"[7,[-70125,1,1],5]", DecodeStatus::BadNumber},
      {"[8,[70125,1,1],6]", DecodeStatus::NoInstrument},
      {"[7,[[70125,1]],7]", DecodeStatus::Malformed},
      {"[7,[[70125,1,1]],8,1790000000723]", DecodeStatus::Ok}};
  std::uint64_t count = 0;
  for (const auto& [text, status] : frames) {
    EXPECT_EQ(decode(text), status) << text;
    EXPECT_TRUE(scratch_.counted) << text;
    EXPECT_EQ(scratch_.count, ++count) << text;
  }
  EXPECT_EQ(decode("[7,[70125,1,2]]"), DecodeStatus::Ok);
  EXPECT_FALSE(scratch_.counted);
}

TEST_F(BitfinexFrames, HoldAmountsToEightDecimalsWhateverASumInFloatingPointSays) {
  ASSERT_EQ(decode(kAck), DecodeStatus::Control);

  ASSERT_EQ(decode("[7,[70125,1,0.30000000000000004],1]"), DecodeStatus::Ok);

  EXPECT_EQ(batch_.bids(batch_.messages()[0])[0].qty, Qty{30'000'000});
  EXPECT_EQ(scratch_.rounded, 1U);
}

TEST(BitfinexInstruments, HaveStepsOfOneDigitMoreThanPricesShow) {
  const auto list = kBitfinex.instruments(
      R"([["tBTCUSD",70125,20.5,70126,13.25,-1674,-0.0233,70126,488.04,71887,69335],)"
      R"(["tBTCF0:USTF0",70125,20.5,70126,13.25,-1674,-0.0233,9999.5,488.04,71887,69335],)"
      R"(["tAAVE:UST",1,20.5,1,13.25,-1,-0.02,0.00001234,488.04,1,1],)"
      R"(["fUSD",0.0002,0.0001,30,150.2,0.0002,2,177.2,-0.00000245,-0.0245,0.0000009,632]])");

  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].symbol, "tBTCUSD");
  EXPECT_EQ(list[0].name, "BTC-USD");
  EXPECT_EQ(list[0].kind, ContractKind::Spot);
  EXPECT_EQ(list[0].tick_size, "0.1");
  EXPECT_EQ(list[0].lot_size, "0.00000001");
  EXPECT_EQ(list[1].name, "BTC-USDT-PERP");
  EXPECT_EQ(list[1].kind, ContractKind::Linear);
  EXPECT_EQ(list[1].multiplier, "1");
  EXPECT_EQ(list[1].tick_size, "0.01");
  EXPECT_EQ(list[2].name, "AAVE-USDT");
  EXPECT_EQ(list[2].tick_size, "0.0000000001");
}

}  // namespace
}  // namespace steelyard
