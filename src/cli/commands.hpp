// src/cli/commands.hpp -- the subcommands of `steelyard`, one file each.
#pragma once

#include "app/exit_codes.hpp"

namespace CLI {
class App;
}

namespace steelyard {

// Each adds its subcommand; when it is chosen, `exit_code` holds what it returned.
void add_replay_command(CLI::App& app, int& exit_code);
void add_record_command(CLI::App& app, int& exit_code);
void add_sim_command(CLI::App& app, int& exit_code);
void add_demo_command(CLI::App& app, int& exit_code);
void add_tail_command(CLI::App& app, int& exit_code);
void add_top_command(CLI::App& app, int& exit_code);
void add_dashboard_command(CLI::App& app, int& exit_code);
void add_exporter_command(CLI::App& app, int& exit_code);
void add_doctor_command(CLI::App& app, int& exit_code);
void add_bench_command(CLI::App& app, int& exit_code);
void add_status_command(CLI::App& app, int& exit_code);
void add_venues_command(CLI::App& app, int& exit_code);
void add_instruments_command(CLI::App& app, int& exit_code);
void add_signals_command(CLI::App& app, int& exit_code);
void add_completion_command(CLI::App& app, int& exit_code);
void add_man_command(CLI::App& app, int& exit_code);

}  // namespace steelyard
