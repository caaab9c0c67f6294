// src/venues/bitmex_codec.hpp -- the frames of BitMEX.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::bitmex {

// www.bitmex.com/app/wsAPI, "orderBookL2": the whole book, then rows inserted, updated and deleted.
// A row is known by symbol, id and side, and tells its price once. Nothing is numbered.
[[nodiscard]] constexpr BookChannel keyed(std::string_view channel, std::uint32_t depth) {
  return {.channel = channel,
          .snapshot = SnapshotSource::InBand,
          .resync = ResyncBy::Resubscribe,
          .depth = depth,
          .note = RowNote::LevelId,
          .unproven = true,
          .cadence = "each change"};
}

inline constexpr BookChannel kBooks[] = {
    keyed("orderBookL2", 0),
    keyed("orderBookL2_25", 25),
    {.channel = "orderBook10",
     .snapshot = SnapshotSource::Replace,
     .resync = ResyncBy::Resubscribe,
     .depth = 10,
     .cadence = "each change"},
};

// HOT. Any frame, members in any order.
[[nodiscard]] DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT. The same, with a quick way for the book frames that come most.
[[nodiscard]] DecodeStatus decode(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::bitmex
