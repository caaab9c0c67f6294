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
  // With all the decimals that the exponents allow, which is how the venue sent it.
  void add_padded(std::int64_t mantissa, int exponent) noexcept {
    add(mantissa, exponent);
    if (exponent == 0) return;
    const auto is_digit = [](char c) noexcept { return c >= '0' && c <= '9'; };
    int decimals = 0;
    std::size_t at = bytes_;
    for (; at != 0 && is_digit(text_[at - 1]); --at) ++decimals;
    if (at == 0 || text_[at - 1] != '.') {
      text_[bytes_++] = '.';
      decimals = 0;
    }
    for (; decimals < -exponent; ++decimals) text_[bytes_++] = '0';
  }
  void add_padded(const Level& level, const Scale& scale) noexcept {
    add_padded(level.price.raw(), scale.price_exponent);
    add_padded(level.qty.raw() / scale.qty_multiplier,
               scale.qty_exponent - scale.multiplier_exponent);
  }
  // As JavaScript's String(number) writes it.
  void add_script_number(std::int64_t mantissa, int exponent) noexcept {
    std::int64_t magnitude = mantissa < 0 ? -mantissa : mantissa;
    int last = exponent;
    while (magnitude != 0 && magnitude % 10 == 0) {
      magnitude /= 10;
      ++last;
    }
    std::array<char, kMaxDecimalText> buffer;
    const std::string_view digits = format_decimal(magnitude, 0, buffer);
    const int point = static_cast<int>(digits.size()) + last;  // 0.1 has its point at 0
    if (mantissa == 0 || point > -6) return add(mantissa, exponent);
    if (bytes_ != 0) text_[bytes_++] = ':';
    if (mantissa < 0) text_[bytes_++] = '-';
    text_[bytes_++] = digits[0];
    if (digits.size() > 1) {
      text_[bytes_++] = '.';
      std::memcpy(&text_[bytes_], &digits[1], digits.size() - 1);
      bytes_ += digits.size() - 1;
    }
    text_[bytes_++] = 'e';
    add_digits(point - 1);
  }
  // The digits alone, right behind what is there.
  void add_digits(std::int64_t number) noexcept {
    std::array<char, kMaxDecimalText> buffer;
    const std::string_view digits = format_decimal(number, 0, buffer);
    std::memcpy(&text_[bytes_], digits.data(), digits.size());
    bytes_ += digits.size();
  }
  [[nodiscard]] std::int32_t crc32() const noexcept {
    return static_cast<std::int32_t>(libdeflate_crc32(0, text_.data(), bytes_));
  }

 private:
  std::array<char, 100 * (kMaxDecimalText + 1)> text_;
  std::size_t bytes_ = 0;
};

[[nodiscard]] std::int32_t interleaved_top25(const OrderBook& book, const Scale& scale,
                                             bool padded) noexcept {
  std::array<Level, 25> bids;
  std::array<Level, 25> asks;
  const std::uint32_t bid_count = book.top(Side::Bid, bids);
  const std::uint32_t ask_count = book.top(Side::Ask, asks);
  Text text;
  for (std::uint32_t i = 0; i < 25; ++i) {
    if (i < bid_count) padded ? text.add_padded(bids[i], scale) : text.add(bids[i], scale);
    if (i < ask_count) padded ? text.add_padded(asks[i], scale) : text.add(asks[i], scale);
  }
  return text.crc32();
}

[[nodiscard]] std::int32_t signed_interleaved_top25(const OrderBook& book,
                                                    const Scale& scale) noexcept {
  std::array<Level, 25> bids;
  std::array<Level, 25> asks;
  const std::uint32_t bid_count = book.top(Side::Bid, bids);
  const std::uint32_t ask_count = book.top(Side::Ask, asks);
  Text text;
  for (std::uint32_t i = 0; i < 25; ++i) {
    if (i < bid_count) {
      text.add_script_number(bids[i].price.raw(), scale.price_exponent);
      text.add_script_number(bids[i].qty.raw(), scale.qty_exponent);
    }
    if (i < ask_count) {
      text.add_script_number(asks[i].price.raw(), scale.price_exponent);
      text.add_script_number(-asks[i].qty.raw(), scale.qty_exponent);
    }
  }
  return text.crc32();
}

[[nodiscard]] std::int32_t concatenated_top10(const OrderBook& book) noexcept {
  Text text;
  for (const Side side : {Side::Ask, Side::Bid}) {
    std::array<Level, 10> levels;
    const std::uint32_t count = book.top(side, levels);
    for (std::uint32_t i = 0; i < count; ++i) {
      text.add_digits(levels[i].price.raw());
      text.add_digits(levels[i].qty.raw());
    }
  }
  return text.crc32();
}

}  // namespace

std::int32_t checksum(ChecksumId id, const OrderBook& book, const Scale& scale) noexcept {
  switch (id) {
    case ChecksumId::InterleavedTop25:
      return interleaved_top25(book, scale, false);
    case ChecksumId::PaddedInterleavedTop25:
      return interleaved_top25(book, scale, true);
    case ChecksumId::SignedInterleavedTop25:
      return signed_interleaved_top25(book, scale);
    case ChecksumId::ConcatenatedTop10:
      return concatenated_top10(book);
    case ChecksumId::SignedInterleavedOrders25:
    case ChecksumId::None:
      break;
  }
  return 0;
}

std::int32_t order_checksum(std::span<const RankedOrder> bids, std::span<const RankedOrder> asks,
                            const Scale& scale) noexcept {
  Text text;
  for (std::size_t i = 0; i < 25; ++i) {
    if (i < bids.size()) {
      text.add(static_cast<std::int64_t>(bids[i].id), 0);
      text.add_script_number(bids[i].qty.raw(), scale.qty_exponent);
    }
    if (i < asks.size()) {
      text.add(static_cast<std::int64_t>(asks[i].id), 0);
      text.add_script_number(-asks[i].qty.raw(), scale.qty_exponent);
    }
  }
  return text.crc32();
}

}  // namespace steelyard
