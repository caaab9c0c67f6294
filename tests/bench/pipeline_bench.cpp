// Frame to published slot, stage by stage, beside a walk of the same bytes that does nothing with
// them.
//   pipeline_bench [--rounds N] [--json FILE] [--made] NAME=RECORDING...
//   pipeline_bench --count STAGE [--rounds N] [--made] NAME=RECORDING...
//                                                    N passes (1) of one stage, for counters and
//                                                    profilers; with --made, a dump a corpus
// --made: also of every venue that none of the recordings is of, from made frames. --frames N: so
// many of them (2,000). --only VENUE: of made frames, this venue's alone.
#include <simdjson.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

#include "bench/bench_stats.hpp"
#include "bench/made_corpus.hpp"
#include "bench/pipeline.hpp"
#include "bench/wire_walk.hpp"
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#endif

using namespace steelyard;
using namespace steelyard::bench;

namespace {

// From Core on, what is computed is published.
enum class Stage { Walk, Decode, Book, Unpublished, Core, Tier1, Tier2, All };
constexpr const char* kStageNames[] = {"walk (W)",       "decode",          "+ sync + book",
                                       "+ core signals", "+ publish",       "with tier 1",
                                       "with tier 2",    "with all of them"};
constexpr const char* kStageKeys[] = {"walk", "decode", "book",  "core_unpublished",
                                      "core", "tier1",  "tier2", "all"};
constexpr std::size_t kStages = std::size(kStageNames);

[[nodiscard]] SignalTier tier_of(Stage stage) {
  switch (stage) {
    case Stage::Unpublished:
    case Stage::Core:
      return SignalTier::Core;
    case Stage::Tier1:
      return SignalTier::Tier1;
    case Stage::Tier2:
      return SignalTier::Tier2;
    case Stage::All:
      return SignalTier::All;
    default:
      return SignalTier::None;
  }
}

[[nodiscard]] std::vector<ConnectionInfo> links_of(const Corpus& corpus) {
  std::uint32_t connections = 0;
  for (const Corpus::Item& item : corpus.items) {
    connections = std::max(connections, item.connection.raw() + 1);
  }
  return std::vector<ConnectionInfo>(connections, ConnectionInfo{corpus.venue, 0});
}

inline void put_through(Pipeline& pipeline, const Frame& frame, bool decode_only) noexcept {
  if (!decode_only) {
    pipeline.take(frame);
    return;
  }
  (void)pipeline.ingress->on_frame(frame);
  while (!pipeline.ring.front().empty()) pipeline.ring.pop();
  pipeline.ring.rewind();
}
// The same of what the figures are about: a function of its own, for instruction counters.
[[gnu::noinline]] void put_through_counted(Pipeline& pipeline, const Frame& frame,
                                           bool decode_only) noexcept {
  put_through(pipeline, frame, decode_only);
}

// Runs of timed frames are timed together; what only sets the scene stands between them.
[[nodiscard]] std::int64_t pass(Pipeline& pipeline, const Corpus& corpus, bool decode_only,
                                std::int64_t later) {
  std::int64_t spent = 0;
  for (std::size_t i = 0; i < corpus.items.size();) {
    const bool timed = corpus.items[i].timed;
    const std::int64_t start = cpu_ns();
    for (; i < corpus.items.size() && corpus.items[i].timed == timed; ++i) {
      Frame frame = corpus.frame(corpus.items[i]);
      frame.received = TimestampNs{frame.received.raw() + later};
      if (timed && later != 0) {
        put_through_counted(pipeline, frame, decode_only);
      } else {
        put_through(pipeline, frame, decode_only);
      }
    }
    if (timed) spent += cpu_ns() - start;
  }
  return spent;
}

[[nodiscard]] std::uint64_t changes_of_books(const Pipeline& pipeline) {
  std::uint64_t changes = 0;
  for (const InstrumentSlot& slot : pipeline.shard->slots()) changes += slot.stats.deltas;
  return changes;
}

// The recording twice, as after a reconnection: the second time nothing is met for the first time,
// and only that is counted.
[[nodiscard]] std::int64_t warm_pass(Pipeline& pipeline, const Corpus& corpus, bool decode_only) {
  const std::int64_t cold = pass(pipeline, corpus, decode_only, 0);
  const std::uint64_t before = changes_of_books(pipeline);
  const std::int64_t later =
      corpus.items.back().received.raw() - corpus.items.front().received.raw() + 60'000'000'000;
  const char padding[kFramePadding] = {};
  std::uint32_t connections = 0;
  for (const Corpus::Item& item : corpus.items) {
    connections = std::max(connections, item.connection.raw() + 1);
  }
  for (std::uint32_t connection = 0; connection < connections; ++connection) {
    Frame up;
    up.kind = FrameKind::LinkUp;
    up.payload = {padding, 0};
    up.connection = ConnectionId{connection};
    up.received = TimestampNs{corpus.items.front().received.raw() + later - 1};
    pipeline.take(up);
  }
  CALLGRIND_START_INSTRUMENTATION;
  const std::int64_t warm = pass(pipeline, corpus, decode_only, later);
  CALLGRIND_STOP_INSTRUMENTATION;
  if (changes_of_books(pipeline) - before == before) return warm;
  static bool told = false;
  if (!told) std::printf("  (cannot be replayed in one piece: first passes are counted)\n");
  told = true;
  return cold;
}

volatile std::uint64_t sink;

[[nodiscard]] double run(const Corpus& corpus, Walk& walker, Stage stage) {
  const auto frames = static_cast<double>(corpus.frames);
  if (stage == Stage::Walk) {
    const std::int64_t start = cpu_ns();
    CALLGRIND_START_INSTRUMENTATION;
    sink = walker.pass(corpus);
    CALLGRIND_STOP_INSTRUMENTATION;
    return static_cast<double>(cpu_ns() - start) / frames;
  }
  const std::vector<ConnectionInfo> links = links_of(corpus);
  Pipeline pipeline{corpus.instruments, links, tier_of(stage), stage >= Stage::Core};
  return static_cast<double>(warm_pass(pipeline, corpus, stage == Stage::Decode)) / frames;
}

void measure(const Corpus& corpus, int rounds, std::FILE* json) {
  Walk walker;
  std::vector<double> ns[kStages];
  std::vector<double> ratios[kStages];
  std::vector<double> publish_ns, publish_ratios;
  for (int round = -1; round < rounds; ++round) {
    double floor = 0;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      const double took = run(corpus, walker, static_cast<Stage>(stage));
      if (round < 0) continue;  // warm-up
      if (stage == 0) floor = took;
      ns[stage].push_back(took);
      ratios[stage].push_back(took / floor);
    }
    if (round < 0) continue;
    const double publish = ns[static_cast<std::size_t>(Stage::Core)].back() -
                           ns[static_cast<std::size_t>(Stage::Unpublished)].back();
    publish_ns.push_back(publish);
    publish_ratios.push_back(publish / floor);
  }
  std::printf("%s: %s, %llu %s frames of %llu bytes and %.1f levels, %zu instruments\n",
              corpus.name.c_str(), std::string{corpus.venue->name}.c_str(),
              static_cast<unsigned long long>(corpus.frames), corpus.made ? "made" : "book",
              static_cast<unsigned long long>(corpus.frame_bytes /
                                              std::max<std::uint64_t>(corpus.frames, 1)),
              static_cast<double>(corpus.levels) / static_cast<double>(corpus.frames),
              corpus.instruments.size());
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    const Spread time = spread(ns[stage]);
    const Spread ratio = spread(ratios[stage]);
    std::printf("  %-16s %8.0f ns (%.0f to %.0f)   x%.2f (%.2f to %.2f) of W\n", kStageNames[stage],
                time.median, time.low, time.high, ratio.median, ratio.low, ratio.high);
    figure(json, std::string{"ns."} + kStageKeys[stage] + "." + corpus.name, time);
    figure(json, std::string{"over_walk."} + kStageKeys[stage] + "." + corpus.name, ratio);
  }
  const Spread time = spread(publish_ns);
  const Spread ratio = spread(publish_ratios);
  std::printf("  %-16s %8.0f ns (%.0f to %.0f)   x%.2f (%.2f to %.2f) of W\n", "publish alone",
              time.median, time.low, time.high, ratio.median, ratio.low, ratio.high);
  figure(json, "ns.publish." + corpus.name, time);
  figure(json, "over_walk.publish." + corpus.name, ratio);
  std::fflush(stdout);
}

