// src/venues/gate_codec.hpp -- the JSON of Gate's v4 streams: spot and contracts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::gate {

// What differs between the markets.
struct Dialect {
  bool futures = false;
  std::string_view prefix;  // of channels: "spot.", "futures."
  std::string_view lists;   // path of the instrument list
  std::string_view book;    // path of a book, up to the symbol
};

// gate.com, "WebSocket v4", "Order Book V2" (obu), "Order book update": U == u of the one before
// + 1. An update's levels come in any order; one without levels counts all the same.
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
    window("obu.50", 50, "20 ms"),
    window("obu.400", 400, "100 ms"),
    {.channel = "order_book_update@100ms",
     .link = {.link = Link::Step, .splice = Splice::AfterLast},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .depth = 100,
     .cadence = "100 ms"},
    {.channel = "order_book",
     .snapshot = SnapshotSource::Replace,
     .depth = 100,
     .cadence = "100 ms"},
};
inline constexpr std::uint8_t kUpdatesRow = 2, kWholeRow = 3;

inline constexpr Dialect kSpot{.prefix = "spot.",
                               .lists = "/api/v4/spot/currency_pairs",
                               .book = "/api/v4/spot/order_book?currency_pair="};
inline constexpr Dialect kUsdt{.futures = true,
                               .prefix = "futures.",
                               .lists = "/api/v4/futures/usdt/contracts",
                               .book = "/api/v4/futures/usdt/order_book?contract="};
inline constexpr Dialect kBtc{.futures = true,
                              .prefix = "futures.",
                              .lists = "/api/v4/futures/btc/contracts",
                              .book = "/api/v4/futures/btc/order_book?contract="};

// HOT. True: the frame is a book change of the usual shape, and `out` holds it. False: it is for
// decode_any.
[[nodiscard]] bool decode_quickly(const Dialect& dialect, const Frame& frame,
                                  const SymbolTable& symbols, DecodeScratch& scratch,
                                  MessageBatch& out) noexcept;
// HOT.
[[nodiscard]] DecodeStatus decode_any(const Dialect& dialect, const Frame& frame,
                                      const SymbolTable& symbols, DecodeScratch& scratch,
                                      MessageBatch& out) noexcept;
[[nodiscard]] DecodeStatus decode(const Dialect& dialect, const Frame& frame,
                                  const SymbolTable& symbols, DecodeScratch& scratch,
                                  MessageBatch& out) noexcept;

// Cold. `event`: "subscribe", "unsubscribe".
[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> requests(const Dialect& dialect, std::string_view event,
                                                std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] RestRequest snapshot(const Dialect& dialect, const Instrument& instrument);
[[nodiscard]] std::vector<InstrumentInfo> spot_instruments(std::string_view answer);
[[nodiscard]] std::vector<InstrumentInfo> futures_instruments(std::string_view answer);

}  // namespace steelyard::gate
