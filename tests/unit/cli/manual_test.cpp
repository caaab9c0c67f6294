#include "cli/manual.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "cli/program.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

class Manual : public testing::Test {
 protected:
  Manual() {
    describe_program(program_, exit_code_);
    describe_daemon(daemon_, arguments_);
  }
  [[nodiscard]] std::vector<CLI::App*> commands() {
    return program_.get_subcommands([](const CLI::App*) { return true; });
  }
  // Lines of a foot that are commands: indented by two, up to what explains them.
  [[nodiscard]] static std::vector<std::string> examples(const std::string& foot) {
    std::vector<std::string> out;
    std::istringstream lines{foot};
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("  steelyard")) out.push_back(line.substr(2, line.find("   ", 2) - 2));
    }
    return out;
  }
  // Standard output and error of a shell command.
  [[nodiscard]] static std::string shell(const std::string& command) {
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    std::string out;
    char text[4096];
    while (pipe != nullptr && fgets(text, sizeof text, pipe) != nullptr) out += text;
    pclose(pipe);
    return out;
  }

  int exit_code_ = 0;
  CLI::App program_;
  CLI::App daemon_;
  DaemonArguments arguments_;
  TemporaryFolder folder_;
};

TEST_F(Manual, TeachesEveryCommandByExampleAndNamesItsExitStatus) {
  for (const CLI::App* const command : commands()) {
    EXPECT_FALSE(examples(command->get_footer()).empty()) << command->get_name();
    EXPECT_THAT(command->get_footer(), HasSubstr("Exit status:\n  0  ")) << command->get_name();
    EXPECT_FALSE(command->get_description().empty()) << command->get_name();
  }
}

TEST_F(Manual, GivesExamplesThatTheParserAccepts) {
  // With --help, values are converted and checked, and nothing is run.
  const auto accepts = [](CLI::App& program, const CLI::App& of, const std::string& words) {
    try {
      program.parse(words + " --help", false);
      ADD_FAILURE() << words << " was run";
    } catch (const CLI::CallForHelp&) {
      EXPECT_TRUE(of.remaining().empty()) << words;
    } catch (const CLI::ParseError& error) {
      ADD_FAILURE() << words << ": " << error.what();
    }
  };
  for (const CLI::App* const command : commands()) {
    for (const std::string& line : examples(command->get_footer())) {
      ASSERT_TRUE(line.starts_with("steelyard " + command->get_name())) << line;
      accepts(program_, *command, line.substr(std::string{"steelyard "}.size()));
    }
  }
  for (const std::string& line : examples(daemon_.get_footer())) {
    accepts(daemon_, daemon_, line.substr(std::string{"steelyardd "}.size()));
  }
}

TEST_F(Manual, PrintsEveryOptionOfEveryCommandAsARoffPage) {
  for (const CLI::App* const command : commands()) {
    const std::string page = manual_page(*command, "steelyard-" + command->get_name(), 1);
    for (const CLI::Option* const option : command->get_options()) {
      std::string name = option->get_name(false, true);
      for (std::size_t at = 0; (at = name.find('-', at)) != std::string::npos; at += 2) {
        name.insert(at, "\\");
      }
      EXPECT_THAT(page, HasSubstr("\\fB" + name + "\\fR")) << command->get_name();
    }
    EXPECT_THAT(page, HasSubstr(".SH EXAMPLES\n.EX\n")) << command->get_name();
    EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS")) << command->get_name();
    std::ofstream{folder_ / "page"} << page;
    if (!shell("command -v groff").empty()) {
      EXPECT_EQ(shell("groff -man -ww -z -Tutf8 " + (folder_ / "page")), "") << command->get_name();
    }
  }
}

TEST_F(Manual, CompletesCommandsOptionsAndInstancesInBash) {
  std::ofstream{folder_ / "script"} << completion_script(program_, "bash");
  for (const char* const name : {"steelyard.live", "steelyard.demo", "steelyard.demo.lock"}) {
    std::ofstream{folder_ / name} << "x";
  }
  const auto complete = [&](const std::string& words, int at) {
    std::ofstream{folder_ / "ask"} << "source '" << folder_ / "script"
                                   << "'\nCOMP_WORDS=(" << words << ")\nCOMP_CWORD=" << at
                                   << "\n_steelyard\necho \"${COMPREPLY[*]}\"\n";
    return shell("STEELYARD_SHM_DIR='" + (folder_ / "") + "' bash " + (folder_ / "ask"));
  };

  EXPECT_EQ(complete("steelyard da", 1), "dashboard\n");
  EXPECT_EQ(complete("steelyard top ''", 2), "demo live\n");
  EXPECT_EQ(complete("steelyard top --int", 2), "--interval\n");
  EXPECT_EQ(complete("steelyard tail --format j", 3), "json\n");
  EXPECT_EQ(complete("steelyard instruments ok", 2), "okx\n");
  EXPECT_EQ(complete("steelyard man das", 2), "dashboard\n");
}

TEST_F(Manual, WritesScriptsThatZshAndFishCanRead) {
  bool any = false;
  for (const char* const name : {"zsh", "fish"}) {
    const std::string script = completion_script(program_, name);
    for (const CLI::App* const command : commands()) {
      EXPECT_THAT(script, HasSubstr(command->get_name())) << name;
    }
    if (shell(std::string{"command -v "} + name).empty()) continue;
    any = true;
    std::ofstream{folder_ / name} << script;
    EXPECT_EQ(shell(std::string{name} + " -n " + (folder_ / name)), "") << name;
  }
  if (!any) GTEST_SKIP() << "neither zsh nor fish is here to read theirs";
}

}  // namespace
}  // namespace steelyard
