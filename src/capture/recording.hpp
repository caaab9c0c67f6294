// src/capture/recording.hpp -- the project's own recordings: every frame, as received, crash-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/frame_source.hpp"
#include "core/frame.hpp"

namespace steelyard {

// A recording is a file magic and then blocks, each whole in itself:
//
//   BlockHeader | zstd frame
//
// so that a torn tail costs the last block and nothing before it. A block holds records:
//
//   RecordHeader | request | payload
//
// The first record is the header text (instruments, connections, configuration), written by whoever
// records. Integers are little-endian.
inline constexpr char kRecordingMagic[8] = {'S', 'T', 'L', 'Y', 'R', 'E', 'C', '1'};
inline constexpr std::uint32_t kBlockMagic = 0x4b4c'4259U;  // "YBLK"

struct BlockHeader {
  std::uint32_t magic = kBlockMagic;
  std::uint32_t compressed_bytes = 0;
  std::uint32_t raw_bytes = 0;
  std::uint32_t crc32 = 0;  // of the compressed bytes
};

struct RecordHeader {
  std::uint32_t payload_bytes = 0;
  std::uint16_t request_bytes = 0;
  std::uint8_t kind = 0;  // FrameKind; 255: header text
  std::uint8_t reserved = 0;
  std::uint32_t connection = 0;
  std::uint32_t reserved2 = 0;
  std::int64_t received = 0;
};
static_assert(sizeof(BlockHeader) == 16 && sizeof(RecordHeader) == 24);

// Writes one recording. One thread, which may wait for the disk. Trouble after the start is counted
// and told, and never thrown: recording must not take the feed down.
class RecordingWriter {
 public:
  struct Options {
    std::size_t block_bytes = 256 * 1024;  // uncompressed
    int level = 3;                         // of zstd
  };

  // Throws CaptureError if the file cannot be created. It must not exist.
  RecordingWriter(std::string path, std::string_view header, const Options& options);
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  void append(const Frame& frame);
  // Writes what is held back. False: the disk refused.
  bool flush();

  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
  [[nodiscard]] std::uint64_t bytes_written() const noexcept { return written_; }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }
  [[nodiscard]] const std::string& last_error() const noexcept { return error_; }

 private:
  void add(const RecordHeader& header, std::string_view request, std::string_view payload);

  std::string path_;
  Options options_;
  int file_ = -1;
  std::vector<char> raw_;
  std::vector<char> compressed_;
  std::uint64_t frames_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t failures_ = 0;
  std::string error_;
};

}  // namespace steelyard
