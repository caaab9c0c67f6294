// src/venues/binance_codec.hpp -- the JSON that Binance spot and both futures venues have in
// common.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "venues/venue.hpp"

namespace steelyard::binance {

// What differs between the three.
struct Dialect {
  std::span<const BookChannel> books;
  bool futures;                    // pu chain; trades name their kind in X
  std::string_view trade_stream;   // "trade", "aggTrade"
  std::string_view snapshot_path;  // "/api/v3/depth"
  std::uint32_t snapshot_limit;
  std::uint32_t snapshot_weight;
};

// HOT. True: the frame is a diff of the usual shape, and `out` holds it. False: it is for decode_any.
[[nodiscard]] bool decode_quickly(const Dialect& dialect, const Frame& frame,
                                  const SymbolTable& symbols, DecodeScratch& scratch,
                                  MessageBatch& out) noexcept;
// HOT. Any JSON, members in any order.
[[nodiscard]] DecodeStatus decode_any(const Dialect& dialect, const Frame& frame,
                                      const SymbolTable& symbols, DecodeScratch& scratch,
                                      MessageBatch& out) noexcept;
// HOT. The one where it serves, else the other.
[[nodiscard]] DecodeStatus decode(const Dialect& dialect, const Frame& frame,
                                  const SymbolTable& symbols, DecodeScratch& scratch,
                                  MessageBatch& out) noexcept;

// Cold.
[[nodiscard]] Control control(std::string_view payload);
[[nodiscard]] std::vector<std::string> requests(const Dialect& dialect, const Limits& limits,
                                                std::string_view method,
                                                std::span<const Stream> streams, std::uint64_t id);
[[nodiscard]] RestRequest snapshot(const Dialect& dialect, const Instrument& instrument);
[[nodiscard]] std::vector<InstrumentInfo> instruments(std::string_view answer);

}  // namespace steelyard::binance
