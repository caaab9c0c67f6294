#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/manual.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

// What a value is, by the name of its option or argument.
enum class Kind : std::uint8_t { Nothing, Text, Files, Instances, Words };

struct Value {
  Kind kind = Kind::Text;
  std::string words;  // of Kind::Words
};

[[nodiscard]] std::string venue_names() {
  std::string names;
  for (const Venue* const venue : venue_registry()) {
    names.append(names.empty() ? "" : " ").append(venue->name);
  }
  return names;
}

[[nodiscard]] Value value_of(const CLI::App& command, const std::string& option) {
  constexpr const char* kFiles[] = {"--config",     "--csv",     "--npy", "--out", "--ca-file",
                                    "--token-file", "--capture", "FILE",  "--dir"};
  if (std::find(std::begin(kFiles), std::end(kFiles), option) != std::end(kFiles)) {
    return {Kind::Files, ""};
  }
  if (option == "INSTANCE") return {Kind::Instances, ""};
  if (option == "VENUE" || option == "--venue") return {Kind::Words, venue_names()};
  if (option == "SHELL") return {Kind::Words, "bash zsh fish"};
  if (option == "--format") return {Kind::Words, "text csv json"};
  if (option == "--bad-certificate") {
    return {Kind::Words, "expired self-signed wrong-host unknown-authority"};
  }
  if (option == "--only" && command.get_name() == "bench") return {Kind::Words, "read frame wire"};
  if (option == "--only") return {Kind::Words, "book snapshot delta trade liq reset timer"};
  if (option == "COMMAND") {
    std::string names;
    for (const CLI::App* const one :
         command.get_parent()->get_subcommands([](const CLI::App*) { return true; })) {
      names += (names.empty() ? "" : " ") + one->get_name();
    }
    return {Kind::Words, names};
  }
  return {};
}

struct Flag {
  std::vector<std::string> names;  // with their dashes; of an argument its name
  std::string description;
  Value value;
};

struct Command {
  std::string name, description;
  std::vector<Flag> options;
  Value argument{Kind::Nothing, ""};  // all positional ones are of one kind
};

[[nodiscard]] std::vector<Command> commands_of(const CLI::App& program) {
  std::vector<Command> out;
  for (const CLI::App* const app : program.get_subcommands([](const CLI::App*) { return true; })) {
    Command command{app->get_name(), app->get_description(), {}, {Kind::Nothing, ""}};
    for (const CLI::Option* const option : app->get_options()) {
      if (option->get_positional()) {
        if (command.argument.kind == Kind::Nothing) {
          command.argument = value_of(*app, option->get_name(true));
        }
        continue;
      }
      Flag flag;
      for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
      for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
      flag.description = option->get_description();
      flag.value = option->get_expected_max() == 0 || option->get_type_size_max() == 0
                       ? Value{Kind::Nothing, ""}
                       : value_of(*app, flag.names.front());
      command.options.push_back(std::move(flag));
    }
    out.push_back(std::move(command));
  }
  return out;
}

constexpr const char* kInstances =
    "  local path name\n"
    "  for path in \"${STEELYARD_SHM_DIR:-/dev/shm}\"/steelyard.*; do\n"
    "    name=${path##*/steelyard.}\n"
    "    case \"$name\" in *.lock|*.new|'*') ;; *) echo \"$name\" ;; esac\n"
    "  done\n";

[[nodiscard]] std::string bash_words(const Value& value) {
  switch (value.kind) {
    case Kind::Files:
      return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Kind::Instances:
      return "COMPREPLY=($(compgen -W \"$(_steelyard_instances)\" -- \"$cur\"))";
    case Kind::Words:
      return "COMPREPLY=($(compgen -W \"" + value.words + "\" -- \"$cur\"))";
    default:
      return "COMPREPLY=()";
  }
}

[[nodiscard]] std::string bash_script(const std::vector<Command>& commands) {
  std::string names;
  std::string cases;
  for (const Command& command : commands) {
    names += command.name + " ";
    std::string options;
    std::string values;
    for (const Flag& flag : command.options) {
      std::string pattern;
      for (const std::string& name : flag.names) {
        options += name + " ";
        pattern += (pattern.empty() ? "" : "|") + name;
      }
      if (flag.value.kind != Kind::Nothing) {
        values += "        " + pattern + ") " + bash_words(flag.value) + "; return ;;\n";
      }
    }
    cases += "    " + command.name + ")\n";
    if (!values.empty()) cases += "      case \"$prev\" in\n" + values + "      esac\n";
    cases += "      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"" + options +
             "\" -- \"$cur\"))\n      else " + bash_words(command.argument) + "\n      fi ;;\n";
  }
  return "# bash completion for steelyard: eval \"$(steelyard completion bash)\"\n"
         "_steelyard_instances() {\n" +
         std::string{kInstances} +
         "}\n_steelyard() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         names +
         "help --help --version\" -- \"$cur\"))\n"
         "    return\n  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n"
         "    help) COMPREPLY=($(compgen -W \"" +
         names + "\" -- \"$cur\")) ;;\n" + cases +
         "  esac\n}\ncomplete -o filenames -F _steelyard steelyard\n"
         "complete -f -W '--config --check-config --help --version' -o default steelyardd\n";
}

