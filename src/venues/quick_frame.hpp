// src/venues/quick_frame.hpp -- what a quick decoder does around its `read`.
#pragma once

#include <algorithm>

#include "venues/quick_tables.hpp"
#include "venues/venue.hpp"

namespace steelyard {

#if !STEELYARD_QUICK
// Stands for a quick decoder's `read` on processors for which there is none.
struct ReadsNothing {
  template <typename... Any>
  bool operator()(Any&&...) const noexcept {
    return false;
  }
};
#endif

// HOT. read(payload) adds the one book message of a text frame, or declines. False, and nothing
// decoded: the frame is for the careful decoder.
template <typename Read>
[[nodiscard, gnu::always_inline]] inline bool read_quickly(const Frame& frame,
                                                           DecodeScratch& scratch,
                                                           MessageBatch& out,
                                                           const Read& read) noexcept {
  if (quick_is_available() && frame.kind == FrameKind::Text && read(frame.payload)) {
    scratch.suspect = out.messages()[0].instrument;
    return true;
  }
  out.clear();
  return false;
}

// HOT. Where asks come first on the wire: the batch has bids first. False: no room to move them.
[[nodiscard]] inline bool put_bids_first(MessageBatch& out, Message& message) noexcept {
  const Level* const asks = out.levels() + message.first_level;
  Level* const to = out.free_levels();
  if (out.end_of_levels() - to < message.asks) return false;
  std::copy(asks, asks + message.asks, to);
  out.take_levels(message.asks);
  message.first_level += message.asks;
  return true;
}

}  // namespace steelyard
