// src/exporter/protobuf_text.hpp -- protobuf's wire format, written: the few types that metrics
// have.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace steelyard {

// One message; a nested one is written by itself and put in by `bytes`.
class ProtobufText {
 public:
  void number(std::uint32_t field, std::uint64_t value) {
    key(field, 0);
    varint(value);
  }
  // sint32, sint64: zigzag.
  void signed_number(std::uint32_t field, std::int64_t value) { number(field, zigzag(value)); }
  void real(std::uint32_t field, double value) {
    key(field, 1);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) text_ += static_cast<char>(bits >> shift & 0xff);
  }
  void bytes(std::uint32_t field, std::string_view value) {
    key(field, 2);
    delimited(value);
  }
  // With its length before it.
  void delimited(std::string_view value) {
    varint(value.size());
    text_ += value;
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>((value & 0x7f) | 0x80);
    text_ += static_cast<char>(value);
  }
  [[nodiscard]] static std::uint64_t zigzag(std::int64_t value) noexcept {
    return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  void key(std::uint32_t field, std::uint32_t type) { varint(field << 3 | type); }

  std::string text_;
};

}  // namespace steelyard
