#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "measure/measure.hpp"
#include "measure/scratch.hpp"
#include "shm/segment.hpp"
#include "steelyard/reader.hpp"

namespace steelyard::measure {
namespace {

constexpr std::uint32_t kHeadline = 15;  // as many as the daemon has by default, about

[[nodiscard]] SegmentPlan plan_in(const std::string& directory) {
  SegmentPlan plan;
  plan.instance = "bench";
  plan.directory = directory;
  SegmentPlan::InstrumentRow row;
  row.instrument.symbol = row.instrument.name = "BENCH";
  row.venue = "bench";
  plan.instruments = {row};
  for (std::uint32_t i = 0; i < kHeadline; ++i) {
    plan.columns.push_back({"c" + std::to_string(i), "ratio", "A column.", -1e9, 1e9});
    plan.headline.push_back(static_cast<std::uint16_t>(i));
  }
  return plan;
}

// What reader and publisher share beside the segment.
struct Board {
  std::atomic<bool> ready{false};
  std::atomic<std::uint32_t> count{0};
};

[[noreturn]] void read(int core, const std::string& directory, Board& board, std::int64_t* samples,
                       std::uint32_t records) {
  pin(core);
  setenv("STEELYARD_SHM_DIR", directory.c_str(), 1);
  Reader reader;
  if (!reader.wait_for("bench", std::chrono::seconds{5})) _exit(1);
  board.ready.store(true, std::memory_order_release);
  Record record;
  for (std::uint32_t count = 0; count < records;) {
    const Poll polled = reader.poll(record);
    if (polled == Poll::Ok) {
      samples[count++] = monotonic_ns() - record.tick().published.raw();
      board.count.store(count, std::memory_order_relaxed);
    } else if (polled == Poll::Dead) {
      break;
    }
  }
  _exit(0);
}

}  // namespace

Latencies publish_to_read(std::uint32_t records, std::int64_t every_ns) {
  const std::vector<int> cores = allowed_cores();
  if (cores.size() < 2) throw std::runtime_error{"two cores are needed, this process may use one"};
  const ScratchDirectory directory;
  Segment segment = Segment::create(plan_in(directory.path()));
  segment.heartbeat();
  const SharedMemory memory{sizeof(Board) + records * sizeof(std::int64_t)};
  auto* const board = new (memory.at()) Board;
  auto* const samples =
      reinterpret_cast<std::int64_t*>(static_cast<char*>(memory.at()) + sizeof(Board));
  const pid_t child = fork();
  if (child == 0) read(cores.back(), directory.path(), *board, samples, records);
  const PinnedTo pinned{cores.front()};
  while (!board->ready.load(std::memory_order_acquire) && waitpid(child, nullptr, WNOHANG) == 0) {
  }
  ShardPublisher publisher = segment.shard(0);
  const std::vector<double> row(kHeadline, 0.5);
  Tick tick{};
  std::int64_t next = monotonic_ns() + 1'000'000;
  std::int64_t next_beat = 0;
  for (std::uint32_t i = 0; i < records; ++i) {
    if (next > next_beat) {
      segment.heartbeat();
      next_beat = next + 100'000'000;
    }
    while (monotonic_ns() < next) {
    }
    next += every_ns;
    tick.published = TimestampNs{monotonic_ns()};
    publisher.publish(tick, row, {}, {});
  }
  segment.close();
  for (const std::int64_t end = monotonic_ns() + 2'000'000'000; monotonic_ns() < end;) {
    if (waitpid(child, nullptr, WNOHANG) != 0) break;
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  Latencies out;
  out.sorted.assign(samples, samples + board->count.load());
  std::sort(out.sorted.begin(), out.sorted.end());
  return out;
}

}  // namespace steelyard::measure
