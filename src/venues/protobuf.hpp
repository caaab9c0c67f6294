// src/venues/protobuf.hpp -- protocol buffers on the wire: fields in their order, nothing built.
#pragma once

#include <cstdint>
#include <string_view>

#include "venues/venue.hpp"

namespace steelyard::protobuf {

enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  Wire wire = Wire::Varint;
  std::uint64_t value = 0;  // Varint
  std::string_view bytes;   // Bytes: a view into the message
};

// HOT. Reads one message from front to back; never past its end, whatever its bytes say.
class Reader {
 public:
  explicit Reader(std::string_view message) noexcept : left_{message} {}

  [[nodiscard]] bool done() const noexcept { return left_.empty(); }

  // The next field; what is of no interest is skipped by asking for the next but one. Groups, which
  // proto3 has not, are Malformed.
  [[nodiscard]] DecodeStatus next(Field& field) noexcept {
    std::uint64_t key = 0;
    DecodeStatus status = varint(key);
    if (status != DecodeStatus::Ok) return status;
    if (key >> 3 == 0 || key >> 3 > kMaxNumber) return DecodeStatus::Malformed;
    field.number = static_cast<std::uint32_t>(key >> 3);
    field.wire = static_cast<Wire>(key & 7);
    field.value = 0;
    field.bytes = {};
    switch (field.wire) {
      case Wire::Varint:
        return varint(field.value);
      case Wire::Fixed64:
        return skip(8);
      case Wire::Fixed32:
        return skip(4);
      case Wire::Bytes: {
        std::uint64_t size = 0;
        status = varint(size);
        if (status != DecodeStatus::Ok) return status;
        if (size > left_.size()) return DecodeStatus::Truncated;
        field.bytes = left_.substr(0, size);
        left_.remove_prefix(size);
        return DecodeStatus::Ok;
      }
    }
    return DecodeStatus::Malformed;
  }

 private:
  static constexpr std::uint64_t kMaxNumber = (std::uint64_t{1} << 29) - 1;

  [[nodiscard]] DecodeStatus varint(std::uint64_t& value) noexcept {
    value = 0;
    for (unsigned i = 0; i < 10; ++i) {
      if (i == left_.size()) return DecodeStatus::Truncated;
      const auto byte = static_cast<unsigned char>(left_[i]);
      if (i == 9 && byte > 1) return DecodeStatus::Malformed;  // more than 64 bits
      value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
      if (byte >= 0x80) continue;
      left_.remove_prefix(i + 1);
      return DecodeStatus::Ok;
    }
    return DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus skip(std::size_t bytes) noexcept {
    if (bytes > left_.size()) return DecodeStatus::Truncated;
    left_.remove_prefix(bytes);
    return DecodeStatus::Ok;
  }

  std::string_view left_;
};

// HOT. visit(field) for each field of a message, until it returns something other than Ok.
template <typename Visit>
[[nodiscard]] DecodeStatus walk(std::string_view message, Visit&& visit) noexcept {
  Reader reader{message};
  Field field;
  while (!reader.done()) {
    DecodeStatus status = reader.next(field);
    if (status == DecodeStatus::Ok) status = visit(field);
    if (status != DecodeStatus::Ok) return status;
  }
  return DecodeStatus::Ok;
}

}  // namespace steelyard::protobuf
