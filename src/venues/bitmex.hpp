// src/venues/bitmex.hpp -- BitMEX: contracts and spot, levels that are known by ids.
#pragma once

#include "venues/venue.hpp"

namespace steelyard {

// Sources and doubts: tests/fixtures/bitmex/SOURCE.md.
extern const Venue kBitmex;

}  // namespace steelyard
