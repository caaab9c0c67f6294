// src/venues/kraken_codec.hpp -- the frames of Kraken.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::kraken {

// docs.kraken.com, "spot-websocket-v2/book": nothing is numbered, a checksum over the best ten of
// both sides is all the proof there is. What falls out of the depth is not removed by the venue.
[[nodiscard]] constexpr BookChannel window(std::string_view channel, std::uint32_t depth) {
  return {.channel = channel,
          .snapshot = SnapshotSource::InBand,
          .resync = ResyncBy::Resubscribe,
          .checksum = ChecksumId::ConcatenatedTop10,
          .depth = depth,
          .truncate = true,
          .cadence = "each change"};
}

// From the narrowest up: messages do not say of which depth they are.
inline constexpr BookChannel kBooks[] = {window("book10", 10), window("book25", 25),
                                         window("book100", 100), window("book500", 500),
                                         window("book1000", 1000)};

// HOT. Any frame, members in any order.
[[nodiscard]] DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT. The same, with a quick way for the book frames that come most.
[[nodiscard]] DecodeStatus decode(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::kraken
