// src/book/book_status.hpp -- what the two best levels say of a book.
#pragma once

#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// Of a book that has had its snapshot. A side without levels has a best of quantity zero.
[[nodiscard]] constexpr BookStatus book_status(const Level& bid, const Level& ask) noexcept {
  const bool has_bid = bid.qty.raw() != 0;
  const bool has_ask = ask.qty.raw() != 0;
  if (!has_bid && !has_ask) return BookStatus::Empty;
  if (!has_ask) return BookStatus::BidOnly;
  if (!has_bid) return BookStatus::AskOnly;
  if (bid.price < ask.price) return BookStatus::Ok;
  return bid.price == ask.price ? BookStatus::Locked : BookStatus::Crossed;
}

}  // namespace steelyard
