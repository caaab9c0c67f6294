// src/book/checksum.hpp -- checksums that venues send with their books.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "book/order_book.hpp"
#include "book/order_table.hpp"
#include "core/channel_rules.hpp"
#include "core/instrument.hpp"

namespace steelyard {

// The checksum of one book, message after message. A level that stands where it stood keeps its
// text: to write the fifty anew is ten times the work. Belongs to the book's thread; takes 8 KiB at
// the start, and nothing where the checksum is of no levels.
//
// InterleavedTop25 (OKX until 2026-06-23, documented with its order book channel): CRC-32 as a
// signed number over "bidPx:bidSz:askPx:askSz:..." of the best 25 levels a side, a missing side
// skipped, in the venue's own decimal text, which has no trailing zeros and counts contracts where
// it trades them.
//
// PaddedInterleavedTop25 (Bitget until 2026): the same over text that has trailing zeros: as many
// decimals as the instrument's exponents, which must be those of the venue's text.
//
// SignedInterleavedTop25 (Bitfinex, "Checksum"): the same with sizes of asks negative, and numbers
// as JavaScript writes them: below a millionth with an exponent.
//
// SignedInterleavedOrders25 (Bitfinex, "Checksum", raw books): "id:amount:..." of the best 25
// orders a side, at one price by id; is not of a book alone: order_checksum().
//
// ConcatenatedTop10 (Kraken, "Guide: book checksum v2"): CRC-32 over ten asks, then ten bids, best
// first; of each price and size the digits at the pair's precision, without point and leading
// zeros, which are the mantissas.
class BookChecksum {
 public:
  explicit BookChecksum(ChecksumId id) : id_{id}, lines_(is_of_levels(id) ? 2 * kLines : 0) {}

  // HOT. Of the book as it stands; 0 where it is of no levels.
  [[nodiscard]] std::int32_t of(const OrderBook& book, const Scale& scale) noexcept;

 private:
  static constexpr std::uint32_t kMostLevels = 25;
  static constexpr std::uint32_t kLines = 32;  // a side
  static constexpr std::size_t kLineBytes = 104;

  // What the venue's text says of a level.
  struct Line {
    Level level;
    std::uint64_t bytes = 0;
    std::array<char, kLineBytes> text;
  };
  // The lines of the best levels, best first; the others are free.
  struct Kept {
    std::array<std::uint8_t, kMostLevels> order{};
    std::uint32_t count = 0;
    std::uint32_t free = ~0U;  // bit by bit
  };

  [[nodiscard]] static constexpr bool is_of_levels(ChecksumId id) noexcept {
    return id != ChecksumId::None && id != ChecksumId::SignedInterleavedOrders25;
  }
  [[nodiscard]] std::uint32_t most() const noexcept {
    return id_ == ChecksumId::ConcatenatedTop10 ? 10 : kMostLevels;
  }
  [[nodiscard]] std::span<Line, kLines> lines_of(Side side) noexcept {
    return std::span<Line, kLines>{lines_.data() + (side == Side::Bid ? 0 : kLines), kLines};
  }
  void forget() noexcept;
  void follow(Side side, const OrderBook& book, Kept& kept) noexcept;
  void write(Side side, const Level& level, Line& line) const noexcept;

  ChecksumId id_;
  Scale scale_;
  Kept bids_;
  Kept asks_;
  std::vector<Line> lines_;
};

// The same, once.
[[nodiscard]] std::int32_t checksum(ChecksumId id, const OrderBook& book, const Scale& scale);

// HOT. Of the best 25 orders a side.
[[nodiscard]] std::int32_t order_checksum(std::span<const RankedOrder> bids,
                                          std::span<const RankedOrder> asks,
                                          const Scale& scale) noexcept;

}  // namespace steelyard
