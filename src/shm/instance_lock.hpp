// src/shm/instance_lock.hpp -- one publisher an instance, and what its predecessors published.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace steelyard {

// Why a segment could not be created: what, where, and which value.
class SegmentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What was published under an instance's name so far.
struct PublishHistory {
  std::uint64_t generation = 0;  // of the publisher before; 0: none is known
  std::uint64_t records = 0;     // of all publishers before
};

// A lock on `<segment>.lock`, held for as long as the publisher lives: the kernel lets go of it
// however the process ends. The file stays; its text is the process id, and the history as it was
// when that process came or, after an orderly stop, when it went.
class InstanceLock {
 public:
  // Throws SegmentError: somebody else holds it (naming the process), or it cannot be written.
  explicit InstanceLock(const std::string& segment_path);
  InstanceLock(InstanceLock&& other) noexcept;
  InstanceLock& operator=(InstanceLock&&) = delete;
  ~InstanceLock();

  [[nodiscard]] const PublishHistory& history() const noexcept { return history_; }
  // False: it could not be written; the next publisher then counts from what it finds.
  bool keep(const PublishHistory& history) noexcept;

 private:
  int file_ = -1;
  PublishHistory history_;
};

// When a process started, in clock ticks since boot; 0: there is none of this number, or /proc does
// not say. Tells a process from a later one of the same number.
[[nodiscard]] std::uint64_t process_start(std::int64_t pid) noexcept;

}  // namespace steelyard
