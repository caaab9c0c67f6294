// tests/bench/read_latency.cpp -- from the publisher's stamp to a strategy's hands, through the C++
// reader. scripts/bench_clients runs it.
//
//   read_latency INSTANCE RECORDS BURST        a line a record: ns; rests after each burst
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "steelyard/reader.hpp"

namespace {

constexpr useconds_t kPauseUs = 200'000;

std::int64_t wall_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto records = static_cast<std::size_t>(std::atol(argv[2]));
  const auto burst = static_cast<std::size_t>(std::atol(argv[3]));
  steelyard::Reader feed;
  if (!feed.wait_for(argv[1], std::chrono::seconds{10})) return 1;
  std::vector<std::int64_t> took;
  took.reserve(records);
  std::puts("attached");
  std::fflush(stdout);
  steelyard::Record record;
  while (took.size() + feed.lost() < records) {
    const steelyard::Poll polled = feed.poll(record);
    if (polled == steelyard::Poll::Ok) {
      took.push_back(wall_ns() - record.tick().published.raw());
      if (took.size() % burst == 0) usleep(kPauseUs);
    }
    if (polled == steelyard::Poll::Dead) return 1;
  }
  for (const std::int64_t ns : took) std::printf("%lld\n", static_cast<long long>(ns));
  return 0;
}
