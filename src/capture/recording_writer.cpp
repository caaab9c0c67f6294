#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "capture/recording.hpp"

namespace steelyard {
namespace {

[[nodiscard]] bool write_all(int file, const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes != 0) {
    const ssize_t put = write(file, at, bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put;
    bytes -= static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

RecordingWriter::RecordingWriter(std::string path, std::string_view header, const Options& options)
    : path_{std::move(path)}, options_{options} {
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (file_ < 0) throw CaptureError{path_ + ": cannot be created: " + std::strerror(errno)};
  if (!write_all(file_, kRecordingMagic, sizeof kRecordingMagic)) {
    throw CaptureError{path_ + ": cannot be written: " + std::strerror(errno)};
  }
  raw_.reserve(2 * options_.block_bytes);
  RecordHeader record;
  record.kind = 255;
  record.payload_bytes = static_cast<std::uint32_t>(header.size());
  add(record, {}, header);
  if (!flush()) throw CaptureError{error_};
}

RecordingWriter::~RecordingWriter() {
  flush();
  if (file_ >= 0) close(file_);
}

void RecordingWriter::append(const Frame& frame) {
  RecordHeader record;
  record.kind = static_cast<std::uint8_t>(frame.kind);
  record.payload_bytes = static_cast<std::uint32_t>(frame.payload.size());
  record.request_bytes =
      static_cast<std::uint16_t>(std::min<std::size_t>(frame.request.size(), 65'535));
  record.connection = frame.connection.raw();
  record.received = frame.received.raw();
  add(record, frame.request.substr(0, record.request_bytes), frame.payload);
  ++frames_;
  if (raw_.size() >= options_.block_bytes) flush();
}

void RecordingWriter::add(const RecordHeader& header, std::string_view request,
                          std::string_view payload) {
  const auto* const bytes = reinterpret_cast<const char*>(&header);
  raw_.insert(raw_.end(), bytes, bytes + sizeof header);
  raw_.insert(raw_.end(), request.begin(), request.end());
  raw_.insert(raw_.end(), payload.begin(), payload.end());
}

bool RecordingWriter::flush() {
  if (raw_.empty()) return true;
  compressed_.resize(sizeof(BlockHeader) + ZSTD_compressBound(raw_.size()));
  const std::size_t size = ZSTD_compress(compressed_.data() + sizeof(BlockHeader),
                                         compressed_.size() - sizeof(BlockHeader), raw_.data(),
                                         raw_.size(), options_.level);
  BlockHeader header;
  bool ok = !ZSTD_isError(size);
  if (ok) {
    header.compressed_bytes = static_cast<std::uint32_t>(size);
    header.raw_bytes = static_cast<std::uint32_t>(raw_.size());
    header.crc32 = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(compressed_.data() + sizeof header),
              static_cast<uInt>(size)));
    std::memcpy(compressed_.data(), &header, sizeof header);
    ok = write_all(file_, compressed_.data(), sizeof header + size);
    written_ += sizeof header + size;
    if (!ok) error_ = path_ + ": cannot be written: " + std::strerror(errno);
  } else {
    error_ = path_ + ": zstd: " + ZSTD_getErrorName(size);
  }
  failures_ += ok ? 0 : 1;
  raw_.clear();
  return ok;
}

}  // namespace steelyard
