// What each signal costs an event, and all of them together, over a book of 1000 levels a side.
//   signals_bench [--quick] [--json FILE]
//   signals_bench --events N     events only, nothing timed: for callgrind, see scripts/signal_cost
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "bench/bench_stats.hpp"
#include "bench/synthetic_market.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

constexpr std::size_t kMost = InstrumentSignals::kMaxSignals;

// The functions of the registry, and how long they took in the event that is on.
struct Timed {
  decltype(SignalOps::advance) advance = nullptr;
  decltype(SignalOps::update) update = nullptr;
  std::int64_t took = 0;
};
std::array<Timed, kMost> timed;

template <std::size_t kAt>
void timed_update(void* state, const MarketEvent& event, ValueRow row) noexcept {
  const std::int64_t from = now_ns();
  timed[kAt].update(state, event, row);
  timed[kAt].took += now_ns() - from;
}
template <std::size_t kAt>
void timed_advance(void* state, TimestampNs from, TimestampNs to) noexcept {
  const std::int64_t began = now_ns();
  timed[kAt].advance(state, from, to);
  timed[kAt].took += now_ns() - began;
}

// The registry with a clock around each signal.
template <std::size_t... kAt>
std::vector<SignalRow> clocked(std::index_sequence<kAt...>) {
  constexpr decltype(SignalOps::update) kUpdates[] = {timed_update<kAt>...};
  constexpr decltype(SignalOps::advance) kAdvances[] = {timed_advance<kAt>...};
  std::vector<SignalRow> rows{signal_registry().begin(), signal_registry().end()};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    timed[i] = {rows[i].linear.advance, rows[i].linear.update, 0};
    rows[i].linear.update = kUpdates[i];
    if (rows[i].linear.advance != nullptr) rows[i].linear.advance = kAdvances[i];
  }
  return rows;
}

[[nodiscard]] SignalParams up_to_tier(int tier) {
  SignalParams params;
  params.tier2 = tier >= 2;
  params.tier3 = tier >= 3;
  params.micro_price.table.assign(params.micro_price.shape.states(), 0.25);
  return params;
}

// What two looks at the clock take when nothing is between them.
[[nodiscard]] double clock_ns() {
  std::vector<std::int64_t> samples;
  for (int i = 0; i < 20'001; ++i) {
    const std::int64_t from = now_ns();
    samples.push_back(now_ns() - from);
  }
  std::sort(samples.begin(), samples.end());
  return static_cast<double>(percentile(samples, 0.5));
}

// Median of a whole event, all signals up to a tier.
[[nodiscard]] double whole_ns(int tier, int events) {
  const SignalSet set{up_to_tier(tier)};
  SyntheticMarket market{{}};
  SignalRun run{set, market.instrument()};
  std::vector<std::int64_t> samples;
  samples.reserve(static_cast<std::size_t>(events));
  for (int i = 0; i < events; ++i) {
    const MarketEvent event = market.next();
    const std::int64_t from = now_ns();
    run.on(event);
    samples.push_back(now_ns() - from);
  }
  std::sort(samples.begin(), samples.end());
  return static_cast<double>(percentile(samples, 0.5));
}

struct Cost {
  std::vector<double> medians, means;
};

void each_signal(int events, double clock, std::vector<Cost>& costs) {
  static const std::vector<SignalRow> rows = clocked(std::make_index_sequence<kMost>{});
  const SignalSet set{{up_to_tier(3)}, rows};
  SyntheticMarket market{{}};
  SignalRun run{set, market.instrument()};
  std::vector<std::vector<std::int64_t>> samples(rows.size());
  for (int i = 0; i < events; ++i) {
    const MarketEvent event = market.next();
    for (Timed& of : timed) of.took = 0;
    run.on(event);
    for (std::size_t s = 0; s < rows.size(); ++s) samples[s].push_back(timed[s].took);
  }
  for (std::size_t s = 0; s < rows.size(); ++s) {
    const double looks = timed[s].advance == nullptr ? clock : 2 * clock;
    std::sort(samples[s].begin(), samples[s].end());
    // The slowest thousandth is of interrupts and other programs.
    samples[s].resize(samples[s].size() - samples[s].size() / 1'000);
    double sum = 0;
    for (const std::int64_t took : samples[s]) sum += static_cast<double>(took);
    const auto median = static_cast<double>(percentile(samples[s], 0.5));
    costs[s].medians.push_back(std::max(0.0, median - looks));
    costs[s].means.push_back(std::max(0.0, sum / static_cast<double>(samples[s].size()) - looks));
  }
}

int only_events(std::uint64_t events) {
  const SignalSet set{up_to_tier(3)};
  SyntheticMarket market{{}};
  SignalRun run{set, market.instrument()};
  for (std::uint64_t i = 0; i < events; ++i) run.on(market.next());
  std::printf("%llu events, mid %.2f\n", static_cast<unsigned long long>(events), run["mid"]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::FILE* json = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
      json = std::fopen(argv[++i], "a");
    } else if (std::strcmp(argv[i], "--events") == 0 && i + 1 < argc) {
      return only_events(std::strtoull(argv[i + 1], nullptr, 10));
    } else {
      std::fprintf(stderr,
                   "signals_bench: unknown argument %s (known: --quick, --json FILE, --events N)\n",
                   argv[i]);
      return 2;
    }
  }
  (void)pin(0);
  const int rounds = quick ? 3 : 9;
  const int events = quick ? 50'000 : 200'000;
  const double clock = clock_ns();
  std::printf(
      "signals: 1000 levels a side, ns an event (a look at the clock, %.0f ns, taken off)\n",
      clock);
  std::vector<Cost> costs(signal_registry().size());
  std::array<std::vector<double>, 3> whole;
  for (int round = 0; round < rounds; ++round) {
    each_signal(events, clock, costs);
    for (int tier = 1; tier <= 3; ++tier) {
      whole[static_cast<std::size_t>(tier - 1)].push_back(whole_ns(tier, events) - clock);
    }
  }
  for (std::size_t s = 0; s < costs.size(); ++s) {
    const Spread median = spread(costs[s].medians);
    const Spread mean = spread(costs[s].means);
    std::printf("  %-18s median %5.0f (%.0f to %.0f)  mean %5.0f\n", signal_registry()[s].name,
                median.median, median.low, median.high, mean.median);
    figure(json, std::string{"signal_ns."} + signal_registry()[s].name, spread(costs[s].means));
  }
  constexpr const char* kNames[] = {"tier 1", "tiers 1 and 2", "all tiers"};
  for (std::size_t tier = 0; tier < whole.size(); ++tier) {
    const Spread of = spread(whole[tier]);
    std::printf("  %-18s median %5.0f (%.0f to %.0f)\n", kNames[tier], of.median, of.low, of.high);
    figure(json, "signals_ns.tier" + std::to_string(tier + 1), of);
  }
  if (json != nullptr) std::fclose(json);
  return 0;
}
