// The daemon against one simulated venue, with faults at random: after each, its books must be live
// again and equal to the simulator's own, level by level. Without --venue: all venues at once, a
// process each.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "app/daemon.hpp"
#include "app/log.hpp"
#include "sim/registry.hpp"
#include "sim/simulator.hpp"
#include "steelyard/reader.hpp"
#include "support/book_comparison.hpp"
#include "support/temporary_folder.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using sim::Fault;

struct Options {
  std::string venue;
  std::string channel;  // empty: the venue's default
  double seconds = 20.0;
  std::uint64_t seed = 1;
  std::uint32_t connections = 1;
  bool verbose = false;
};

// Of one fault: what happened.
struct Count {
  int caused = 0;
  int failed = 0;
  std::chrono::milliseconds longest{0};  // until all was well again
};

[[nodiscard]] bool is_of_connection(Fault fault) {
  return fault == Fault::Stall || fault == Fault::Reset || fault == Fault::HalfOpen ||
         fault == Fault::AgeCut || fault == Fault::ShutdownNotice;
}
[[nodiscard]] bool is_of_snapshot(Fault fault) {
  return fault == Fault::SnapshotLate || fault == Fault::SnapshotOld ||
         fault == Fault::TooManyRequests || fault == Fault::Banned;
}

class Soak {
 public:
  explicit Soak(const Options& options) : options_{options}, random_{options.seed} {
    if (!find_venue(options.venue)->shares_ids) options_.connections = 1;
    setenv("STEELYARD_SHM_DIR", folder_path_.c_str(), 1);
    sim::SimulatorOptions simulated;
    simulated.venues = {{options.venue, 0}};
    simulated.market.tick = 50ms;
    simulated.market.seed = options.seed;
    // Keepalives of servers go on whatever happens to the data, and are no substitute for them.
    simulated.market.ping_every = 1000ms;
    simulator_ = std::make_unique<sim::Simulator>(simulated);
    std::ofstream{folder_ / "ca.pem"} << simulator_->authority_pem();
    const std::string at = "localhost:" + std::to_string(simulator_->port(options.venue));
    config_ = parse_config(
        "instance = \"soak\"\n[segment]\ndirectory = \"" + folder_path_ + "\"\n[log]\npath = \"" +
            (folder_ / "daemon.log") + "\"\n[network]\nca_file = \"" + (folder_ / "ca.pem") +
            "\"\nsilence_limit_ms = 3000\nbackoff_base_ms = 20\nbackoff_cap_ms = 200\n"
            "resync_interval_ms = 100\ndata_deadline_ms = 1500\n[venues." +
            options.venue + "]\ninstruments = [\"*\"]\nwebsocket = \"" + at + "\"\nrest = \"" + at +
            "\"\nconnections = " + std::to_string(options_.connections) + "\n" +
            (options.channel.empty() ? "" : "channel = \"" + options.channel + "\"\n"),
        "soak");
    start_log(config_.log);
    daemon_ = std::make_unique<Daemon>(config_, fetch_metadata(config_, stop_));
    row_ = &find_venue(options.venue)->books[daemon_->topology().instruments[0].channel];
    thread_ = std::thread{[this] { daemon_->run(stop_); }};
  }
  ~Soak() {
    stop_ = true;
    thread_.join();
    daemon_.reset();
    stop_log();
  }

  // Whether every fault ended well.
  [[nodiscard]] bool run() {
    if (!reader_.wait_for("soak", 10s) || !settled(limit())) {
      return failed("it does not begin: " + trouble_);
    }
    const auto end = Clock::now() + std::chrono::duration<double>{options_.seconds};
    while (Clock::now() < end && failures_ < kMostFailures) {
      std::this_thread::sleep_for(std::chrono::milliseconds{random_() % 300});
      one_fault();
    }
    report();
    return failures_ == 0;
  }

 private:
  static constexpr int kMostFailures = 3;
  static constexpr auto kDetection = 500ms;  // of what the next messages prove

  // A loss that nothing on the wire proves must be repaired, too; and where snapshots are fetched,
  // the minute's budget of requests may be spent.
  [[nodiscard]] std::chrono::milliseconds limit() const {
    return 20s + row_->renew + (row_->resync == ResyncBy::Fetch ? 60s : 0s);
  }
  // Books that come whole and seldom.
  [[nodiscard]] std::chrono::milliseconds calm() const {
    return row_->snapshot == SnapshotSource::Replace ? 6500ms : 2000ms;
  }

