#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "signals/order_flow.hpp"
#include "support/signal_driver.hpp"
#include "support/signal_stream.hpp"

namespace steelyard {
namespace {

SignalParams without(std::initializer_list<int> tiers) {
  SignalParams params;
  for (const int tier : tiers) (tier == 2 ? params.tier2 : params.tier3) = false;
  return params;
}

TEST(Tiers, SwitchedOffLeaveTheirColumnsUndefinedAndTheOthersAsTheyAre) {
  const Instrument instrument = instrument_of({.name = "Linear"});
  for (const SignalParams& params : {without({2}), without({3}), without({2, 3})}) {
    RandomStream random{{.name = "Linear"}, 31};
    SignalDriver all{SignalParams{}, instrument};
    SignalDriver some{params, instrument};
    std::uint32_t off = 0;
    for (int i = 0; i < 2'000; ++i) {
      const NaiveEvent event = random.next();
      all.on(event);
      some.on(event);

      for (std::size_t c = 0; c < all.row().size(); ++c) {
        const Column& column = all.set().columns()[c];
        ASSERT_EQ(some.set().columns()[c].name, column.name) << "the directory is the same";
        ASSERT_GE(column.tier, 1) << column.name;
        if (!params.computes(column.tier)) {
          ASSERT_TRUE(std::isnan(some.row()[c])) << column.name << ", event " << i;
          ++off;
          continue;
        }
        // What is of a dearer tier may read what is switched off.
        if (column.tier == 3 && !params.tier2) continue;
        const bool same = some.row()[c] == all.row()[c] ||
                          (std::isnan(some.row()[c]) && std::isnan(all.row()[c]));
        ASSERT_TRUE(same) << column.name << ", event " << i << ": " << some.row()[c] << " and "
                          << all.row()[c];
      }
    }
    EXPECT_TRUE(off > 0 || params.tier2) << "nothing was switched off";
  }
}

// Writes to two columns of its tier.
template <typename Units>
struct Slow {
  static constexpr const char* kName = "slow";
  static constexpr Tier kTier = 3;
  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"slow", "ratio", "One.", 10});
    list.push_back({"slower", "ratio", "Two.", 11});
  }
  static std::size_t memory(const SignalParams&) { return 1 << 20; }
  explicit Slow(const SignalContext& context) : own{context.own} {}
  void update(const MarketEvent&, ValueRow row) noexcept { row[own[0]] = row[own[1]] = 1; }
  std::span<const std::uint16_t> own;
};
// ... and to one of each.
template <typename Units>
struct Mixed {
  static constexpr const char* kName = "mixed";
  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"cheap", "ratio", "One.", 20});
    list.push_back({"dear", "ratio", "Two.", 21, kNoLow, kNoHigh, 2});
  }
  explicit Mixed(const SignalContext& context)
      : own{context.own}, dear{context.params.computes(2)} {}
  void update(const MarketEvent&, ValueRow row) noexcept {
    row[own[0]] = 1;
    if (dear) row[own[1]] = 2;
  }
  std::span<const std::uint16_t> own;
  bool dear;
};

constexpr SignalRow kRows[] = {make_signal<Slow>(), make_signal<Mixed>()};

TEST(Tiers, AreTheSignalsWhereAColumnNamesNone) {
  const SignalSet set{SignalParams{}, kRows};

  std::vector<int> tiers;
  for (const Column& column : set.columns()) tiers.push_back(column.tier);

  EXPECT_THAT(tiers, testing::ElementsAre(3, 3, 1, 2));
}

TEST(Tiers, SwitchedOffCostNoMemoryAndNoCall) {
  const Instrument instrument;
  const SignalSet all{SignalParams{}, kRows};
  const SignalSet fast{without({3}), kRows};
  const SignalSet cheap{without({2, 3}), kRows};

  EXPECT_GT(all.arena_bytes(instrument), 1U << 20);
  EXPECT_LT(fast.arena_bytes(instrument), 4'096U);
  SignalDriver driver{cheap, instrument};
  driver.on({.kind = EventKind::Timer, .levels = {}});
  EXPECT_TRUE(std::isnan(driver["slow"]));
  EXPECT_TRUE(std::isnan(driver["dear"]));
  EXPECT_EQ(driver["cheap"], 1.0);
}

TEST(Tiers, MayDifferBetweenInstruments) {
  std::vector<SignalParams> sets{SignalParams{}, without({2, 3})};
  const SignalSet set{sets, kRows};
  ASSERT_EQ(set.error(), "");
  Instrument small;
  small.params = 1;

  SignalDriver large_driver{set, Instrument{}};
  SignalDriver small_driver{set, small};
  large_driver.on({.kind = EventKind::Timer, .levels = {}});
  small_driver.on({.kind = EventKind::Timer, .levels = {}});

  EXPECT_EQ(large_driver["slow"], 1.0);
  EXPECT_TRUE(std::isnan(small_driver["slow"]));
}

}  // namespace
}  // namespace steelyard
