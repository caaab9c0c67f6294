#include "book/checksum.hpp"

#include <libdeflate.h>

#include <array>
#include <cstring>

#include "core/decimal.hpp"

namespace steelyard {
namespace {

class Text {
 public:
  void add(std::int64_t mantissa, int exponent) noexcept {
    if (bytes_ != 0) text_[bytes_++] = ':';
    std::array<char, kMaxDecimalText> digits;
    const std::string_view decimal = format_decimal(mantissa, exponent, digits);
    std::memcpy(&text_[bytes_], decimal.data(), decimal.size());
    bytes_ += decimal.size();
  }
  void add(const Level& level, const Scale& scale) noexcept {
    add(level.price.raw(), scale.price_exponent);
    add(level.qty.raw() / scale.qty_multiplier, scale.qty_exponent - scale.multiplier_exponent);
  }
  [[nodiscard]] std::int32_t crc32() const noexcept {
    return static_cast<std::int32_t>(libdeflate_crc32(0, text_.data(), bytes_));
  }

 private:
  std::array<char, 100 * (kMaxDecimalText + 1)> text_;
  std::size_t bytes_ = 0;
};

[[nodiscard]] std::int32_t interleaved_top25(const OrderBook& book, const Scale& scale) noexcept {
  std::array<Level, 25> bids;
  std::array<Level, 25> asks;
  const std::uint32_t bid_count = book.top(Side::Bid, bids);
  const std::uint32_t ask_count = book.top(Side::Ask, asks);
  Text text;
  for (std::uint32_t i = 0; i < 25; ++i) {
    if (i < bid_count) text.add(bids[i], scale);
    if (i < ask_count) text.add(asks[i], scale);
  }
  return text.crc32();
}

}  // namespace

std::int32_t checksum(ChecksumId id, const OrderBook& book, const Scale& scale) noexcept {
  switch (id) {
    case ChecksumId::InterleavedTop25:
      return interleaved_top25(book, scale);
    case ChecksumId::None:
      break;
  }
  return 0;
}

}  // namespace steelyard
