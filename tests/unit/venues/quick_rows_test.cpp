// The book frames of venues whose rows are no pairs of strings are read by the quick decoders, and
// others are left alone: without this, that both halves agree would say nothing.
#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "support/quick_alone.hpp"
#include "venues/quick_cursor.hpp"

namespace steelyard {
namespace {

class QuickRowShapes : public testing::Test {
 protected:
  void SetUp() override {
    if (!quick_is_available()) GTEST_SKIP() << "this processor has no AVX2";
  }
  [[nodiscard]] static bool is_quick(const char* venue_name, const std::string& frame_name) {
    const Venue& venue = *find_venue(venue_name);
    std::vector<std::string> names;
    const SymbolTable symbols = fixture_symbols(venue, names);
    QuickAlone alone{venue};
    for (const std::string& before : frames_before(venue)) {
      (void)alone.read(*PaddedFrame{before, {}}, symbols);
    }
    const std::string text =
        read_frame(std::filesystem::path{STEELYARD_FIXTURES} / venue_name / (frame_name + ".json"));
    return alone.read(*PaddedFrame{text, {}}, symbols).quick;
  }
  static void expect(const char* venue, std::initializer_list<const char*> quick,
                     std::initializer_list<const char*> careful) {
    for (const char* const name : quick) EXPECT_TRUE(is_quick(venue, name)) << name;
    for (const char* const name : careful) EXPECT_FALSE(is_quick(venue, name)) << name;
  }
};

TEST_F(QuickRowShapes, AreTheBookChangesOfGate) {
  expect("gate",
         {"update", "update_without_levels", "window_change", "window_change_of_one_side",
          "window_change_without_levels"},
         {"window", "whole", "bbo", "trade", "update_zero_price", "update_nobody_follows",
          "window_of_another_depth", "window_change_of_numbers_turned_round"});
}

TEST_F(QuickRowShapes, AreTheBookChangesOfGatesContracts) {
  expect(
      "gate-futures",
      {"update", "update_of_parts_of_contracts", "window_change", "window_change_without_levels"},
      {"window", "whole", "bbo", "trades", "update_row_without_size",
       "update_whose_symbol_comes_last"});
}

TEST_F(QuickRowShapes, AreTheBookChangesOfKucoin) {
  expect("kucoin", {"delta", "delta_data_first", "delta_that_only_counts"},
         {"delta_of_ranges_turned_round", "delta_of_another_channel", "delta_without_range",
          "delta_row_without_sequence", "delta_too_precise", "topic_named_twice", "ticker",
          "snapshot_in_the_stream"});
}

TEST_F(QuickRowShapes, AreTheBookChangesOfKucoinsContracts) {
  expect("kucoin-futures", {"delta", "delta_of_lots"},
         {"delta_that_only_counts", "delta_no_such_side", "delta_cut_change", "delta_negative_size",
          "delta_data_first", "depth50", "ticker"});
}

TEST_F(QuickRowShapes, AreTheBooksOfDeribit) {
  expect("deribit", {"snapshot_in_plain_numbers", "change", "change_without_levels", "grouped"},
         {"snapshot", "old_snapshot", "snapshot_with_a_predecessor", "deletion_of_more_digits",
          "action_of_another_word", "book_of_another_than_its_channel", "change_keys_turned_round",
          "change_of_another_interval", "change_with_exponents", "change_without_predecessor",
          "channel_twice", "grouped_of_another_depth", "price_below_zero", "quote", "ticker",
          "trades"});
}

TEST_F(QuickRowShapes, AreTheBooksOfHyperliquid) {
  expect("hyperliquid", {"book", "fast", "one_side"},
         {"book_keys_turned_round", "book_without_time", "coin_twice", "three_sides",
          "row_without_size", "zero_price", "trades", "bbo"});
}

TEST_F(QuickRowShapes, AreTheBookChangesOfBitfinex) {
  expect("bitfinex",
         {"update_bid", "update_ask", "delete_bid", "delete_ask", "update_without_time"},
         {"snapshot", "checksum", "heartbeat", "order_placed", "amount_of_zero", "exponents",
          "book_of_another_depth", "update_without_count", "update_with_its_channel_behind"});
}

}  // namespace
}  // namespace steelyard
