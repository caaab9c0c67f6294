// src/cli/manual.hpp -- manual pages and shell completions out of a tree of options: one text for
// all.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace steelyard {

// A page in the man macros (roff). `title`: "steelyard-top"; `section`: 1 for programs, 8 for
// daemons. Of a program with commands: lists them.
[[nodiscard]] std::string manual_page(const CLI::App& of, const std::string& title, int section);

// `shell`: bash, zsh or fish; for `steelyard` and all its commands. Instances are looked for when
// Tab is pressed.
[[nodiscard]] std::string completion_script(const CLI::App& program, const std::string& shell);

}  // namespace steelyard
