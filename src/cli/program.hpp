// src/cli/program.hpp -- the two programs as trees of options: what parses, teaches, completes and
// prints manual pages.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace steelyard {

// All commands of `steelyard`, with their examples.
void describe_program(CLI::App& app, int& exit_code);

struct DaemonArguments {
  std::string config;
  bool check_only = false;
};
// `steelyardd`.
void describe_daemon(CLI::App& app, DaemonArguments& arguments);

// Examples, exit status and where to read on: the foot of a help text. Empty for an unknown
// command.
[[nodiscard]] std::string examples_of(const std::string& command);

}  // namespace steelyard
