#include "cli/manual.hpp"

#include <CLI/CLI.hpp>

#include "app/exit_codes.hpp"

namespace steelyard {
namespace {

// Text for roff: a backslash, a dash and a dot or quote at the start of a line mean something
// there.
[[nodiscard]] std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool starts = out.empty() || out.back() == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (starts && (c == '.' || c == '\'')) {
      out += "\\&";
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

[[nodiscard]] std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

[[nodiscard]] bool is_option(const CLI::Option& option) { return !option.get_positional(); }

[[nodiscard]] std::string value_name(const CLI::Option& option) {
  if (option.get_expected_max() == 0 || option.get_type_size_max() == 0) return {};
  const std::string& given = option.get_option_text();
  return given.empty() ? "VALUE" : given;
}

void add_options(std::string& page, const CLI::App& of) {
  std::string arguments;
  std::string options;
  for (const CLI::Option* const option : of.get_options()) {
    const std::string value = value_name(*option);
    std::string name = option->get_name(false, true);
    std::string& section = is_option(*option) ? options : arguments;
    section += ".TP\n\\fB" + roff(name) + "\\fR" +
               (value.empty() || !is_option(*option) ? "" : " \\fI" + roff(value) + "\\fR") + "\n" +
               roff(option->get_description()) + "\n";
  }
  if (!arguments.empty()) page += ".SH ARGUMENTS\n" + arguments;
  if (!options.empty()) page += ".SH OPTIONS\n" + options;
}

// "Examples:" and what is indented below it become a section of its own.
void add_foot(std::string& page, const std::string& foot) {
  std::istringstream lines{foot};
  std::string line;
  bool open = false;
  while (std::getline(lines, line)) {
    if (line.empty()) continue;
    if (line[0] != ' ') {
      if (open) page += ".EE\n";
      const std::size_t colon = line.find(':');
      page += ".SH " + upper(line.substr(0, colon)) + "\n";
      if (colon + 1 < line.size()) page += roff(line.substr(colon + 2)) + "\n";
      open = colon + 1 >= line.size();
      if (open) page += ".EX\n";
      continue;
    }
    page += roff(line) + "\n";
  }
  if (open) page += ".EE\n";
}

}  // namespace

std::string manual_page(const CLI::App& of, const std::string& title, int section) {
  const bool command = of.get_parent() != nullptr;
  std::string page = ".TH " + upper(title) + " " + std::to_string(section) + " \"\" \"steelyard " +
                     STEELYARD_VERSION + "\" \"steelyard\"\n.SH NAME\n" + roff(title) + " \\- " +
                     roff(of.get_description()) + "\n.SH SYNOPSIS\n\\fB" +
                     (command ? "steelyard " : "") + roff(of.get_name()) + "\\fR";
  for (const CLI::Option* const option : of.get_options()) {
    if (is_option(*option) && !option->get_required()) continue;
    const std::string name = option->get_name(false, true);
    const std::string value =
        is_option(*option) ? " \\fI" + roff(value_name(*option)) + "\\fR" : "";
    const std::string text =
        is_option(*option) ? "\\fB" + roff(name) + "\\fR" + value : "\\fI" + roff(name) + "\\fR";
    page += option->get_required() ? " " + text : " [" + text + "]";
  }
  const auto commands = of.get_subcommands([](const CLI::App*) { return true; });
  page += commands.empty() ? " [\\fIoptions\\fR]\n" : " \\fIcommand\\fR [\\fIoptions\\fR]\n";
  if (!commands.empty()) {
    page += ".SH COMMANDS\n";
    for (const CLI::App* const one : commands) {
      page += ".TP\n\\fBsteelyard\\-" + roff(one->get_name()) + "\\fR(1)\n" +
              roff(one->get_description()) + "\n";
    }
  }
  add_options(page, of);
  add_foot(page, of.get_footer());
  page +=
      ".SH ENVIRONMENT\n.TP\n\\fBSTEELYARD_SHM_DIR\\fR\nWhere segments lie, instead of /dev/shm.\n"
      ".TP\n\\fBNO_COLOR\\fR\nNo colours, whatever the terminal.\n";
  page += ".SH SEE ALSO\n";
  page += command ? "\\fBsteelyard\\fR(1), \\fBsteelyardd\\fR(8)\n"
                  : "\\fBsteelyard\\fR(1), \\fBsteelyardd\\fR(8), \\fBsteelyard\\-top\\fR(1)\n";
  return page;
}

}  // namespace steelyard
