// src/venues/mexc_codec.hpp -- decoders of MEXC's three dialects, and its cold half.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::mexc {

// Spot. Any diff stream does for any other, whatever its cadence.
inline constexpr BookChannel kSpotBooks[] = {
    {.channel = "aggre.depth@10ms",
     .link = {.link = Link::Step, .splice = Splice::AfterLast},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .depth = 5000,
     .cadence = "10 ms"},
    {.channel = "aggre.depth@100ms",
     .link = {.link = Link::Step, .splice = Splice::AfterLast},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .depth = 5000,
     .cadence = "100 ms"},
    {.channel = "limit.depth@20", .snapshot = SnapshotSource::Replace, .depth = 20},
    {.channel = "limit.depth@10", .snapshot = SnapshotSource::Replace, .depth = 10},
    {.channel = "limit.depth@5", .snapshot = SnapshotSource::Replace, .depth = 5},
};

// Contracts. Changes are merged over 200 ms; each says which versions it holds.
inline constexpr BookChannel kFuturesBooks[] = {
    {.channel = "depth",
     .link = {.link = Link::Step, .splice = Splice::AfterLast},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .depth = 1000,
     .cadence = "200 ms"},
    {.channel = "depth.full.20",
     .snapshot = SnapshotSource::Replace,
     .depth = 20,
     .cadence = "300 ms"},
    {.channel = "depth.full.10",
     .snapshot = SnapshotSource::Replace,
     .depth = 10,
     .cadence = "300 ms"},
    {.channel = "depth.full.5",
     .snapshot = SnapshotSource::Replace,
     .depth = 5,
     .cadence = "300 ms"},
};

// HOT. Spot: data frames are protocol buffers; what is text are control messages, REST answers, and
// recordings that hold the same messages as JSON.
[[nodiscard]] DecodeStatus decode_spot(const Frame& frame, const SymbolTable& symbols,
                                       DecodeScratch& scratch, MessageBatch& out) noexcept;
[[nodiscard]] DecodeStatus decode_spot_text(const Frame& frame, const SymbolTable& symbols,
                                            DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT.
[[nodiscard]] DecodeStatus decode_futures(const Frame& frame, const SymbolTable& symbols,
                                          DecodeScratch& scratch, MessageBatch& out) noexcept;

// HOT. Which row a spot channel is of: "spot@public.limit.depth.v3.api.pb@BTCUSDT@5". The number of
// rows: none.
[[nodiscard]] std::uint8_t spot_row_of(std::string_view channel) noexcept;

// HOT. Whether that row's messages are those that the instrument's book follows.
[[nodiscard]] inline bool follows(const SymbolEntry& entry, std::uint8_t row) noexcept {
  if (row >= std::size(kSpotBooks)) return false;
  return entry.channel == row || (kSpotBooks[row].snapshot == SnapshotSource::OutOfBand &&
                                  kSpotBooks[entry.channel].snapshot == SnapshotSource::OutOfBand);
}

// Cold.
[[nodiscard]] Control spot_control(std::string_view payload);
[[nodiscard]] Control futures_control(std::string_view payload);
[[nodiscard]] std::vector<std::string> spot_requests(std::string_view method,
                                                     std::span<const Stream> streams,
                                                     std::uint64_t id);
[[nodiscard]] std::vector<std::string> futures_requests(std::string_view operation,
                                                        std::span<const Stream> streams);
[[nodiscard]] std::vector<InstrumentInfo> spot_instruments(std::string_view answer);
[[nodiscard]] std::vector<InstrumentInfo> futures_instruments(std::string_view answer);

}  // namespace steelyard::mexc
