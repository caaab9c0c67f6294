#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/stop_signal.hpp"
#include "cli/commands.hpp"
#include "cli/web_arguments.hpp"
#include "exporter/exporter.hpp"

namespace steelyard {
namespace {

struct Arguments {
  ExporterOptions options;
  WebArguments web;
};

int run(Arguments& arguments) {
  arguments.options.web = web_options(arguments.web);
  watch_stop_signals();
  try {
    run_exporter(arguments.options, stop_requested(), [](const WebServer& server) {
      std::printf("%s\n", server.url().c_str());
      std::fflush(stdout);
    });
  } catch (const WebError& error) {
    std::fprintf(stderr, "steelyard exporter: %s\n", error.what());
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace

void add_exporter_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "exporter", "Serves metrics for Prometheus, and /healthz and /readyz; prints its address");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("INSTANCE", arguments->options.instance, "Instance name (default: default)");
  add_web_options(*command, arguments->web, 9187);
  command
      ->add_option("--ready-share", arguments->options.ready_share,
                   "Share of the instruments that must be live for /readyz (default 1)")
      ->check(CLI::Range(0.0, 1.0));
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
