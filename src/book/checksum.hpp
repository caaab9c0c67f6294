// src/book/checksum.hpp -- checksums that venues send with their books.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "book/checksum_side.hpp"
#include "book/order_book.hpp"
#include "book/order_table.hpp"
#include "core/channel_rules.hpp"
#include "core/instrument.hpp"

namespace steelyard {

// The checksum of one book, message after message. Of the best levels those are told that changed;
// a level that stands keeps its text, and so does the whole where nothing moved: to walk and to
// write the fifty anew is several times the work. Belongs to the book's thread; takes 14 KiB at the
// start, and nothing where the checksum is of no levels.
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
  explicit BookChecksum(ChecksumId id);

  // HOT. Of the book as it stands; 0 where it is of no levels.
  [[nodiscard]] std::int32_t of(const OrderBook& book, const Scale& scale) noexcept;
  // HOT. The same of a book to which nothing but these changes came since it was computed last, at
  // the same scale, unless lose() was called in between: of both sides, each with side, price and
  // after, in their order.
  template <typename Changes>
  [[nodiscard]] std::int32_t of_changed(const OrderBook& book, const Scale& scale,
                                        const Changes& changes) noexcept {
    if (!follows_) return of(book, scale);
    for (const auto& change : changes) {
      (change.side == Side::Bid ? kept_->bids : kept_->asks).put(change.price, change.after.raw());
    }
    kept_->bids.fill(book);
    kept_->asks.fill(book);
    return of_kept();
  }
  // HOT. The book changed by more than the next of_changed() will be told, or its scale did.
  void lose() noexcept { follows_ = false; }

 private:
  static constexpr std::uint32_t kMostLevels = 25;
  static constexpr std::size_t kUsualBytes = 32;
  static constexpr std::uint32_t kRanks = kMostLevels;  // of both sides together, or one by one
  using Line = ChecksumSide::Line;

  struct Kept {
    explicit Kept(std::uint32_t most) noexcept : bids{Side::Bid, most}, asks{Side::Ask, most} {}
    ChecksumSide bids;
    ChecksumSide asks;
    std::uint32_t laid_asks = 0;                     // when the text was laid
    bool has_long = false;                           // a line of more than kUsualBytes was written
    std::array<std::uint16_t, kRanks + 1> starts{};  // of the text of each rank; the end
    std::array<char, (2 * kMostLevels + 1) * ChecksumSide::kTextBytes> text{};
  };
  // Those that differ from what the text says, and how many there are.
  struct Ranks {
    std::uint32_t first;
    std::uint32_t until;
    std::uint32_t count;
  };

  [[nodiscard]] std::int32_t of_kept() noexcept;
  // lines_of(rank, visit): the lines of a rank, in their order. Returns the end of the text.
  template <typename LinesOf>
  [[nodiscard]] std::uint32_t lay(Ranks ranks, LinesOf lines_of) noexcept;
  void write_new() noexcept;
  void write(Side side, Line& line) const noexcept;

  ChecksumId id_;
  bool follows_ = false;
  Scale scale_;
  std::int32_t value_ = 0;  // of the text
  std::unique_ptr<Kept> kept_;
};

// The same, once.
[[nodiscard]] std::int32_t checksum(ChecksumId id, const OrderBook& book, const Scale& scale);

// HOT. Of the best 25 orders a side.
[[nodiscard]] std::int32_t order_checksum(std::span<const RankedOrder> bids,
                                          std::span<const RankedOrder> asks,
                                          const Scale& scale) noexcept;

}  // namespace steelyard
