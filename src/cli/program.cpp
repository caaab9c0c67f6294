#include "cli/program.hpp"

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace steelyard {

void describe_program(CLI::App& app, int& exit_code) {
  app.name("steelyard");
  app.description("Order-imbalance signals from crypto exchanges, over shared memory.");
  app.set_version_flag("--version", "steelyard " STEELYARD_VERSION);
  app.set_help_flag("-h,--help",
                    "Prints this, or the help of a command: what it does, with examples");
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* of, const CLI::Error& error) {
    std::string text = std::string{"steelyard: "} + error.what() + "\n";
    const auto chosen = of->get_subcommands();
    const std::string command = chosen.empty() ? "" : " " + chosen.front()->get_name();
    return text + "Try: steelyard" + command + " --help\n";
  });
  add_demo_command(app, exit_code);
  add_top_command(app, exit_code);
  add_dashboard_command(app, exit_code);
  add_tail_command(app, exit_code);
  add_status_command(app, exit_code);
  add_exporter_command(app, exit_code);
  add_doctor_command(app, exit_code);
  add_bench_command(app, exit_code);
  add_signals_command(app, exit_code);
  add_replay_command(app, exit_code);
  add_record_command(app, exit_code);
  add_sim_command(app, exit_code);
  add_venues_command(app, exit_code);
  add_instruments_command(app, exit_code);
  add_completion_command(app, exit_code);
  add_man_command(app, exit_code);
  app.footer(examples_of("steelyard"));
  for (CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->footer("\n" + examples_of(command->get_name()));
  }
}

}  // namespace steelyard
