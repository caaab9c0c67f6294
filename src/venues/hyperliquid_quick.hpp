// src/venues/hyperliquid_quick.hpp -- the books of Hyperliquid as they have come for years, read
// quickly.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::hyperliquid {

// HOT. False, and nothing decoded, for a frame of any other shape: the careful decoder is to read
// it.
[[nodiscard]] bool decode_quickly(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::hyperliquid