  void one_fault() {
    const auto fault = static_cast<Fault>(random_() % std::size(sim::kFaults));
    const std::uint32_t instrument = static_cast<std::uint32_t>(random_() % reader_.instruments());
    const std::string symbol{SegmentView::text(reader_.segment().instrument(instrument).symbol)};
    const auto begun = Clock::now();
    const std::uint64_t connects = counter("connects");
    const std::uint64_t silent = counter("no_data");
    const bool asks = row_->resync == ResyncBy::Fetch || row_->resync == ResyncBy::Request;
    if (is_of_snapshot(fault) && !asks) return;
    if (!simulator_->cause(options_.venue, fault, symbol)) return;
    // What only snapshots and subscriptions meet needs a reason for one.
    if (is_of_snapshot(fault)) {
      // One loss among several connections is filled by another.
      const bool spared = options_.connections > 1;
      (void)simulator_->cause(options_.venue, spared ? Fault::Reset : Fault::DropDelta, symbol);
    }
    if (fault == Fault::AckWithoutData) {
      (void)simulator_->cause(options_.venue, Fault::Reset, symbol);
    }
    Count& count = counts_[fault];
    ++count.caused;
    const bool again = is_of_connection(fault) || fault == Fault::AckWithoutData;
    if (again && !wait(limit(), [&] { return counter("connects") > connects; })) {
      trouble_ = "the connection is not replaced";
      ++count.failed;
      return (void)failed(std::string{to_text(fault)} + ' ' + symbol + ": " + trouble_);
    }
    // A fetched book may be live and right for a moment, though its stream brings nothing.
    if (fault == Fault::AckWithoutData &&
        !wait(limit(), [&] { return counter("no_data") > silent; })) {
      ++count.failed;
      return (void)failed(symbol + ": acknowledged, silent, and nobody minds");
    }
    if (!wait(limit(), [&] { return simulator_->waiting_faults(options_.venue) == 0; })) {
      ++count.failed;
      return (void)failed(std::string{to_text(fault)} + ' ' + symbol + ": it never happened");
    }
    std::this_thread::sleep_for(kDetection);
    const bool well = settled(limit());
    count.failed += well ? 0 : 1;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
    count.longest = std::max(count.longest, took);
    if (options_.verbose || !well) {
      std::printf("%-13s %-17s %-20s %s after %lld ms\n", options_.venue.c_str(),
                  std::string{to_text(fault)}.c_str(), symbol.c_str(),
                  well ? "well" : trouble_.c_str(), static_cast<long long>(took.count()));
      std::fflush(stdout);
    }
    if (!well) (void)failed(std::string{to_text(fault)} + ' ' + symbol + ": " + trouble_);
  }

