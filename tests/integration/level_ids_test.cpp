// Levels that are known by ids, from the wire to the book (BitMEX).
#include <gmock/gmock.h>

#include "support/recorded_book.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;

constexpr const char* kPartial =
    R"({"table":"orderBookL2","action":"partial","filter":{"symbol":"XBTUSD"},"data":[)"
    R"({"symbol":"XBTUSD","id":40,"side":"Sell","size":500,"price":70130},)"
    R"({"symbol":"XBTUSD","id":50,"side":"Buy","size":1200,"price":70125},)"
    R"({"symbol":"XBTUSD","id":60,"side":"Buy","size":100,"price":70124}]})";

class LevelIdsOnTheWire : public RecordedBook {
 protected:
  LevelIdsOnTheWire() : RecordedBook{"wss://ws.bitmex.com/realtime"} {}
  [[nodiscard]] static std::string rows(const char* action, const std::string& data) {
    return std::string{R"({"table":"orderBookL2","action":")"} + action + R"(","data":[)" + data +
           "]}";
  }
};

TEST_F(LevelIdsOnTheWire, FindTheirPrices) {
  replay({kPartial, rows("update", R"({"symbol":"XBTUSD","id":60,"side":"Buy","size":700})"),
          rows("delete", R"({"symbol":"XBTUSD","id":40,"side":"Sell"})"),
          rows("insert", R"({"symbol":"XBTUSD","id":45,"side":"Sell","size":9,"price":70127})")});

  EXPECT_THAT(side(Side::Bid), ElementsAre(level(70125, 1200), level(70124, 700)));
  EXPECT_THAT(side(Side::Ask), ElementsAre(level(70127, 9)));
  EXPECT_EQ(slot().stats.resets, 0U);
}

TEST_F(LevelIdsOnTheWire, MayStandOnBothSidesWhileOneIsBeingRemoved) {
  replay({kPartial,
          rows("insert", R"({"symbol":"XBTUSD","id":50,"side":"Sell","size":8,"price":70125})"),
          rows("delete", R"({"symbol":"XBTUSD","id":50,"side":"Buy"})"),
          rows("update", R"({"symbol":"XBTUSD","id":50,"side":"Sell","size":7})")});

  EXPECT_THAT(side(Side::Bid), ElementsAre(level(70124, 100)));
  EXPECT_THAT(side(Side::Ask), ElementsAre(level(70125, 7), level(70130, 500)));
  EXPECT_EQ(slot().stats.resets, 0U);
}

TEST_F(LevelIdsOnTheWire, ThatWereNeverToldEndTheBook) {
  replay({kPartial, rows("update", R"({"symbol":"XBTUSD","id":61,"side":"Buy","size":700})"),
          rows("insert", R"({"symbol":"XBTUSD","id":45,"side":"Sell","size":9,"price":70127})")});

  EXPECT_EQ(slot().stats.resets, 1U);
  EXPECT_EQ(slot().state, SyncState::AwaitingSnapshot);
  EXPECT_THAT(side(Side::Bid), ElementsAre());
}

TEST_F(LevelIdsOnTheWire, BeginAnewWithEachSnapshot) {
  replay({kPartial, rows("update", R"({"symbol":"XBTUSD","id":61,"side":"Buy","size":700})"),
          kPartial, rows("delete", R"({"symbol":"XBTUSD","id":50,"side":"Buy"})")});

  EXPECT_THAT(side(Side::Bid), ElementsAre(level(70124, 100)));
  EXPECT_EQ(slot().state, SyncState::Live);
}

}  // namespace
}  // namespace steelyard
