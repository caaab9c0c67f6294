// tests/support/naive_checksum.hpp -- checksums of books by strings, sorted levels and a CRC of
// single bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/channel_rules.hpp"
#include "core/instrument.hpp"
#include "core/messages.hpp"

namespace steelyard {

namespace naive_checksum_detail {

[[nodiscard]] inline std::uint32_t crc(const std::string& text) {
  std::uint32_t state = ~0U;
  for (const char c : text) {
    state ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~state;
}

// All decimals that the exponent has.
[[nodiscard]] inline std::string padded(std::int64_t mantissa, int exponent) {
  std::string digits = std::to_string(mantissa < 0 ? -mantissa : mantissa);
  const auto decimals = static_cast<std::size_t>(-exponent);
  while (digits.size() <= decimals) digits.insert(0, "0");
  if (decimals != 0) digits.insert(digits.size() - decimals, ".");
  return (mantissa < 0 ? "-" : "") + digits;
}
[[nodiscard]] inline std::string plain(std::int64_t mantissa, int exponent) {
  std::string text = padded(mantissa, exponent);
  if (exponent == 0) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}
// ECMA-262, Number::toString: fewer than seven zeros behind the point, or d.ddde-n.
[[nodiscard]] inline std::string script(std::int64_t mantissa, int exponent) {
  const std::string text = plain(mantissa, exponent);
  const std::string_view magnitude = std::string_view{text}.substr(mantissa < 0 ? 1 : 0);
  if (magnitude.substr(0, 8) != "0.000000") return text;
  const std::size_t first = magnitude.find_first_not_of("0.");
  std::string out = (mantissa < 0 ? "-" : "") + std::string{magnitude.substr(first, 1)};
  if (first + 1 < magnitude.size()) out += "." + std::string{magnitude.substr(first + 1)};
  return out + "e-" + std::to_string(first - 1);
}

}  // namespace naive_checksum_detail

// Of levels in any order.
[[nodiscard]] inline std::int32_t naive_checksum(ChecksumId id, std::vector<Level> bids,
                                                 std::vector<Level> asks, const Scale& scale) {
  namespace detail = naive_checksum_detail;
  std::sort(bids.begin(), bids.end(), [](Level a, Level b) { return a.price > b.price; });
  std::sort(asks.begin(), asks.end(), [](Level a, Level b) { return a.price < b.price; });
  if (id == ChecksumId::ConcatenatedTop10) {
    std::string text;
    for (const auto* side : {&asks, &bids}) {
      for (std::size_t i = 0; i < std::min<std::size_t>(10, side->size()); ++i) {
        text += std::to_string((*side)[i].price.raw()) + std::to_string((*side)[i].qty.raw());
      }
    }
    return static_cast<std::int32_t>(detail::crc(text));
  }
  const int sent_exponent = scale.qty_exponent - scale.multiplier_exponent;
  std::vector<std::string> words;
  const auto add = [&](const std::vector<Level>& side, std::size_t rank, std::int64_t sign) {
    if (rank >= side.size()) return;
    const std::int64_t price = side[rank].price.raw();
    const std::int64_t qty = side[rank].qty.raw();
    switch (id) {
      case ChecksumId::InterleavedTop25:
        words.push_back(detail::plain(price, scale.price_exponent));
        words.push_back(detail::plain(qty / scale.qty_multiplier, sent_exponent));
        break;
      case ChecksumId::PaddedInterleavedTop25:
        words.push_back(detail::padded(price, scale.price_exponent));
        words.push_back(detail::padded(qty / scale.qty_multiplier, sent_exponent));
        break;
      default:
        words.push_back(detail::script(price, scale.price_exponent));
        words.push_back(detail::script(sign * qty, scale.qty_exponent));
    }
  };
  for (std::size_t rank = 0; rank < 25; ++rank) {
    add(bids, rank, 1);
    add(asks, rank, -1);
  }
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ":") + word;
  return static_cast<std::int32_t>(detail::crc(text));
}

}  // namespace steelyard