// Passes of one stage, and nothing that is printed of their times.
// `apart`: each corpus is a dump of its own.
void count_stage(const Corpus& corpus, const std::string& key, int rounds, bool apart) {
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    if (key != kStageKeys[stage]) continue;
    Walk walker;
    for (int round = 0; round < rounds; ++round) {
      (void)run(corpus, walker, static_cast<Stage>(stage));
    }
    if (apart) CALLGRIND_DUMP_STATS_AT(corpus.name.c_str());
    std::printf("%llu frames of %s\n",
                static_cast<unsigned long long>(corpus.frames) * static_cast<unsigned>(rounds),
                corpus.name.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 0;
  bool made = false;
  std::size_t frames = 2'000;
  std::FILE* json = nullptr;
  std::string count, only;
  std::vector<std::string> inputs;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--rounds" && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--json" && i + 1 < argc) {
      json = std::fopen(argv[++i], "a");
    } else if (word == "--count" && i + 1 < argc) {
      count = argv[++i];
    } else if (word == "--made") {
      made = true;
    } else if (word == "--frames" && i + 1 < argc) {
      frames = static_cast<std::size_t>(std::max(100, std::atoi(argv[++i])));
    } else if (word == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else if (word.find('=') != std::string::npos) {
      inputs.push_back(word);
    } else {
      std::fprintf(stderr, "pipeline_bench: %s: NAME=RECORDING is wanted\n", word.c_str());
      return 2;
    }
  }
  if (rounds == 0) rounds = count.empty() ? 7 : 1;
  pin(0);
  setenv("STEELYARD_SHM_DIR", "/dev/shm", 0);
  const auto take = [&](const Corpus& corpus) {
    if (corpus.frames == 0) {
      std::printf("%s: no book frames\n", corpus.name.c_str());
    } else if (count.empty()) {
      measure(corpus, rounds, json);
    } else {
      count_stage(corpus, count, rounds, made);
    }
  };
  std::set<const Venue*> seen;
  try {
    for (const std::string& input : inputs) {
      const std::size_t equals = input.find('=');
      const Corpus corpus = load_corpus(input.substr(equals + 1), input.substr(0, equals));
      seen.insert(corpus.venue);
      take(corpus);
    }
    for (const Venue* const venue : venue_registry()) {
      if (!made || seen.contains(venue) || (!only.empty() && venue->name != only)) continue;
      take(made_corpus(*venue, frames));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pipeline_bench: %s\n", error.what());
    return 2;
  }
  if (json != nullptr) std::fclose(json);
  return 0;
}
