#include "capture/block_reader.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "capture/frame_source.hpp"

namespace steelyard {
namespace {

constexpr std::size_t kReadBytes = 1U << 20;

[[nodiscard]] bool is_whole(const BlockHeader& header) noexcept {
  return header.magic == kBlockMagic && header.crc == header_checksum(header) &&
         header.compressed_bytes <= kLargestBlock && header.raw_bytes <= kLargestBlock;
}

}  // namespace

std::uint32_t checksum_of(const void* data, std::size_t bytes) noexcept {
  return static_cast<std::uint32_t>(
      crc32_z(0, static_cast<const Bytef*>(data), static_cast<z_size_t>(bytes)));
}

BlockReader::BlockReader(std::unique_ptr<ByteSource> bytes, std::uint64_t offset)
    : bytes_{std::move(bytes)},
      start_{offset},
      zstd_{ZSTD_createDCtx()},
      body_(kFramePadding, 0),
      window_offset_{offset} {
  if (zstd_ == nullptr) throw CaptureError{"no memory for zstd"};
}

BlockReader::~BlockReader() { ZSTD_freeDCtx(zstd_); }

std::string_view BlockReader::body() const noexcept { return {body_.data(), header_.raw_bytes}; }

// True if `bytes` bytes from begin_ on are in the window.
bool BlockReader::have(std::size_t bytes) {
  while (held() < bytes && !at_end_) {
    if (begin_ != 0) {
      std::memmove(window_.data(), window_.data() + begin_, held());
      window_offset_ += begin_;
      end_ -= begin_;
      begin_ = 0;
    }
    // As bytes come in, never ahead by what a header claims.
    if (end_ + kReadBytes > window_.size()) window_.resize(end_ + std::max(end_, kReadBytes));
    const std::size_t got = bytes_->read(window_.data() + end_, kReadBytes);
    at_end_ = got == 0;
    end_ += got;
  }
  return held() >= bytes;
}

bool BlockReader::take_header() {
  if (!have(sizeof header_)) return false;
  std::memcpy(&header_, window_.data() + begin_, sizeof header_);
  return is_whole(header_);
}

// Moves on to the next whole header; false and at the end if there is none.
bool BlockReader::find_header() {
  while (have(sizeof header_)) {
    const auto* const found = static_cast<const char*>(
        memmem(window_.data() + begin_, held(), &kBlockMagic, sizeof kBlockMagic));
    if (found == nullptr) {
      begin_ = end_ - (sizeof kBlockMagic - 1);  // it may stand across two readings
      continue;
    }
    begin_ = static_cast<std::size_t>(found - window_.data());
    if (take_header()) return true;
    if (have(sizeof header_)) ++begin_;
  }
  begin_ = end_;
  return false;
}

// Of the block at begin_, whose compressed bytes are in the window. nullptr, or what is wrong.
const char* BlockReader::unpack() {
  const char* const packed = window_.data() + begin_ + sizeof header_;
  if (checksum_of(packed, header_.compressed_bytes) != header_.body_crc) {
    return "a block with a wrong checksum";
  }
  if (ZSTD_getFrameContentSize(packed, header_.compressed_bytes) != header_.raw_bytes) {
    return "a block that does not unpack to its size";
  }
  body_.resize(header_.raw_bytes + kFramePadding);
  const std::size_t size =
      ZSTD_decompressDCtx(zstd_, body_.data(), header_.raw_bytes, packed, header_.compressed_bytes);
  if (ZSTD_isError(size) || size != header_.raw_bytes) return "a block that does not unpack";
  std::memset(body_.data() + header_.raw_bytes, 0, kFramePadding);
  return nullptr;
}

BlockReader::Result BlockReader::damaged(std::uint64_t from, std::string reason) {
  damage_offset_ = from;
  damage_bytes_ = offset() - from;
  damage_reason_ = std::move(reason);
  damage_is_tail_ = !have(1);
  return Result::Damage;
}

BlockReader::Result BlockReader::next() {
  if (!have(1)) return Result::End;
  const std::uint64_t from = offset();
  if (!take_header()) {
    const bool cut = !have(sizeof header_);
    if (!cut) ++begin_;
    (void)find_header();  // if there is none it stands at the end, and that much is lost
    return damaged(from, cut ? "a block header that is cut off" : "no block header");
  }
  const std::size_t total = sizeof header_ + header_.compressed_bytes;
  if (!have(total)) {
    begin_ = end_;
    return damaged(from, "a block that is cut off");
  }
  const char* const wrong = unpack();
  begin_ += total;
  return wrong == nullptr ? Result::Block : damaged(from, wrong);
}

void BlockReader::rewind() {
  bytes_->rewind();
  // The file header has been read before; skip it.
  std::vector<char> skipped(start_);
  (void)read_up_to(*bytes_, skipped.data(), skipped.size());
  begin_ = end_ = 0;
  window_offset_ = start_;
  at_end_ = false;
}

}  // namespace steelyard