  // Every book live, and equal to the simulator's while its markets stand still. A book that is
  // live and wrong, and has had its chance to notice, is a failure at once; but where nothing
  // proves it.
  [[nodiscard]] bool settled(std::chrono::milliseconds within) {
    const auto end = Clock::now() + within;
    wrong_ = 0;
    while (Clock::now() < end) {
      if (!wait(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()),
                [this] { return doubtful().empty(); })) {
        break;
      }
      simulator_->pause(true);
      const bool equal = wait(calm(), [this] { return (trouble_ = differing()).empty(); });
      const bool live = doubtful().empty();
      simulator_->pause(false);
      if (equal && live) return true;
      if (live && !row_->unproven && !is_outgrown() && ++wrong_ > 1) {
        trouble_ = "live and wrong: " + trouble_;
        return false;
      }
      std::this_thread::sleep_for(kDetection);
    }
    const std::string still = doubtful();
    if (!still.empty()) trouble_ = "not live: " + still;
    return false;
  }

  // A book that is not live; empty: all are.
  [[nodiscard]] std::string doubtful() const {
    for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
      StateView view{};
      if (reader_.latest(InstrumentId{i}, view, {}) && is_live(view.tick)) continue;
      return std::string{SegmentView::text(reader_.segment().instrument(i).symbol)} + " (" +
             std::to_string(view.tick.validity) + ")";
    }
    return {};
  }
  [[nodiscard]] std::string differing() {
    for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
      std::string where = difference(reader_, i, *simulator_, row_->depth);
      differing_ = i;
      if (!where.empty()) return where;
    }
    return {};
  }

  // The market went beyond what was fetched; the record says so until it is fetched again.
  [[nodiscard]] bool is_outgrown() const {
    StateView view{};
    return row_->snapshot == SnapshotSource::OutOfBand &&
           reader_.latest(InstrumentId{differing_}, view, {}) &&
           (view.tick.validity & kShallow) != 0;
  }

  [[nodiscard]] static bool wait(std::chrono::milliseconds within,
                                 const std::function<bool()>& condition) {
    const auto end = Clock::now() + within;
    while (!condition()) {
      if (Clock::now() >= end) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }

  [[nodiscard]] std::uint64_t counter(const std::string& name) const {
    for (std::uint32_t i = 0; i < reader_.segment().count(RegionKind::Counters); ++i) {
      const CounterEntry& entry = reader_.segment().counter(i);
      if (SegmentView::text(entry.label) == "io0 " + name) return entry.value.load();
    }
    return 0;
  }

  bool failed(const std::string& what) {
    ++failures_;
    std::printf("%-13s FAILED (seed %llu): %s\n", options_.venue.c_str(),
                static_cast<unsigned long long>(options_.seed), what.c_str());
    std::ifstream log{folder_ / "daemon.log"};
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    for (std::size_t i = lines.size() > 12 ? lines.size() - 12 : 0; i < lines.size(); ++i) {
      std::printf("    %s\n", lines[i].substr(0, 200).c_str());
    }
    std::fflush(stdout);
    return false;
  }

  void report() const {
    for (const auto& [fault, count] : counts_) {
      std::printf("%-13s %-17s %4d times, %d failed, at most %lld ms\n", options_.venue.c_str(),
                  std::string{to_text(fault)}.c_str(), count.caused, count.failed,
                  static_cast<long long>(count.longest.count()));
    }
    std::fflush(stdout);
  }

  Options options_;
  std::uint32_t differing_ = 0;  // the instrument that differing() told of
  std::mt19937_64 random_;
  TemporaryFolder folder_;
  std::string folder_path_ = folder_ / "";
  std::unique_ptr<sim::Simulator> simulator_;
  Config config_;
  std::unique_ptr<Daemon> daemon_;
  const BookChannel* row_ = nullptr;
  std::atomic<bool> stop_{false};
  std::thread thread_;
  Reader reader_;
  std::map<Fault, Count> counts_;
  std::string trouble_;
  int wrong_ = 0;
  int failures_ = 0;
};

// One process a venue, all at once. The number of those that failed.
int run_all(const char* self, const Options& options) {
  std::map<pid_t, std::string> running;
  for (const sim::SimulatedVenue& venue : sim::simulated_venues()) {
    const pid_t pid = fork();
    if (pid == 0) {
      execl(self, self, "--venue", std::string{venue.name}.c_str(), "--seconds",
            std::to_string(options.seconds).c_str(), "--seed", std::to_string(options.seed).c_str(),
            "--connections", std::to_string(options.connections).c_str(),
            options.verbose ? "--verbose" : nullptr, nullptr);
      _exit(127);
    }
    running[pid] = venue.name;
  }
  int failures = 0;
  while (!running.empty()) {
    int status = 0;
    const pid_t pid = wait(&status);
    if (pid < 0) break;
    const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!well) std::printf("%-13s failed\n", running[pid].c_str());
    failures += well ? 0 : 1;
    running.erase(pid);
  }
  return failures;
}

int run(int argc, char** argv) {
  CLI::App app{"The daemon against simulated venues, with faults at random"};
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  Options options;
  app.add_option("--venue", options.venue, "Only this one, in this process");
  app.add_option("--channel", options.channel, "Of the book; the venue's default if left out");
  app.add_option("--seconds", options.seconds, "How long")->check(CLI::Range(0.0, 1e6));
  app.add_option("--seed", options.seed, "Which faults, in which order");
  app.add_option("--connections", options.connections,
                 "That carry each stream, where ids are the same on all")
      ->check(CLI::Range(1, 4));
  app.add_flag("--verbose", options.verbose, "A line for each fault");
  CLI11_PARSE(app, argc, argv);
  if (options.venue.empty()) return run_all(argv[0], options) == 0 ? 0 : 1;
  if (sim::find_simulated(options.venue) == nullptr) {
    std::fprintf(stderr, "soak_faults: \"%s\" is none of %s\n", options.venue.c_str(),
                 sim::simulated_names().c_str());
    return 2;
  }
  Soak soak{options};
  return soak.run() ? 0 : 1;
}

}  // namespace
}  // namespace steelyard

int main(int argc, char** argv) {
  try {
    return steelyard::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "soak_faults: %s\n", error.what());
    return 1;
  }
}
