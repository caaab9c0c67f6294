// src/venues/bitget_codec.hpp -- the JSON that Bitget spot and futures have in common, in all three
// dialects: unified account (v3), classic (v2), and v1 as recordings have it.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::bitget {

inline constexpr LinkRule kChain{
    .link = Link::Prev, .splice = Splice::PrevWithin, .zero_restarts = true};

// Unified account (v3) and classic (v2) "Depth channel"; both number one book alike. The checksum
// is gone since 2026: it counts only where there are no sequence numbers, that is in recordings.
inline constexpr BookChannel kBooks[] = {
    {.channel = "books",
     .link = kChain,
     .snapshot = SnapshotSource::InBand,
     .resync = ResyncBy::Resubscribe,
     .checksum = ChecksumId::PaddedInterleavedTop25,
     .depth = 1000,
     .cadence = "50 ms"},
    {.channel = "books50", .snapshot = SnapshotSource::Replace, .depth = 50, .cadence = "20 ms"},
    {.channel = "books15",
     .snapshot = SnapshotSource::Replace,
     .depth = 15,
     .cadence = "150 ms, in v2 recordings only"},
    {.channel = "books5", .snapshot = SnapshotSource::Replace, .depth = 5, .cadence = "10 ms"},
    {.channel = "books1", .snapshot = SnapshotSource::Replace, .depth = 1, .cadence = "1 to 3 ms"},
};

// HOT. True: the frame is a book of the usual shape, and `out` holds it. False: it is for
// decode_any.
[[nodiscard]] bool decode_quickly(bool spot, const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT. Any frame, members in any order. Frames of the other market, which shares the socket, are
// Ignored.
[[nodiscard]] DecodeStatus decode_any(bool spot, const Frame& frame, const SymbolTable& symbols,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT. The same, with a quick way for the book frames that come most.
[[nodiscard]] DecodeStatus decode(bool spot, const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::bitget
