// src/cli/steelyard_main.cpp -- the command-line tool.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "app/exit_codes.hpp"
#include "app/toml_reader.hpp"
#include "cli/program.hpp"

namespace {

// Why the first word is no command; empty if it is one, or an option.
std::string unknown_command(const CLI::App& app, const std::vector<char*>& words) {
  if (words.size() < 2 || *words[1] == '-') return {};
  std::vector<std::string> known;
  for (const CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == words[1]) return {};
    known.push_back(command->get_name());
  }
  const std::string near = steelyard::nearest(words[1], known);
  return "there is no command \"" + std::string{words[1]} + "\"" +
         (near.empty() ? "" : "; did you mean " + near + "?") + "; `steelyard help` lists them";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app;
  int exit_code = steelyard::kExitOk;
  steelyard::describe_program(app, exit_code);
  // `steelyard help`, `steelyard help COMMAND`: what people type first.
  std::vector<char*> words{argv, argv + argc};
  char help[] = "--help";
  if (argc >= 2 && std::strcmp(argv[1], "help") == 0) {
    words.erase(words.begin() + 1);
    words.push_back(help);
  }
  if (const std::string unknown = unknown_command(app, words); !unknown.empty()) {
    std::fprintf(stderr, "steelyard: %s\n", unknown.c_str());
    return steelyard::kExitUsage;
  }
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? steelyard::kExitOk : steelyard::kExitUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelyard: %s\n", error.what());
    return steelyard::kExitUsage;
  }
  return exit_code;
}
