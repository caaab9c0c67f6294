// src/venues/kucoin_codec.hpp -- the decoders of KuCoin's two interfaces, and their cold half.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::kucoin {

// What differs between the markets of one interface.
struct Dialect {
  bool futures = false;
  std::string_view trade_type{};  // of the unified interface: "SPOT", "FUTURES"
  std::span<const BookChannel> books{};
};

// kucoin.com/docs-new, "Orderbook - Increment": sequenceStart counts on, and each row has a number
// of its own: those up to the snapshot's are contained in it. Without a key the snapshot has 100
// levels a side.
inline constexpr BookChannel kSpotBooks[] = {
    {.channel = "level2",
     .link = {.link = Link::Step, .splice = Splice::AfterLast},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .depth = 100,
     .note = RowNote::Sequence,
     .cadence = "each change"},
    {.channel = "level2Depth50",
     .snapshot = SnapshotSource::Replace,
     .depth = 50,
     .cadence = "100 ms"},
    {.channel = "level2Depth5",
     .snapshot = SnapshotSource::Replace,
     .depth = 5,
     .cadence = "100 ms"},
};

// Futures send one change a message; their snapshot is the whole book.
inline constexpr BookChannel kFuturesBooks[] = {
    {.channel = "level2",
     .link = {.link = Link::Step, .splice = Splice::AfterLast},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .cadence = "each change"},
    {.channel = "level2Depth50",
     .snapshot = SnapshotSource::Replace,
     .depth = 50,
     .cadence = "100 ms"},
    {.channel = "level2Depth5",
     .snapshot = SnapshotSource::Replace,
     .depth = 5,
     .cadence = "100 ms"},
};

// Unified, both markets. The snapshot comes 0.5 to 6 s after the acknowledgement (measured).
inline constexpr BookChannel kUnifiedBooks[] = {
    {.channel = "increment@10ms",
     .link = {.link = Link::Step},
     .snapshot = SnapshotSource::InBand,
     .resync = ResyncBy::Resubscribe,
     .depth = 500,
     .snapshot_within = std::chrono::seconds{12},
     .cadence = "10 ms"},
    {.channel = "50", .snapshot = SnapshotSource::Replace, .depth = 50, .cadence = "100 ms"},
    {.channel = "5", .snapshot = SnapshotSource::Replace, .depth = 5, .cadence = "100 ms"},
};

inline constexpr Dialect kSpot{.books = kSpotBooks};
inline constexpr Dialect kFutures{.futures = true, .books = kFuturesBooks};
inline constexpr Dialect kUnifiedSpot{.trade_type = "SPOT", .books = kUnifiedBooks};
inline constexpr Dialect kUnifiedFutures{
    .futures = true, .trade_type = "FUTURES", .books = kUnifiedBooks};

// HOT. True: the frame is a change of a classic book in the usual shape, and `out` holds it. False:
// it is for decode_classic_any.
[[nodiscard]] bool decode_quickly(const Dialect& dialect, const Frame& frame,
                                  const SymbolTable& symbols, DecodeScratch& scratch,
                                  MessageBatch& out) noexcept;
// HOT.
[[nodiscard]] DecodeStatus decode_classic_any(const Dialect& dialect, const Frame& frame,
                                              const SymbolTable& symbols, DecodeScratch& scratch,
                                              MessageBatch& out) noexcept;
[[nodiscard]] DecodeStatus decode_classic(const Dialect& dialect, const Frame& frame,
                                          const SymbolTable& symbols, DecodeScratch& scratch,
                                          MessageBatch& out) noexcept;
// HOT. JSON, in binary frames too.
[[nodiscard]] DecodeStatus decode_unified(const Dialect& dialect, const Frame& frame,
                                          const SymbolTable& symbols, DecodeScratch& scratch,
                                          MessageBatch& out) noexcept;

// Cold. `operation`: "subscribe", "unsubscribe".
[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> classic_requests(const Dialect& dialect,
                                                        std::string_view operation,
                                                        std::span<const Stream> streams,
                                                        std::uint64_t id);
[[nodiscard]] std::vector<std::string> unified_requests(const Dialect& dialect,
                                                        std::string_view operation,
                                                        std::span<const Stream> streams,
                                                        std::uint64_t id);
[[nodiscard]] RestRequest ticket_request();
[[nodiscard]] Ticket ticket(std::string_view answer);
[[nodiscard]] std::vector<InstrumentInfo> spot_instruments(std::string_view answer);
[[nodiscard]] std::vector<InstrumentInfo> futures_instruments(std::string_view answer);
[[nodiscard]] std::vector<InstrumentInfo> unified_instruments(std::string_view answer);

}  // namespace steelyard::kucoin
