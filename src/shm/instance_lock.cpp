#include "shm/instance_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

namespace steelyard {
namespace {

// As much of a small file as `text` holds; it ends in a zero.
template <std::size_t kBytes>
void read_text(int file, char (&text)[kBytes]) noexcept {
  const ssize_t got = pread(file, text, kBytes - 1, 0);
  text[got > 0 ? got : 0] = '\0';
}

}  // namespace

InstanceLock::InstanceLock(const std::string& segment_path) {
  const std::string path = segment_path + ".lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (file < 0) throw SegmentError{path + ": cannot be opened: " + std::strerror(errno)};
  char text[128];
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    read_text(file, text);
    close(file);
    const std::size_t digits = std::strspn(text, "0123456789");
    throw SegmentError{segment_path + ": in use by a living publisher, process " +
                       (digits > 0 ? std::string{text, digits} : std::string{"unknown"}) +
                       "; stop it or choose another instance name"};
  }
  file_ = file;
  read_text(file, text);
  PublishHistory found;
  if (std::sscanf(text, "%*d %" SCNu64 " %" SCNu64, &found.generation, &found.records) == 2) {
    history_ = found;
  }
  if (!keep(history_)) {
    const std::string why = std::strerror(errno);
    close(std::exchange(file_, -1));
    throw SegmentError{path + ": cannot be written: " + why};
  }
}

InstanceLock::InstanceLock(InstanceLock&& other) noexcept
    : file_{std::exchange(other.file_, -1)}, history_{other.history_} {}

InstanceLock::~InstanceLock() {
  if (file_ >= 0) close(file_);
}

bool InstanceLock::keep(const PublishHistory& history) noexcept {
  char text[128];
  const int size = std::snprintf(text, sizeof text, "%d %" PRIu64 " %" PRIu64 "\n", getpid(),
                                 history.generation, history.records);
  history_ = history;
  return ftruncate(file_, 0) == 0 && pwrite(file_, text, static_cast<std::size_t>(size), 0) == size;
}

std::uint64_t process_start(std::int64_t pid) noexcept {
  char path[48];
  std::snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[1024];
  read_text(file, text);
  close(file);
  // "pid (name) state ...": the name may hold anything, so counting starts behind its last ')'.
  const char* at = std::strrchr(text, ')');
  if (at == nullptr) return 0;
  constexpr int kStateField = 3;
  constexpr int kStartField = 22;
  for (int field = kStateField - 1; field < kStartField; ++field) {
    at = std::strchr(at + 1, ' ');
    if (at == nullptr) return 0;
  }
  std::uint64_t start = 0;
  return std::sscanf(at, "%" SCNu64, &start) == 1 ? start : 0;
}

}  // namespace steelyard
