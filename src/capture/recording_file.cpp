#include "capture/recording_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "capture/frame_source.hpp"

namespace steelyard {

RecordingFile::RecordingFile(std::string name, unsigned mode)
    : name_{std::move(name)},
      file_{::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                   static_cast<mode_t>(mode))} {
  if (file_ < 0) throw CaptureError{name_ + ": cannot be created: " + std::strerror(errno)};
}

RecordingFile::~RecordingFile() { (void)::close(file_); }

int RecordingFile::append(std::string_view bytes) noexcept {
  const std::uint64_t size = size_ + bytes.size();
  while (!bytes.empty()) {
    const ssize_t put = ::write(file_, bytes.data(), bytes.size());
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (put == 0 || errno != EINTR) {
      const int reason = put == 0 ? ENOSPC : errno;
      // If even this fails the reader finds the rest of a block and skips it.
      if (ftruncate(file_, static_cast<off_t>(size_)) == 0) {
        (void)lseek(file_, static_cast<off_t>(size_), SEEK_SET);
      }
      return reason;
    }
  }
  size_ = size;
  return 0;
}

int RecordingFile::sync() noexcept { return fdatasync(file_) == 0 ? 0 : errno; }

void RecordingFile::sync_folder() const noexcept {
  const std::size_t slash = name_.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : name_.substr(0, slash + 1);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  (void)fsync(file);
  (void)::close(file);
}

void RecordingFile::remove() noexcept { (void)unlink(name_.c_str()); }

}  // namespace steelyard
