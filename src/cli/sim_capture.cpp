// src/cli/sim_capture.cpp -- steelyard sim --capture: serves recordings over real sockets.
#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <thread>

#include "app/capture_traffic.hpp"
#include "cli/commands.hpp"
#include "cli/sim_command.hpp"
#include "app/stop_signal.hpp"
#include "sim/capture_server.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string names_of(const std::vector<sim::RecordedVenue>& venues) {
  std::string names;
  for (const sim::RecordedVenue& venue : venues) names += " " + venue.name;
  return names;
}

void nap() { std::this_thread::sleep_for(std::chrono::milliseconds{20}); }

// Goodbyes, and the time that clients take to answer them.
void part(sim::CaptureServer& server) {
  server.part();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  while (std::chrono::steady_clock::now() < end) {
    const auto all = server.progress();
    if (std::all_of(all.begin(), all.end(), [](const auto& one) { return one.clients == 0; })) {
      return;
    }
    nap();
  }
}

}  // namespace

int serve_capture(const SimArguments& arguments) {
  if (!arguments.venue.empty() && find_venue(arguments.venue) == nullptr) {
    std::string known;
    for (const Venue* const venue : venue_registry()) known += " " + std::string{venue->name};
    std::fprintf(stderr, "steelyard sim: --venue %s: none of%s\n", arguments.venue.c_str(),
                 known.c_str());
    return kExitUsage;
  }
  CaptureTraffic traffic = read_capture_traffic(arguments.captures, arguments.venue);
  if (traffic.malformed != 0 || traffic.of_no_venue != 0) {
    std::fprintf(stderr,
                 "steelyard sim: of %" PRIu64 " lines %" PRIu64 " are malformed, and %" PRIu64
                 " tell no venue: not served\n",
                 traffic.lines, traffic.malformed, traffic.of_no_venue);
  }
  for (const std::string& wanted : arguments.venues) {
    const bool there = std::any_of(traffic.venues.begin(), traffic.venues.end(),
                                   [&](const auto& venue) { return venue.name == wanted; });
    if (there) continue;
    std::fprintf(stderr, "steelyard sim: --venues %s: the recording holds%s\n", wanted.c_str(),
                 names_of(traffic.venues).c_str());
    return kExitUsage;
  }
  if (!arguments.venues.empty()) {
    std::erase_if(traffic.venues, [&](const sim::RecordedVenue& venue) {
      return std::find(arguments.venues.begin(), arguments.venues.end(), venue.name) ==
             arguments.venues.end();
    });
  }
  sim::CaptureServer server{std::move(traffic.venues),
                            {.first_port = arguments.first_port,
                             .speed = arguments.speed,
                             .loop = arguments.loop,
                             .certificate = arguments.certificate}};
  if (!write_authority(arguments, server.authority_pem())) return kExitUsage;
  for (const sim::CaptureServer::Progress& one : server.progress()) {
    std::printf("%-14s localhost:%u  %" PRIu64 " messages on %zu connections\n", one.venue.c_str(),
                one.port, one.messages, one.connections_left);
  }
  std::printf("certificate authority: %s\n", arguments.ca_file.c_str());
  std::fflush(stdout);
  while (!stop_requested().load() && !server.is_finished()) nap();
  // Looping, it is never finished for long: only a signal ends it.
  while (arguments.loop && !stop_requested().load()) nap();
  const auto progress = server.progress();
  part(server);
  for (const sim::CaptureServer::Progress& one : progress) {
    std::printf("%-14s played %" PRIu64 " of %" PRIu64 " messages, %zu connections left\n",
                one.venue.c_str(), one.played, one.messages, one.connections_left);
  }
  return kExitOk;
}

}  // namespace steelyard
