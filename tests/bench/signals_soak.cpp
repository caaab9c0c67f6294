// Whether the recursions of the signals stay what they are by definition, over 10^8 events: about a
// month of one instrument. Exits with 1 if one is further off than 1e-9.
//   signals_soak [--events N]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <set>

#include "bench/bench_stats.hpp"
#include "bench/synthetic_market.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

using Real = long double;

constexpr double kTolerance = 1e-9;  // signals.md C9, F
constexpr std::int64_t kMeanGapNs = 24'000'000;
constexpr std::uint64_t kTwinEvents = 1'000'000;       // 40 times the longest memory, of 600 s
constexpr std::int64_t kDirectNs = 2'400'000'000'000;  // 40 times 60 s

// What the definitions are over. The rows say what stateless columns were.
struct Fact {
  std::int64_t time;
  double e, pbi, ofi_norm, tfi;
  double liquidated;  // signed, quote
};

// C7, by definition: with the value held between events, over the active clock, which stands while
// there is no value.
Real z_of(const std::deque<Fact>& facts, double Fact::*value, Real floor) {
  constexpr Real kTau = 60e9L;
  Real weight = 0, sum = 0;
  const auto over = [&](auto visit) {
    std::int64_t age = 0;
    for (std::size_t i = facts.size() - 1; i-- > 0;) {
      if (std::isnan(facts[i].*value)) continue;
      const Real newer = expl(-static_cast<Real>(age) / kTau);
      age += facts[i + 1].time - facts[i].time;
      visit(newer - expl(-static_cast<Real>(age) / kTau), static_cast<Real>(facts[i].*value));
    }
  };
  over([&](Real w, Real x) {
    weight += w;
    sum += w * x;
  });
  const Real mean = sum / weight;
  Real squares = 0;
  over([&](Real w, Real x) { squares += w * (x - mean) * (x - mean); });
  return (static_cast<Real>(facts.back().*value) - mean) / fmaxl(sqrtl(squares / weight), floor);
}

std::map<std::string, Real> by_definition(const std::deque<Fact>& facts) {
  std::map<std::string, Real> row{{"z_book", z_of(facts, &Fact::pbi, 0.05L)},
                                  {"z_ofi", z_of(facts, &Fact::ofi_norm, 0.25L)},
                                  {"z_tfi", z_of(facts, &Fact::tfi, 0.05L)},
                                  {"haw_buy", 0.02L},
                                  {"haw_sell", 0.02L}};
  for (const Fact& fact : facts) {
    const Real age = static_cast<Real>(facts.back().time - fact.time) / 1e9L;
    row["ofi_ew"] += fact.e * expl(-age);
    if (fact.liquidated == 0) continue;
    row["liq_flow"] += fact.liquidated * expl(-age / 5);
    const Real g = fminl(fabsl(fact.liquidated) / 50'000, 10);
    row[fact.liquidated > 0 ? "haw_buy" : "haw_sell"] += 0.1L * g * expl(-age * 0.2L);
  }
  return row;
}

[[nodiscard]] double distance(double is, double should) {
  if (std::isnan(is) || std::isnan(should)) return std::isnan(is) && std::isnan(should) ? 0 : 1;
  return std::abs(is - should) / std::max(1.0, std::abs(should));
}

struct Worst {
  double distance = 0;
  std::uint64_t compared = 0;
  std::uint64_t defined = 0;
  void take(double is, double should) {
    distance = std::max(distance, ::distance(is, should));
    ++compared;
    defined += std::isnan(should) ? 0 : 1;
  }
};

int report(const char* title, const std::map<std::string, Worst>& worst) {
  int failures = 0;
  std::printf("%s\n", title);
  for (const auto& [name, of] : worst) {
    const bool bad = of.distance > kTolerance;
    failures += bad;
    std::printf("  %-22s %.2e  (defined at %llu of %llu)%s\n", name.c_str(), of.distance,
                static_cast<unsigned long long>(of.defined),
                static_cast<unsigned long long>(of.compared), bad ? "  TOO FAR" : "");
  }
  return failures;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t events = 100'000'000;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--events") == 0 && i + 1 < argc) {
      events = std::strtoull(argv[++i], nullptr, 10);
      continue;
    }
    std::fprintf(stderr, "signals_soak: unknown argument %s (known: --events N)\n", argv[i]);
    return 2;
  }
  if (events < 2 * kTwinEvents) {
    std::fprintf(stderr, "signals_soak: --events: at least %llu\n",
                 static_cast<unsigned long long>(2 * kTwinEvents));
    return 2;
  }
  const SignalSet set{SignalParams{}};
  SyntheticMarket market{{.levels = 60, .mean_gap_ns = kMeanGapNs, .resets = 2}};
  SignalRun run{set, market.instrument()};
  std::unique_ptr<SignalRun> twin;
  std::deque<Fact> facts;
  std::map<std::string, Worst> against_twin, against_definition;
  // These count since the start.
  const std::set<std::string> since_start{"cvd", "vpin", "vpin_n", "alert_seq"};

  const std::int64_t began = now_ns();
  for (std::uint64_t i = 0; i < events; ++i) {
    const MarketEvent event = market.next();
    run.on(event);
    if (i + kTwinEvents < events) continue;
    if (twin == nullptr) {
      twin = std::make_unique<SignalRun>(set, market.instrument());
      twin->on(market.whole_book());
      continue;
    }
    twin->on(event);
    const bool crossed = event.status == BookStatus::NoBook || event.status == BookStatus::Crossed;
    Fact fact{event.now.raw(),    run["e"],
              run["pbi_10bp"],    crossed ? kUndefined : run["ofi_norm_1000ms"],
              run["tfi_10000ms"], 0.0};
    if (event.kind == EventKind::Liquidation) {
      const double notional = static_cast<double>(event.traded.price.raw()) / 100 *
                              static_cast<double>(event.traded.qty.raw()) / 1'000;
      fact.liquidated = event.aggressor == Aggressor::Buy ? notional : -notional;
    }
    if (event.kind == EventKind::Reset) {
      for (Fact& before : facts) before.e = 0;  // decayed flow dies
    }
    facts.push_back(fact);
    while (facts.front().time < fact.time - kDirectNs) facts.pop_front();
    if (i + 200 < events) continue;
    for (std::size_t c = 0; c < set.columns().size(); ++c) {
      const std::string& name = set.columns()[c].name;
      if (!since_start.contains(name)) against_twin[name].take(run.row()[c], twin->row()[c]);
    }
    if (i % 20 != 0) continue;
    for (const auto& [name, should] : by_definition(facts)) {
      against_definition[name].take(run[name], static_cast<double>(should));
    }
  }
  const double seconds = static_cast<double>(now_ns() - began) / 1e9;
  std::printf("%llu events, %.1f days of market, in %.0f s; %llu met a fixed capacity\n",
              static_cast<unsigned long long>(events),
              static_cast<double>(events) * static_cast<double>(kMeanGapNs) / 86'400e9, seconds,
              static_cast<unsigned long long>(run.limited()));
  int failures =
      report("worst of 10 times, against the definition in long double:", against_definition);
  failures +=
      report("worst of 200 times, against the same signals begun 6.7 hours ago:", against_twin);
  return failures == 0 ? 0 : 1;
}
