// src/venues/okx_codec.hpp -- the frames of OKX.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::okx {

inline constexpr LinkRule kChain{Link::Prev, Splice::AtLast, /*legal_backstep=*/true};

[[nodiscard]] constexpr BookChannel in_band(std::string_view channel, std::uint32_t depth,
                                            std::string_view cadence) {
  return {.channel = channel,
          .link = kChain,
          .snapshot = SnapshotSource::InBand,
          .resync = ResyncBy::Resubscribe,
          .checksum = ChecksumId::InterleavedTop25,
          .depth = depth,
          .cadence = cadence};
}

// docs-v5, "Order book channel". The checksum is dead since 2026-06-23 (always 0, which counts as
// none) and alive in older recordings.
inline constexpr BookChannel kBooks[] = {
    in_band("books", 400, "100 ms"),
    in_band("books-l2-tbt", 400, "10 ms, for VIP 4 and above"),
    in_band("books50-l2-tbt", 50, "10 ms, for VIP 4 and above"),
    {.channel = "books5", .snapshot = SnapshotSource::Replace, .depth = 5, .cadence = "100 ms"},
    {.channel = "bbo-tbt", .snapshot = SnapshotSource::Replace, .depth = 1, .cadence = "10 ms"},
};

// HOT. Any frame, members in any order.
[[nodiscard]] DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT. The same, with a quick way for the book frames that come most.
[[nodiscard]] DecodeStatus decode(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::okx
