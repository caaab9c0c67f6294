// src/venues/deribit_quick.hpp -- the book frames of Deribit as they have come for years, read
// quickly.
#pragma once

#include <span>

#include "venues/venue.hpp"

namespace steelyard::deribit {

// HOT. False, and nothing decoded, for a frame of any other shape: the careful decoder is to read
// it. `books`: the venue's channels.
[[nodiscard]] bool decode_quickly(std::span<const BookChannel> books, const Frame& frame,
                                  const SymbolTable& symbols, DecodeScratch& scratch,
                                  MessageBatch& out) noexcept;

}  // namespace steelyard::deribit
