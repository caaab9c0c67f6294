#include "capture/line_reader.hpp"

#include <algorithm>
#include <cstring>

#include "capture/frame_source.hpp"

namespace steelyard {
namespace {

// Small enough that the unpacked bytes are still in the cache when they are read.
constexpr std::size_t kReadBytes = 256U << 10;

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> bytes)
    : bytes_{std::move(bytes)}, buffer_(2 * kReadBytes + kFramePadding) {}

bool LineReader::fill() {
  if (at_end_) return false;
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + kReadBytes + kFramePadding > buffer_.size()) buffer_.resize(2 * buffer_.size());
  std::size_t got = 0;
  try {
    got = bytes_->read(buffer_.data() + end_, kReadBytes);
  } catch (const CaptureError& error) {
    at_end_ = true;
    begin_ = end_ = 0;
    throw CaptureError{std::string{error.what()} + ", in line " + std::to_string(line_ + 1)};
  }
  at_end_ = got == 0;
  end_ += got;
  return got != 0;
}

LineReader::Result LineReader::next(std::string_view& line) {
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
    if (searched > kMaxLine + 1) {  // with the CR of its end
      skip_line();
      ++line_;
      return Result::TooLong;
    }
    if (fill()) continue;
    if (begin_ == end_) return Result::End;
    line = {buffer_.data() + begin_, end_ - begin_};
    begin_ = end_;
    break;
  }
  ++line_;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line.size() > kMaxLine ? Result::TooLong : Result::Line;
}

void LineReader::skip_line() {
  do {
    begin_ = end_ = 0;
    if (!fill()) return;
    const auto* const newline = static_cast<const char*>(std::memchr(buffer_.data(), '\n', end_));
    if (newline != nullptr) {
      begin_ = static_cast<std::size_t>(newline - buffer_.data()) + 1;
      return;
    }
  } while (true);
}

void LineReader::rewind() {
  bytes_->rewind();
  begin_ = end_ = 0;
  line_ = 0;
  at_end_ = false;
}

}  // namespace steelyard
