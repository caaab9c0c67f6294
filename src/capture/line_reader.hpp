// src/capture/line_reader.hpp -- lines of a byte source, with readable padding behind each.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "capture/byte_source.hpp"

namespace steelyard {

class LineReader {
 public:
  static constexpr std::size_t kMaxLine = 64U << 20;

  enum class Result : std::uint8_t {
    Line,
    TooLong,  // longer than kMaxLine: skipped
    End,
  };

  explicit LineReader(std::unique_ptr<ByteSource> bytes);

  // The next line without its end (LF or CRLF). kFramePadding readable bytes follow it; it is valid
  // until the next call. Throws CaptureError with the line's number where the input fails; after
  // that there is only End.
  [[nodiscard]] Result next(std::string_view& line);
  void rewind();
  // Of the line read last, from 1.
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }

 private:
  bool fill();
  void skip_line();

  std::unique_ptr<ByteSource> bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_ = 0;
  bool at_end_ = false;
};

[[nodiscard]] inline bool is_blank(std::string_view line) noexcept {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace steelyard
