// From the wire to shared memory over loopback TLS: a bare client that only finds a frame's end,
// and then the daemon itself, fed by the same server at the same rate in the same run.
//   wire_bench [--quick] [--rates 1000,10000,50000] [--json FILE]
//   wire_bench --flood FRAMES: saturated only, once, asleep where it waits: two lengths under
//   callgrind give what a frame costs
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
#include "bench/flood_server.hpp"
#include "bench/synthetic.hpp"
#include "bench/wire_clients.hpp"
#include "bench/wire_feeder.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

struct Mode {
  const char* name;
  const char* threads;  // of the configuration
  const char* suffix;   // of its figures
};

struct Outcome {
  std::vector<std::int64_t> sorted;
  double cpu_us = 0;  // of the client, a message
};

[[nodiscard]] Outcome run(const std::string& directory, double rate, double seconds,
                          const std::string& client) {
  void* const memory =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const board = new (memory) Board;
  const sim::Certificate certificate = sim::make_certificate();
  std::ofstream{directory + "/ca.pem"} << certificate.authority_pem;
  boost::asio::io_context io{1};
  Feeder feeder{board->base};
  sim::Server server{io, 0, certificate, feeder};
  const pid_t child = fork();
  if (child == 0) {
    if (client == "bare") bare_client(server.port(), directory + "/ca.pem", *board);
    daemon_client(server.port(), server.port(), directory, client, *board);
  }
  serve(io, feeder, *board, rate, seconds, child);
  Outcome outcome;
  const std::uint64_t count = std::min<std::uint64_t>(board->count, std::size(board->samples));
  outcome.sorted.assign(board->samples, board->samples + count);
  std::sort(outcome.sorted.begin(), outcome.sorted.end());
  outcome.cpu_us = count == 0 ? 0 : board->cpu_s.load() * 1e6 / static_cast<double>(count);
  munmap(memory, sizeof(Board));
  return outcome;
}

