#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <optional>

#include "app/replay.hpp"
#include "cli/commands.hpp"
#include "cli/progress.hpp"
#include "cli/replay_summary.hpp"

namespace steelyard {
namespace {

struct Arguments {
  ReplayOptions options;
  std::string config;
  std::string only;
  bool summary = false;
  bool json = false;
  bool realtime = false;
};

[[nodiscard]] std::vector<std::string> split(const std::vector<std::string>& lists) {
  std::vector<std::string> out;
  for (const std::string& list : lists) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(',', at), list.size());
      if (end != at) out.push_back(list.substr(at, end - at));
      at = end + 1;
    }
  }
  return out;
}

// What a configuration leaves of the recordings may be nothing: then its file is named.
[[nodiscard]] std::unique_ptr<Replay> open(const Arguments& arguments) {
  try {
    return std::make_unique<Replay>(arguments.options);
  } catch (const NothingWanted& error) {
    throw std::runtime_error{arguments.config + ": " + error.what()};
  }
}

int run(Arguments& arguments) {
  ReplayOptions& options = arguments.options;
  if (!options.venue.empty() && find_venue(options.venue) == nullptr) {
    std::string known;
    for (const Venue* const venue : venue_registry()) known += " " + std::string{venue->name};
    std::fprintf(stderr, "steelyard replay: --venue %s: none of%s\n", options.venue.c_str(),
                 known.c_str());
    return kExitUsage;
  }
  options.columns = split(options.columns);
  if (!arguments.only.empty()) options.only = EventFilter::parse(arguments.only);
  if (arguments.realtime) options.speed = 1.0;
  if (!arguments.config.empty()) apply_config(load_config(arguments.config), options);
  std::optional<ReadProgress> progress;
  // With a pace of its own it is a broadcast, and a table on the terminal would be torn.
  if (options.speed == 0.0 && (options.csv != "-" || isatty(STDOUT_FILENO) == 0))
    progress.emplace("replay", options.files);
  const std::unique_ptr<Replay> opened = open(arguments);
  Replay& replay = *opened;
  const ReplayResult result = replay.run();
  progress.reset();
  if (options.digest && !arguments.json) std::printf("%016" PRIx64 "\n", result.digest);
  const bool quiet =
      !options.csv.empty() || !options.npy.empty() || options.digest || !options.publish.empty();
  if (arguments.json) {
    std::fputs(summary_json(replay, result, options.digest).c_str(),
               options.csv == "-" ? stderr : stdout);
  } else if (arguments.summary || isatty(STDOUT_FILENO) != 0 || !quiet) {
    print_summary(options.csv == "-" ? stderr : stdout, replay, result);
  }
  for (const std::string& book : result.broken_books) {
    std::fprintf(stderr, "steelyard replay: %s had a book and ends without one\n", book.c_str());
  }
  if (!result.input_error.empty()) {
    std::fprintf(stderr, "steelyard replay: %s\n", result.input_error.c_str());
    return kExitUsage;
  }
  return result.broken_books.empty() ? kExitOk : kExitFailed;
}

}  // namespace

void add_replay_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "replay",
      "Runs recordings through the daemon's own code: exactly what it would have published");
  auto arguments = std::make_shared<Arguments>();
  ReplayOptions& options = arguments->options;
  command
      ->add_option("FILE", options.files,
                   "Recordings: our own, ndjson (plain, zstd, gzip), or tardis.dev raw files (with "
                   "--venue); several are merged by receive time; - is standard input")
      ->required();
  command->add_option("--config", arguments->config,
                      "Instruments and signal parameters from this file; without it, everything "
                      "that the recordings hold, with default parameters");
  command->add_option("--venue", options.venue, "Venue of recordings that name none");
  command->add_option("--csv", options.csv,
                      "Writes one row an event to this file; - is standard output");
  command->add_option("--npy", options.npy,
                      "Writes the same rows as a NumPy array of records to this file (.npy)");
  command->add_option("--columns", options.columns, "Only these columns, in this order (a,b,c)");
  command->add_option("--only", arguments->only,
                      "Only rows of these events: book, snapshot, delta, trade, liq, reset, timer");
  command->add_flag("--digest", options.digest, "Prints a 64-bit hash over every published record");
  command->add_flag("--summary", arguments->summary,
                    "Prints what was found (default on a terminal)");
  command->add_flag("--json", arguments->json, "The summary, as a JSON object");
  auto* const realtime =
      command->add_flag("--realtime", arguments->realtime, "At the speed of the recording");
  command->add_option("--speed", options.speed, "At so many times the speed of the recording")
      ->check(CLI::PositiveNumber)
      ->excludes(realtime);
  command->add_option("--publish", options.publish,
                      "Publishes to a shared-memory segment of this instance name");
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
