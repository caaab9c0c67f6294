// src/cli/daemon_options.cpp -- apart from the commands: the daemon links none of them.
#include <CLI/CLI.hpp>

#include "cli/program.hpp"

namespace steelyard {

void describe_daemon(CLI::App& app, DaemonArguments& arguments) {
  app.name("steelyardd");
  app.description(
      "Keeps order books of crypto exchanges in step, publishes imbalance signals in shared "
      "memory.");
  app.set_version_flag("--version", "steelyardd " STEELYARD_VERSION);
  app.add_option("--config", arguments.config, "Configuration file (TOML)")->required();
  app.add_flag("--check-config", arguments.check_only,
               "Checks the file, prints topology and capacities, and starts nothing");
  app.footer("\n" + examples_of("steelyardd"));
}

}  // namespace steelyard
