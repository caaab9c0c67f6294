// tests/support/program.hpp -- one of our programs as a process, its standard output read by the
// test.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "support/child_process.hpp"

namespace steelyard {

// `quiet`: what it writes to standard error is of no interest.
[[nodiscard]] inline ChildProcess start_program(const std::vector<std::string>& command,
                                                bool quiet = true) {
  return ChildProcess{[&](int to_parent) {
    dup2(to_parent, STDOUT_FILENO);
    if (quiet) dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }};
}

}  // namespace steelyard