// Millions of frames a second of ten changes, on one core, sent as fast as the other can.
[[nodiscard]] double saturated(const std::string& directory, std::uint32_t frames,
                               const std::string& signals = {}, useconds_t rest_us = 500'000,
                               const char* idle = "spin") {
  SyntheticBook book{Dialect::Okx, "BTC-USDT", 400, 1};
  std::string bytes, head, text;
  FloodServer::append_frame(
      head, R"({"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"}})");
  book.snapshot(text);
  FloodServer::append_frame(head, text);
  for (std::uint32_t i = 0; i < frames; ++i) {
    book.delta(10, text);
    FloodServer::append_frame(bytes, text);
  }
  void* const memory =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* const board = new (memory) Board;
  const sim::Certificate certificate = sim::make_certificate();
  std::ofstream{directory + "/ca.pem"} << certificate.authority_pem;
  boost::asio::io_context io{1};
  Feeder feeder{board->base};
  sim::Server server{io, 0, certificate, feeder};
  FloodServer flood{certificate};
  const pid_t child = fork();
  if (child == 0) {
    daemon_client(server.port(), flood.port(), directory,
                  std::string{"together = true\nidle = \""} + idle + "\"\n" + signals, *board);
  }
  pin(0);
  const std::int64_t give_up = now_ns() + 60'000'000'000;
  bool there = false;
  while (!there && now_ns() < give_up) {
    io.poll();
    there = flood.accept_one();
  }
  if (there) {
    flood.send(head);
    usleep(200'000);
    flood.send(bytes);
    usleep(rest_us);
  }
  board->over = true;
  const std::int64_t patience = now_ns() + 5'000'000'000;
  while (now_ns() < patience && waitpid(child, nullptr, WNOHANG) == 0) usleep(1'000);
  kill(child, SIGKILL);
  waitpid(child, nullptr, WNOHANG);
  const auto count = static_cast<double>(board->count.load());
  const auto span = static_cast<double>(board->span_ns.load());
  munmap(memory, sizeof(Board));
  if (count < frames) std::printf("  %.0f of %u frames\n", count, frames);
  return span <= 0 ? 0 : (count - 1) / span * 1e3;
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
  std::FILE* json = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) quick = true;
    if (std::strcmp(argv[i], "--rates") == 0 && i + 1 < argc) rates = argv[++i];
    if (std::strcmp(argv[i], "--flood") == 0 && i + 1 < argc) {
      flood = static_cast<std::uint32_t>(std::atoi(argv[++i]));
    }
    if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) json = std::fopen(argv[++i], "a");
  }
  if (rates.empty()) rates = quick ? "10000,50000" : "1000,10000,50000";
  std::string directory = "/dev/shm/steelyard-wire-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror("wire_bench");
    return 2;
  }
  if (flood != 0) {
    std::printf("%.3f M frames/s\n", saturated(directory, flood, {}, 4'000'000, "sleep"));
    std::filesystem::remove_all(directory);
    return 0;
  }
  const double seconds = quick ? 1 : 4;
  const int rounds = quick ? 2 : 3;
  std::printf("wire: frames of ten levels over loopback TLS to shared memory\n");
  std::istringstream list{rates};
  for (std::string word; std::getline(list, word, ',');) {
    const double rate = std::atof(word.c_str());
    constexpr Mode kModes[] = {
        {"daemon, one thread, spin", "together = true\nidle = \"spin\"", ""},
        {"daemon, one thread, sleep", "together = true\nidle = \"sleep\"", "_sleep"},
        {"daemon, two threads, sleep", "idle = \"sleep\"", "_apart_sleep"},
        {"daemon, two threads, spin", "idle = \"spin\"", "_apart"}};
    // Two threads that spin, and the sender, want three cores.
    const std::size_t modes = quick ? 1 : sysconf(_SC_NPROCESSORS_ONLN) > 2 ? 4 : 3;
    std::vector<double> p50[4], p90[4];
    for (int round = 0; round < rounds; ++round) {
      std::printf(" %s frames/s\n", word.c_str());
      Outcome bare = run(directory, rate, seconds, "bare");
      print("bare TLS client, busy", bare, rate * seconds);
      for (std::size_t i = 0; i < modes; ++i) {
        Outcome ours = run(directory, rate, seconds, kModes[i].threads);
        print(kModes[i].name, ours, rate * seconds);
        if (bare.sorted.empty() || ours.sorted.empty()) continue;
        const auto over_bare = [&](double share) {
          return static_cast<double>(percentile(ours.sorted, share)) /
                 static_cast<double>(percentile(bare.sorted, share));
        };
        p50[i].push_back(over_bare(0.5));
        p90[i].push_back(over_bare(0.9));
      }
    }
    for (std::size_t i = 0; i < modes; ++i) {
      const Spread middle = spread(p50[i]);
      const Spread upper = spread(p90[i]);
      std::printf("  %-26s over bare: p50 x%.2f (%.2f to %.2f)  p90 x%.2f\n", kModes[i].name,
                  middle.median, middle.low, middle.high, upper.median);
      figure(json, std::string{"wire_over_rawtls"} + kModes[i].suffix + "." + word, middle);
      figure(json, std::string{"wire_over_rawtls_p90"} + kModes[i].suffix + "." + word, upper);
    }
  }
  // With the signals of every tick, and with all.
  std::vector<double> flooded[2];
  for (int round = 0; round < (quick ? 2 : 5); ++round) {
    const std::uint32_t frames = quick ? 100'000 : 250'000;
    flooded[0].push_back(saturated(directory, frames, "[signals]\ntier2 = false\ntier3 = false"));
    flooded[1].push_back(saturated(directory, frames));
  }
  const Spread millions = spread(flooded[0]);
  const Spread all = spread(flooded[1]);
  std::printf(
      " saturated, one thread: %.2f M frames/s (%.2f to %.2f) with tier 1, %.2f (%.2f to %.2f) "
      "with all signals\n",
      millions.median, millions.low, millions.high, all.median, all.low, all.high);
  figure(json, "saturated_mps", millions);
  figure(json, "saturated_all_mps", all);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  if (json != nullptr) std::fclose(json);
  return 0;
}
