// The frames that come most are read by the quick decoders, and others are left alone: without
// this, that both halves agree would say nothing.
#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "support/quick_alone.hpp"
#include "venues/quick_cursor.hpp"

namespace steelyard {
namespace {

[[nodiscard]] bool is_quick(const char* venue_name, const char* frame_name) {
  const std::filesystem::path path =
      std::filesystem::path{STEELYARD_FIXTURES} / venue_name / frame_name;
  const Venue& venue = *find_venue(venue_name);
  std::vector<std::string> names;
  const SymbolTable symbols = fixture_symbols(venue, names);
  const std::string text = read_frame(path);
  const PaddedFrame frame{text, {}};
  return QuickAlone{venue}.read(*frame, symbols).quick;
}

class QuickShapes : public testing::Test {
 protected:
  void SetUp() override {
    if (!quick_is_available()) GTEST_SKIP() << "this processor has no AVX2";
  }
};

TEST_F(QuickShapes, AreTheBookFramesOfOkx) {
  for (const char* const name : {"snapshot.json", "update.json", "idle.json"}) {
    EXPECT_TRUE(is_quick("okx", name)) << name;
  }
  for (const char* const name :
       {"bbo.json", "no_predecessor.json", "other_channel.json", "trades.json", "ack.json"}) {
    EXPECT_FALSE(is_quick("okx", name)) << name;
  }
}

TEST_F(QuickShapes, AreTheBookFramesOfBitget) {
  for (const char* const name :
       {"snapshot.json", "update.json", "update_after_restart.json", "update_of_long_numbers.json",
        "v2_books5.json", "v2_snapshot.json"}) {
    EXPECT_TRUE(is_quick("bitget", name)) << name;
  }
  for (const char* const name : {"snapshot.json", "update.json", "usdc_snapshot.json"}) {
    EXPECT_TRUE(is_quick("bitget-futures", name)) << name;
  }
  for (const char* const name :
       {"bbo.json", "of_the_futures_market.json", "too_precise.json", "trade.json",
        "update_keys_turned_round.json", "update_without_predecessor.json", "v1_snapshot.json",
        "v1_update.json", "v2_books15_nobody_follows.json", "zero_price.json"}) {
    EXPECT_FALSE(is_quick("bitget", name)) << name;
  }
}

TEST_F(QuickShapes, AreTheBookFramesOfBybit) {
  for (const char* const venue : {"bybit-spot", "bybit-linear", "bybit-inverse"}) {
    for (const char* const name : {"snapshot.json", "delta.json"}) {
      EXPECT_TRUE(is_quick(venue, name)) << venue << ' ' << name;
    }
    EXPECT_FALSE(is_quick(venue, "bbo.json")) << venue;
    EXPECT_FALSE(is_quick(venue, "trades.json")) << venue;
  }
  EXPECT_TRUE(is_quick("bybit-linear", "restart.json"));
  for (const char* const name :
       {"delta_without_asks.json", "delta_of_another_depth.json", "negative_size.json"}) {
    EXPECT_FALSE(is_quick("bybit-linear", name)) << name;
  }
}

TEST_F(QuickShapes, AreTheBookFramesOfCoinbase) {
  for (const char* const name : {"snapshot.json", "update.json"}) {
    EXPECT_TRUE(is_quick("coinbase", name)) << name;
  }
  for (const char* const name :
       {"update_of_two.json", "update_without_time.json", "update_of_nobodys_product.json",
        "side_of_another_word.json", "negative_size.json", "zero_price.json", "trades.json"}) {
    EXPECT_FALSE(is_quick("coinbase", name)) << name;
  }
}

TEST_F(QuickShapes, AreTheBookFramesOfKraken) {
  for (const char* const name : {"snapshot.json", "snapshot_without_time.json", "update.json",
                                 "update_without_levels.json"}) {
    EXPECT_TRUE(is_quick("kraken", name)) << name;
  }
  for (const char* const name :
       {"update_of_two.json", "update_bad_checksum.json", "update_more_zeros_than_digits.json",
        "snapshot_deeper_than_followed.json", "negative_size.json", "ticker.json"}) {
    EXPECT_FALSE(is_quick("kraken", name)) << name;
  }
}

TEST_F(QuickShapes, AreTheBookFramesOfKrakensFutures) {
  for (const char* const name : {"snapshot.json", "delta.json", "delta_removal.json"}) {
    EXPECT_TRUE(is_quick("kraken-futures", name)) << name;
  }
  for (const char* const name :
       {"delta_below_zero.json", "delta_lower_case.json", "delta_too_precise.json",
        "delta_without_number.json", "delta_without_side.json", "old_delta.json", "trade.json"}) {
    EXPECT_FALSE(is_quick("kraken-futures", name)) << name;
  }
}

TEST_F(QuickShapes, AreTheBookFramesOfBitstamp) {
  for (const char* const name : {"change.json", "whole_book.json"}) {
    EXPECT_TRUE(is_quick("bitstamp", name)) << name;
  }
  for (const char* const name : {"change_of_a_time_beyond_reach.json", "change_without_a_time.json",
                                 "change_without_asks.json", "changes_nobody_follows.json",
                                 "generated_snapshot.json", "trade.json"}) {
    EXPECT_FALSE(is_quick("bitstamp", name)) << name;
  }
}

TEST_F(QuickShapes, AreTheLevelsOfBitmex) {
  for (const char* const name : {"partial.json", "insert.json", "update.json", "delete.json",
                                 "update_with_price_and_time.json"}) {
    EXPECT_TRUE(is_quick("bitmex", name)) << name;
  }
  for (const char* const name :
       {"partial_of_two.json", "partial_without_rows.json", "insert_without_price.json",
        "update_without_size.json", "update_of_another_depth.json", "row_without_side.json",
        "id_too_large.json", "top.json", "quotes.json"}) {
    EXPECT_FALSE(is_quick("bitmex", name)) << name;
  }
}

}  // namespace
}  // namespace steelyard
