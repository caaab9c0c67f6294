// src/cli/steelyardd_main.cpp -- the daemon.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/daemon.hpp"
#include "app/exit_codes.hpp"
#include "app/log.hpp"
#include "app/stop_signal.hpp"
#include "cli/program.hpp"

namespace {

int run(const std::string& path, bool check_only) {
  using namespace steelyard;
  Config config;
  try {
    config = load_config(path);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kExitUsage;
  }
  if (check_only) {
    print_plan(stdout, config, SignalSet{config.signals});
    return kExitOk;
  }
  watch_stop_signals();
  int exit_code = kExitOk;
  try {
    start_log(config.log);
    const Metadata metadata = fetch_metadata(config, stop_requested());
    Daemon daemon{config, metadata};
    daemon.run(stop_requested());
  } catch (const ConfigError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    exit_code = kExitUsage;
  } catch (const std::exception& error) {
    if (!stop_requested().load()) {
      std::fprintf(stderr, "steelyardd: %s\n", error.what());
      exit_code = kExitFailed;
    }
  }
  stop_log();
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  steelyard::DaemonArguments arguments;
  steelyard::describe_daemon(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? steelyard::kExitOk : steelyard::kExitUsage;
  }
  return run(arguments.config, arguments.check_only);
}
