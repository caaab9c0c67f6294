// src/venues/bitmex_quick.hpp -- the book frames of BitMEX as they have come for years, read
// quickly.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::bitmex {

// HOT. False, and nothing decoded, for a frame of any other shape: the careful decoder is to read
// it.
[[nodiscard]] bool decode_quickly(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::bitmex
