// Bars, and depth and cost, over recordings: what a replay publishes against the naive reference,
// which is told the same events.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <memory>

#include "app/replay.hpp"
#include "support/fixtures.hpp"
#include "support/naive_depth_cost.hpp"
#include "support/sim_stream.hpp"

namespace steelyard {
namespace {

// What one instrument was told, and what it should have published.
class Witness {
 public:
  Witness(const SignalParams& params, const Instrument& instrument)
      : params_{params}, instrument_{instrument}, bars_{params, instrument.scale.price_exponent} {}

  struct Found {
    std::uint64_t compared = 0;
    std::uint64_t defined = 0;
    std::string wrong;  // the first
  };

  void on(const MarketEvent& event, std::span<const double> row, const SignalSet& set,
          Found& found) {
    const bool book = event.kind == EventKind::Snapshot || event.kind == EventKind::Delta;
    NaiveRow expected;
    bars_.on(fact_of(event, book));
    bars_.write(expected);
    // Whole books are long: every eleventh.
    if (book && ++books_ % 11 == 0) write_costs(event, expected);
    for (const auto& [name, should] : expected) {
      const double is = row[*set.find(name)];
      ++found.compared;
      const bool same = std::isnan(should)
                            ? std::isnan(is)
                            : std::abs(is - should) <= 1e-9 * std::max(1.0, std::abs(should));
      if (!std::isnan(should)) ++found.defined;
      if (same || !found.wrong.empty()) continue;
      found.wrong = instrument_.symbol + " " + name + " is " + std::to_string(is) + ", should be " +
                    std::to_string(should) + " at " + std::to_string(event.now.raw());
    }
  }

 private:
  [[nodiscard]] NaiveReal price(Price price) const {
    return static_cast<NaiveReal>(price.raw()) * powl(10, instrument_.scale.price_exponent);
  }
  [[nodiscard]] NaiveReal notional(const Level& level) const {
    const NaiveReal size =
        static_cast<NaiveReal>(level.qty.raw()) * powl(10, instrument_.scale.qty_exponent);
    return instrument_.kind == ContractKind::Inverse ? size * instrument_.scale.contract_size
                                                     : size * price(level.price);
  }
  [[nodiscard]] NaiveReal base(const Level& level) const {
    return notional(level) / price(level.price);
  }
  [[nodiscard]] static std::optional<NaiveReal> mid2(const MarketEvent& event) {
    if (event.status != BookStatus::Ok && event.status != BookStatus::Locked) return {};
    return static_cast<NaiveReal>(event.bids[0].price.raw()) + event.asks[0].price.raw();
  }

  // One side of the table of S5, at the best level.
  [[nodiscard]] NaiveReal flow(const std::optional<Level>& was, const std::optional<Level>& is,
                               int sign) const {
    NaiveReal flow = 0;
    const bool better = is && (!was || sign * is->price.raw() >= sign * was->price.raw());
    const bool worse = was && (!is || sign * is->price.raw() <= sign * was->price.raw());
    if (better) flow += base(*is);
    if (worse) flow -= base(*was);
    return flow;
  }

  [[nodiscard]] NaiveFact fact_of(const MarketEvent& event, bool book) {
    NaiveFact fact;
    fact.time = event.now.raw();
    fact.kind = event.kind;
    fact.mid2 = mid2(event);
    if (event.kind == EventKind::Reset || (book && event.rebase)) has_before_ = false;
    if (book && event.status != BookStatus::NoBook && event.status != BookStatus::Crossed) {
      const auto best = [](std::span<const Level> side) {
        return side.empty() ? std::nullopt : std::optional{side[0]};
      };
      fact.observation = true;
      if (has_before_) {
        fact.flow = flow(bid_, best(event.bids), 1) - flow(ask_, best(event.asks), -1);
      }
      has_before_ = true;
      bid_ = best(event.bids);
      ask_ = best(event.asks);
      fact.depth = (bid_ ? base(*bid_) : 0) + (ask_ ? base(*ask_) : 0);
    }
    if (event.kind == EventKind::Trade) {
      fact.price = event.traded.price.raw();
      fact.notional = notional(event.traded);
      fact.aggressor = event.aggressor;
    }
    if (book || event.kind == EventKind::Reset) band_ = band_notional(event);
    fact.band_notional = band_;
    return fact;
  }

