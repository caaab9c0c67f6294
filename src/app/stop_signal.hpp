// src/app/stop_signal.hpp -- SIGINT and SIGTERM as a flag that loops look at.
#pragma once

#include <atomic>
#include <csignal>

namespace steelyard {

inline std::atomic<bool>& stop_requested() noexcept {
  static std::atomic<bool> requested{false};
  return requested;
}

// The second signal ends the process at once.
inline void watch_stop_signals() noexcept {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested().store(true, std::memory_order_relaxed); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace steelyard
