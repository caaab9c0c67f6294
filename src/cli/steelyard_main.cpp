// src/cli/steelyard_main.cpp -- the command-line tool.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "cli/commands.hpp"

int main(int argc, char** argv) {
  CLI::App app{"steelyard: order-imbalance signals from crypto exchanges, over shared memory"};
  app.set_version_flag("--version", "steelyard " STEELYARD_VERSION);
  app.require_subcommand(1);
  int exit_code = steelyard::kExitOk;
  steelyard::add_demo_command(app, exit_code);
  steelyard::add_top_command(app, exit_code);
  steelyard::add_dashboard_command(app, exit_code);
  steelyard::add_exporter_command(app, exit_code);
  steelyard::add_tail_command(app, exit_code);
  steelyard::add_status_command(app, exit_code);
  steelyard::add_doctor_command(app, exit_code);
  steelyard::add_signals_command(app, exit_code);
  steelyard::add_replay_command(app, exit_code);
  steelyard::add_record_command(app, exit_code);
  steelyard::add_sim_command(app, exit_code);
  steelyard::add_venues_command(app, exit_code);
  steelyard::add_instruments_command(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? steelyard::kExitOk : steelyard::kExitUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelyard: %s\n", error.what());
    return steelyard::kExitUsage;
  }
  return exit_code;
}
