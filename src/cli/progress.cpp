#include "cli/progress.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "observe/number_text.hpp"

namespace steelyard {
namespace {

using Clock = std::chrono::steady_clock;

[[nodiscard]] std::uint64_t position_of(const std::string& descriptor) {
  std::ifstream info{"/proc/self/fdinfo/" + descriptor};
  std::string key;
  std::uint64_t value = 0;
  return info >> key >> value && key == "pos:" ? value : 0;
}

}  // namespace

ReadSoFar read_so_far(const std::vector<std::string>& files) {
  ReadSoFar sum;
  for (const std::string& file : files) {
    struct stat wanted {};
    if (stat(file.c_str(), &wanted) != 0 || !S_ISREG(wanted.st_mode)) continue;
    sum.all += static_cast<std::uint64_t>(wanted.st_size);
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd", error}) {
      struct stat open {};
      if (stat(entry.path().c_str(), &open) != 0 || open.st_ino != wanted.st_ino ||
          open.st_dev != wanted.st_dev) {
        continue;
      }
      sum.read += position_of(entry.path().filename());
      break;
    }
  }
  return sum;
}

ReadProgress::ReadProgress(std::string what, std::vector<std::string> files)
    : what_{std::move(what)}, files_{std::move(files)} {
  if (isatty(STDERR_FILENO) != 0) {
    thread_ = std::thread{[this] { show(); }};
  }
}

ReadProgress::~ReadProgress() {
  over_ = true;
  if (thread_.joinable()) thread_.join();
}

void ReadProgress::show() {
  const Clock::time_point begin = Clock::now();
  bool shown = false;
  ReadSoFar first{};
  Clock::time_point from = begin;
  std::uint64_t before = 0;
  while (!over_.load(std::memory_order_relaxed)) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    const Clock::time_point now = Clock::now();
    if (now - begin < std::chrono::seconds{2}) continue;
    const ReadSoFar at = read_so_far(files_);
    if (at.all == 0) continue;
    // Foreign recordings are looked through once before they are replayed: then it begins anew.
    if (at.read < before || first.all == 0) {
      first = at;
      from = now;
    }
    before = at.read;
    const double seconds = std::chrono::duration<double>(now - from).count();
    const auto done = static_cast<double>(at.read - first.read);
    const double left =
        done > 0 ? static_cast<double>(at.all - std::min(at.all, at.read)) / done * seconds : 0;
    std::fprintf(stderr, "\r\x1b[K%s: %.0f%% of %.1f MB%s%s", what_.c_str(),
                 100.0 * static_cast<double>(at.read) / static_cast<double>(at.all),
                 static_cast<double>(at.all) / 1e6, seconds > 1 && done > 0 ? ", left: " : "",
                 seconds > 1 && done > 0 ? uptime_text(left).c_str() : "");
    std::fflush(stderr);
    shown = true;
  }
  if (shown) std::fputs("\r\x1b[K", stderr);
}

}  // namespace steelyard
