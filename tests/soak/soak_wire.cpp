// The daemon for an hour at 20,000 frames a second over 200 instruments, over loopback TLS: no
// frame may be lost, and its memory may not grow. Latencies are reported minute by minute, out of
// the segment's histograms; they are the machine's, and judge nothing.
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include "app/daemon.hpp"
#include "app/log.hpp"
#include "bench/wire_feeder.hpp"
#include "observe/histogram_view.hpp"
#include "steelyard/reader.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using bench::now_ns;

struct Options {
  double seconds = 3600;
  double rate = 20'000;
  std::size_t instruments = 200;
  double report_every = 60;
  double warm_up = 60;    // seconds until memory is looked at
  double growth_mib = 4;  // what it may grow by after that
  std::string threads = "idle = \"sleep\"";
};

// What the daemon publishes, counted by a thread that reads all of it.
class Listener {
 public:
  [[nodiscard]] bool attach() { return reader_.wait_for("soak", 10s); }
  void start() {
    thread_ = std::thread{[this] { listen(); }};
  }
  void stop() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] std::uint64_t deltas() const noexcept { return deltas_.load(); }
  [[nodiscard]] std::uint64_t doubtful() const noexcept { return doubtful_.load(); }
  [[nodiscard]] std::uint64_t overrun() const noexcept { return overrun_.load(); }
  [[nodiscard]] const SegmentView& segment() const noexcept { return reader_.segment(); }
  [[nodiscard]] std::size_t live() const {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
      StateView view{};
      if (reader_.latest(InstrumentId{i}, view, {}) && is_live(view.tick)) ++count;
    }
    return count;
  }

 private:
  void listen() {
    Record record;
    while (!over_) {
      const Poll polled = reader_.poll(record);
      if (polled == Poll::Ok && record.event() == EventKind::Delta) {
        deltas_.fetch_add(1, std::memory_order_relaxed);
        if (!record.is_live()) doubtful_.fetch_add(1, std::memory_order_relaxed);
      }
      overrun_ = reader_.lost();
      if (polled != Poll::Ok) std::this_thread::sleep_for(1ms);
    }
  }

  Reader reader_;
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> deltas_{0};
  std::atomic<std::uint64_t> doubtful_{0};
  std::atomic<std::uint64_t> overrun_{0};
  std::thread thread_;
};

// In MiB. Anonymous: its heap and stacks; the segment's pages are resident as others meet them.
struct Memory {
  double anonymous = 0;
  double resident = 0;
};
[[nodiscard]] Memory memory_of(pid_t process) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/smaps_rollup"};
  Memory memory;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Rss:")) memory.resident = std::atof(line.c_str() + 4) / 1024;
    if (line.starts_with("Anonymous:")) memory.anonymous = std::atof(line.c_str() + 10) / 1024;
  }
  return memory;
}

