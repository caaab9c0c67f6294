#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "support/naive_signals.hpp"
#include "support/signal_driver.hpp"

namespace steelyard {
namespace {

struct Stream {
  const char* name;
  ContractKind kind = ContractKind::Linear;
  int price_exponent = -2;
  int qty_exponent = -3;
  std::int64_t tick = 1;
  std::int64_t mid = 6'000'000;
  std::int64_t spread_of_levels = 3'000;  // how far from the mid levels fall, in ticks
  std::int64_t largest_qty = 5'000;
  int levels = 12;                   // a message, at most
  std::int64_t gap_ns = 40'000'000;  // between events, at most
  std::int64_t time_step_ns = 1;     // times are multiples of it
  std::uint32_t entries = 4096;
  std::int64_t granularity_ns = 0;
};

void PrintTo(const Stream& stream, std::ostream* out) { *out << stream.name; }

// Events of every kind: crossings, one-sided and empty books, equal and backward times, silences,
// deletes of what is not there, the same price twice.
class RandomStream {
 public:
  RandomStream(const Stream& stream, std::uint64_t seed) : of_{stream}, random_{seed} {}

  NaiveEvent next() {
    NaiveEvent event;
    const std::int64_t dice = below(1000);
    if (dice < 300) {
      // the same time
    } else if (dice < 320) {
      time_ -= below(of_.gap_ns);
    } else if (dice < 330) {
      time_ += below(12'000) * 1'000'000;
    } else {
      time_ += below(of_.gap_ns);
    }
    event.time = time_ - time_ % of_.time_step_ns;
    mid_ = std::max(mid_ + (below(9) - 4) * of_.tick, 2 * of_.tick);
    if (below(40) == 0) mid_ += (below(201) - 100) * of_.tick;

    const std::int64_t kind = first_ ? 0 : below(100);
    first_ = false;
    if (kind < 2) {
      event.kind = EventKind::Snapshot;
      event.rebase = below(2) == 0;
      if (below(10) != 0) add(event, Side::Bid, 30, 0);
      if (below(10) != 0) add(event, Side::Ask, 30, 0);
    } else if (kind < 3) {
      event.kind = EventKind::Reset;
    } else if (kind < 15) {
      event.kind = kind < 10 ? EventKind::Trade : EventKind::Timer;
    } else if (kind < 18) {
      cross(event);
    } else if (kind < 20) {
      wipe(event, below(2) == 0 ? Side::Bid : Side::Ask);
    } else {
      event.kind = EventKind::Delta;
      clear_crossing(event);
      add(event, Side::Bid, below(of_.levels + 1), 40);
      add(event, Side::Ask, below(of_.levels + 1), 40);
      if (!event.levels.empty() && below(5) == 0) event.levels.push_back(event.levels.front());
    }
    follow(event);
    return event;
  }

 private:
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  std::int64_t price(Side side) {
    // Dense near the mid, sparse far from it.
    std::int64_t distance = below(10) < 7 ? 1 + below(25) : 1 + below(of_.spread_of_levels);
    distance = std::min(distance, mid_ / of_.tick - 1);
    return (mid_ / of_.tick + (side == Side::Bid ? -distance : distance)) * of_.tick;
  }
  void add(NaiveEvent& event, Side side, std::int64_t count, int removals_in_100) {
    for (std::int64_t i = 0; i < count; ++i) {
      const bool remove = below(100) < removals_in_100;
      event.levels.push_back({side, price(side), remove ? 0 : 1 + below(of_.largest_qty)});
    }
  }
  void cross(NaiveEvent& event) {
    const auto above = held_[1].begin();
    if (above == held_[1].end()) return;
    event.levels.push_back({Side::Bid, above->first + below(4) * of_.tick, 1 + below(50)});
  }
  void wipe(NaiveEvent& event, Side side) {
    for (const auto& [at, qty] : held_[static_cast<int>(side)]) {
      event.levels.push_back({side, at, 0});
    }
  }
  // Removes what lies beyond the mid; sometimes not, so that crossings last.
  void clear_crossing(NaiveEvent& event) {
    if (below(3) == 0) return;
    for (const auto& [at, qty] : held_[0]) {
      if (at >= mid_) event.levels.push_back({Side::Bid, at, 0});
    }
    for (const auto& [at, qty] : held_[1]) {
      if (at <= mid_) event.levels.push_back({Side::Ask, at, 0});
    }
  }
  void follow(const NaiveEvent& event) {
    if (event.kind == EventKind::Snapshot || event.kind == EventKind::Reset) {
      held_[0].clear();
      held_[1].clear();
      has_book_ = event.kind == EventKind::Snapshot;
    }
    if (!has_book_) return;
    for (const NaiveEvent::Level& level : event.levels) {
      auto& side = held_[static_cast<int>(level.side)];
      side.erase(level.price);
      if (level.qty != 0) side[level.price] = level.qty;
    }
  }

  Stream of_;
  std::mt19937_64 random_;
  std::int64_t time_ = 1'700'000'000'000'000'000;
  std::int64_t mid_ = of_.mid;
  bool first_ = true;
  bool has_book_ = false;
  std::map<std::int64_t, std::int64_t> held_[2];
};

Instrument instrument_of(const Stream& stream) {
  Instrument instrument;
  instrument.kind = stream.kind;
  instrument.scale.price_exponent = static_cast<std::int8_t>(stream.price_exponent);
  instrument.scale.qty_exponent = static_cast<std::int8_t>(stream.qty_exponent);
  instrument.scale.contract_size = stream.kind == ContractKind::Inverse ? 100.0 : 0.0;
  instrument.tick = stream.tick;
  return instrument;
}

SignalParams params_of(const Stream& stream) {
  SignalParams params;
  params.flow_entries = stream.entries;
  params.window_granularity_ns = stream.granularity_ns;
  return params;
}

// signals.md C9: R for what is exact but for the last division, F for decay and inverse contracts.
bool agrees(const Stream& stream, const std::string& column, double is, double should) {
  if (std::isnan(is) || std::isnan(should)) return std::isnan(is) && std::isnan(should);
  const bool recursive = column == "ofi_ew" || column == "wdi_dist" || column == "wdi_rank";
  const double tolerance = stream.kind == ContractKind::Inverse || recursive ? 1e-9 : 1e-12;
  return std::abs(is - should) <= tolerance * std::max(1.0, std::abs(should));
}

class NaiveReference : public testing::TestWithParam<Stream> {};

TEST_P(NaiveReference, AgreesAfterEveryEventOfARandomStream) {
  const Stream& stream = GetParam();
  const SignalParams params = params_of(stream);
  ASSERT_EQ(params.validate(), "");

  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    RandomStream random{stream, seed};
    NaiveSignals naive{params, instrument_of(stream)};
    SignalDriver driver{params, instrument_of(stream)};
    std::map<BookStatus, int> seen;
    for (int i = 0; i < 1'500; ++i) {
      const NaiveEvent event = random.next();
      const std::map<std::string, double> expected = naive.on(event);
      driver.on(event);

      ASSERT_EQ(driver.status(), naive.status());
      ASSERT_EQ(expected.size(), driver.set().columns().size());
      for (const Column& column : driver.set().columns()) {
        ASSERT_TRUE(expected.contains(column.name)) << column.name;
        const double should = expected.at(column.name);
        const double is = driver[column.name];
        ASSERT_TRUE(agrees(stream, column.name, is, should))
            << column.name << " is " << is << ", should be " << should << "; event " << i
            << " of seed " << seed << ", kind " << static_cast<int>(event.kind) << ", status "
            << static_cast<int>(driver.status());
        if (!std::isnan(is)) {
          ASSERT_GE(is, column.low) << column.name;
          ASSERT_LE(is, column.high) << column.name;
        }
      }
      ++seen[driver.status()];
    }
    EXPECT_EQ(driver.signals().limited(), 0U);
    for (const BookStatus status : {BookStatus::NoBook, BookStatus::Ok, BookStatus::BidOnly,
                                    BookStatus::AskOnly, BookStatus::Crossed}) {
      EXPECT_GT(seen[status], 0) << "the stream never showed status " << static_cast<int>(status);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Streams, NaiveReference,
    testing::Values(
        Stream{.name = "Linear"}, Stream{.name = "CoarseTick", .tick = 50, .spread_of_levels = 400},
        Stream{.name = "FineScale",
               .price_exponent = -8,
               .qty_exponent = -8,
               .tick = 1'000'000,
               .mid = 6'000'000'000'000,
               .largest_qty = 1'000'000'000'000},
        Stream{.name = "TinyPrices", .price_exponent = -10, .mid = 60, .spread_of_levels = 50},
        Stream{.name = "WideSpreads", .mid = 6'000, .spread_of_levels = 5'900, .levels = 2},
        Stream{.name = "ManyMessages", .levels = 3, .gap_ns = 2'000'000},
        Stream{.name = "RoundTimes", .gap_ns = 120'000'000, .time_step_ns = 50'000'000},
        Stream{.name = "Granular", .granularity_ns = 70'000'000},
        Stream{.name = "GranularBeyondAWindow", .granularity_ns = 300'000'000},
        Stream{.name = "Inverse", .kind = ContractKind::Inverse, .qty_exponent = 0},
        Stream{.name = "InverseGranular",
               .kind = ContractKind::Inverse,
               .price_exponent = -1,
               .qty_exponent = 0,
               .mid = 600'000,
               .granularity_ns = 10'000'000}),
    [](const testing::TestParamInfo<Stream>& of) { return of.param.name; });

// Mantissas near the end of 64 bits: what is published is right, or not defined, never wrong.
TEST(HugeNumbers, AreRightOrUndefined) {
  Stream stream{.name = "Huge",
                .tick = 1'000'000'000'000,
                .mid = 6'000'000'000'000'000'000,
                .spread_of_levels = 2'000,
                .largest_qty = 4'600'000'000'000'000'000};
  RandomStream random{stream, 7};
  NaiveSignals naive{params_of(stream), instrument_of(stream)};
  SignalDriver driver{params_of(stream), instrument_of(stream)};

  for (int i = 0; i < 2'000; ++i) {
    const NaiveEvent event = random.next();
    const std::map<std::string, double> expected = naive.on(event);
    driver.on(event);

    for (const Column& column : driver.set().columns()) {
      const double is = driver[column.name];
      const bool may_be_unknown = column.name.find("idn_") != std::string::npos ||
                                  column.name.find("skn_") != std::string::npos ||
                                  column.name.ends_with("ms");
      if (std::isnan(is) && may_be_unknown) continue;
      ASSERT_TRUE(agrees(stream, column.name, is, expected.at(column.name)))
          << column.name << " is " << is << ", should be " << expected.at(column.name) << "; event "
          << i;
    }
  }
  EXPECT_GT(driver.signals().limited(), 0U);
}

}  // namespace
}  // namespace steelyard
