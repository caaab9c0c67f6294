// tests/support/terminal_process.hpp -- a program on a terminal of the test's own.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

namespace steelyard {

// Ends it with SIGKILL at the latest when destroyed.
class TerminalProcess {
 public:
  TerminalProcess(const std::vector<std::string>& command, unsigned short columns,
                  unsigned short lines) {
    winsize size{lines, columns, 0, 0};
    pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (pid_ == 0) {
      setenv("TERM", "xterm-256color", 1);
      setenv("LC_ALL", "C.UTF-8", 1);
      std::vector<char*> arguments;
      for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
      arguments.push_back(nullptr);
      execv(arguments[0], arguments.data());
      _exit(127);
    }
  }
  ~TerminalProcess() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      (void)wait();
    }
    close(terminal_);
  }
  TerminalProcess(const TerminalProcess&) = delete;

  // Whether it writes this, from now on and within 20 seconds; what it wrote so far is forgotten.
  [[nodiscard]] bool shows(const std::string& text) {
    output_.clear();
    return waits_for(text);
  }
  void type(const std::string& keys) {
    if (write(terminal_, keys.data(), keys.size()) < 0) std::abort();
  }
  void resize(unsigned short columns, unsigned short lines) {
    winsize size{lines, columns, 0, 0};
    ioctl(terminal_, TIOCSWINSZ, &size);
  }
  // All that it still writes, until it ends; then its exit status, or -1.
  int wait() {
    while (read_some(20'000)) {
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] const std::string& output() const noexcept { return output_; }

 private:
  bool waits_for(const std::string& text) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (std::chrono::steady_clock::now() < end) {
      if (output_.find(text) != std::string::npos) return true;
      if (!read_some(1000) && ended_) return false;
    }
    return false;
  }
  bool read_some(int timeout_ms) {
    pollfd ready{terminal_, POLLIN, 0};
    if (poll(&ready, 1, timeout_ms) <= 0) return false;
    char bytes[4096];
    const ssize_t count = read(terminal_, bytes, sizeof bytes);
    ended_ = count <= 0;
    if (count > 0) output_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  pid_t pid_ = -1;
  int terminal_ = -1;
  bool ended_ = false;
  std::string output_;
};

}  // namespace steelyard
