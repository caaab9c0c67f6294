// src/capture/recording_format.hpp -- the bytes of the project's own recordings (.sly).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace steelyard {

// A recording is a file header and then blocks, each whole in itself:
//
//   FileHeader
//   BlockHeader | zstd frame    a text block: UTF-8, whatever the recorder wants a reader to know
//   BlockHeader | zstd frame    a block of records
//   ...
//
// so that a torn tail costs the last block, and a damaged place the blocks it touches. Unpacked, a
// block of records holds one behind the other:
//
//   RecordHeader | request | payload
//
// Integers are little-endian, CRCs are zlib's crc32. docs/recordings.md tells the same to those who
// write readers.
//
// Versions: what an old reader would misread raises kRecordingMajor, and it refuses. A new kind of
// record or a use for a reserved field raises kRecordingMinor; an old reader skips or ignores it.
inline constexpr char kRecordingMagic[8] = {'S', 'T', 'L', 'Y', 'R', 'E', 'C', '\n'};
inline constexpr std::uint16_t kRecordingMajor = 1;
inline constexpr std::uint16_t kRecordingMinor = 0;

struct FileHeader {
  char magic[8] = {};
  std::uint16_t major = kRecordingMajor;
  std::uint16_t minor = kRecordingMinor;
  std::uint32_t header_bytes = 0;  // where the first block starts; readers skip what is new to them
  std::uint64_t session = 0;       // the same in all files of one recording, else unlike any other
  std::uint32_t part = 1;          // of this file, from 1
  std::uint32_t crc = 0;           // of the bytes before it
};

inline constexpr std::uint32_t kBlockMagic = 0x4b4c'4259U;  // "YBLK"

enum class BlockKind : std::uint16_t { Text = 1, Records = 2 };

struct BlockHeader {
  std::uint32_t magic = kBlockMagic;
  BlockKind kind = BlockKind::Records;
  std::uint16_t reserved = 0;
  std::uint32_t compressed_bytes = 0;
  std::uint32_t raw_bytes = 0;
  std::uint32_t body_crc = 0;       // of the compressed bytes
  std::uint32_t frames = 0;         // records in it that are frames
  std::uint64_t first_frame = 0;    // how many frames the recording held before this block
  std::int64_t first_received = 0;  // least and greatest receive time in it; 0 if it has no frames
  std::int64_t last_received = 0;
  std::uint32_t reserved2 = 0;
  std::uint32_t crc = 0;  // of the bytes before it
};

// Kinds of records: those of frames are the values of FrameKind.
inline constexpr std::uint8_t kConnectionRecord = 254;  // request: url; payload: venue LF label

struct RecordHeader {
  std::uint32_t payload_bytes = 0;
  std::uint32_t request_bytes = 0;
  std::uint32_t connection = 0;
  std::uint8_t kind = 0;
  std::uint8_t flags = 0;
  std::uint16_t reserved = 0;
  std::int64_t received = 0;  // ns since the Unix epoch
};

static_assert(sizeof(FileHeader) == 32 && offsetof(FileHeader, crc) == 28);
static_assert(sizeof(BlockHeader) == 56 && offsetof(BlockHeader, crc) == 52);
static_assert(sizeof(RecordHeader) == 24);
static_assert(std::has_unique_object_representations_v<FileHeader> &&
              std::has_unique_object_representations_v<BlockHeader> &&
              std::has_unique_object_representations_v<RecordHeader>);

// A reader refuses larger blocks, a writer larger frames: the rest of a block comes on top.
inline constexpr std::uint32_t kLargestFileHeader = 64U << 10;
inline constexpr std::uint32_t kLargestBlock = 256U << 20;
inline constexpr std::uint32_t kLargestRecord = 128U << 20;
inline constexpr std::uint32_t kLargestBlockTarget = 64U << 20;

[[nodiscard]] std::uint32_t checksum_of(const void* data, std::size_t bytes) noexcept;

// Of a header up to its own CRC.
template <typename Header>
[[nodiscard]] std::uint32_t header_checksum(const Header& header) noexcept {
  return checksum_of(&header, offsetof(Header, crc));
}

}  // namespace steelyard
