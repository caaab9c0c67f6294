// What the ring costs between two processes: beside one bare cache line, one way, in the same run.
//   ring_bench [--quick] [--json FILE]
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <memory>

#include "bench/bench_stats.hpp"
#include "steelyard/broadcast_ring.hpp"

using namespace steelyard;
using namespace steelyard::bench;

namespace {

constexpr int kPublisherCore = 0;
constexpr int kReaderCore = 1;

void* shared(std::size_t bytes) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("ring_bench: mmap");
    std::exit(2);
  }
  std::memset(memory, 0, bytes);
  return memory;
}

struct Latencies {
  std::vector<std::int64_t> sorted;
  double publish_ns = 0;  // what the publisher spent a record
};

void wait_until(std::int64_t when) {
  while (now_ns() < when) {
  }
}

// The limit: one word of one line, written here, seen there.
Latencies bare_line(std::uint32_t count, std::int64_t every_ns) {
  struct alignas(64) Line {
    std::atomic<std::int64_t> word{0};
    char rest[56];
    std::atomic<bool> ready{false};
  };
  auto* const line = new (shared(sizeof(Line))) Line;
  auto* const samples = static_cast<std::int64_t*>(shared(count * sizeof(std::int64_t)));
  const pid_t reader = fork();
  if (reader == 0) {
    pin(kReaderCore);
    line->ready.store(true, std::memory_order_release);
    std::int64_t last = 0;
    for (std::uint32_t i = 0; i < count;) {
      const std::int64_t sent = line->word.load(std::memory_order_acquire);
      if (sent == last) continue;
      last = sent;
      if (sent < 0) break;
      samples[i++] = now_ns() - sent;
    }
    _exit(0);
  }
  pin(kPublisherCore);
  while (!line->ready.load(std::memory_order_acquire)) {
  }
  std::int64_t next = now_ns() + 1'000'000;
  for (std::uint32_t i = 0; i < count; ++i) {
    wait_until(next);
    next += every_ns;
    line->word.store(now_ns(), std::memory_order_release);
  }
  wait_until(now_ns() + 5'000'000);
  line->word.store(-1, std::memory_order_release);
  waitpid(reader, nullptr, 0);
  Latencies out;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (samples[i] != 0) out.sorted.push_back(samples[i]);
  }
  std::sort(out.sorted.begin(), out.sorted.end());
  munmap(samples, count * sizeof(std::int64_t));
  return out;
}

enum class Company { None, SlowReader, StoppedReader, OtherReaders };

// Publish to read, by the first of `readers`. Slots of `slot_bytes`, every value read.
Latencies ring(std::size_t slot_bytes, std::uint32_t count, std::int64_t every_ns,
               Company company = Company::None, int readers_in_all = 1) {
  const std::size_t values = slot_bytes / 8 > kSlotValuesAt ? slot_bytes / 8 - kSlotValuesAt : 0;
  constexpr std::uint32_t kSlots = 4096;
  const std::size_t bytes = sizeof(RingHeader) + kSlots * slot_words(values) * 8;
  auto* const header = static_cast<RingHeader*>(shared(bytes));
  header->slot_words = static_cast<std::uint32_t>(slot_words(values));
  header->slot_count = kSlots;
  header->values = static_cast<std::uint32_t>(values);
  auto* const words = reinterpret_cast<std::atomic<std::uint64_t>*>(
      reinterpret_cast<std::byte*>(header) + sizeof(RingHeader));
  auto* const ready = new (shared(sizeof(std::atomic<int>))) std::atomic<int>{0};
  auto* const samples = static_cast<std::int64_t*>(shared(count * sizeof(std::int64_t)));
  const auto cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  const auto read = [&](int index) {
    const bool slow = index == 1 && company != Company::OtherReaders;
    const bool polite = index != 0 && company == Company::OtherReaders;
    // Where there are cores enough, each has one.
    pin(kReaderCore + index % (cores - kReaderCore));
    RingReader reader{header, words, 0};
    std::vector<double> row(values);
    Tick tick{};
    ready->fetch_add(1);
    for (;;) {
      if (reader.poll(tick, row) != RingPoll::Ok) {
        if (polite) usleep(50);  // it shares its core with the one that is measured
        continue;
      }
      if (tick.published.raw() < 0) _exit(0);
      if (polite) continue;
      if (!slow) {
        const std::int64_t late = now_ns() - tick.published.raw();
        if (reader.position() <= count) samples[reader.position() - 1] = late;
      } else {
        usleep(1000);
      }
    }
  };
  std::vector<pid_t> readers;
  const int others = company == Company::None           ? 0
                     : company == Company::OtherReaders ? readers_in_all - 1
                                                        : 1;
  for (int i = 0; i < 1 + others; ++i) {
    const pid_t child = fork();
    if (child == 0) read(i);
    readers.push_back(child);
  }
  pin(kPublisherCore);
  while (ready->load() < 1 + others) {
  }
  if (company == Company::StoppedReader) kill(readers[1], SIGSTOP);
  RingPublisher publisher{header, words};
  const std::vector<double> row(values, 1.5);
  Tick tick{};
  std::int64_t spent = 0;
  std::int64_t next = now_ns() + 1'000'000;
  for (std::uint32_t i = 0; i < count; ++i) {
    wait_until(next);
    next += every_ns;
    const std::int64_t start = now_ns();
    tick.published = TimestampNs{start};
    publisher.publish(tick, row);
    spent += now_ns() - start;
  }
  wait_until(now_ns() + 5'000'000);
  tick.published = TimestampNs{-1};
  publisher.publish(tick, row);
  if (others != 0 && company != Company::OtherReaders) {
    kill(readers[1], SIGCONT);
    kill(readers[1], SIGKILL);
  }
  for (const pid_t child : readers) waitpid(child, nullptr, 0);
  Latencies out;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (samples[i] != 0) out.sorted.push_back(samples[i]);
  }
  std::sort(out.sorted.begin(), out.sorted.end());
  out.publish_ns = static_cast<double>(spent) / count;
  munmap(samples, count * sizeof(std::int64_t));
  munmap(header, bytes);
  return out;
}

