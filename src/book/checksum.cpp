#include "book/checksum.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/decimal.hpp"

namespace steelyard {
namespace {

// Numbers, a colon between them.
class Text {
 public:
  // As much as a price and a size may take.
  explicit Text(std::span<char> to) noexcept : text_{to.data()} {}

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
  void end() noexcept { text_[bytes_++] = ':'; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  char* text_;
  std::size_t bytes_ = 0;
};

}  // namespace

void BookChecksum::write(Side side, const Level& level, Line& line) const noexcept {
  static_assert(kLineBytes >= 2 * (kMaxDecimalText + 1) + 18);  // 18: zeros that padding adds
  Text text{line.text};
  switch (id_) {
    case ChecksumId::InterleavedTop25:
      text.add(level, scale_);
      text.end();
      break;
    case ChecksumId::PaddedInterleavedTop25:
      text.add_padded(level, scale_);
      text.end();
      break;
    case ChecksumId::SignedInterleavedTop25:
      text.add_script_number(level.price.raw(), scale_.price_exponent);
      text.add_script_number(side == Side::Bid ? level.qty.raw() : -level.qty.raw(),
                             scale_.qty_exponent);
      text.end();
      break;
    case ChecksumId::ConcatenatedTop10:
      text.add_digits(level.price.raw());
      text.add_digits(level.qty.raw());
      break;
    case ChecksumId::SignedInterleavedOrders25:  // not of levels: order_checksum
    case ChecksumId::None:
      break;
  }
  line.level = level;
  line.bytes = text.bytes();
}

void BookChecksum::forget() noexcept { bids_ = asks_ = {}; }

// Both the kept lines and the book go from the best outward, so that one walk finds what stood.
void BookChecksum::follow(Side side, const OrderBook& book, Kept& kept) noexcept {
  std::array<Level, kMostLevels> levels;
  const std::uint32_t count = book.top(side, std::span{levels}.first(most()));
  const std::span<Line, kLines> lines = lines_of(side);
  std::array<std::uint8_t, kMostLevels> order;
  std::uint32_t old = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Level& level = levels[i];
    const auto is_better = [side, &level](const Level& other) noexcept {
      return side == Side::Bid ? other.price > level.price : other.price < level.price;
    };
    while (old < kept.count && is_better(lines[kept.order[old]].level)) {
      kept.free |= 1U << kept.order[old++];
    }
    if (old < kept.count && lines[kept.order[old]].level.price == level.price) {
      order[i] = kept.order[old++];
      if (lines[order[i]].level.qty != level.qty) write(side, level, lines[order[i]]);
      continue;
    }
    // At most 25 are taken by the new order: if none is free, the old one has some to give.
    if (kept.free == 0) kept.free |= 1U << kept.order[--kept.count];
    order[i] = static_cast<std::uint8_t>(std::countr_zero(kept.free));
    kept.free &= kept.free - 1;
    write(side, level, lines[order[i]]);
  }
  for (; old < kept.count; ++old) kept.free |= 1U << kept.order[old];
  kept.order = order;
  kept.count = count;
}

std::int32_t BookChecksum::of(const OrderBook& book, const Scale& scale) noexcept {
  if (!is_of_levels(id_)) return 0;
  if (!(scale == scale_)) forget();
  scale_ = scale;
  follow(Side::Bid, book, bids_);
  follow(Side::Ask, book, asks_);
  std::array<char, (2 * kMostLevels + 1) * kLineBytes> text;
  std::size_t bytes = 0;
  const auto append = [&](Side side, const Kept& kept, std::uint32_t rank) noexcept {
    if (rank >= kept.count) return;
    const Line& line = lines_of(side)[kept.order[rank]];
    constexpr std::size_t kUsual = 32;  // of a fixed length: a copy without a call
    std::memcpy(&text[bytes], line.text.data(), kUsual);
    if (line.bytes > kUsual) {
      std::memcpy(&text[bytes + kUsual], &line.text[kUsual], kLineBytes - kUsual);
    }
    bytes += line.bytes;
  };
  if (id_ == ChecksumId::ConcatenatedTop10) {
    for (std::uint32_t i = 0; i < asks_.count; ++i) append(Side::Ask, asks_, i);
    for (std::uint32_t i = 0; i < bids_.count; ++i) append(Side::Bid, bids_, i);
  } else {
    for (std::uint32_t i = 0; i < std::max(bids_.count, asks_.count); ++i) {
      append(Side::Bid, bids_, i);
      append(Side::Ask, asks_, i);
    }
    if (bytes != 0) --bytes;  // nothing follows the last
  }
  return static_cast<std::int32_t>(libdeflate_crc32(0, text.data(), bytes));
}

std::int32_t checksum(ChecksumId id, const OrderBook& book, const Scale& scale) {
  return BookChecksum{id}.of(book, scale);
}

std::int32_t order_checksum(std::span<const RankedOrder> bids, std::span<const RankedOrder> asks,
                            const Scale& scale) noexcept {
  std::array<char, 100 * (kMaxDecimalText + 1)> buffer;
  Text text{buffer};
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
  return static_cast<std::int32_t>(libdeflate_crc32(0, buffer.data(), text.bytes()));
}

}  // namespace steelyard
