#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "capture/byte_source.hpp"
#include "capture/frame_source.hpp"

namespace steelyard {
namespace {

class FileBytes final : public ByteSource {
 public:
  explicit FileBytes(const std::string& path) : name_{display_name(path)} {
    file_ = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) fail("cannot be opened");
    try {
      struct stat status{};
      if (fstat(file_, &status) != 0) fail("cannot be opened");
      if (S_ISDIR(status.st_mode)) throw CaptureError{name_ + ": is a directory"};
      if (path == "-" || !S_ISREG(status.st_mode)) spool();
    } catch (...) {
      close(file_);  // no destructor runs for what was never built
      throw;
    }
  }
  ~FileBytes() override { close(file_); }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::size_t read(char* out, std::size_t bytes) override {
    for (;;) {
      const ssize_t got = ::read(file_, out, bytes);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail("cannot be read");
    }
  }
  void rewind() override {
    if (lseek(file_, 0, SEEK_SET) < 0) fail("cannot be read again");
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw CaptureError{name_ + ": " + what + ": " + std::strerror(errno)};
  }

  void spool() {
    const char* const folder = std::getenv("TMPDIR");
    std::string path = std::string{folder != nullptr ? folder : "/tmp"} + "/steelyard-XXXXXX";
    const int copy = mkostemp(path.data(), O_CLOEXEC);
    if (copy < 0) {
      throw CaptureError{name_ + ": no temporary file " + path + ": " + std::strerror(errno)};
    }
    unlink(path.c_str());
    std::vector<char> buffer(1U << 20);
    try {
      while (const std::size_t got = read(buffer.data(), buffer.size())) {
        for (std::size_t done = 0; done < got;) {
          const ssize_t put = write(copy, buffer.data() + done, got - done);
          if (put < 0 && errno == EINTR) continue;
          if (put <= 0) fail("cannot be copied to a temporary file (TMPDIR says where)");
          done += static_cast<std::size_t>(put);
        }
      }
    } catch (...) {
      close(copy);
      throw;
    }
    close(file_);
    file_ = copy;
    rewind();
  }

  std::string name_;
  int file_ = -1;
};

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::string& path) {
  return std::make_unique<FileBytes>(path);
}

}  // namespace steelyard
