#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "support/naive_group.hpp"
#include "support/naive_signals.hpp"
#include "support/signal_driver.hpp"
#include "support/signal_stream.hpp"

namespace steelyard {
namespace {

// signals.md C9: R for what is exact but for the last division, F for decay and inverse contracts.
bool agrees(const SignalStream& stream, const Column& of, double is, double should) {
  if (std::isnan(is) || std::isnan(should)) return std::isnan(is) && std::isnan(should);
  static const std::set<std::string> kRecursive{
      "ofi_ew",   "wdi_dist",     "wdi_rank", "z_book",   "z_ofi",     "z_tfi",    "ois",
      "liq_flow", "liq_pressure", "haw_buy",  "haw_sell", "haw_ratio", "thin_bid", "thin_ask"};
  const bool of_bars =
      of.order >= column_order::kTrueRange && of.order < column_order::kLiquidation;
  const bool recursive =
      of_bars || of.order >= column_order::kCrossVenue || kRecursive.contains(of.name);
  const double tolerance = stream.kind == ContractKind::Inverse || recursive ? 1e-9 : 1e-12;
  return std::abs(is - should) <= tolerance * std::max(1.0, std::abs(should));
}

// C9, G: what is decided by a value within 1e-9 of its threshold may be decided either way.
bool may_flip(const std::string& column, const std::map<std::string, double>& row) {
  const auto near = [&row](const char* name, double threshold) {
    return std::abs(std::abs(row.at(name)) - threshold) <= 1e-9 * std::max(1.0, threshold);
  };
  if (column == "resil_half_s") return near("resil_kappa", 0.0) || near("resil_kappa", 1.0);
  if (column == "mom_tag") return near("vr_z", 1.0) || near("fwd_tstat", 2.0);
  return false;
}

constexpr std::int64_t kSecond = 1'000'000'000;

class NaiveReference : public testing::TestWithParam<SignalStream> {};

TEST_P(NaiveReference, AgreesAfterEveryEventOfARandomStream) {
  const SignalStream& stream = GetParam();
  const SignalParams params = params_of(stream);
  ASSERT_EQ(params.validate(), "");

  std::map<BookStatus, int> seen;
  std::map<double, int> regimes;
  std::map<double, int> cascades;  // level, with the sign of its direction
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    RandomStream random{stream, seed};
    NaiveGroup naive{params, {instrument_of(stream)}};
    SignalDriver driver{params, instrument_of(stream)};
    std::map<std::string, int> defined;
    int flips = 0;
    for (int i = 0; i < stream.events; ++i) {
      const NaiveEvent event = random.next();
      const std::map<std::string, double> expected = naive.on(0, event);
      driver.on(event);

      ASSERT_EQ(driver.status(), naive.member(0).status());
      for (const Column& column : driver.set().columns()) {
        ASSERT_TRUE(expected.contains(column.name)) << column.name << " has no reference";
        const double should = expected.at(column.name);
        const double is = driver[column.name];
        if (may_flip(column.name, expected)) {
          ++flips;
          continue;
        }
        ASSERT_TRUE(agrees(stream, column, is, should))
            << column.name << " is " << is << ", should be " << should << "; event " << i
            << " of seed " << seed << ", kind " << static_cast<int>(event.kind) << ", status "
            << static_cast<int>(driver.status());
        if (!std::isnan(is)) {
          ++defined[column.name];
          ASSERT_GE(is, column.low) << column.name;
          ASSERT_LE(is, column.high) << column.name;
        }
      }
      ASSERT_EQ(expected.size(), driver.set().columns().size());
      ++seen[driver.status()];
      ++regimes[driver["regime"]];
      ++cascades[driver["casc_level"] * driver["casc_dir"]];
    }
    EXPECT_LT(flips, stream.events / 10);
    EXPECT_EQ(driver.signals().limited(), 0U);
    if (stream.largest_qty < 1'000) {  // costs of orders that go deep
      EXPECT_GT(defined["cost_buy_1000000"], 100);
      EXPECT_GT(defined["cost_sell_1000000"], 100);
    }
    if (stream.gap_ns < kSecond) continue;  // bars say something only after minutes
    for (const Column& column : driver.set().columns()) {
      if (column.order < column_order::kTrueRange) continue;
      if (column.name.starts_with("x_tf") && !driver.set().find("cvd")) continue;
      EXPECT_GT(defined[column.name], 30) << column.name << ", seed " << seed;
    }
  }
  for (const BookStatus status : {BookStatus::NoBook, BookStatus::Ok, BookStatus::BidOnly,
                                  BookStatus::AskOnly, BookStatus::Crossed}) {
    EXPECT_GT(seen[status], 0) << "the stream never showed status " << static_cast<int>(status);
  }
  if (!stream.pressure) return;
  for (int regime = -2; regime <= 2; ++regime) EXPECT_GT(regimes[regime], 0) << regime;
  for (int level = -3; level <= 3; ++level) EXPECT_GT(cascades[level], 0) << level;
}

INSTANTIATE_TEST_SUITE_P(
    Streams, NaiveReference,
    testing::Values(
        SignalStream{.name = "Linear"}, SignalStream{.name = "ThinLevels", .largest_qty = 600},
        SignalStream{.name = "CoarseTick", .tick = 50, .spread_of_levels = 400},
        SignalStream{.name = "FineScale",
                     .price_exponent = -8,
                     .qty_exponent = -8,
                     .tick = 1'000'000,
                     .mid = 6'000'000'000'000,
                     .largest_qty = 1'000'000'000'000},
        SignalStream{
            .name = "TinyPrices", .price_exponent = -10, .mid = 60, .spread_of_levels = 50},
        SignalStream{.name = "WideSpreads", .mid = 6'000, .spread_of_levels = 5'900, .levels = 2},
        SignalStream{.name = "ManyMessages", .levels = 3, .gap_ns = 2'000'000},
        SignalStream{.name = "FineBuckets", .largest_trade = 3, .vpin_bucket_qty = 0.0015},
        SignalStream{.name = "Pressure", .spread_of_levels = 60, .pressure = true},
        SignalStream{.name = "RoundTimes", .gap_ns = 120'000'000, .time_step_ns = 50'000'000},
        SignalStream{.name = "Granular", .granularity_ns = 70'000'000},
        SignalStream{.name = "GranularBeyondAWindow", .granularity_ns = 300'000'000},
        SignalStream{.name = "Bars",
                     .levels = 4,
                     .gap_ns = kSecond,
                     .silence_ns = 100 * kSecond,
                     .resets = 1},
        SignalStream{.name = "BarsWithoutRest",
                     .levels = 2,
                     .gap_ns = 3 * kSecond,
                     .resets = 10,
                     .time_step_ns = kSecond / 2},
        SignalStream{.name = "BarsOfLongSilences",
                     .levels = 4,
                     .gap_ns = kSecond,
                     .silence_ns = 9'000 * kSecond,
                     .resets = 1},
        SignalStream{.name = "InverseBars",
                     .kind = ContractKind::Inverse,
                     .qty_exponent = 0,
                     .levels = 4,
                     .gap_ns = kSecond,
                     .resets = 1},
        SignalStream{.name = "Inverse", .kind = ContractKind::Inverse, .qty_exponent = 0},
        SignalStream{.name = "InverseGranular",
                     .kind = ContractKind::Inverse,
                     .price_exponent = -1,
                     .qty_exponent = 0,
                     .mid = 600'000,
                     .granularity_ns = 10'000'000}),
    [](const testing::TestParamInfo<SignalStream>& of) { return of.param.name; });

// Mantissas near the end of 64 bits: what is published is right, or not defined, never wrong.
TEST(HugeNumbers, AreRightOrUndefined) {
  SignalStream stream{.name = "Huge",
                      .tick = 1'000'000'000'000,
                      .mid = 6'000'000'000'000'000'000,
                      .spread_of_levels = 2'000,
                      .largest_qty = 4'600'000'000'000'000'000};
  RandomStream random{stream, 7};
  NaiveGroup naive{params_of(stream), {instrument_of(stream)}};
  SignalDriver driver{params_of(stream), instrument_of(stream)};

  for (int i = 0; i < 2'000; ++i) {
    const NaiveEvent event = random.next();
    const std::map<std::string, double> expected = naive.on(0, event);
    driver.on(event);

    for (const Column& column : driver.set().columns()) {
      ASSERT_TRUE(expected.contains(column.name)) << column.name << " has no reference";
      const double is = driver[column.name];
      // What has means of columns that were unknown for a time has other means.
      if (column.order >= column_order::kDeviation && driver.signals().limited() != 0) continue;
      const bool may_be_unknown = column.name.find("idn_") != std::string::npos ||
                                  column.name.find("skn_") != std::string::npos ||
                                  column.name.ends_with("ms");
      if (column.name.starts_with("resil_")) continue;  // depth that is not known is no sample
      if (std::isnan(is) && may_be_unknown) continue;
      ASSERT_TRUE(agrees(stream, column, is, expected.at(column.name)))
          << column.name << " is " << is << ", should be " << expected.at(column.name) << "; event "
          << i;
    }
  }
  EXPECT_GT(driver.signals().limited(), 0U);
}

}  // namespace
}  // namespace steelyard
