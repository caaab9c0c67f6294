#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/column_text.hpp"
#include "cli/commands.hpp"
#include "app/config.hpp"
#include "app/wildcard.hpp"

namespace steelyard {
namespace {

struct Arguments {
  std::vector<std::string> names;
  std::string config;
  bool json = false;
  bool markdown = false;
};

// In the order of the directory; throws std::runtime_error naming what is not there.
[[nodiscard]] std::vector<Column> chosen(const SignalSet& signals,
                                         const std::vector<std::string>& names) {
  std::vector<bool> wanted(signals.columns().size(), names.empty());
  for (const std::string& name : names) {
    bool found = false;
    std::vector<std::string> known;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      known.push_back(signals.columns()[i].name);
      if (!matches(name, known.back())) continue;
      wanted[i] = found = true;
    }
    if (found) continue;
    const std::string near = nearest(name, known);
    throw std::runtime_error{"there is no column \"" + name + "\"" +
                             (near.empty() ? "" : "; did you mean " + near + "?")};
  }
  std::vector<Column> columns;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) columns.push_back(signals.columns()[i]);
  }
  return columns;
}

int run(const Arguments& arguments) {
  const SignalParams params =
      arguments.config.empty() ? SignalParams{} : load_config(arguments.config).signals;
  const std::vector<Column> columns = chosen(SignalSet{params}, arguments.names);
  std::string text;
  if (arguments.json) {
    text = columns_as_json(columns);
  } else if (arguments.markdown) {
    text = columns_as_markdown(columns);
  } else {
    text = columns_as_text(columns);
    // Of few, all that there is to say.
    for (const Column& column : columns) {
      if (arguments.names.empty() || column.caveat.empty()) continue;
      text += "\n" + column.name + ": " + column.caveat + "\n";
    }
  }
  return std::fputs(text.c_str(), stdout) >= 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_signals_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("signals", "Lists the columns that are published, and what they mean");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("NAME", arguments->names,
                      "Only these columns, with * and ?, and when not to trust them");
  command->add_option("--config", arguments->config,
                      "With the signal parameters of this file; without it, the default ones");
  auto* const json = command->add_flag("--json", arguments->json, "As a JSON array");
  command->add_flag("--markdown", arguments->markdown, "As in docs/signals.md")->excludes(json);
  command->callback([arguments, &exit_code] { exit_code = run(*arguments); });
}

}  // namespace steelyard
