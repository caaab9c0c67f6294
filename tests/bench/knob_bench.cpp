// What each knob of a host gives here: the daemon at a rate over loopback TLS, with and without it,
// in turns.
//   knob_bench [--rate 10000] [--rounds 7] [--seconds 2]
// Server on core 0, daemon on core 1, one thread that spins unless the row says otherwise.
#include <cstdlib>
#include <filesystem>

#include "bench/wire_run.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

constexpr const char* kSpins = "together = true\nidle = \"spin\"";

struct Knob {
  const char* name;
  const char* threads = kSpins;
  bool locked = false;
  bool huge_pages = false;
};

constexpr Knob kKnobs[] = {{"nothing"},
                           {"mlockall before the daemon", kSpins, true},
                           {"segment.huge_pages", kSpins, false, true},
                           {"threads.idle = sleep", "together = true\nidle = \"sleep\""},
                           {"two threads, asleep", "idle = \"sleep\""},
                           {"two threads, spinning", "idle = \"spin\""}};

}  // namespace

int main(int argc, char** argv) {
  double rate = 10'000, seconds = 2;
  int rounds = 7;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string word = argv[i];
    if (word == "--rate") {
      rate = std::atof(argv[i + 1]);
    } else if (word == "--rounds") {
      rounds = std::atoi(argv[i + 1]);
    } else if (word == "--seconds") {
      seconds = std::atof(argv[i + 1]);
    } else {
      std::fprintf(stderr, "knob_bench: %s is none of --rate, --rounds, --seconds\n", argv[i]);
      return 2;
    }
  }
  std::string directory = "/dev/shm/steelyard-knob-XXXXXX";
  if (rounds < 1 || rate <= 0 || seconds <= 0 || mkdtemp(directory.data()) == nullptr) {
    std::fprintf(stderr, "knob_bench: a rate, rounds and seconds above zero, and /dev/shm\n");
    return 2;
  }
  setenv("STEELYARD_SHM_DIR", directory.c_str(), 1);
  // Two threads that spin, and the sender, want three cores.
  const std::size_t knobs = std::size(kKnobs) - (sysconf(_SC_NPROCESSORS_ONLN) > 2 ? 0 : 1);
  struct Row {
    std::vector<double> p50, p90, p99, cpu, first, faults;
  };
  std::vector<Row> rows(knobs);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < knobs; ++i) {
      Followed what;
      what.locked = kKnobs[i].locked;
      what.huge_pages = kKnobs[i].huge_pages;
      Outcome of = run(directory, rate, seconds, kKnobs[i].threads, nullptr, what);
      if (of.sorted.empty()) continue;
      const auto us = [&of](double share) {
        return static_cast<double>(percentile(of.sorted, share)) / 1e3;
      };
      rows[i].p50.push_back(us(0.5));
      rows[i].p90.push_back(us(0.9));
      rows[i].p99.push_back(us(0.99));
      rows[i].cpu.push_back(of.cpu_us);
      rows[i].first.push_back(static_cast<double>(of.first_ns) / 1e3);
      rows[i].faults.push_back(static_cast<double>(of.faults));
    }
  }
  std::printf(
      "knobs at %.0f frames/s, %d rounds of %g s, us: median (lowest to highest)\n"
      "  %-28s %-22s %-22s %-24s %-18s %-24s %s\n",
      rate, rounds, seconds, "", "p50", "p90", "p99", "CPU a message", "first change",
      "minor faults");
  for (std::size_t i = 0; i < knobs; ++i) {
    std::printf("  %-28s", kKnobs[i].name);
    for (const auto* const of : {&rows[i].p50, &rows[i].p90, &rows[i].p99, &rows[i].cpu,
                                 &rows[i].first, &rows[i].faults}) {
      const Spread all = spread(*of);
      std::printf(" %7.1f (%.1f to %.1f)", all.median, all.low, all.high);
    }
    std::printf("\n");
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return 0;
}
