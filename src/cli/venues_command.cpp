#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "app/daemon.hpp"
#include "cli/listings.hpp"
#include "app/stop_signal.hpp"

namespace steelyard {
namespace {

// A venue by name; otherwise one line that says which there are.
[[nodiscard]] const Venue* find_or_tell(const char* command, const std::string& name) {
  if (const Venue* const venue = find_venue(name)) return venue;
  std::string known;
  for (const Venue* const venue : venue_registry()) known.append(" ").append(venue->name);
  std::fprintf(stderr, "steelyard %s: no venue \"%s\"; there are%s\n", command, name.c_str(),
               known.c_str());
  return nullptr;
}

int run_venues(const std::string& name, bool json) {
  std::span<const Venue* const> venues = venue_registry();
  const Venue* one = nullptr;
  if (!name.empty()) {
    one = find_or_tell("venues", name);
    if (one == nullptr) return kExitUsage;
    venues = {&one, 1};
  }
  const std::string text = json ? venues_json(venues) : venues_text(venues);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

struct InstrumentArguments {
  std::string venue;
  std::string pattern = "*";
  std::string rest;
  std::string ca_file;
  std::string proxy;
  bool json = false;
};

int run_instruments(const InstrumentArguments& arguments) {
  if (find_or_tell("instruments", arguments.venue) == nullptr) return kExitUsage;
  watch_stop_signals();
  Config config;
  config.network.ca_file = arguments.ca_file;
  config.network.proxy = arguments.proxy;
  VenueConfig& venue = config.venues.emplace_back();
  venue.name = arguments.venue;
  if (!arguments.rest.empty()) {
    const std::size_t colon = arguments.rest.rfind(':');
    venue.rest.host = arguments.rest.substr(0, colon);
    if (colon != std::string::npos) venue.rest.port = arguments.rest.substr(colon + 1);
  }
  std::vector<InstrumentInfo> list;
  try {
    Metadata metadata = fetch_metadata(config, stop_requested());
    list = matching(std::move(metadata.by_venue[arguments.venue]), arguments.pattern);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelyard instruments: %s\n", error.what());
    return kExitFailed;
  }
  const std::string text = arguments.json ? instruments_json(list) : instruments_text(list);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!list.empty()) return kExitOk;
  std::fprintf(stderr, "steelyard instruments: %s trades nothing that matches \"%s\"\n",
               arguments.venue.c_str(), arguments.pattern.c_str());
  return kExitFailed;
}

}  // namespace

void add_venues_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "venues", "Lists the venues: their book channels, what proves them, what else they publish");
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("VENUE", *name, "Only this one");
  command->add_flag("--json", *json, "As a JSON array");
  command->callback([name, json, &exit_code] { exit_code = run_venues(*name, *json); });
}

void add_instruments_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "instruments",
      "Asks a venue what it trades, as the daemon does at its start. Exit status 1 "
      "if it does not answer, or nothing matches");
  auto arguments = std::make_shared<InstrumentArguments>();
  command->add_option("VENUE", arguments->venue, "As `steelyard venues` names it")->required();
  command->add_option("PATTERN", arguments->pattern,
                      "Symbols or normalised names, with * and ? (default: all)");
  command->add_option("--rest", arguments->rest, "host:port to ask instead of the venue's own")
      ->check([](const std::string& text) {
        const std::size_t colon = text.rfind(':');
        const bool digits = colon == std::string::npos ||
                            (colon + 1 < text.size() && text.size() - colon <= 6 &&
                             text.find_first_not_of("0123456789", colon + 1) == std::string::npos);
        return colon == 0 || !digits ? "not \"host\" or \"host:port\": " + text : std::string{};
      });
  command->add_option("--ca-file", arguments->ca_file, "Certificate authorities (PEM)")
      ->check(CLI::ExistingFile);
  command->add_option("--proxy", arguments->proxy, "host:port of an HTTP proxy");
  command->add_flag("--json", arguments->json, "As a JSON array");
  command->callback([arguments, &exit_code] { exit_code = run_instruments(*arguments); });
}

}  // namespace steelyard
