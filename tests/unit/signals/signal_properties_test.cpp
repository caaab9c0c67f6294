#include <gtest/gtest.h>

#include <cmath>

#include "support/allocation_count.hpp"
#include "support/signal_driver.hpp"
#include "support/signal_stream.hpp"

namespace steelyard {
namespace {

[[nodiscard]] bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

[[nodiscard]] bool starts_with_any(const std::string& name,
                                   std::initializer_list<const char*> starts) {
  for (const char* const start : starts) {
    if (name.starts_with(start)) return true;
  }
  return false;
}

// What a reset does not end (signals.md C6): trades, baselines, regressions and variances live on.
[[nodiscard]] bool survives_reset(const Column& column) {
  return column.order >= column_order::kTradeFlow;
}

// What is told how much time passes; that it was the same time twice it cannot know.
[[nodiscard]] bool goes_by_durations(const std::string& name) {
  return starts_with_any(name, {"ofi_ew", "z_", "ois", "regime", "alert", "twap", "twai",
                                "liq_flow", "liq_pressure", "haw_", "thin_", "casc_"});
}

const SignalStream kStreams[] = {
    {.name = "Linear"},
    {.name = "ThinLevels", .largest_qty = 600},
    {.name = "CoarseTick", .tick = 50, .spread_of_levels = 400},
    {.name = "Inverse", .kind = ContractKind::Inverse, .qty_exponent = 0},
};

class SignalProperties : public testing::TestWithParam<SignalStream> {};

// Whatever was skipped because nothing seemed to have changed would show here.
TEST_P(SignalProperties, BookSignalsAreThoseOfASetThatHasSeenNothingButThisBook) {
  RandomStream random{GetParam(), 21};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};

  for (int i = 0; i < 1'000; ++i) {
    driver.on(random.next());
    if (driver.status() == BookStatus::NoBook) continue;
    NaiveEvent whole{EventKind::Snapshot, 0, {}};
    for (const Side side : {Side::Bid, Side::Ask}) {
      driver.book().walk(side, [&](Level level) {
        whole.levels.push_back({side, level.price.raw(), level.qty.raw()});
        return true;
      });
    }
    SignalDriver fresh{params_of(GetParam()), instrument_of(GetParam())};
    fresh.on(whole);

    for (std::size_t c = 0; c < driver.row().size(); ++c) {
      const Column& column = driver.set().columns()[c];
      if (column.order >= column_order::kFlow) continue;
      ASSERT_TRUE(same(driver.row()[c], fresh.row()[c])) << column.name << ", event " << i;
    }
  }
}

TEST_P(SignalProperties, RanksThatAreToldSaveWorkAndChangeNothing) {
  RandomStream random{GetParam(), 25};
  SignalDriver told{params_of(GetParam()), instrument_of(GetParam())};
  SignalDriver finds_out{params_of(GetParam()), instrument_of(GetParam())};
  told.tell_ranks();

  for (int i = 0; i < 4'000; ++i) {
    const NaiveEvent event = random.next();
    told.on(event);
    finds_out.on(event);

    for (std::size_t c = 0; c < told.row().size(); ++c) {
      ASSERT_TRUE(same(told.row()[c], finds_out.row()[c]))
          << told.set().columns()[c].name << ", event " << i;
    }
  }
}

// Base sizes of inverse contracts depend on the price: those have no mirror image.
class LinearProperties : public SignalProperties {
 protected:
  static std::int64_t mirrored(std::int64_t price) {
    return 2 * GetParam().mid + 100'000 * GetParam().tick - price;
  }
};

TEST_P(LinearProperties, SwappingTheSidesFlipsTheSigns) {
  RandomStream random{GetParam(), 22};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};
  SignalDriver mirror{params_of(GetParam()), instrument_of(GetParam())};

  for (int i = 0; i < 2'000; ++i) {
    NaiveEvent event = random.next();
    driver.on(event);
    for (NaiveEvent::Level& level : event.levels) {
      level.side = level.side == Side::Bid ? Side::Ask : Side::Bid;
      level.price = mirrored(level.price);
    }
    if (event.aggressor != Aggressor::Unknown) {
      event.aggressor = event.aggressor == Aggressor::Buy ? Aggressor::Sell : Aggressor::Buy;
    }
    mirror.on(event);

    for (std::size_t c = 0; c < driver.row().size(); ++c) {
      const std::string& name = driver.set().columns()[c].name;
      if (!starts_with_any(name, {"qi", "di_", "wdi_rank", "e", "gofi", "ofi", "iofi", "mlofi",
                                  "tf_", "tfi_", "cvd", "z_ofi", "z_tfi"})) {
        continue;
      }
      ASSERT_TRUE(same(driver.row()[c], -mirror.row()[c])) << name << ", event " << i;
    }
  }
}

