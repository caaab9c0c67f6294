// src/measure/scratch.hpp -- what measurements borrow from the host, and give back.
#pragma once

#include <sys/mman.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "measure/latencies.hpp"

namespace steelyard::measure {

// In shared memory, gone with its files.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    const char* const wanted = std::getenv("STEELYARD_SHM_DIR");
    path_ = std::string{wanted != nullptr && *wanted != '\0' ? wanted : "/dev/shm"} +
            "/steelyard-bench-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error{path_ + ": cannot be created"};
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

// Zeroed, shared with processes that are forked later.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes) : bytes_{bytes} {
    at_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE,
               -1, 0);
    if (at_ == MAP_FAILED) throw std::runtime_error{"no memory for samples"};
  }
  ~SharedMemory() { munmap(at_, bytes_); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  [[nodiscard]] void* at() const noexcept { return at_; }

 private:
  void* at_ = nullptr;
  std::size_t bytes_;
};

// This thread stays on one core, and may go where it might before when this ends.
class PinnedTo {
 public:
  explicit PinnedTo(int core) {
    sched_getaffinity(0, sizeof before_, &before_);
    pin(core);
  }
  ~PinnedTo() { sched_setaffinity(0, sizeof before_, &before_); }
  PinnedTo(const PinnedTo&) = delete;
  PinnedTo& operator=(const PinnedTo&) = delete;

 private:
  cpu_set_t before_{};
};

}  // namespace steelyard::measure