// Within single quotes, and where zsh would see the end of a description.
[[nodiscard]] std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '[' || c == ']' || c == ':') {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

[[nodiscard]] std::string zsh_action(const Value& value, const std::string& what) {
  switch (value.kind) {
    case Kind::Nothing:
      return "";
    case Kind::Files:
      return ":" + what + ":_files";
    case Kind::Instances:
      return ":" + what + ":($(_steelyard_instances))";
    case Kind::Words:
      return ":" + what + ":(" + value.words + ")";
    case Kind::Text:
      break;
  }
  return ":" + what + ": ";
}

[[nodiscard]] std::string zsh_script(const std::vector<Command>& commands) {
  std::string list;
  std::string cases;
  for (const Command& command : commands) {
    list += "    '" + command.name + ":" + zsh_text(command.description) + "'\n";
    cases += "    " + command.name + ")\n      _arguments";
    for (const Flag& flag : command.options) {
      for (const std::string& name : flag.names) {
        cases += " \\\n        '" + name + "[" + zsh_text(flag.description) + "]" +
                 zsh_action(flag.value, "value") + "'";
      }
    }
    if (command.argument.kind != Kind::Nothing) {
      cases += " \\\n        '*" + zsh_action(command.argument, "argument") + "'";
    }
    cases += " ;;\n";
  }
  return "#compdef steelyard\n"
         "# zsh completion for steelyard: a file _steelyard in a folder of $fpath\n"
         "_steelyard_instances() {\n  setopt local_options null_glob\n" +
         std::string{kInstances} + "}\n_steelyard() {\n  local -a commands\n  commands=(\n" + list +
         "    'help:What a command does, with examples'\n  )\n"
         "  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
         "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n"
         "    help) _describe command commands ;;\n" +
         cases + "  esac\n}\n_steelyard \"$@\"\n";
}

[[nodiscard]] std::string fish_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

[[nodiscard]] std::string fish_values(const Value& value) {
  switch (value.kind) {
    case Kind::Nothing:
      return "";
    case Kind::Files:
      return " -r -F";
    case Kind::Instances:
      return " -x -a '(__steelyard_instances)'";
    case Kind::Words:
      return " -x -a '" + value.words + "'";
    case Kind::Text:
      break;
  }
  return " -x";
}

[[nodiscard]] std::string fish_script(const std::vector<Command>& commands) {
  std::string out =
      "# fish completion for steelyard: ~/.config/fish/completions/steelyard.fish\n"
      "function __steelyard_instances\n"
      "  set -l folder /dev/shm\n"
      "  set -q STEELYARD_SHM_DIR; and set folder $STEELYARD_SHM_DIR\n"
      "  for path in $folder/steelyard.*\n"
      "    string match -q -r '\\.(lock|new)$' $path; or string replace -r '.*/steelyard\\.' '' "
      "$path\n"
      "  end\nend\n"
      "complete -c steelyard -f\n";
  for (const Command& command : commands) {
    out += "complete -c steelyard -n __fish_use_subcommand -a " + command.name + " -d '" +
           fish_text(command.description) + "'\n";
    const std::string when =
        "complete -c steelyard -n '__fish_seen_subcommand_from " + command.name + "'";
    for (const Flag& flag : command.options) {
      out += when;
      for (const std::string& name : flag.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      out += " -d '" + fish_text(flag.description) + "'" + fish_values(flag.value) + "\n";
    }
    if (command.argument.kind == Kind::Files) out += when + " -F\n";
    if (command.argument.kind == Kind::Instances || command.argument.kind == Kind::Words) {
      out += when + fish_values(command.argument).replace(0, 3, " -f") + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const CLI::App& program, const std::string& shell) {
  const std::vector<Command> commands = commands_of(program);
  if (shell == "bash") return bash_script(commands);
  return shell == "zsh" ? zsh_script(commands) : fish_script(commands);
}

}  // namespace steelyard
