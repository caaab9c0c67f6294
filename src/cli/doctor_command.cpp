#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>

#include "app/config.hpp"
#include "app/segment_plan.hpp"
#include "cli/commands.hpp"
#include "doctor/doctor.hpp"

namespace steelyard {
namespace {

struct Arguments {
  std::string config;
  bool json = false;
  bool offline = false;
};

// Rings only: how many instruments there are, a venue would have to be asked.
[[nodiscard]] std::uint64_t ring_bytes(const Config& config) {
  const SignalSet signals{config.signals};
  const std::size_t values = config.segment.headline.empty() ? default_headline(signals).size()
                                                             : config.segment.headline.size();
  return std::uint64_t{config.threads.shards} * config.segment.ring_slots * slot_words(values) * 8;
}

void add_endpoints(const Config& config, DoctorPlan& plan) {
  std::set<std::string> seen;
  const auto add = [&](const std::string& name, std::string host, std::string port,
                       std::string path) {
    if (host.empty() || !seen.insert(host + ":" + port).second) return;
    plan.venues.push_back({name, std::move(host), std::move(port), std::move(path)});
  };
  for (const VenueConfig& wanted : config.venues) {
    const Venue* const venue = find_venue(wanted.name);
    if (venue == nullptr) continue;
    const auto with = [&](const EndpointOverride& over, const Endpoint& own) {
      add(wanted.name, over.host.empty() ? std::string{own.host} : over.host,
          over.port.empty() ? std::string{own.port} : over.port, "/");
    };
    for (const auto& socket : venue->sockets) with(wanted.websocket, socket.endpoint);
    with(wanted.rest, venue->rest);
  }
}

[[nodiscard]] DoctorPlan plan_of(const Config& config) {
  DoctorPlan plan;
  plan.file = config.file;
  plan.io = config.threads.io;
  plan.shards = config.threads.shards;
  for (const auto* const cores : {&config.threads.io_cores, &config.threads.shard_cores}) {
    for (const std::uint32_t core : *cores) plan.cores.push_back(static_cast<int>(core));
  }
  std::sort(plan.cores.begin(), plan.cores.end());
  plan.spins = config.threads.idle == IdlePolicy::Spin;
  plan.fifo = config.threads.scheduling == Scheduling::Fifo;
  plan.huge_pages = config.segment.huge_pages;
  if (!config.segment.directory.empty()) plan.shm_directory = config.segment.directory;
  plan.segment_bytes = ring_bytes(config);
  plan.ca_file = config.network.ca_file;
  plan.proxy = config.network.proxy;
  add_endpoints(config, plan);
  return plan;
}

int run(const Arguments& arguments) {
  DoctorPlan plan;
  if (const char* const directory = std::getenv("STEELYARD_SHM_DIR");
      directory != nullptr && *directory != '\0') {
    plan.shm_directory = directory;
  }
  if (!arguments.config.empty()) plan = plan_of(load_config(arguments.config));
  std::vector<Finding> findings = examine_host(plan);
  if (!arguments.offline) look_at_venues(plan, findings);
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  const std::string text =
      arguments.json ? findings_json(findings) : findings_text(findings, colour);
  std::fwrite(text.data(), 1, text.size(), stdout);
  const auto bad = std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.level == Finding::Level::Bad;
  });
  const auto warnings = std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.level == Finding::Level::Warning;
  });
  if (!arguments.json) {
    std::printf("\n%ld bad, %ld warnings, %zu looked at%s\n", static_cast<long>(bad),
                static_cast<long>(warnings), findings.size(),
                arguments.config.empty()
                    ? "; --config FILE also looks at what that file asks for, and at its venues"
                    : "");
  }
  return bad == 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("doctor",
                                               "Looks at this host: what it found, why it matters, "
                                               "what mends it. Exit status 1 if something is bad");
  auto arguments = std::make_shared<Arguments>();
  command->add_option(
      "--config", arguments->config,
      "Also against this configuration: cores, memory, every endpoint (DNS, TCP, TLS, clock)");
  command->add_flag("--offline", arguments->offline, "Asks no endpoint");
  command->add_flag("--json", arguments->json, "As a JSON array");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
