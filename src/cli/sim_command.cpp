#include "cli/sim_command.hpp"

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "cli/commands.hpp"
#include "app/stop_signal.hpp"
#include "sim/registry.hpp"
#include "sim/simulator.hpp"

namespace steelyard {
namespace {

struct MarketArguments {
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
    for (const sim::FaultName& each : sim::kFaults) known += " " + std::string{each.name};
    std::fprintf(stderr, "steelyard sim: \"%s\": VENUE FAULT [SYMBOL], of%s\n", line.c_str(),
                 known.c_str());
    return;
  }
  const bool done = simulator.cause(venue, *fault, symbol);
  std::printf("%s %s %s: %s\n", venue.c_str(), name.c_str(), symbol.c_str(),
              done ? "done" : "cannot happen");
  std::fflush(stdout);
}

void list_faults() {
  for (const sim::FaultName& fault : sim::kFaults) {
    std::printf("%-17.*s %.*s\n", static_cast<int>(fault.name.size()), fault.name.data(),
                static_cast<int>(fault.what.size()), fault.what.data());
  }
  std::printf(
      "\nGiven as VENUE FAULT [SYMBOL] on standard input; without a symbol, the first\n"
      "stream that it can happen to. From the start on: --bad-certificate.\n");
}

int serve_market(const SimArguments& arguments, const MarketArguments& market) {
  sim::SimulatorOptions options;
  options.venues.clear();
  for (const std::string& venue : arguments.venues) options.venues[venue] = 0;
  std::uint16_t port = arguments.first_port;
  for (const sim::SimulatedVenue& venue : sim::simulated_venues()) {
    const std::string name{venue.name};
    if (!arguments.venues.empty() && !options.venues.contains(name)) continue;
    options.venues[name] = port == 0 ? std::uint16_t{0} : port++;
  }
  options.market.changes_per_tick = market.changes;
  options.market.tick = std::chrono::milliseconds{market.tick_ms};
  options.market.seed = market.seed;
  options.random_faults = market.faults;
  options.certificate = arguments.certificate;
  sim::Simulator simulator{options};
  if (!write_authority(arguments, simulator.authority_pem())) return kExitUsage;
  for (const sim::SimulatedVenue& venue : sim::simulated_venues()) {
    const std::string name{venue.name};
    if (options.venues.contains(name)) {
      std::printf("%-14s localhost:%u\n", name.c_str(), simulator.port(name));
    }
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

bool write_authority(const SimArguments& arguments, const std::string& pem) {
  std::ofstream file{arguments.ca_file};
  file << pem;
  if (file.flush()) return true;
  std::fprintf(stderr, "steelyard sim: %s: cannot be written\n", arguments.ca_file.c_str());
  return false;
}

void add_sim_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "sim",
      "Serves venues on loopback over TLS: simulated ones, with faults on demand (see "
      "config/demo.toml), or those of a recording");
  auto arguments = std::make_shared<SimArguments>();
  auto market = std::make_shared<MarketArguments>();
  auto list = std::make_shared<bool>(false);
  auto flaw = std::make_shared<std::string>("none");
  command->add_option("--ca-file", arguments->ca_file, "Where to write the certificate authority");
  command->add_option("--port", arguments->first_port,
                      "First port; each venue takes the next (0: any)");
  command->add_option("--venues", arguments->venues, "Only these (a,b)")->delimiter(',');
  command
      ->add_option("--bad-certificate", *flaw,
                   "Shows a certificate that clients must refuse: expired, self-signed, "
                   "wrong-host, unknown-authority")
      ->check(CLI::IsMember{{"expired", "self-signed", "wrong-host", "unknown-authority"}});
  command->add_flag("--list-faults", *list, "Says what can go wrong on demand, and ends");

  auto* const changes =
      command->add_option("--changes", market->changes, "Level changes of a market at each tick")
          ->check(CLI::Range(1, 10'000));
  auto* const tick = command->add_option("--tick", market->tick_ms, "Milliseconds between ticks")
                         ->check(CLI::Range(1, 60'000));
  auto* const seed =
      command->add_option("--seed", market->seed, "The same seed makes the same market");
  auto* const faults =
      command->add_flag("--faults", market->faults, "Something goes wrong every few seconds");

  auto* const capture = command->add_option(
      "--capture", arguments->captures,
      "Serves what these recordings hold (any that replay reads), each connection to a client of "
      "its path, and ends when all was played");
  for (CLI::Option* const other : {changes, tick, seed, faults}) capture->excludes(other);
  command->add_option("--venue", arguments->venue, "Venue of recordings that name none")
      ->needs(capture);
  command
      ->add_option("--speed", arguments->speed,
                   "At so many times the speed of the recording (0: as fast as clients read)")
      ->check(CLI::NonNegativeNumber)
      ->needs(capture);
  command->add_flag("--loop", arguments->loop, "Once all was played, begins again")->needs(capture);
  command->callback([=, &exit_code] {
    if (*list) {
      list_faults();
      exit_code = kExitOk;
      return;
    }
    watch_stop_signals();
    arguments->certificate = *sim::certificate_flaw_of(*flaw);
    exit_code =
        arguments->captures.empty() ? serve_market(*arguments, *market) : serve_capture(*arguments);
  });
}

}  // namespace steelyard
