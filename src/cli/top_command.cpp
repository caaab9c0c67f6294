#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>

#include "app/stop_signal.hpp"
#include "cli/commands.hpp"
#include "top/top.hpp"

namespace steelyard {
namespace {

int run(const TopOptions& options) {
  watch_stop_signals();
  try {
    run_top(options, stop_requested());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelyard top: %s\n", error.what());
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace

void add_top_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("top", "All instruments on one screen: state, imbalance, flow, alerts");
  auto options = std::make_shared<TopOptions>();
  auto interval = std::make_shared<double>(0.25);
  auto plain = std::make_shared<bool>(false);
  command->add_option("INSTANCE", options->instance, "Instance name (default: default)");
  command->add_option("--interval", *interval, "Seconds between two pictures")
      ->check(CLI::Range(0.05, 60.0));
  command->add_flag("--no-colour,--no-color", *plain,
                    "Without colours; also if NO_COLOR is in the environment");
  command->add_flag("--ascii", options->terminal.ascii, "Without glyphs beyond ASCII");
  command->callback([=, &exit_code] {
    const char* const no_colour = std::getenv("NO_COLOR");
    options->terminal.colour = !*plain && (no_colour == nullptr || *no_colour == '\0');
    options->interval = std::chrono::milliseconds{static_cast<std::int64_t>(*interval * 1000)};
    exit_code = run(*options);
  });
}

}  // namespace steelyard
