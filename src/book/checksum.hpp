// src/book/checksum.hpp -- checksums that venues send with their books.
#pragma once

#include <cstdint>
#include <span>

#include "book/order_book.hpp"
#include "book/order_table.hpp"
#include "core/channel_rules.hpp"
#include "core/instrument.hpp"

namespace steelyard {

// HOT. The checksum of the book as it stands; 0 for ChecksumId::None.
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
[[nodiscard]] std::int32_t checksum(ChecksumId id, const OrderBook& book,
                                    const Scale& scale) noexcept;

// HOT. Of the best 25 orders a side.
[[nodiscard]] std::int32_t order_checksum(std::span<const RankedOrder> bids,
                                          std::span<const RankedOrder> asks,
                                          const Scale& scale) noexcept;

}  // namespace steelyard
