// Books that are sent order by order, from the wire to the levels (Bitfinex R0).
#include <gmock/gmock.h>

#include "support/recorded_book.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kAck =
    R"({"event":"subscribed","channel":"book","chanId":5,"symbol":"tLTCUSD","prec":"R0","freq":"F0",)"
    R"("len":"25","pair":"LTCUSD"})";
constexpr const char* kSnapshot =
    "[5,[[701,84.512,1.5],[702,84.512,0.25],[703,84.5,10],[704,84.53,-2],[705,84.55,-1]],1]";

class OrdersOnTheWire : public RecordedBook {
 protected:
  OrdersOnTheWire() : RecordedBook{"wss://api-pub.bitfinex.com/ws/2"} {}
};

TEST_F(OrdersOnTheWire, AddUpToLevels) {
  replay({kAck, kSnapshot});

  EXPECT_THAT(side(Side::Bid), ElementsAre(level(84.512, 1.75), level(84.5, 10)));
  EXPECT_THAT(side(Side::Ask), ElementsAre(level(84.53, 2), level(84.55, 1)));
}

TEST_F(OrdersOnTheWire, ComeGoChangeAndMove) {
  replay({kAck, kSnapshot, "[5,[706,84.512,2],2]", "[5,[701,0,1],3]", "[5,[704,84.53,-0.5],4]",
          "[5,[705,84.54,-1],5]", "[5,[703,0,1],6]"});

  EXPECT_THAT(side(Side::Bid), ElementsAre(level(84.512, 2.25)));
  EXPECT_THAT(side(Side::Ask), ElementsAre(level(84.53, 0.5), level(84.54, 1)));
  EXPECT_EQ(slot().stats.resets, 0U);
  EXPECT_EQ(slot().orders.count(), 4U);
}

TEST_F(OrdersOnTheWire, AreHeldAgainstTheVenuesSumOfIdsAndAmounts) {
  // zlib's crc32 of "701:1.5:704:-2:702:0.25:705:-1:703:10".
  replay({kAck, kSnapshot, "[5,\"cs\",1872865960,2]"});

  EXPECT_EQ(slot().stats.checksums_ok, 1U);
  EXPECT_EQ(slot().state, SyncState::Live);
}

TEST_F(OrdersOnTheWire, EndTheBookWhereTheSumIsAnother) {
  replay({kAck, kSnapshot, "[5,\"cs\",12345,2]"});

  EXPECT_EQ(slot().stats.checksums_bad, 1U);
  EXPECT_NE(slot().state, SyncState::Live);
  EXPECT_THAT(side(Side::Bid), IsEmpty());
}

TEST_F(OrdersOnTheWire, EndTheBookWhenOneGoesThatNeverCame) {
  replay({kAck, kSnapshot, "[5,[999,0,1],2]"});

  EXPECT_EQ(slot().stats.resets, 1U);
  EXPECT_NE(slot().state, SyncState::Live);
}

TEST_F(OrdersOnTheWire, AreBelievedNoFurtherThanBeforeTheWorstOfAFullWindow) {
  std::string rows;
  for (int i = 0; i < 25; ++i) {
    rows += (i == 0 ? "" : ",") + ("[" + std::to_string(800 + i)) + "," +
            std::to_string(80 - i / 2) + ",1]," + "[" + std::to_string(900 + i) + "," +
            std::to_string(81 + i / 2) + ",-1]";
  }
  replay({kAck, "[5,[" + rows + "],1]"});

  ASSERT_TRUE(slot().is_cut());
  const Price worst = slot().book.worst(Side::Bid);
  EXPECT_FALSE(slot().covers(Side::Bid, worst)) << "more of its orders may be outside";
  EXPECT_TRUE(slot().covers(Side::Bid, Price{worst.raw() + 1}));
}

}  // namespace
}  // namespace steelyard
