// Frame to published slot, stage by stage, beside a walk of the same bytes that does nothing with
// them.
//   pipeline_bench [--rounds N] [--json FILE] NAME=RECORDING...
//   pipeline_bench --count STAGE [--rounds N] NAME=RECORDING
//                                                    N passes (1) of one stage, for counters and
//                                                    profilers
#include <simdjson.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "bench/bench_stats.hpp"
#include "bench/frames.hpp"
#include "bench/pipeline.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

// Everything On-Demand has to look at, as raw tokens.
std::uint64_t walk(simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return 0;
  std::uint64_t seen = 0;
  switch (type) {
    case simdjson::ondemand::json_type::object:
      for (auto field : value.get_object()) {
        simdjson::ondemand::raw_json_string key;
        if (field.key().get(key) != simdjson::SUCCESS) return seen;
        seen += static_cast<std::uint64_t>(*key.raw()) + walk(field.value());
      }
      return seen;
    case simdjson::ondemand::json_type::array:
      for (auto element : value.get_array()) seen += walk(element.value());
      return seen;
    default:
      return value.raw_json_token().size();
  }
}

class Walk {
 public:
  Walk() {
    if (parser_.allocate(16U << 20) != simdjson::SUCCESS) std::abort();
  }
  [[gnu::noinline]] std::uint64_t pass(const Corpus& corpus) {
    std::uint64_t seen = 0;
    for (const Corpus::Item& item : corpus.items) {
      if (!item.timed) continue;
      simdjson::ondemand::document document;
      if (parser_.iterate(corpus.bytes.data() + item.at, item.bytes, item.bytes + kFramePadding)
              .get(document) != simdjson::SUCCESS) {
        continue;
      }
      simdjson::ondemand::json_type type{};
      if (document.type().get(type) != simdjson::SUCCESS) continue;
      if (type == simdjson::ondemand::json_type::object) {
        for (auto field : document.get_object()) {
          simdjson::ondemand::raw_json_string key;
          if (field.key().get(key) != simdjson::SUCCESS) break;
          seen += static_cast<std::uint64_t>(*key.raw()) + walk(field.value());
        }
      } else if (type == simdjson::ondemand::json_type::array) {
        for (auto element : document.get_array()) seen += walk(element.value());
      }
    }
    return seen;
  }

 private:
  simdjson::ondemand::parser parser_;
};

// From the core signals on, what is computed is published.
enum class Stage { Walk, Decode, Book, Core, Tier1, Tier2, All };
constexpr const char* kStageNames[] = {"walk (W)", "decode",   "+ sync + book", "+ core signals",
                                       "+ tier 1", "+ tier 2", "+ all signals"};
constexpr const char* kStageKeys[] = {"walk", "decode", "book", "core", "tier1", "tier2", "all"};
constexpr std::size_t kStages = std::size(kStageNames);

[[nodiscard]] SignalTier tier_of(Stage stage) {
  switch (stage) {
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
  const std::int64_t warm = pass(pipeline, corpus, decode_only, later);
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
    sink = walker.pass(corpus);
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
  for (int round = -1; round < rounds; ++round) {
    double floor = 0;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      const double took = run(corpus, walker, static_cast<Stage>(stage));
      if (round < 0) continue;  // warm-up
      if (stage == 0) floor = took;
      ns[stage].push_back(took);
      ratios[stage].push_back(took / floor);
    }
  }
  std::printf("%s: %s, %llu book frames of %llu bytes and %.1f levels, %zu instruments\n",
              corpus.name.c_str(), std::string{corpus.venue->name}.c_str(),
              static_cast<unsigned long long>(corpus.frames),
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
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  int rounds = 0;
  std::FILE* json = nullptr;
  std::string count;
  std::vector<std::string> inputs;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--rounds" && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else if (word == "--json" && i + 1 < argc) {
      json = std::fopen(argv[++i], "a");
    } else if (word == "--count" && i + 1 < argc) {
      count = argv[++i];
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
  for (const std::string& input : inputs) {
    const std::size_t equals = input.find('=');
    try {
      const Corpus corpus = load_corpus(input.substr(equals + 1), input.substr(0, equals));
      if (corpus.frames == 0) {
        std::printf("%s: no book frames\n", corpus.name.c_str());
        continue;
      }
      if (count.empty()) {
        measure(corpus, rounds, json);
        continue;
      }
      for (std::size_t stage = 0; stage < kStages; ++stage) {
        if (count != kStageKeys[stage]) continue;
        Walk walker;
        for (int round = 0; round < rounds; ++round) {
          (void)run(corpus, walker, static_cast<Stage>(stage));
        }
        std::printf("%llu frames\n", static_cast<unsigned long long>(corpus.frames));
      }
    } catch (const std::exception& error) {
      std::fprintf(stderr, "pipeline_bench: %s\n", error.what());
      return 2;
    }
  }
  if (json != nullptr) std::fclose(json);
  return 0;
}
