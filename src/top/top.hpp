// src/top/top.hpp -- the screen that one wants open all day.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "top/terminal.hpp"

namespace steelyard {

struct TopOptions {
  std::string instance = "default";
  std::chrono::milliseconds interval{250};  // between two pictures
  TerminalOptions terminal;
};

// Until a person quits, or `stop`. Waits for a daemon that is not there, and survives its death and
// restarts. Throws std::runtime_error if there is no terminal.
void run_top(const TopOptions& options, const std::atomic<bool>& stop);

}  // namespace steelyard
