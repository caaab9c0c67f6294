// src/capture/block_reader.hpp -- the blocks of a recording, and the places where there are none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/byte_source.hpp"
#include "capture/recording_format.hpp"

struct ZSTD_DCtx_s;

namespace steelyard {

// Goes from block to block. Bytes that are no whole block are skipped up to the next one that is,
// and told as one damaged place.
class BlockReader {
 public:
  enum class Result : std::uint8_t { Block, Damage, End };

  // `bytes` stands behind the file header. `offset`: of that place in the file.
  BlockReader(std::unique_ptr<ByteSource> bytes, std::uint64_t offset);
  ~BlockReader();
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  [[nodiscard]] Result next();
  void rewind();

  // After Block, until the next call. kFramePadding readable bytes follow the body.
  [[nodiscard]] const BlockHeader& header() const noexcept { return header_; }
  [[nodiscard]] std::string_view body() const noexcept;

  // After Damage: where, how much, and what is wrong with it.
  [[nodiscard]] std::uint64_t damage_offset() const noexcept { return damage_offset_; }
  [[nodiscard]] std::uint64_t damage_bytes() const noexcept { return damage_bytes_; }
  [[nodiscard]] const std::string& damage_reason() const noexcept { return damage_reason_; }
  [[nodiscard]] bool damage_is_tail() const noexcept { return damage_is_tail_; }

 private:
  [[nodiscard]] bool have(std::size_t bytes);
  [[nodiscard]] bool take_header();
  [[nodiscard]] bool find_header();
  [[nodiscard]] const char* unpack();
  Result damaged(std::uint64_t from, std::string reason);
  [[nodiscard]] std::uint64_t offset() const noexcept { return window_offset_ + begin_; }
  [[nodiscard]] std::size_t held() const noexcept { return end_ - begin_; }

  std::unique_ptr<ByteSource> bytes_;
  std::uint64_t start_;
  ZSTD_DCtx_s* zstd_;
  BlockHeader header_;
  std::vector<char> body_;
  // What was read and not yet used up: [begin_, end_) of the window.
  std::vector<char> window_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t window_offset_;  // of the window's first byte in the file
  bool at_end_ = false;

  std::uint64_t damage_offset_ = 0;
  std::uint64_t damage_bytes_ = 0;
  std::string damage_reason_;
  bool damage_is_tail_ = false;
};

}  // namespace steelyard
