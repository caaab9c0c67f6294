// src/venues/bybit_codec.hpp -- the JSON of Bybit's v5 streams, which is the same for all markets.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::bybit {

// What differs between the markets.
struct Dialect {
  std::string_view category;  // in requests: "spot", "linear", "inverse"
  std::uint32_t args_per_request;
};

// bybit-exchange.github.io, "websocket/public/orderbook": `u` counts on without a hole; u == 1 is a
// snapshot after a restart. That it counts on is documented for the SBE and the full book, and
// measured for these.
[[nodiscard]] constexpr BookChannel window(std::string_view channel, std::uint32_t depth,
                                           std::string_view cadence) {
  return {.channel = channel,
          .link = {.link = Link::Step},
          .snapshot = SnapshotSource::InBand,
          .resync = ResyncBy::Resubscribe,
          .depth = depth,
          .cadence = cadence};
}

inline constexpr BookChannel kBooks[] = {
    window("orderbook.50", 50, "20 ms"),
    window("orderbook.200", 200, "100 ms"),
    window("orderbook.1000", 1000, "200 ms"),
    window("orderbook.500", 500, "100 ms; not offered since 2025-09-11"),
    // Snapshots only since 2025-03-20, deltas between them before.
    {.channel = "orderbook.1",
     .link = {.link = Link::Step},
     .snapshot = SnapshotSource::Replace,
     .depth = 1,
     .cadence = "10 ms"},
};
// The one that is also the BBO channel.
inline constexpr std::uint8_t kBboRow = 4;

// HOT.
[[nodiscard]] DecodeStatus decode(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

// HOT. The two halves of it: false, and nothing decoded, for a frame of another shape than books
// have had for years; and any frame.
[[nodiscard]] bool decode_quickly(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;
[[nodiscard]] DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;

// Cold.
[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> requests(const Dialect& dialect, std::string_view operation,
                                                std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] std::vector<RestRequest> instrument_lists(const Dialect& dialect);
[[nodiscard]] std::vector<InstrumentInfo> instruments(std::string_view answer);
// The category that an answer, or its request, names; empty if neither does.
[[nodiscard]] std::string_view category_of(std::string_view payload, std::string_view request);

}  // namespace steelyard::bybit
