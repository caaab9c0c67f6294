// src/venues/inflate.hpp -- gzip members, as some venues wrap every frame in one.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "venues/venue.hpp"

struct libdeflate_decompressor;

namespace steelyard {

[[nodiscard]] constexpr bool is_gzip(std::string_view payload) noexcept {
  return payload.size() >= 2 && payload[0] == '\x1f' && payload[1] == '\x8b';
}

// Inflates whole members into its own memory, all of which is taken at the start. One thread.
class Inflater {
 public:
  // Far more than any venue sends in one frame; what inflates to more is refused.
  static constexpr std::size_t kMaxBytes = 4 * 1024 * 1024;

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // HOT. `text` is valid, with padding behind it, until the next call. Anything but one whole
  // member whose checksum holds is Malformed.
  [[nodiscard]] DecodeStatus inflate(std::string_view member, std::string_view& text) noexcept;

 private:
  libdeflate_decompressor* decompressor_;
  std::unique_ptr<char[]> text_;
};

// Cold. What the payload says: inflated if it is a gzip member, else as it is. Empty if damaged.
[[nodiscard]] std::string plain_text(std::string_view payload);

}  // namespace steelyard