// Seconds of a processor that a process has had so far, all its threads; 0 if it cannot be read.
[[nodiscard]] double cpu_seconds_of(pid_t process) {
  std::ifstream file{"/proc/" + std::to_string(process) + "/stat"};
  std::string text;
  std::getline(file, text);
  // Its name, in brackets, may hold anything; user and system time are the 12th and 13th after it.
  std::istringstream fields{text.substr(std::min(text.size(), text.rfind(')') + 1))};
  for (int i = 0; i < 11; ++i) fields >> text;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Until a time of the monotonic clock; interrupted, it returns sooner.
void sleep_until(std::int64_t ns) {
  const timespec until{ns / 1'000'000'000, ns % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

[[noreturn]] void run_daemon(const Options& options, const std::string& folder,
                             std::uint16_t port) {
  const std::string at = "localhost:" + std::to_string(port);
  const Config config = parse_config(
      "instance = \"soak\"\n[log]\npath = \"" + folder +
          "/daemon.log\"\n[segment]\ndirectory = \"" + folder +
          "\"\nring_slots = 524288\n[threads]\n" + options.threads + "\n[network]\nca_file = \"" +
          folder +
          "/ca.pem\"\n[venues.okx]\nstreams = [\"book\"]\ninstruments = [\"*\"]\nwebsocket = \"" +
          at + "\"\nrest = \"" + at + "\"\n",
      "soak_wire");
  start_log(config.log);
  std::atomic<bool> stop{false};
  {
    Daemon daemon{config, fetch_metadata(config, stop)};
    std::thread watch{[&stop, parent = getppid()] {
      while (getppid() == parent) std::this_thread::sleep_for(100ms);
      stop = true;
    }};
    daemon.run(stop);
    watch.join();
  }
  stop_log();
  _exit(0);
}

class Soak {
 public:
  explicit Soak(const Options& options) : options_{options}, feeder_{0, options.instruments} {}

  [[nodiscard]] int run() {
    const std::string folder = folder_ / "";
    setenv("STEELYARD_SHM_DIR", folder.c_str(), 1);
    const sim::Certificate certificate = sim::make_certificate();
    std::ofstream{folder_ / "ca.pem"} << certificate.authority_pem;
    sim::Server server{io_, 0, certificate, feeder_};
    daemon_ = fork();
    if (daemon_ == 0) run_daemon(options_, folder, server.port());
    const int verdict = soak();
    kill(daemon_, SIGKILL);
    waitpid(daemon_, nullptr, 0);
    return verdict;
  }

 private:
  static constexpr std::int64_t kPaceNs = 500'000;
  // What the daemon, and this process, have had of the processors.
  struct Cpu {
    std::int64_t at_ns = 0;
    double daemon_s = 0;
    double sender_s = 0;
  };
  [[nodiscard]] Cpu cpu_now() const {
    return {now_ns(), cpu_seconds_of(daemon_), bench::cpu_seconds()};
  }

  [[nodiscard]] int soak() {
    if (!serve_until([this] { return feeder_.ready; }, 60)) return fail("nobody subscribes");
    if (!listener_.attach()) return fail("there is no segment");
    if (!serve_until([this] { return listener_.live() == options_.instruments; }, 60)) {
      return fail("books do not come alive");
    }
    listener_.start();
    std::printf(
        "  minute  frames/s  heap MiB   RSS MiB   CPU %%  sender  | stage: p50 p99 p99.9 in us\n");
    for (std::uint32_t i = 0; i < stages(); ++i) before_.push_back(stage(i));
    feed();
    const bool drained = drain();
    listener_.stop();
    return judge(drained);
  }

  // For as long as anything still arrives: a machine that is busy may be far behind.
  [[nodiscard]] bool drain() {
    for (std::uint64_t before = 0; listener_.deltas() != before;) {
      before = listener_.deltas();
      if (serve_until([this] { return listener_.deltas() >= feeder_.sent(); }, 10)) return true;
    }
    return false;
  }

  // Sleeps between deadlines, so that the daemon has the rest of the sender's core too; what fell
  // due meanwhile is sent in one go.
  void feed() {
    const std::int64_t begun = now_ns();
    const auto span = [](double seconds) { return static_cast<std::int64_t>(seconds * 1e9); };
    const std::int64_t end = begun + span(options_.seconds);
    const auto most_behind = static_cast<std::uint64_t>(options_.rate);  // a second's frames
    std::uint64_t turns = 0;                                             // sent, or not made up for
    std::int64_t next_report = begun + span(options_.report_every);
    std::int64_t warm = begun + span(options_.warm_up);
    std::int64_t wake = begun;
    reported_cpu_ = cpu_now();
    for (;;) {
      io_.poll();
      const std::int64_t now = std::min(now_ns(), end);
      const auto due =
          static_cast<std::uint64_t>(static_cast<double>(now - begun) * options_.rate / 1e9);
      bool taken = true;
      for (int burst = 0; burst < 64 && turns < due && (taken = feeder_.feed()); ++burst) ++turns;
      // What this machine could not send in time is not made up for.
      if (due - turns > most_behind) turns = due;
      if (warm != 0 && now >= warm) {
        warm = 0;
        settled_mib_ = memory_of(daemon_).anonymous;
      }
      if (now >= next_report) {
        report(static_cast<double>(now - begun) / 1e9);
        next_report += span(options_.report_every);
      }
      if (taken && turns < due) continue;
      io_.poll();
      if (now == end) return;
      wake += kPaceNs;
      if (wake <= now) wake = now + kPaceNs;
      sleep_until(std::min(wake, end));
    }
  }

  void report(double at) {
    const Memory memory = memory_of(daemon_);
    const std::uint64_t sent = feeder_.sent();
    const Cpu cpu = cpu_now();
    const auto percent = [span = static_cast<double>(cpu.at_ns - reported_cpu_.at_ns)](
                             double seconds) { return seconds * 1e11 / span; };
    std::printf("  %6.1f  %8.0f  %8.2f  %8.1f  %6.1f  %6.1f", at / 60,
                static_cast<double>(sent - reported_) / options_.report_every, memory.anonymous,
                memory.resident, percent(cpu.daemon_s - reported_cpu_.daemon_s),
                percent(cpu.sender_s - reported_cpu_.sender_s));
    reported_ = sent;
    reported_cpu_ = cpu;
    for (std::uint32_t i = 0; i < stages(); ++i) {
      const HistogramView now = stage(i);
      const HistogramView since = now.since(before_[i]);
      before_[i] = now;
      const auto us = [&since](double share) {
        return static_cast<double>(since.percentile_ns(share)) / 1000;
      };
      std::printf("  | %s %.1f %.1f %.1f",
                  std::string{SegmentView::text(listener_.segment().histogram(i).label)}.c_str(),
                  us(0.5), us(0.99), us(0.999));
    }
    std::printf("\n");
    std::fflush(stdout);
  }

  [[nodiscard]] int judge(bool drained) {
    const double end_mib = memory_of(daemon_).anonymous;
    std::printf(
        "sent %llu, published %llu, of doubtful books %llu; heap %.2f MiB when warm, "
        "%.2f at the end\n",
        static_cast<unsigned long long>(feeder_.sent()),
        static_cast<unsigned long long>(listener_.deltas()),
        static_cast<unsigned long long>(listener_.doubtful()), settled_mib_, end_mib);
    int verdict = 0;
    if (feeder_.sent() == 0) verdict = fail("nothing was sent");
    if (!drained || listener_.deltas() != feeder_.sent()) verdict = fail("frames were lost");
    if (listener_.doubtful() != 0) verdict = fail("books were in doubt");
    if (listener_.overrun() != 0) verdict = fail("the reader was lapped");
    if (feeder_.lost() != 0) verdict = fail("connections were lost");
    if (settled_mib_ <= 0 || end_mib <= 0) verdict = fail("memory could not be read");
    if (end_mib > settled_mib_ + options_.growth_mib) verdict = fail("memory grew");
    if (verdict == 0) std::printf("well\n");
    return verdict;
  }

  template <typename Condition>
  [[nodiscard]] bool serve_until(Condition condition, double seconds) {
    const std::int64_t end = now_ns() + static_cast<std::int64_t>(seconds * 1e9);
    while (now_ns() < end) {
      io_.poll();
      if (condition()) return true;
      usleep(100);
    }
    return false;
  }
  [[nodiscard]] std::uint32_t stages() const {
    return listener_.segment().count(RegionKind::Histograms);
  }
  [[nodiscard]] HistogramView stage(std::uint32_t index) const {
    return HistogramView::copy(listener_.segment().histogram(index));
  }
  static int fail(const char* why) {
    std::printf("FAILED: %s\n", why);
    return 1;
  }

  Options options_;
  TemporaryFolder folder_;
  boost::asio::io_context io_{1};
  bench::Feeder feeder_;
  Listener listener_;
  pid_t daemon_ = 0;
  double settled_mib_ = 0;
  std::uint64_t reported_ = 0;
  Cpu reported_cpu_;
  std::vector<HistogramView> before_;
};

}  // namespace
}  // namespace steelyard

int main(int argc, char** argv) {
  // Shared memory is memory: not the pages of a disk.
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
  steelyard::Options options;
  CLI::App app{"The daemon under a steady load: no loss, flat memory."};
  app.add_option("--seconds", options.seconds)->check(CLI::PositiveNumber);
  app.add_option("--rate", options.rate, "frames a second")->check(CLI::PositiveNumber);
  app.add_option("--instruments", options.instruments)->check(CLI::Range(1, 2000));
  app.add_option("--report-every", options.report_every, "seconds")->check(CLI::PositiveNumber);
  app.add_option("--warm-up", options.warm_up, "seconds until memory is looked at");
  app.add_option("--growth", options.growth_mib, "MiB that it may grow by after that");
  CLI11_PARSE(app, argc, argv);
  if (options.warm_up >= options.seconds) options.warm_up = options.seconds / 4;
  return steelyard::Soak{options}.run();
}
