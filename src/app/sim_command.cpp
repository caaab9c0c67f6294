#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>

#include "app/commands.hpp"
#include "app/stop_signal.hpp"
#include "sim/simulator.hpp"

namespace steelyard {
namespace {

struct Arguments {
  std::string ca_file = "steelyard-sim-ca.pem";
  std::uint16_t first_port = 18'443;
  std::uint32_t changes = 12;
  std::uint32_t tick_ms = 100;
  std::uint64_t seed = 1;
  bool faults = false;
};

// "VENUE FAULT [SYMBOL]" a line, from standard input.
void obey(sim::Simulator& simulator, const std::string& line) {
  std::istringstream words{line};
  std::string venue, name, symbol;
  words >> venue >> name >> symbol;
  if (venue.empty()) return;
  const auto fault = sim::fault_of(name);
  if (!fault) {
    std::string known;
    for (const std::string_view word : sim::kFaultNames) known += " " + std::string{word};
    std::fprintf(stderr, "steelyard sim: \"%s\": VENUE FAULT [SYMBOL], of%s\n", line.c_str(),
                 known.c_str());
    return;
  }
  const bool done = simulator.cause(venue, *fault, symbol);
  std::printf("%s %s %s: %s\n", venue.c_str(), name.c_str(), symbol.c_str(),
              done ? "done" : "cannot happen");
  std::fflush(stdout);
}

int run(const Arguments& arguments) {
  watch_stop_signals();
  sim::SimulatorOptions options;
  std::uint16_t port = arguments.first_port;
  for (auto& [venue, wanted] : options.venues) wanted = port == 0 ? std::uint16_t{0} : port++;
  options.market.changes_per_tick = arguments.changes;
  options.market.tick = std::chrono::milliseconds{arguments.tick_ms};
  options.market.seed = arguments.seed;
  options.random_faults = arguments.faults;
  sim::Simulator simulator{options};
  std::ofstream file{arguments.ca_file};
  file << simulator.authority_pem();
  if (!file.flush()) {
    std::fprintf(stderr, "steelyard sim: %s: cannot be written\n", arguments.ca_file.c_str());
    return kExitUsage;
  }
  for (const auto& [venue, wanted] : options.venues) {
    std::printf("%-14s localhost:%u\n", venue.c_str(), simulator.port(venue));
  }
  std::printf("certificate authority: %s\nfaults: VENUE FAULT [SYMBOL] on standard input\n",
              arguments.ca_file.c_str());
  std::fflush(stdout);
  bool input = true;
  while (!stop_requested().load()) {
    pollfd ready{input ? STDIN_FILENO : -1, POLLIN, 0};
    if (poll(&ready, 1, 200) <= 0 || ready.revents == 0) continue;
    std::string line;
    if (std::getline(std::cin, line)) {
      obey(simulator, line);
    } else {
      input = false;
    }
  }
  return kExitOk;
}

}  // namespace

void add_sim_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "sim",
      "Serves simulated venues on loopback over TLS, with faults on demand (see config/demo.toml)");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--ca-file", arguments->ca_file, "Where to write the certificate authority");
  command->add_option("--port", arguments->first_port,
                      "First port; each venue takes the next (0: any)");
  command->add_option("--changes", arguments->changes, "Level changes of a market at each tick")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--tick", arguments->tick_ms, "Milliseconds between ticks")
      ->check(CLI::Range(1, 60'000));
  command->add_option("--seed", arguments->seed, "The same seed makes the same market");
  command->add_flag("--faults", arguments->faults, "Something goes wrong every few seconds");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
