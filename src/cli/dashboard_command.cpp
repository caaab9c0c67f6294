#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/stop_signal.hpp"
#include "cli/commands.hpp"
#include "cli/web_arguments.hpp"
#include "dashboard/dashboard.hpp"

namespace steelyard {
namespace {

struct Arguments {
  DashboardOptions options;
  WebArguments web;
};

int run(Arguments& arguments) {
  arguments.options.web = web_options(arguments.web);
  watch_stop_signals();
  try {
    run_dashboard(arguments.options, stop_requested(), [&](const WebServer& server) {
      std::printf("%s\n", server.url().c_str());
      std::fflush(stdout);
      std::fprintf(stderr,
                   "steelyard dashboard: instance %s; open the address above; Ctrl-C ends\n",
                   arguments.options.instance.c_str());
    });
  } catch (const WebError& error) {
    std::fprintf(stderr, "steelyard dashboard: %s\n", error.what());
    return kExitFailed;
  }
  return kExitOk;
}

}  // namespace

void add_dashboard_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "dashboard", "Serves a page with live ladders, charts and health; prints its address");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("INSTANCE", arguments->options.instance, "Instance name (default: default)");
  add_web_options(*command, arguments->web, 8787);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
