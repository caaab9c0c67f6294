// Numbers that are not as the instrument's exponents have them.
#include <gtest/gtest.h>

#include "venues/json.hpp"

namespace steelyard {
namespace {

class Levels : public testing::Test {
 protected:
  static SymbolEntry entry(int wire_qty_exponent, std::int64_t multiplier = 1) {
    SymbolEntry out;
    out.id = InstrumentId{3};
    out.price_exponent = -2;
    out.wire_qty_exponent = static_cast<std::int8_t>(wire_qty_exponent);
    out.qty_multiplier = multiplier;
    return out;
  }
  DecodeStatus parse(std::string_view size, int exponent, int finest) {
    scratch_.forget();
    return json::parse_level("9.5", size, entry(exponent), scratch_, level_, finest);
  }

  DecodeScratch scratch_;
  Level level_;
};

TEST_F(Levels, SizesStayExactDownToTheFinestStepAndAreRoundedBeyondIt) {
  EXPECT_EQ(parse("0.125", -3, -10), DecodeStatus::Ok);
  EXPECT_EQ(level_.qty.raw(), 125);
  EXPECT_EQ(scratch_.rounded, 0U);

  EXPECT_EQ(parse("0.1250001", -3, -10), DecodeStatus::TooPrecise);
  EXPECT_EQ(scratch_.needed_wire_qty_exponent, -7);

  EXPECT_EQ(parse("0.00318598320317795452550594608010", -3, -10), DecodeStatus::TooPrecise);
  EXPECT_EQ(scratch_.needed_wire_qty_exponent, -10);
  EXPECT_EQ(scratch_.imprecise, InstrumentId{3});

  EXPECT_EQ(parse("0.00318598320317795452550594608010", -10, -10), DecodeStatus::Ok);
  EXPECT_EQ(level_.qty.raw(), 31859832);
  EXPECT_EQ(scratch_.rounded, 1U);

  EXPECT_EQ(parse("1e-40", -10, -10), DecodeStatus::Ok);
  EXPECT_EQ(level_.qty.raw(), 1);
  EXPECT_EQ(parse("0.000", -10, -10), DecodeStatus::Ok);
  EXPECT_EQ(level_.qty.raw(), 0);
}

TEST_F(Levels, WhatIsTooLargeForTheFinestStepIsRoundedAtTheInstrumentsOwn) {
  EXPECT_EQ(parse("12345678901.1234567890123456789", -2, -10), DecodeStatus::Ok);
  EXPECT_EQ(level_.qty.raw(), 1234567890112);
  EXPECT_EQ(scratch_.rounded, 1U);
  EXPECT_EQ(parse("12345678901234567890", -2, -10), DecodeStatus::OutOfRange);
}

TEST_F(Levels, WithoutAFinestStepNothingIsRounded) {
  EXPECT_EQ(parse("0.00318598320317795452550594608010", -10, kMinExponent),
            DecodeStatus::OutOfRange);
  EXPECT_EQ(scratch_.rounded, 0U);
}

TEST_F(Levels, NotionalsAreDividedByTheirPriceAndPricesRoundedToTheStep) {
  ASSERT_EQ(json::round_notional("0.500280739469", "143.330431857868", entry(-1), scratch_, level_),
            DecodeStatus::Ok);

  EXPECT_EQ(level_.price.raw(), 50);
  EXPECT_EQ(level_.qty.raw(), 2865);
  EXPECT_EQ(scratch_.rounded, 1U);
  EXPECT_EQ(json::round_notional("0", "143", entry(-1), scratch_, level_), DecodeStatus::BadNumber);
  EXPECT_EQ(json::round_notional("2", "-1", entry(-1), scratch_, level_), DecodeStatus::BadNumber);
  EXPECT_EQ(json::round_level("0.0001", "3", entry(0, 10), scratch_, level_), DecodeStatus::Ok);
  EXPECT_EQ(level_.price.raw(), 1);
  EXPECT_EQ(level_.qty.raw(), 30);
}

TEST_F(Levels, ChecksumsAreOfThirtyTwoBitsWithAnySign) {
  Message message;
  EXPECT_TRUE(json::parse_checksum("-1", message));
  EXPECT_EQ(message.checksum, -1);
  EXPECT_TRUE(json::parse_checksum("4294967295", message));
  EXPECT_EQ(message.checksum, -1);
  EXPECT_FALSE(json::parse_checksum("4294967296", message));
  EXPECT_FALSE(json::parse_checksum("x", message));
  Message none;
  EXPECT_TRUE(json::parse_checksum("0", none));
  EXPECT_EQ(none.ids & kHasChecksum, 0);
}

}  // namespace
}  // namespace steelyard
