// src/venues/coinbase_quick.hpp -- the book frames of Coinbase as they have come for years, read
// quickly.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::coinbase {

// HOT. False, and nothing decoded, for a frame of any other shape: the careful decoder is to read
// it.
[[nodiscard]] bool decode_quickly(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::coinbase
