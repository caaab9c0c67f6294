// src/cli/progress.hpp -- how far a long read of files has come, on a terminal.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace steelyard {

// Of files that this process reads, by what the kernel says of its open descriptors: the readers
// need not know. Begins after two seconds, a line on standard error that is written over and wiped
// at the end; nothing where standard error is no terminal. A thread of its own.
class ReadProgress {
 public:
  ReadProgress(std::string what, std::vector<std::string> files);
  ~ReadProgress();
  ReadProgress(const ReadProgress&) = delete;
  ReadProgress& operator=(const ReadProgress&) = delete;

 private:
  void show();

  std::string what_;
  std::vector<std::string> files_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

// Bytes read of these files and bytes in them, of those that are open now and regular; before and
// after them in the list: none and all.
struct ReadSoFar {
  std::uint64_t read = 0;
  std::uint64_t all = 0;
};
[[nodiscard]] ReadSoFar read_so_far(const std::vector<std::string>& files);

}  // namespace steelyard
