// src/venues/hyperliquid.hpp -- Hyperliquid, perpetuals and spot: whole books, block by block.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

// Sources and doubts: tests/fixtures/hyperliquid/SOURCE.md.
extern const Venue kHyperliquid;

}  // namespace steelyard
