#include "capture/byte_source.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>

#include "capture/frame_source.hpp"
#include "core/frame.hpp"

namespace steelyard {
namespace {

class File {
 public:
  explicit File(const std::string& path) : name_{path == "-" ? "standard input" : path} {
    file_ = path == "-" ? spool() : open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) throw CaptureError{name_ + ": " + std::strerror(errno)};
  }
  ~File() { close(file_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::size_t read(char* out, std::size_t bytes) {
    for (;;) {
      const ssize_t got = ::read(file_, out, bytes);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) throw CaptureError{name_ + ": " + std::strerror(errno)};
    }
  }
  void rewind() {
    if (lseek(file_, 0, SEEK_SET) < 0) throw CaptureError{name_ + ": " + std::strerror(errno)};
  }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  [[nodiscard]] int spool() const {
    std::string pattern = "/tmp/steelyard-XXXXXX";
    const int file = mkostemp(pattern.data(), O_CLOEXEC);
    if (file < 0) return file;
    unlink(pattern.c_str());
    std::vector<char> buffer(1U << 20);
    for (;;) {
      const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      if (got == 0) break;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 || write(file, buffer.data(), static_cast<std::size_t>(got)) != got) {
        close(file);
        return -1;
      }
    }
    lseek(file, 0, SEEK_SET);
    return file;
  }

  std::string name_;
  int file_ = -1;
};

class PlainBytes final : public ByteSource {
 public:
  explicit PlainBytes(std::unique_ptr<File> file) : file_{std::move(file)} {}
  std::size_t read(char* out, std::size_t bytes) override { return file_->read(out, bytes); }
  void rewind() override { file_->rewind(); }

 private:
  std::unique_ptr<File> file_;
};

class ZstdBytes final : public ByteSource {
 public:
  explicit ZstdBytes(std::unique_ptr<File> file)
      : file_{std::move(file)}, stream_{ZSTD_createDStream()}, input_(ZSTD_DStreamInSize()) {
    if (stream_ == nullptr) throw CaptureError{file_->name() + ": no memory for zstd"};
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 27);
  }
  ~ZstdBytes() override { ZSTD_freeDStream(stream_); }

  std::size_t read(char* out, std::size_t bytes) override {
    ZSTD_outBuffer to{out, bytes, 0};
    while (to.pos == 0) {
      if (from_.pos == from_.size) {
        from_ = {input_.data(), file_->read(input_.data(), input_.size()), 0};
        if (from_.size == 0) {
          if (left_ != 0) throw CaptureError{file_->name() + ": zstd data ends in mid-frame"};
          return 0;
        }
      }
      left_ = ZSTD_decompressStream(stream_, &to, &from_);
      if (ZSTD_isError(left_)) {
        throw CaptureError{file_->name() + ": zstd: " + ZSTD_getErrorName(left_)};
      }
    }
    return to.pos;
  }
  void rewind() override {
    file_->rewind();
    ZSTD_DCtx_reset(stream_, ZSTD_reset_session_only);
    from_ = {};
    left_ = 0;
  }

 private:
  std::unique_ptr<File> file_;
  ZSTD_DStream* stream_;
  std::vector<char> input_;
  ZSTD_inBuffer from_{};
  std::size_t left_ = 0;
};

class GzipBytes final : public ByteSource {
 public:
  explicit GzipBytes(std::unique_ptr<File> file) : file_{std::move(file)}, input_(256U << 10) {
    if (inflateInit2(&stream_, 15 + 32) != Z_OK) {
      throw CaptureError{file_->name() + ": no memory for gzip"};
    }
  }
  ~GzipBytes() override { inflateEnd(&stream_); }

  std::size_t read(char* out, std::size_t bytes) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(bytes, 1U << 30));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room) {
      if (stream_.avail_in == 0) {
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(file_->read(input_.data(), input_.size()));
        if (stream_.avail_in == 0) {
          if (!ended_) throw CaptureError{file_->name() + ": gzip data ends too soon"};
          return 0;
        }
      }
      // Several members one behind the other are one file.
      if (ended_) {
        inflateReset(&stream_);
        ended_ = false;
      }
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        ended_ = true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        throw CaptureError{file_->name() +
                           ": gzip: " + (stream_.msg != nullptr ? stream_.msg : "broken data")};
      }
    }
    return room - stream_.avail_out;
  }
  void rewind() override {
    file_->rewind();
    inflateReset(&stream_);
    stream_.avail_in = 0;
    ended_ = false;
  }

 private:
  std::unique_ptr<File> file_;
  std::vector<char> input_;
  z_stream stream_{};
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> open_bytes(const std::string& path) {
  auto file = std::make_unique<File>(path);
  unsigned char magic[4] = {};
  std::size_t have = 0;
  while (have < sizeof magic) {
    const std::size_t got = file->read(reinterpret_cast<char*>(magic) + have, sizeof magic - have);
    if (got == 0) break;
    have += got;
  }
  file->rewind();
  if (have == 4 && magic[0] == 0x28 && magic[1] == 0xb5 && magic[2] == 0x2f && magic[3] == 0xfd) {
    return std::make_unique<ZstdBytes>(std::move(file));
  }
  if (have >= 2 && magic[0] == 0x1f && magic[1] == 0x8b) {
    return std::make_unique<GzipBytes>(std::move(file));
  }
  return std::make_unique<PlainBytes>(std::move(file));
}

LineReader::LineReader(std::unique_ptr<ByteSource> bytes)
    : bytes_{std::move(bytes)}, buffer_((1U << 20) + kFramePadding) {}

bool LineReader::fill() {
  if (at_end_) return false;
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + kFramePadding == buffer_.size()) {
    buffer_.resize(2 * (buffer_.size() - kFramePadding) + kFramePadding);
  }
  const std::size_t got =
      bytes_->read(buffer_.data() + end_, buffer_.size() - kFramePadding - end_);
  if (got == 0) at_end_ = true;
  end_ += got;
  return got != 0;
}

bool LineReader::next(std::string_view& line, bool& too_long) {
  too_long = false;
  std::size_t searched = 0;
  for (;;) {
    const char* const from = buffer_.data() + begin_;
    const auto* const newline =
        static_cast<const char*>(std::memchr(from + searched, '\n', end_ - begin_ - searched));
    if (newline != nullptr) {
      line = {from, static_cast<std::size_t>(newline - from)};
      begin_ += line.size() + 1;
      break;
    }
    searched = end_ - begin_;
    if (searched > kMaxLine) {
      too_long = true;
      line = {from, 0};
      // Skip to the end of the line without keeping it.
      for (;;) {
        begin_ = end_ = 0;
        if (!fill()) break;
        const auto* const stop = static_cast<const char*>(std::memchr(buffer_.data(), '\n', end_));
        if (stop == nullptr) continue;
        begin_ = static_cast<std::size_t>(stop - buffer_.data()) + 1;
        break;
      }
      line = {};
      break;
    }
    if (fill()) continue;
    if (begin_ == end_) return false;
    line = {buffer_.data() + begin_, end_ - begin_};
    begin_ = end_;
    break;
  }
  ++line_;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

void LineReader::rewind() {
  bytes_->rewind();
  begin_ = end_ = 0;
  line_ = 0;
  at_end_ = false;
}

}  // namespace steelyard
