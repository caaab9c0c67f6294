// From the wire to shared memory over loopback TLS: a bare client that only finds a frame's end,
// and then the daemon itself, fed by the same server at the same rate in the same run.
//   wire_bench [--quick] [--rates 1000,10000,50000] [--json FILE]
//   wire_bench --flood FRAMES [core|all|usdm] [--spin]: saturated only, once, asleep where it waits
//   unless told to spin: two lengths under callgrind give what a frame costs
// Latency is from just before the server hands a frame to its TLS stream, to the frame's end being
// found (bare), or the record being complete in shared memory (daemon). Server on core 0, client
// on 1.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/bench_stats.hpp"
#include "bench/flood.hpp"
#include "bench/flood_server.hpp"
#include "bench/wire_run.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

struct Mode {
  const char* name;
  const char* threads;  // of the configuration
  const char* suffix;   // of its figures
  const char* key;      // of its stages
};

// How the daemon takes a flood.
struct Flooded {
  const char* name;
  const char* key;
  SignalTier tier = SignalTier::All;
  bool bare = false;          // not the daemon at all
  bool recorded = false;      // real frames instead of made ones
  std::vector<double> mps{};  // millions of frames a second, by round
  StageTable stages{};
};

// Millions of frames a second on one core, sent as fast as the other can.
[[nodiscard]] double saturated(const std::string& directory, const Flood& what, Flooded& how,
                               useconds_t rest_us = 500'000, const char* idle = "spin") {
  void* const memory =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const board = new (memory) Board;
  const sim::Certificate certificate = sim::make_certificate();
  std::ofstream{directory + "/ca.pem"} << certificate.authority_pem;
  boost::asio::io_context io{1};
  Answers answers{what};
  sim::Server server{io, 0, certificate, answers};
  FloodServer flood{certificate};
  const std::vector<SignalRow> signals = signals_of(how.tier);
  const pid_t child = fork();
  if (child == 0) {
    if (how.bare) bare_flood_client(flood.port(), directory + "/ca.pem", *board);
    daemon_client(server.port(), flood.port(), directory,
                  std::string{"together = true\nidle = \""} + idle + "\"\n", *board,
                  {what.venue, params_of(how.tier), signals, what.after});
  }
  pin(0);
  const auto serve_until = [&](std::int64_t end, auto done) {
    bool there = false;
    while (!there && now_ns() < end) {
      io.poll();
      there = done();
    }
    return there;
  };
  if (serve_until(now_ns() + 60'000'000'000, [&flood] { return flood.accept_one(); })) {
    (void)serve_until(now_ns() + 30'000'000'000, [board] { return board->reading.load(); });
    flood.send(what.head);
    // The book that a venue is asked for comes by another connection.
    (void)serve_until(now_ns() + 500'000'000, [] { return false; });
    const std::string sealed = flood.seal(what.bytes);
    board->flooding = true;
    flood.send_sealed(sealed);
    usleep(rest_us);
  }
  board->over = true;
  const std::int64_t patience = now_ns() + 5'000'000'000;
  while (now_ns() < patience && waitpid(child, nullptr, WNOHANG) == 0) usleep(1'000);
  kill(child, SIGKILL);
  waitpid(child, nullptr, WNOHANG);
  const auto count = static_cast<double>(board->count.load());
  const auto span = static_cast<double>(board->span_ns.load());
  const std::uint64_t doubtful = board->doubtful;
  for (std::size_t i = 0; i < kStagesOfFrame; ++i) how.stages.add(i, board->stages[i]);
  munmap(memory, sizeof(Board));
  // A figure of something else is none.
  if (count != what.frames || doubtful != 0) {
    std::printf("  %s: %.0f of %u frames, %llu of doubtful books\n", how.name, count, what.frames,
                static_cast<unsigned long long>(doubtful));
    return 0;
  }
  return span <= 0 ? 0 : (count - 1) / span * 1e3;
}

// Where recordings are looked for: the variable's folder, or the one beside the repository.
[[nodiscard]] std::string usdm_recording() {
  const char* const captures = std::getenv("STEELYARD_CAPTURES");
  const std::string folder = captures != nullptr ? captures : "../shared/captures";
  const std::string path = folder + "/binance-usdm/btcusdt_20240808.ndjson.zst";
  return std::filesystem::exists(path) ? path : std::string{};
}

void flood_table(const std::string& directory, bool quick, std::FILE* json) {
  Flooded ways[] = {
      {"bare TLS client, ten levels", "saturated_mps.bare", SignalTier::None, true},
      {"daemon, ten levels, core signals", "saturated_mps", SignalTier::Core},
      {"daemon, ten levels, tier 1", "saturated_mps.tier1", SignalTier::Tier1},
      {"daemon, ten levels, all signals", "saturated_mps.all", SignalTier::All},
      {"bare TLS client, USD-M", "saturated_mps.usdm_bare", SignalTier::None, true, true},
      {"daemon, USD-M, core signals", "saturated_mps.usdm_core", SignalTier::Core, false, true}};
  const Flood made = okx_flood(quick ? 60'000 : 250'000);
  Flood recorded;
  if (const std::string path = usdm_recording(); !path.empty()) {
    recorded = RecordedUsdm{path}.flood(quick ? 12'000 : 60'000);
  } else {
    std::printf(" no recording of USD-M frames: set STEELYARD_CAPTURES\n");
  }
  for (int round = 0; round < (quick ? 2 : 5); ++round) {
    for (Flooded& way : ways) {
      if (way.recorded && recorded.frames == 0) continue;
      const double mps = saturated(directory, way.recorded ? recorded : made, way);
      if (mps > 0) way.mps.push_back(mps);
    }
  }
  std::printf(" saturated, one thread, million frames a second\n");
  for (const Flooded& way : ways) {
    if (way.mps.empty()) continue;
    const Spread millions = spread(way.mps);
    std::printf("  %-34s %5.2f (%.2f to %.2f)   %5.0f ns a frame\n", way.name, millions.median,
                millions.low, millions.high, 1000 / millions.median);
    figure(json, way.key, millions);
  }
  StageTable::print_head();
  for (const Flooded& way : ways) {
    if (!way.bare && !way.mps.empty()) way.stages.print(way.name, way.key, json);
  }
}

void print(const char* what, Outcome& of, double expected) {
  const auto us = [&of](double share) {
    return static_cast<double>(percentile(of.sorted, share)) / 1000.0;
  };
  std::printf(
      "  %-26s p50 %7.1f  p90 %7.1f  p99 %8.1f  p99.9 %9.1f us   CPU %5.1f us a message"
      "   %zu of %.0f frames\n",
      what, us(0.5), us(0.9), us(0.99), us(0.999), of.cpu_us, of.sorted.size(), expected);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string rates;
  std::uint32_t flood = 0;
  std::string with;
  const char* idle = "sleep";
  useconds_t rest_us = 4'000'000;
  std::FILE* json = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) quick = true;
    if (std::strcmp(argv[i], "--rates") == 0 && i + 1 < argc) rates = argv[++i];
    if (std::strcmp(argv[i], "--flood") == 0 && i + 1 < argc) {
      flood = static_cast<std::uint32_t>(std::atoi(argv[++i]));
      if (i + 1 < argc && argv[i + 1][0] != '-') with = argv[++i];
    }
    // For profilers, which see the daemon as it is when nothing else holds it up.
    if (std::strcmp(argv[i], "--spin") == 0) {
      idle = "spin";
      rest_us = 500'000;
    }
    if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) json = std::fopen(argv[++i], "a");
  }
  if (rates.empty()) rates = quick ? "10000,50000" : "1000,10000,50000";
  std::string directory = "/dev/shm/steelyard-wire-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror("wire_bench");
    return 2;
  }
  setenv("STEELYARD_SHM_DIR", directory.c_str(), 1);
  if (flood != 0) {
    const Flood what =
        with == "usdm" ? RecordedUsdm{usdm_recording()}.flood(flood) : okx_flood(flood);
    Flooded how{"flood", "", with == "all" ? SignalTier::All : SignalTier::Core};
    std::printf("%.3f M frames/s\n", saturated(directory, what, how, rest_us, idle));
    std::filesystem::remove_all(directory);
    return 0;
  }
  const double seconds = quick ? 0.7 : 4;
  const int rounds = quick ? 2 : 3;
  std::printf("wire: frames of ten levels over loopback TLS to shared memory\n");
  std::istringstream list{rates};
  for (std::string word; std::getline(list, word, ',');) {
    const double rate = std::atof(word.c_str());
    constexpr Mode kModes[] = {
        {"daemon, one thread, spin", "together = true\nidle = \"spin\"", "", "together"},
        {"daemon, one thread, sleep", "together = true\nidle = \"sleep\"", "_sleep",
         "together_sleep"},
        {"daemon, two threads, sleep", "idle = \"sleep\"", "_apart_sleep", "apart_sleep"},
        {"daemon, two threads, spin", "idle = \"spin\"", "_apart", "apart"}};
    // Two threads that spin, and the sender, want three cores.
    const std::size_t modes = quick ? 1 : sysconf(_SC_NPROCESSORS_ONLN) > 2 ? 4 : 3;
    std::vector<double> p50[4], p90[4];
    StageTable stages[4];
    for (int round = 0; round < rounds; ++round) {
      std::printf(" %s frames/s\n", word.c_str());
      Outcome bare = run(directory, rate, seconds, "bare");
      print("bare TLS client, busy", bare, rate * seconds);
      for (std::size_t i = 0; i < modes; ++i) {
        Outcome ours = run(directory, rate, seconds, kModes[i].threads);
        print(kModes[i].name, ours, rate * seconds);
        for (std::size_t stage = 0; stage < kPublishedToRead; ++stage) {
          stages[i].add(stage, ours.stages[stage]);
        }
        if (bare.sorted.empty() || ours.sorted.empty()) continue;
        const auto over_bare = [&](double share) {
          return static_cast<double>(percentile(ours.sorted, share)) /
                 static_cast<double>(percentile(bare.sorted, share));
        };
        p50[i].push_back(over_bare(0.5));
        p90[i].push_back(over_bare(0.9));
      }
    }
    // Apart from the rest: who reads moves lines of the ring between the cores.
    for (std::size_t i = 0; i < modes; ++i) {
      ReadSide read;
      (void)run(directory, rate, 1, kModes[i].threads, &read);
      stages[i].add(kPublishedToRead, read.times());
    }
    for (std::size_t i = 0; i < modes; ++i) {
      const Spread middle = spread(p50[i]);
      const Spread upper = spread(p90[i]);
      std::printf("  %-26s over bare: p50 x%.2f (%.2f to %.2f)  p90 x%.2f\n", kModes[i].name,
                  middle.median, middle.low, middle.high, upper.median);
      figure(json, std::string{"wire_over_rawtls"} + kModes[i].suffix + "." + word, middle);
      figure(json, std::string{"wire_over_rawtls_p90"} + kModes[i].suffix + "." + word, upper);
    }
    StageTable::print_head();
    for (std::size_t i = 0; i < modes; ++i) {
      stages[i].print(kModes[i].name, kModes[i].key + ("." + word), json);
    }
  }
  flood_table(directory, quick, json);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  if (json != nullptr) std::fclose(json);
  return 0;
}
