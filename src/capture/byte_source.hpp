// src/capture/byte_source.hpp -- the bytes of a file: plain, zstd or gzip, told apart by their
// first four.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace steelyard {

// Uncompressed bytes, in order. Throws CaptureError with the file's name and the reason.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `bytes` bytes into `out`; 0 at the end.
  virtual std::size_t read(char* out, std::size_t bytes) = 0;
  virtual void rewind() = 0;
};

// "-" is standard input: spooled to an unlinked temporary file first, so that it can be read twice.
[[nodiscard]] std::unique_ptr<ByteSource> open_bytes(const std::string& path);

// Lines of a byte source. A line's bytes are followed by readable padding.
class LineReader {
 public:
  static constexpr std::size_t kMaxLine = 64U << 20;

  explicit LineReader(std::unique_ptr<ByteSource> bytes);

  // The next line without its end (LF or CRLF); false at the end. A line longer than kMaxLine is
  // cut, and `too_long` says so.
  bool next(std::string_view& line, bool& too_long);
  void rewind();
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }

 private:
  bool fill();
  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 0;
  bool at_end_ = false;
};

}  // namespace steelyard
