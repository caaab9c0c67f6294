#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/program.hpp"

namespace steelyard {
namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file{path};
  file << text;
  if (!file.flush()) throw std::runtime_error{path.string() + ": cannot be written"};
}

int run_completion(const CLI::App& program, const std::string& shell,
                   const std::string& directory) {
  if (directory.empty()) {
    if (shell.empty()) {
      std::fprintf(stderr, "steelyard completion: for which shell: bash, zsh or fish?\n");
      return kExitUsage;
    }
    std::fputs(completion_script(program, shell).c_str(), stdout);
    return kExitOk;
  }
  const std::filesystem::path root{directory};
  write_file(root / "bash-completion/completions/steelyard", completion_script(program, "bash"));
  write_file(root / "zsh/site-functions/_steelyard", completion_script(program, "zsh"));
  write_file(root / "fish/vendor_completions.d/steelyard.fish", completion_script(program, "fish"));
  return kExitOk;
}

[[nodiscard]] std::string daemon_page() {
  CLI::App daemon;
  DaemonArguments ignored;
  describe_daemon(daemon, ignored);
  return manual_page(daemon, "steelyardd", 8);
}

int run_man(const CLI::App& program, const std::string& command, const std::string& directory) {
  const auto commands = program.get_subcommands([](const CLI::App*) { return true; });
  if (!directory.empty()) {
    const std::filesystem::path root{directory};
    write_file(root / "man1/steelyard.1", manual_page(program, "steelyard", 1));
    write_file(root / "man8/steelyardd.8", daemon_page());
    for (const CLI::App* const one : commands) {
      const std::string title = "steelyard-" + one->get_name();
      write_file(root / "man1" / (title + ".1"), manual_page(*one, title, 1));
    }
    return kExitOk;
  }
  if (command.empty() || command == "steelyard") {
    std::fputs(manual_page(program, "steelyard", 1).c_str(), stdout);
    return kExitOk;
  }
  if (command == "steelyardd") {
    std::fputs(daemon_page().c_str(), stdout);
    return kExitOk;
  }
  for (const CLI::App* const one : commands) {
    if (one->get_name() != command) continue;
    std::fputs(manual_page(*one, "steelyard-" + command, 1).c_str(), stdout);
    return kExitOk;
  }
  std::fprintf(stderr, "steelyard man: there is no command \"%s\"; `steelyard help` lists them\n",
               command.c_str());
  return kExitUsage;
}

template <typename Body>
int guarded(const char* name, const Body& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelyard %s: %s\n", name, error.what());
    return kExitFailed;
  }
}

}  // namespace

void add_completion_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "completion", "Prints what makes a shell complete commands, options, instances");
  auto shell = std::make_shared<std::string>();
  auto directory = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->add_option("--dir", *directory, "Writes all three below this folder, as in /usr/share");
  command->callback([=, &app, &exit_code] {
    exit_code = guarded("completion", [&] { return run_completion(app, *shell, *directory); });
  });
}

void add_man_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("man", "Prints the manual page of a command, for man -l -");
  auto name = std::make_shared<std::string>();
  auto directory = std::make_shared<std::string>();
  command->add_option("COMMAND", *name,
                      "Without it, the page of steelyard; steelyardd has one too");
  command->add_option("--dir", *directory, "Writes all pages below this folder: man1, man8");
  command->callback([=, &app, &exit_code] {
    exit_code = guarded("man", [&] { return run_man(app, *name, *directory); });
  });
}

}  // namespace steelyard
