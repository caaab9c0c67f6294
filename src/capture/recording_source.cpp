#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>

#include "capture/recording.hpp"
#include "capture/sources.hpp"

namespace steelyard {
namespace {

constexpr std::uint32_t kLargestBlock = 256U << 20;

class RecordingSource final : public FrameSource {
 public:
  explicit RecordingSource(std::string path) : name_{std::move(path)} {
    file_ = open(name_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file_ < 0) throw CaptureError{name_ + ": " + std::strerror(errno)};
    char magic[sizeof kRecordingMagic] = {};
    if (!read_exactly(magic, sizeof magic) ||
        std::memcmp(magic, kRecordingMagic, sizeof magic) != 0) {
      throw CaptureError{name_ + ": not a steelyard recording"};
    }
    RecordHeader record;
    std::string_view request;
    std::string_view payload;
    if (!load_block() || !take(record, request, payload) || record.kind != 255) {
      throw CaptureError{name_ + ": its first block is missing or broken: nothing can be read"};
    }
    header_ = payload;
  }
  ~RecordingSource() override { close(file_); }

  Next next(RecordedFrame& frame) override {
    RecordHeader record;
    std::string_view request;
    std::string_view payload;
    do {
      while (at_ == block_.size() - kFramePadding) {
        if (ended_) return Next::End;
        if (!load_block()) {
          ended_ = true;
          if (error_.empty()) return Next::End;
          return Next::Malformed;
        }
      }
      if (!take(record, request, payload)) {
        error_ = name_ + ": record " + std::to_string(record_ + 1) + " is broken";
        at_ = block_.size() - kFramePadding;
        return Next::Malformed;
      }
    } while (record.kind == 255);
    frame = {};
    frame.line = ++record_;
    frame.received = TimestampNs{record.received};
    frame.connection_number = record.connection;
    frame.url = request;
    frame.payload = payload;
    if (record.kind > static_cast<std::uint8_t>(FrameKind::Lost)) {
      error_ = name_ + ": record " + std::to_string(record_) + " is of an unknown kind";
      return Next::Malformed;
    }
    frame.kind = static_cast<FrameKind>(record.kind);
    return Next::Frame;
  }
  void rewind() override {
    lseek(file_, sizeof kRecordingMagic, SEEK_SET);
    block_.assign(kFramePadding, 0);
    at_ = 0;
    record_ = 0;
    ended_ = false;
    error_.clear();
  }
  const std::string& error() const override { return error_; }
  const std::string& name() const override { return name_; }
  const std::string& header() const override { return header_; }

 private:
  bool read_exactly(void* to, std::size_t bytes) {
    char* at = static_cast<char*>(to);
    got_ = 0;
    while (got_ < bytes) {
      const ssize_t got = ::read(file_, at + got_, bytes - got_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw CaptureError{name_ + ": " + std::strerror(errno)};
      if (got == 0) return false;
      got_ += static_cast<std::size_t>(got);
    }
    return true;
  }

  bool torn(const char* what) {
    error_ = name_ + ": the end is torn (" + what + " at byte " +
             std::to_string(lseek(file_, 0, SEEK_CUR)) + "); what precedes it was read";
    return false;
  }

  bool load_block() {
    error_.clear();
    BlockHeader header;
    if (!read_exactly(&header, sizeof header)) return got_ == 0 ? false : torn("a block header");
    if (header.magic != kBlockMagic || header.raw_bytes > kLargestBlock ||
        header.compressed_bytes > kLargestBlock) {
      return torn("no block");
    }
    compressed_.resize(header.compressed_bytes);
    if (!read_exactly(compressed_.data(), compressed_.size())) return torn("a block");
    const auto crc =
        static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(compressed_.data()),
                                         static_cast<uInt>(compressed_.size())));
    if (crc != header.crc32) return torn("a block with a wrong checksum");
    block_.assign(header.raw_bytes + kFramePadding, 0);
    const std::size_t size =
        ZSTD_decompress(block_.data(), header.raw_bytes, compressed_.data(), compressed_.size());
    if (ZSTD_isError(size) || size != header.raw_bytes) return torn("a block that does not unpack");
    at_ = 0;
    return true;
  }

  bool take(RecordHeader& record, std::string_view& request, std::string_view& payload) {
    const std::size_t end = block_.size() - kFramePadding;
    if (end - at_ < sizeof record) return false;
    std::memcpy(&record, block_.data() + at_, sizeof record);
    const std::size_t body = std::size_t{record.request_bytes} + record.payload_bytes;
    if (end - at_ - sizeof record < body) return false;
    const char* const from = block_.data() + at_ + sizeof record;
    request = {from, record.request_bytes};
    payload = {from + record.request_bytes, record.payload_bytes};
    at_ += sizeof record + body;
    return true;
  }

  std::string name_;
  std::string error_;
  std::string header_;
  int file_ = -1;
  std::size_t got_ = 0;
  std::vector<char> compressed_;
  std::vector<char> block_ = std::vector<char>(kFramePadding, 0);
  std::size_t at_ = 0;
  std::uint64_t record_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<FrameSource> make_recording_source(std::string path) {
  return std::make_unique<RecordingSource>(std::move(path));
}

}  // namespace steelyard
