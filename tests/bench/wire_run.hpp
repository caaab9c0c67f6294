// tests/bench/wire_run.hpp -- one run at a rate: the server here, who receives in a process of its
// own.
#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "bench/wire_clients.hpp"
#include "bench/wire_feeder.hpp"
#include "bench/wire_stages.hpp"

namespace steelyard::bench {

struct Outcome {
  std::vector<std::int64_t> sorted;
  double cpu_us = 0;  // of the client, a message
  StageTimes stages[kStagesOfFrame];
  std::int64_t first_ns = 0;  // received to published, of the first change of the book
  std::uint64_t faults = 0;   // minor ones while it ran
};

// `client`: "bare", or the threads' part of a daemon's configuration.
[[nodiscard]] inline Outcome run(const std::string& directory, double rate, double seconds,
                                 const std::string& client, ReadSide* read = nullptr,
                                 const Followed& what = {}) {
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
    daemon_client(server.port(), server.port(), directory, client, *board, what);
  }
  serve(io, feeder, *board, rate, seconds, child, read);
  Outcome outcome;
  const std::uint64_t count = std::min<std::uint64_t>(board->count, std::size(board->samples));
  outcome.sorted.assign(board->samples, board->samples + count);
  std::sort(outcome.sorted.begin(), outcome.sorted.end());
  outcome.cpu_us = count == 0 ? 0 : board->cpu_s.load() * 1e6 / static_cast<double>(count);
  std::copy(std::begin(board->stages), std::end(board->stages), std::begin(outcome.stages));
  outcome.first_ns = board->first_ns;
  outcome.faults = board->faults;
  munmap(memory, sizeof(Board));
  return outcome;
}

}  // namespace steelyard::bench