void print(const char* what, Latencies& of) {
  std::printf("  %-44s p50 %6lld  p99 %7lld  p99.9 %8lld  max %9lld", what,
              static_cast<long long>(percentile(of.sorted, 0.5)),
              static_cast<long long>(percentile(of.sorted, 0.99)),
              static_cast<long long>(percentile(of.sorted, 0.999)),
              static_cast<long long>(of.sorted.empty() ? 0 : of.sorted.back()));
  if (of.publish_ns > 0) std::printf("  publish %5.0f (clock included)", of.publish_ns);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::FILE* json = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) quick = true;
    if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) json = std::fopen(argv[++i], "a");
  }
  if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
    std::fprintf(stderr, "ring_bench: two cores are needed\n");
    return 2;
  }
  const int rounds = quick ? 3 : 7;
  std::printf("ring: publish to read across two processes, ns (a record every 10 us)\n");
  std::vector<double> lines, ratios[4];
  constexpr std::size_t kBytes[] = {128, 192, 256, 512};
  Latencies last_line, last[4];
  for (int round = 0; round < rounds; ++round) {
    last_line = bare_line(20'000, 10'000);
    const auto floor = static_cast<double>(percentile(last_line.sorted, 0.5));
    lines.push_back(floor);
    for (std::size_t i = 0; i < std::size(kBytes); ++i) {
      last[i] = ring(kBytes[i], 20'000, 10'000);
      ratios[i].push_back(static_cast<double>(percentile(last[i].sorted, 0.5)) / floor);
    }
  }
  print("one bare cache line, one way", last_line);
  for (std::size_t i = 0; i < std::size(kBytes); ++i) {
    const Spread ratio = spread(ratios[i]);
    const std::string name = "ring, slots of " + std::to_string(kBytes[i]) + " B";
    print(name.c_str(), last[i]);
    std::printf("  %-44s x%.2f (%.2f to %.2f) of the bare line\n", "", ratio.median, ratio.low,
                ratio.high);
    figure(json, "ring_over_cacheline." + std::to_string(kBytes[i]), ratio);
  }
  figure(json, "cacheline_ns", spread(lines));
  std::printf("ring: by rate, slots of 192 B\n");
  for (const std::int64_t every : {1'000'000LL, 100'000LL, 10'000LL, 1'000LL}) {
    if (quick && every > 100'000) continue;
    const auto count =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(400'000'000 / every, 500, 200'000));
    Latencies of = ring(192, count, every);
    const std::string name = std::to_string(1'000'000'000 / every) + " records/s";
    print(name.c_str(), of);
  }
  std::printf("ring: who else reads must not change what publishing costs, 100k records/s\n");
  const struct {
    const char* name;
    Company company;
  } kCompanies[] = {{"one reader", Company::None},
                    {"and one that sleeps 1 ms a record (lapped)", Company::SlowReader},
                    {"and one that is stopped", Company::StoppedReader}};
  for (const auto& [name, company] : kCompanies) {
    Latencies of = ring(192, 40'000, 10'000, company);
    print(name, of);
    figure(json, std::string{"publish_ns."} + name, of.publish_ns, of.publish_ns, of.publish_ns);
  }
  std::printf("ring: readers, slots of 192 B, 100k records/s; p50 is of the first\n");
  for (const int readers : {1, 2, 4, 8}) {
    Latencies of = ring(192, 40'000, 10'000, Company::OtherReaders, readers);
    const std::string name = std::to_string(readers) + (readers == 1 ? " reader" : " readers");
    print(name.c_str(), of);
    figure(json, "publish_ns.readers." + std::to_string(readers), of.publish_ns, of.publish_ns,
           of.publish_ns);
  }
  if (json != nullptr) std::fclose(json);
  return 0;
}
