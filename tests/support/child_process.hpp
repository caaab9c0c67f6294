// tests/support/child_process.hpp -- a process of the test's own, that can be stopped and killed.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

namespace steelyard {

// Runs `body(to_parent)` in a forked process; ends it with SIGKILL at the latest when it is
// destroyed. The parent reads what the child writes to `to_parent`, line by line.
class ChildProcess {
 public:
  template <typename Body>
  explicit ChildProcess(const Body& body) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      body(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    from_child_ = ends[0];
  }
  ChildProcess(ChildProcess&& other) noexcept
      : pid_{std::exchange(other.pid_, -1)}, from_child_{std::exchange(other.from_child_, -1)} {}
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess() {
    if (pid_ > 0) kill();
    if (from_child_ >= 0) close(from_child_);
  }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void send(int signal) const noexcept { ::kill(pid_, signal); }
  // Ended and reaped when this returns.
  void kill() noexcept {
    send(SIGKILL);
    send(SIGCONT);
    (void)wait();
  }
  // The child's exit status; -1 if a signal ended it.
  int wait() noexcept {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // One line without its end; what there is if the child ends first.
  [[nodiscard]] std::string read_line() const {
    std::string line;
    char c = 0;
    while (read(from_child_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }

 private:
  pid_t pid_ = -1;
  int from_child_ = -1;
};

// In the child: tells the parent something.
inline void tell(int to_parent, const std::string& text) {
  const std::string line = text + '\n';
  if (write(to_parent, line.data(), line.size()) < 0) _exit(99);
}

}  // namespace steelyard
