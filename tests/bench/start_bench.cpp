// What the first frames after a start cost, and what would make them cheaper: frame to published
// slot with all signals, CPU time, each round in a process of its own.
//   start_bench [--rounds N]
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "bench/bench_stats.hpp"
#include "bench/form_frames.hpp"
#include "bench/pipeline.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

constexpr const char* kVenue = "bybit-linear";
constexpr std::size_t kSteady = 300;  // changes, of which the last two hundred are steady

struct Mode {
  const char* name;
  bool warmed = false;  // another pipeline has carried the venue's frames before
  bool locked = false;  // mlockall
};
constexpr Mode kModes[] = {{"as it is"},
                           {"mlockall", false, true},
                           {"warm-up of another pipeline", true},
                           {"both", true, true}};

enum : std::size_t { kWhole, kFirst, kSecond, kTenth, kLater, kFaults, kFigures };
constexpr const char* kFigureNames[kFigures] = {"whole book", "first change", "second",
                                                "tenth",      "steady",       "faults, first ten"};
using Figures = std::array<double, kFigures>;

[[nodiscard]] double minor_faults() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_minflt);
}

class Start {
 public:
  explicit Start(const Venue& venue) : venue_{venue} {
    FormVenue of{venue, std::string{STEELYARD_FIXTURES "/"} + kVenue + "/made.forms", kSteady};
    frames_ = of.frames();
    for (MadeFrame& made : frames_) made.payload.append(kFramePadding, '\0');
    instrument_.id = InstrumentId{0};
    instrument_.venue = venue_index(venue);
    instrument_.symbol = instrument_.name = of.spec().symbol;
    instrument_.scale.price_exponent = static_cast<std::int8_t>(-of.spec().price_decimals);
    instrument_.scale.qty_exponent = static_cast<std::int8_t>(-of.spec().qty_decimals);
  }

  // Nanoseconds a frame, in their order.
  [[nodiscard]] std::vector<double> play(double& faults) {
    const ConnectionInfo link{&venue_, 0};
    Pipeline pipeline{{&instrument_, 1}, {&link, 1}, SignalTier::All, true};
    std::vector<double> took;
    took.reserve(frames_.size());
    const double before = minor_faults();
    for (const MadeFrame& made : frames_) {
      Frame frame;
      frame.payload = std::string_view{made.payload}.substr(0, made.payload.size() - kFramePadding);
      frame.received = TimestampNs{made.received};
      frame.kind = made.kind;
      const std::int64_t start = cpu_ns();
      pipeline.take(frame);
      took.push_back(static_cast<double>(cpu_ns() - start));
      if (took.size() == 12) faults = minor_faults() - before;
    }
    if (pipeline.shard->slots()[0].state != SyncState::Live) std::exit(1);
    return took;
  }

 private:
  const Venue& venue_;
  std::vector<MadeFrame> frames_;
  Instrument instrument_;
};

// In the child: its figures on standard output.
int measure(const Mode& mode) {
  const Venue* const venue = find_venue(kVenue);
  if (mode.locked && mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
    std::perror("mlockall");
    return 1;
  }
  Start start{*venue};
  double faults = 0;
  if (mode.warmed) (void)start.play(faults);
  // A link that comes up, a whole book, changes.
  std::vector<double> took = start.play(faults);
  std::vector<double> later{took.end() - 200, took.end()};
  for (const double figure :
       {took.at(1), took.at(2), took.at(3), took.at(11), spread(std::move(later)).median, faults}) {
    std::printf("%.0f ", figure);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  setenv("STEELYARD_SHM_DIR", "/dev/shm", 0);
  pin(0);
  if (argc == 3 && std::strcmp(argv[1], "--mode") == 0) {
    return measure(kModes[static_cast<std::size_t>(std::atoi(argv[2])) % std::size(kModes)]);
  }
  const int rounds = argc == 3 && std::strcmp(argv[1], "--rounds") == 0 ? std::atoi(argv[2]) : 25;
  std::vector<double> runs[std::size(kModes)][kFigures];
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t mode = 0; mode < std::size(kModes); ++mode) {
      const std::string command = std::string{"'"} + argv[0] + "' --mode " + std::to_string(mode);
      std::FILE* const child = popen(command.c_str(), "r");
      if (child == nullptr) return 1;
      for (auto& figure : runs[mode]) {
        double value = 0;
        if (std::fscanf(child, "%lf", &value) == 1) figure.push_back(value);
      }
      if (pclose(child) != 0) {
        std::fprintf(stderr, "start_bench: %s: did not end well\n", kModes[mode].name);
        return 1;
      }
    }
  }
  std::printf("the first frames after a start, ns of CPU, %d rounds: median (lowest to highest)\n",
              rounds);
  for (std::size_t mode = 0; mode < std::size(kModes); ++mode) {
    std::printf(" %s\n", kModes[mode].name);
    for (std::size_t i = 0; i < kFigures; ++i) {
      const Spread of = spread(runs[mode][i]);
      std::printf("  %-18s %9.0f (%.0f to %.0f)\n", kFigureNames[i], of.median, of.low, of.high);
    }
  }
  return 0;
}