TEST_P(SignalProperties, EightTimesTheSizesAreEightTheFlowAndTheSameRatios) {
  RandomStream random{GetParam(), 23};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};
  SignalDriver larger{params_of(GetParam()), instrument_of(GetParam())};

  for (int i = 0; i < 2'000; ++i) {
    NaiveEvent event = random.next();
    driver.on(event);
    for (NaiveEvent::Level& level : event.levels) level.qty *= 8;
    larger.on(event);

    for (std::size_t c = 0; c < driver.row().size(); ++c) {
      const Column& column = driver.set().columns()[c];
      // Orders that do not grow, buckets, and what a liquidation is measured by.
      if (starts_with_any(column.name, {"cost_", "vpin", "haw_", "casc_"})) continue;
      const bool is_size =
          column.unit == "base" || column.unit == "quote" || column.unit == "base/bps";
      const double factor = is_size ? 8.0 : column.unit == "bps/M" ? 0.125 : 1.0;
      const double expected = factor * driver.row()[c];
      if (GetParam().kind == ContractKind::Inverse && !std::isnan(expected)) {
        // Base sizes are rounded to multiples of 2^-60.
        ASSERT_NEAR(larger.row()[c], expected, 1e-12 * std::max(1.0, std::abs(expected)))
            << column.name << ", event " << i;
      } else {
        ASSERT_TRUE(same(larger.row()[c], expected)) << column.name << ", event " << i;
      }
    }
  }
}

TEST_P(SignalProperties, NothingFromBeforeAResetIsSeenAfterTheNextSnapshot) {
  RandomStream random{GetParam(), 24};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};
  std::int64_t latest = 0;
  for (int i = 0; i < 700; ++i) {
    const NaiveEvent event = random.next();
    latest = std::max(latest, event.time);
    driver.on(event);
  }

  driver.on({EventKind::Reset, latest, {}});
  SignalDriver fresh{params_of(GetParam()), instrument_of(GetParam())};
  RandomStream after{GetParam(), 25};
  for (int i = 0; i < 700; ++i) {
    NaiveEvent event = after.next();
    event.time += latest;
    driver.on(event);
    fresh.on(event);
    for (std::size_t c = 0; c < driver.row().size(); ++c) {
      const Column& column = driver.set().columns()[c];
      if (survives_reset(column)) continue;
      ASSERT_TRUE(same(driver.row()[c], fresh.row()[c])) << column.name << ", event " << i;
    }
  }
}

TEST_P(SignalProperties, WhatIsExecutedIsCountedTheSameWhateverBecomesOfTheBook) {
  RandomStream random{GetParam(), 28};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};
  SignalDriver bookless{params_of(GetParam()), instrument_of(GetParam())};

  for (int i = 0; i < 2'000; ++i) {
    NaiveEvent event = random.next();
    if (event.aggressor == Aggressor::Unknown) event.aggressor = Aggressor::Sell;
    driver.on(event);
    const bool executed = event.kind == EventKind::Trade || event.kind == EventKind::Liquidation;
    if (!executed) event.kind = EventKind::Timer;
    bookless.on(event);
    for (std::size_t c = 0; c < driver.row().size(); ++c) {
      const std::string& name = driver.set().columns()[c].name;
      if (!starts_with_any(name, {"tf_", "tfi_", "tv_", "cvd", "vpin", "liq_net", "liq_gross",
                                  "liq_share", "liq_flow", "haw_"})) {
        continue;
      }
      ASSERT_TRUE(same(driver.row()[c], bookless.row()[c])) << name << ", event " << i;
    }
  }
}

