// Levels that are known by ids, from the wire to the book (BitMEX).
#include <gmock/gmock.h>

#include "app/replay.hpp"
#include "support/capture_files.hpp"
#include "support/recorded_line.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;

constexpr const char* kPartial =
    R"({"table":"orderBookL2","action":"partial","filter":{"symbol":"XBTUSD"},"data":[)"
    R"({"symbol":"XBTUSD","id":40,"side":"Sell","size":500,"price":70130},)"
    R"({"symbol":"XBTUSD","id":50,"side":"Buy","size":1200,"price":70125},)"
    R"({"symbol":"XBTUSD","id":60,"side":"Buy","size":100,"price":70124}]})";

class LevelIdsOnTheWire : public testing::Test {
 protected:
  [[nodiscard]] static std::string rows(const char* action, const std::string& data) {
    return std::string{R"({"table":"orderBookL2","action":")"} + action + R"(","data":[)" + data +
           "]}";
  }
  void replay(const std::vector<std::string>& messages) {
    std::string text;
    int second = 0;
    for (const std::string& message : messages) {
      text += recorded_line(++second, "wss://ws.bitmex.com/realtime", message) + '\n';
    }
    write_file(folder_ / "in.ndjson", text);
    ReplayOptions options;
    options.files = {folder_ / "in.ndjson"};
    replay_ = std::make_unique<Replay>(options);
    (void)replay_->run();
    ASSERT_EQ(replay_->shard().slots().size(), 1U);
  }
  [[nodiscard]] const InstrumentSlot& slot() const { return replay_->shard().slots()[0]; }
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> side(Side side) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> levels;
    slot().book.walk(side, [&](Level level) {
      levels.emplace_back(level.price.raw(), level.qty.raw());
      return true;
    });
    return levels;
  }
  static auto level(std::int64_t price, std::int64_t qty) { return std::pair{price, qty}; }

  TemporaryFolder folder_;
  std::unique_ptr<Replay> replay_;
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