  [[nodiscard]] std::optional<NaiveReal> band_notional(const MarketEvent& event) const {
    const std::optional<NaiveReal> twice = mid2(event);
    if (!twice) return {};
    const auto x = static_cast<Int128>(std::llround(params_.main_band_bps * 1e4));
    const Int128 mid = Int128{event.bids[0].price.raw()} + event.asks[0].price.raw();
    NaiveReal sum = 0;
    event.book->walk(Side::Bid, [&](Level level) {
      const bool inside = Int128{200'000'000} * level.price.raw() >= mid * (100'000'000 - x);
      if (inside) sum += notional(level);
      return inside;
    });
    event.book->walk(Side::Ask, [&](Level level) {
      const bool inside = Int128{200'000'000} * level.price.raw() <= mid * (100'000'000 + x);
      if (inside) sum += notional(level);
      return inside;
    });
    return sum;
  }

  void write_costs(const MarketEvent& event, NaiveRow& expected) const {
    std::vector<NaiveLevel> sides[2];
    for (const Side side : {Side::Bid, Side::Ask}) {
      if (event.status == BookStatus::NoBook) continue;
      event.book->walk(side, [&](Level level) {
        sides[static_cast<int>(side)].push_back({price(level.price), base(level), notional(level)});
        return true;
      });
    }
    std::optional<NaiveReal> mid = mid2(event);
    if (mid) *mid *= powl(10, instrument_.scale.price_exponent) / 2;
    write_depth_cost(sides[0], sides[1], mid, params_, expected);
  }

  SignalParams params_;
  Instrument instrument_;
  NaiveBars bars_;
  bool has_before_ = false;
  std::optional<Level> bid_;
  std::optional<Level> ask_;
  std::optional<NaiveReal> band_;
  std::uint64_t books_ = 0;
};

// Signals know only their own columns; the last of the registry sees all that the others wrote.
struct Court {
  const SignalSet* set = nullptr;
  std::map<std::uint32_t, std::unique_ptr<Witness>> witnesses;  // by instrument
  Witness::Found found;
};
Court* court = nullptr;

template <typename Units>
class Listener {
 public:
  static constexpr const char* kName = "listener";
  static void columns(const SignalParams&, ColumnList&) {}
  explicit Listener(const SignalContext& context) : instrument_{context.instrument.id.raw()} {
    court->witnesses[instrument_] = std::make_unique<Witness>(context.params, context.instrument);
  }
  void update(const MarketEvent& event, ValueRow row) noexcept {
    const std::span<const double> seen = row.first(court->set->columns().size());
    court->witnesses.at(instrument_)->on(event, seen, *court->set, court->found);
  }

 private:
  std::uint32_t instrument_;
};

Witness::Found replay_in_court(const std::string& path, const SignalParams& params) {
  Court in_session;
  court = &in_session;
  std::vector<SignalRow> registry(signal_registry().begin(), signal_registry().end());
  registry.push_back(make_signal<Listener>());
  ReplayOptions options;
  options.files = {path};
  options.signals = params;
  options.registry = registry;
  Replay replay{options};
  in_session.set = &replay.signals();
  (void)replay.run();
  court = nullptr;
  return in_session.found;
}

class BarsOfCapture : public testing::TestWithParam<const char*> {};

TEST_P(BarsOfCapture, AreThoseOfTheNaiveReference) {
  const auto path = captures() / (std::string{GetParam()} + ".ndjson.zst");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no recording at " << path;

  const Witness::Found found = replay_in_court(path, SignalParams{});

  EXPECT_EQ(found.wrong, "");
  EXPECT_GT(found.compared, 10'000U);
  EXPECT_GT(found.defined, found.compared / 10);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded, BarsOfCapture,
    testing::Values("binance-spot/btcusdt_20240808", "binance-usdm/btcusdt_20240808",
                    "binance-usdm/multi4_20210722", "binance-coinm/multi10_20210722",
                    "okx/l2tbt_checksum_20220227"),
    [](const auto& param_info) {
      std::string name{param_info.param};
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == '-' || c == '/'; }, '_');
      return name;
    });

class BarsOfSimulation : public testing::TestWithParam<const char*> {};

TEST_P(BarsOfSimulation, AreThoseOfTheNaiveReference) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("steelyard-bars-" + std::to_string(getpid()) + ".ndjson");
  std::vector<SimLine> lines = simulate(GetParam(), 400, 3);
  write_ndjson(path, lines);
  SignalParams params;
  params.bars.width_ms = 50;
  params.bars.range_width_ms = 200;
  params.cost_notionals = {1'000, 50'000};

  const Witness::Found found = replay_in_court(path, params);
  std::filesystem::remove(path);

  EXPECT_EQ(found.wrong, "");
  EXPECT_GT(found.compared, 10'000U);
  EXPECT_GT(found.defined, found.compared / 10);
}

INSTANTIATE_TEST_SUITE_P(SimulatedVenues, BarsOfSimulation,
                         testing::Values("binance-spot", "binance-usdm", "okx"),
                         [](const auto& param_info) {
                           std::string name{param_info.param};
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace steelyard
