#include "signals/cross_venue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "signals/order_flow.hpp"
#include "signals/price_band.hpp"
#include "support/allocation_count.hpp"
#include "support/naive_group.hpp"
#include "support/signal_driver.hpp"
#include "support/signal_stream.hpp"

namespace steelyard {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kStart = 1'700'000'000'000 * kMs;

// Drivers of several instruments that look at each other.
class Market {
 public:
  explicit Market(const std::vector<Instrument>& instruments, std::vector<SignalParams> sets = {{}},
                  std::span<const SignalRow> registry = signal_registry())
      : set_{std::move(sets), registry} {
    for (const Instrument& instrument : instruments) {
      drivers_.push_back(std::make_unique<SignalDriver>(set_, instrument, &group_));
    }
  }
  SignalDriver& operator[](std::size_t i) { return *drivers_[i]; }

 private:
  SignalSet set_;
  Group group_;
  std::vector<std::unique_ptr<SignalDriver>> drivers_;
};

Instrument linear(int price_exponent, int qty_exponent) {
  return instrument_of(
      {.name = "", .price_exponent = price_exponent, .qty_exponent = qty_exponent});
}

// Two venues, one of which counts prices in tenths and sizes in units, the other in hundredths and
// thousandths.
class CrossVenueCase : public testing::Test {
 protected:
  void snapshot(std::size_t venue, std::vector<NaiveEvent::Level> levels) {
    market_[venue].on({EventKind::Snapshot, now_, std::move(levels)});
  }
  void delta(std::size_t venue, std::vector<NaiveEvent::Level> levels) {
    market_[venue].on({EventKind::Delta, now_, std::move(levels)});
  }
  void tell(std::size_t venue, EventKind kind) { market_[venue].on({kind, now_, {}}); }
  void both() {
    snapshot(0, {{Side::Bid, 999, 6}, {Side::Ask, 1'001, 2}});
    snapshot(1, {{Side::Bid, 9'995, 1'000}, {Side::Ask, 10'020, 3'000}});
  }

  std::int64_t now_ = kStart;
  Market market_{{linear(-1, 0), linear(-2, -3)}};
};

TEST_F(CrossVenueCase, TakesTheBestOfAllInWhateverExponentTheyCount) {
  both();

  SignalDriver& second = market_[1];
  EXPECT_EQ(second["x_n"], 2);
  EXPECT_EQ(second["x_bid"], 99.95);
  EXPECT_EQ(second["x_ask"], 100.1);
  EXPECT_EQ(second["x_mid"], 100.025);
  EXPECT_DOUBLE_EQ(second["x_spread_bps"], 0.15 / 100.025 * 1e4);
  EXPECT_DOUBLE_EQ(second["x_qi"], (1.0 - 2.0) / 3.0);
  EXPECT_EQ(market_[0]["x_n"], 1) << "of its own event, when the other had no book yet";
}

TEST_F(CrossVenueCase, SumsSizesThatStandAtTheSameBestPrice) {
  snapshot(0, {{Side::Bid, 999, 6}, {Side::Ask, 1'001, 2}});
  snapshot(1, {{Side::Bid, 9'990, 1'000}, {Side::Ask, 10'010, 500}});

  EXPECT_DOUBLE_EQ(market_[1]["x_qi"], (7.0 - 2.5) / 9.5);
}

TEST_F(CrossVenueCase, MayBeCrossedThoughNoVenueIs) {
  snapshot(0, {{Side::Bid, 999, 6}, {Side::Ask, 1'001, 2}});
  snapshot(1, {{Side::Bid, 10'030, 1'000}, {Side::Ask, 10'040, 500}});

  EXPECT_EQ(market_[1]["x_bid"], 100.3);
  EXPECT_EQ(market_[1]["x_ask"], 100.1);
  EXPECT_LT(market_[1]["x_spread_bps"], 0);
  EXPECT_DOUBLE_EQ(market_[1]["x_qi"], (1.0 - 2.0) / 3.0);
}

TEST_F(CrossVenueCase, MeasuresBandsAroundTheCommonMidAndAroundEachOnesOwn) {
  // The mid of both is 100.025: 10 bps reach from 99.924975 to 100.125025.
  snapshot(0, {{Side::Bid, 999, 6}, {Side::Bid, 998, 100}, {Side::Ask, 1'001, 2}});
  snapshot(1, {{Side::Bid, 9'995, 1'000},
               {Side::Bid, 9'993, 7'000},
               {Side::Bid, 9'992, 50'000},
               {Side::Ask, 10'020, 3'000}});

  EXPECT_DOUBLE_EQ(market_[1]["x_pbi"], (8.0 - 2.0) / 10.0);
  // Own mids are 100 and 100.075, own bands reach from 99.9 to 100.1 and from 99.974925 to
  // 100.175075: all that the second venue holds is outside.
  EXPECT_DOUBLE_EQ(market_[1]["x_pbi_own"], (6.0 - 2.0) / 8.0);
  EXPECT_EQ(market_[1]["x_agree"], 0.5) << "who has nothing in its band does not agree";
}

TEST_F(CrossVenueCase, FollowsAnotherVenuesBandAsItsBookAndTheMidMove) {
  snapshot(0, {{Side::Bid, 999, 6}, {Side::Ask, 1'001, 2}});
  snapshot(1, {{Side::Bid, 9'994, 1'000}, {Side::Ask, 10'006, 3'000}});
  EXPECT_DOUBLE_EQ(market_[1]["x_pbi"], (7.0 - 5.0) / 12.0) << "99.9 and 100.1 are at the edge";

  delta(1, {{Side::Bid, 9'993, 2'000}, {Side::Bid, 9'989, 9'000}});
  EXPECT_DOUBLE_EQ(market_[1]["x_pbi"], (9.0 - 5.0) / 14.0);
  delta(0, {{Side::Bid, 999, 0}, {Side::Bid, 998, 1}});
  EXPECT_DOUBLE_EQ(market_[0]["x_pbi"], (3.0 - 5.0) / 8.0);
  tell(1, EventKind::Timer);
  EXPECT_DOUBLE_EQ(market_[1]["x_pbi"], (3.0 - 5.0) / 8.0);
  // The mid falls by 2 cents: 99.88002 to 100.07998.
  delta(0, {{Side::Ask, 1'001, 9}, {Side::Ask, 1'000, 40}});
  delta(1, {{Side::Bid, 9'994, 0}, {Side::Bid, 9'996, 4'000}});
  EXPECT_DOUBLE_EQ(market_[1]["x_mid"], 99.98);
  EXPECT_DOUBLE_EQ(market_[1]["x_pbi"], (15.0 - 43.0) / 58.0);
}

TEST_F(CrossVenueCase, LeavesOutWhoHasNoMidOrWasSilentForTooLong) {
  both();
  delta(0, {{Side::Ask, 1'001, 0}});
  EXPECT_EQ(market_[0]["x_n"], 1) << "one-sided";
  EXPECT_EQ(market_[0]["x_bid"], 99.95);
  EXPECT_EQ(market_[0]["x_ask"], 100.2);

  delta(0, {{Side::Ask, 1'001, 5}});
  now_ += 5'000 * kMs;
  tell(0, EventKind::Timer);
  EXPECT_EQ(market_[0]["x_n"], 2) << "no older than the limit";
  now_ += 1;
  tell(0, EventKind::Timer);
  EXPECT_EQ(market_[0]["x_n"], 0);
  EXPECT_TRUE(std::isnan(market_[0]["x_bid"]));
  EXPECT_TRUE(std::isnan(market_[0]["x_qi"]));
  EXPECT_TRUE(std::isnan(market_[0]["x_agree"]));
  EXPECT_EQ(market_[0]["x_ofi_1000ms"], 0);

  tell(1, EventKind::Reset);
  delta(0, {{Side::Bid, 999, 7}});
  EXPECT_EQ(market_[0]["x_n"], 1);
  EXPECT_EQ(market_[0]["x_mid"], market_[0]["mid"]);
}

TEST_F(CrossVenueCase, MeasuresOthersFlowAsOfItsOwnTime) {
  both();
  now_ += 10 * kMs;
  delta(1, {{Side::Bid, 9'995, 1'500}});
  now_ += 50 * kMs;
  delta(0, {{Side::Bid, 999, 7}});
  EXPECT_DOUBLE_EQ(market_[0]["x_ofi_100ms"], 1.5);
  EXPECT_DOUBLE_EQ(market_[0]["x_ofi_1000ms"], 1.5);
  EXPECT_DOUBLE_EQ(market_[1]["x_ofi_100ms"], 0.5);

  now_ += 50 * kMs;
  tell(0, EventKind::Timer);
  EXPECT_DOUBLE_EQ(market_[0]["x_ofi_100ms"], 1.0) << "the other's is 100 ms old";
  EXPECT_DOUBLE_EQ(market_[0]["x_ofi_1000ms"], 1.5);
  EXPECT_DOUBLE_EQ(market_[1]["ofi_100ms"], 0.5) << "nothing has happened there since";
  delta(1, {{Side::Bid, 9'995, 1'600}});
  EXPECT_DOUBLE_EQ(market_[1]["x_ofi_100ms"], 1.1);
}

TEST_F(CrossVenueCase, MeasuresOthersTradesAsOfItsOwnTime) {
  const auto trade = [&](std::size_t venue, std::int64_t qty, Aggressor aggressor) {
    market_[venue].on(
        {EventKind::Trade, now_, {{Side::Bid, venue == 0 ? 1'000 : 10'000, qty}}, true, aggressor});
  };
  trade(1, 3'000, Aggressor::Buy);
  now_ += 50 * kMs;
  trade(0, 1, Aggressor::Sell);
  EXPECT_DOUBLE_EQ(market_[0]["x_tf_100ms"], 2.0);
  EXPECT_DOUBLE_EQ(market_[0]["x_tfi_100ms"], 0.5);

  now_ += 50 * kMs;
  tell(0, EventKind::Timer);
  EXPECT_DOUBLE_EQ(market_[0]["x_tf_100ms"], -1.0) << "the other's is 100 ms old";
  EXPECT_DOUBLE_EQ(market_[0]["x_tf_1000ms"], 2.0);
  // Silent for longer than the longest window, and then it has something to say again.
  now_ += 10'000 * kMs;
  tell(0, EventKind::Timer);
  EXPECT_EQ(market_[0]["x_tf_10000ms"], 0.0);
  EXPECT_TRUE(std::isnan(market_[0]["x_tfi_10000ms"]));
  EXPECT_DOUBLE_EQ(market_[1]["tf_10000ms"], 3.0) << "nothing has happened there since";
  trade(1, 500, Aggressor::Buy);
  EXPECT_DOUBLE_EQ(market_[1]["tf_10000ms"], 0.5);
  EXPECT_DOUBLE_EQ(market_[1]["x_tf_10000ms"], 0.5);
  tell(0, EventKind::Timer);
  EXPECT_DOUBLE_EQ(market_[0]["x_tf_10000ms"], 0.5);
}

// Tells of trades as S7 does, all of them alike: 2,000 mantissas, by 1,000 more bought than sold.
template <typename Units>
struct TradeTeller {
  static constexpr const char* kName = "trade_teller";
  static void columns(const SignalParams&, ColumnList& list) {
    list.push_back({"teller", "ratio", "Nothing.", 1});
  }
  explicit TradeTeller(const SignalContext& context)
      : units{context.instrument.scale}, windows_ms{context.params.flow_windows_ms} {}
  void update(const MarketEvent& event, ValueRow) noexcept {
    if (event.kind == EventKind::Trade) times[count++ % times.size()] = event.now.raw();
  }
  void tell(TimestampNs now, GroupFlow& flow) noexcept {
    for (std::size_t w = 0; w < windows_ms.size(); ++w) {
      flow.windows[w].trade_flow = flow.windows[w].trade_volume = 0.0;
      for (std::size_t i = 0; i < count; ++i) {
        if (times[i] <= now.raw() - windows_ms[w] * kMs) continue;
        flow.windows[w].trade_flow += units.base(Int128{1'000});
        flow.windows[w].trade_volume += units.base(Int128{2'000});
      }
    }
  }
  Units units;
  std::span<const std::uint32_t> windows_ms;
  std::array<std::int64_t, 16> times{};
  std::size_t count = 0;
};

TEST(CrossVenue, SumsTradesOfAllVenuesWithOrWithoutABook) {
  static constexpr SignalRow kRows[] = {make_signal<TradeTeller>(), make_signal<PriceBand>(),
                                        make_signal<OrderFlow>(), make_signal<CrossVenue>()};
  Market market{{linear(-2, -3), linear(-1, -2)}, {{}}, kRows};
  NaiveEvent trade{EventKind::Trade, kStart, {{Side::Ask, 100, 1}}};
  market[0].on({EventKind::Timer, kStart, {}});
  EXPECT_EQ(market[0]["x_tf_100ms"], 0.0);
  EXPECT_TRUE(std::isnan(market[0]["x_tfi_100ms"])) << "nobody traded";

  market[0].on(trade);
  EXPECT_DOUBLE_EQ(market[0]["x_tf_100ms"], 1.0);
  EXPECT_DOUBLE_EQ(market[0]["x_tfi_100ms"], 0.5);
  trade.time += 60 * kMs;
  market[1].on(trade);
  EXPECT_DOUBLE_EQ(market[1]["x_tf_100ms"], 11.0) << "in base units: 1 and 10";
  EXPECT_DOUBLE_EQ(market[1]["x_tfi_100ms"], 0.5);

  market[1].on({EventKind::Timer, kStart + 100 * kMs, {}});
  EXPECT_DOUBLE_EQ(market[1]["x_tf_100ms"], 10.0) << "the other's left the window";
  EXPECT_DOUBLE_EQ(market[1]["x_tf_1000ms"], 11.0);
  EXPECT_EQ(market[1]["x_n"], 0.0);
}

TEST(CrossVenue, KnowsNothingOfTradesWhereAMemberDoesNot) {
  static constexpr SignalRow kRows[] = {make_signal<PriceBand>(), make_signal<OrderFlow>(),
                                        make_signal<CrossVenue>()};
  Market market{{linear(-2, -3)}, {{}}, kRows};

  market[0].on({EventKind::Timer, kStart, {}});

  EXPECT_TRUE(std::isnan(market[0]["x_tf_100ms"]));
  EXPECT_TRUE(std::isnan(market[0]["x_tfi_100ms"]));
  EXPECT_EQ(market[0]["x_ofi_100ms"], 0.0);
}

TEST(CrossVenue, OfAnInstrumentAloneIsWhatItsOwnColumnsSay) {
  SignalDriver driver{SignalParams{}, linear(-2, -3)};
  RandomStream random{{.name = ""}, 4};

  for (int i = 0; i < 1'000; ++i) {
    driver.on(random.next());
    if (std::isnan(driver["mid"]) || driver["x_n"] == 0) continue;
    ASSERT_EQ(driver["x_mid"], driver["mid"]);
    ASSERT_DOUBLE_EQ(driver["x_spread_bps"], driver["spread_bps"]);
    ASSERT_NEAR(driver["x_qi"], driver["qi"], 1e-12);
    ASSERT_EQ(driver["x_ofi_1000ms"], driver["ofi_1000ms"]);
    if (std::isnan(driver["pbi_10bp"])) continue;
    ASSERT_NEAR(driver["x_pbi"], driver["pbi_10bp"], 1e-12);
    ASSERT_EQ(driver["x_agree"], 1);
  }
}

TEST(CrossVenue, CountsAVenueThatDoesNotComputeItItself) {
  std::vector<SignalParams> sets(2);
  sets[1].tier2 = false;
  Instrument plain = linear(-2, -3);
  plain.params = 1;
  Market market{{plain, linear(-2, -3)}, sets};
  Market all{{linear(-2, -3), linear(-2, -3)}};
  for (Market* const of : {&market, &all}) {
    (*of)[0].on({EventKind::Snapshot, kStart, {{Side::Bid, 9'999, 1}, {Side::Ask, 10'001, 1}}});
    (*of)[1].on({EventKind::Snapshot, kStart, {{Side::Bid, 9'998, 5}, {Side::Ask, 10'002, 9}}});
    (*of)[0].on({EventKind::Delta, kStart, {{Side::Bid, 9'997, 20}, {Side::Ask, 10'011, 80}}});
    (*of)[1].on({EventKind::Delta, kStart, {{Side::Bid, 9'998, 6}}});
  }

  EXPECT_TRUE(std::isnan(market[0]["x_n"]));
  for (const char* const name : {"x_n", "x_mid", "x_qi", "x_pbi", "x_pbi_own", "x_ofi_1000ms"}) {
    EXPECT_EQ(market[1][name], all[1][name]) << name;
  }
}

// Streams of venues that trade the same thing at 60,000, each in its own way.
const SignalStream kVenues[] = {
    {.name = "Hundredths"},
    {.name = "Tenths", .price_exponent = -1, .qty_exponent = -1, .mid = 600'000},
    {.name = "Fine",
     .price_exponent = -6,
     .qty_exponent = -8,
     .tick = 10'000,
     .mid = 60'000'000'000,
     .largest_qty = 500'000'000},
    {.name = "Inverse",
     .kind = ContractKind::Inverse,
     .price_exponent = -1,
     .qty_exponent = 0,
     .mid = 600'000,
     .largest_qty = 300'000},
};

struct MarketOf {
  const char* name;
  std::vector<std::size_t> venues;
  bool one_clock;
};
void PrintTo(const MarketOf& of, std::ostream* out) { *out << of.name; }

class RandomMarket : public testing::TestWithParam<MarketOf> {};

TEST_P(RandomMarket, AgreesWithTheNaiveReference) {
  std::vector<Instrument> instruments;
  bool inverse = false;
  for (const std::size_t venue : GetParam().venues) {
    instruments.push_back(instrument_of(kVenues[venue]));
    inverse = inverse || kVenues[venue].kind == ContractKind::Inverse;
  }
  const double tolerance = inverse ? 1e-9 : 1e-12;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    std::mt19937_64 random{seed};
    std::vector<RandomStream> streams;
    for (const std::size_t venue : GetParam().venues) {
      streams.emplace_back(kVenues[venue], 10 * seed + venue);
    }
    NaiveGroup naive{SignalParams{}, instruments};
    Market market{instruments};
    std::int64_t now = kStart;
    std::map<std::size_t, int> live;
    int negative_spreads = 0;
    for (int i = 0; i < 2'500; ++i) {
      // The last venue has little to say, and is given up from time to time.
      const std::size_t at = random() % (10 * streams.size()) == 0
                                 ? streams.size() - 1
                                 : random() % (streams.size() - 1);
      NaiveEvent event = streams[at].next();
      if (GetParam().one_clock) {
        if (random() % 3 != 0) now += static_cast<std::int64_t>(random() % 300) * kMs;
        event.time = now;
      }

      const std::map<std::string, double> expected = naive.on(at, event);
      SignalDriver& driver = market[at];
      driver.on(event);

      for (const Column& column : driver.set().columns()) {
        if (column.order < column_order::kCrossVenue) continue;
        const double is = driver[column.name];
        const double should = expected.at(column.name);
        const double total = expected.at("x_pbi_own");
        if (column.name == "x_agree" && std::abs(total) < 1e-9) continue;
        const bool same =
            std::isnan(is) || std::isnan(should)
                ? std::isnan(is) && std::isnan(should)
                : std::abs(is - should) <= tolerance * std::max(1.0, std::abs(should));
        ASSERT_TRUE(same) << column.name << " is " << is << ", should be " << should << "; event "
                          << i << " of seed " << seed << ", of venue " << at;
        if (std::isnan(is)) continue;
        ASSERT_GE(is, column.low) << column.name;
        ASSERT_LE(is, column.high) << column.name;
      }
      ++live[naive.live()];
      negative_spreads += driver["x_spread_bps"] < 0;
    }
    for (std::size_t n = 0; n <= streams.size(); ++n) {
      EXPECT_GT(live[n], 0) << "never " << n << " venues were live";
    }
    EXPECT_GT(negative_spreads, 50);
  }
}

INSTANTIATE_TEST_SUITE_P(Markets, RandomMarket,
                         testing::Values(MarketOf{"TwoAlike", {0, 0}, true},
                                         MarketOf{"Exponents", {0, 1, 2}, true},
                                         MarketOf{"ClocksThatDrift", {0, 1, 2}, false},
                                         MarketOf{"WithInverse", {1, 3, 0}, true}),
                         [](const testing::TestParamInfo<MarketOf>& of) { return of.param.name; });

TEST(CrossVenue, AllocatesNothing) {
  Market market{{instrument_of(kVenues[0]), instrument_of(kVenues[1])}};
  RandomStream streams[] = {{kVenues[0], 1}, {kVenues[1], 2}};

  for (int i = 0; i < 1'000; ++i) {
    const NaiveEvent event = streams[i % 2].next();
    const std::size_t before = allocation_count();
    market[static_cast<std::size_t>(i % 2)].on(event);
    ASSERT_EQ(allocation_count(), before) << "event " << i;
  }
}

}  // namespace
}  // namespace steelyard
