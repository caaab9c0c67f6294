// src/app/commands.hpp -- the subcommands of `steelyard`, one file each.
#pragma once

namespace CLI {
class App;
}

namespace steelyard {

// What a command returns to the shell.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // it ran, and the outcome is bad
inline constexpr int kExitUsage = 2;   // unusable arguments, configuration or input

// Each adds its subcommand; when it is chosen, `exit_code` holds what it returned.
void add_replay_command(CLI::App& app, int& exit_code);
void add_record_command(CLI::App& app, int& exit_code);
void add_sim_command(CLI::App& app, int& exit_code);
void add_demo_command(CLI::App& app, int& exit_code);
void add_tail_command(CLI::App& app, int& exit_code);
void add_status_command(CLI::App& app, int& exit_code);
void add_venues_command(CLI::App& app, int& exit_code);
void add_instruments_command(CLI::App& app, int& exit_code);
void add_signals_command(CLI::App& app, int& exit_code);

}  // namespace steelyard
