// The frames that come most are read by the quick decoders, and others are left alone: without this,
// that both halves agree would say nothing.
#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "venues/bybit_codec.hpp"
#include "venues/okx.hpp"
#include "venues/okx_quick.hpp"
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
  DecodeScratch scratch;
  MessageBatch batch;
  const bool quick = &venue == &kOkx
                         ? okx::decode_quickly(venue.books, *frame, symbols, scratch, batch)
                         : bybit::decode_quickly(*frame, symbols, scratch, batch);
  EXPECT_EQ(batch.messages().size(), quick ? 1U : 0U);
  return quick;
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

}  // namespace
}  // namespace steelyard