TEST_P(SignalProperties, TimeThatRunsBackwardsIsTimeThatStands) {
  RandomStream random{GetParam(), 26};
  SignalDriver clamped{params_of(GetParam()), instrument_of(GetParam())};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};

  for (int i = 0; i < 1'000; ++i) {
    const NaiveEvent event = random.next();
    clamped.on(event);
    driver.on_unclamped(event);
    for (std::size_t c = 0; c < driver.row().size(); ++c) {
      const std::string& name = driver.set().columns()[c].name;
      if (goes_by_durations(name)) continue;
      ASSERT_TRUE(same(driver.row()[c], clamped.row()[c])) << name << ", event " << i;
    }
  }
}

TEST_P(SignalProperties, UpdatingAllocatesNothing) {
  RandomStream random{GetParam(), 27};
  SignalDriver driver{params_of(GetParam()), instrument_of(GetParam())};

  for (int i = 0; i < 1'000; ++i) {
    const NaiveEvent event = random.next();
    const std::size_t before = allocation_count();
    driver.on(event);
    ASSERT_EQ(allocation_count(), before) << "event " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Streams, LinearProperties,
                         testing::Values(kStreams[0], kStreams[1], kStreams[2]),
                         [](const testing::TestParamInfo<SignalStream>& of) {
                           return of.param.name;
                         });
INSTANTIATE_TEST_SUITE_P(Streams, SignalProperties, testing::ValuesIn(kStreams),
                         [](const testing::TestParamInfo<SignalStream>& of) {
                           return of.param.name;
                         });

// A window that meets its capacity gets coarser in time, by a bounded step, says so, and recovers.
TEST(CrowdedWindow, RoundsTimesDownByAThirtiethOfItselfAndRecovers) {
  constexpr std::int64_t kMs = 1'000'000;
  SignalParams small;
  small.flow_entries = 64;
  SignalDriver crowded{small, Instrument{}};
  SignalDriver exact{SignalParams{.flow_entries = 65'536}, Instrument{}};
  std::int64_t now = 1'700'000'000'000 * kMs;
  const auto tell = [&](EventKind kind, std::vector<NaiveEvent::Level> levels) {
    const NaiveEvent event{kind, now, std::move(levels)};
    crowded.on(event);
    exact.on(event);
  };
  tell(EventKind::Snapshot, {{Side::Bid, 99, 1}, {Side::Ask, 101, 1}});

  // One more at the best bid, each millisecond, for 30 s: 10,000 observations in a window.
  for (std::int64_t i = 2; i < 30'000; ++i) {
    now += kMs;
    tell(EventKind::Delta, {{Side::Bid, 99, i}});
    const double should = exact["ofi_10000ms"];
    ASSERT_LE(crowded["ofi_10000ms"], should);
    ASSERT_GE(crowded["ofi_10000ms"], should - 334.0);
    ASSERT_EQ(crowded["ofi_ratio_10000ms"], 1.0);
    ASSERT_GE(crowded["mlofi_l1_1000ms"], exact["mlofi_l1_1000ms"] - 10.0);
  }
  EXPECT_EQ(exact["ofi_10000ms"], 10'000.0);
  EXPECT_GT(crowded.signals().limited(), 10'000U);
  EXPECT_EQ(exact.signals().limited(), 0U);

  now += 20'000 * kMs;
  for (std::int64_t i = 0; i < 100; ++i) {
    now += 500 * kMs;
    tell(EventKind::Delta, {{Side::Bid, 99, 7 + i % 3}});
    for (std::size_t c = 0; c < exact.row().size(); ++c) {
      const std::string& name = exact.set().columns()[c].name;
      if (goes_by_durations(name)) continue;  // means remember what was coarse
      ASSERT_TRUE(same(crowded.row()[c], exact.row()[c])) << name;
    }
  }
}

TEST(CrowdedWindow, HoldsAsManyObservationsAsItSaysWithoutRounding) {
  SignalParams small;
  small.flow_entries = 64;
  SignalDriver driver{small, Instrument{}};
  driver.on({EventKind::Snapshot, 1'000'000'000, {{Side::Bid, 99, 1}, {Side::Ask, 101, 1}}});

  // Observations of one time take one row.
  for (std::int64_t i = 0; i < 500; ++i) {
    driver.on({EventKind::Delta, 1'000'000'001 + i / 20, {{Side::Bid, 99, 2 + i}}});
  }

  EXPECT_EQ(driver["ofi_100ms"], 500.0);
  EXPECT_EQ(driver.signals().limited(), 0U);
}

}  // namespace
}  // namespace steelyard
