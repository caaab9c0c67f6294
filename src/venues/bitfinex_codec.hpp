// src/venues/bitfinex_codec.hpp -- the frames of Bitfinex.
#pragma once

#include "venues/venue.hpp"

namespace steelyard::bitfinex {

// docs.bitfinex.com, "Books": nothing is numbered but the frames of the connection, heartbeats too
// (SEQ_ALL); every few seconds a checksum over the best 25 of both sides. A subscription can only
// be ended by a number of the connection's, so a book begins anew with the connection.
[[nodiscard]] constexpr BookChannel window(std::string_view channel, std::uint32_t depth) {
  return {.channel = channel,
          .snapshot = SnapshotSource::InBand,
          .resync = ResyncBy::Reconnect,
          .checksum = ChecksumId::SignedInterleavedTop25,
          .depth = depth,
          .counted = true,
          .cadence = "each change"};
}

// "Raw Books": orders one by one, with exact prices; the window is of so many orders a side.
[[nodiscard]] constexpr BookChannel orders(std::string_view channel, std::uint32_t depth) {
  BookChannel row = window(channel, depth);
  row.note = RowNote::OrderId;
  row.checksum = ChecksumId::SignedInterleavedOrders25;
  return row;
}

inline constexpr BookChannel kBooks[] = {window("P0.100", 100), window("P0.25", 25),
                                         window("P0.250", 250), orders("R0.100", 100),
                                         orders("R0.25", 25),   orders("R0.250", 250)};

// HOT. True: the frame is a change of a book of prices in the usual shape, and `out` holds it.
// False: it is for decode_any.
[[nodiscard]] bool decode_quickly(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;
// HOT.
[[nodiscard]] DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols,
                                      DecodeScratch& scratch, MessageBatch& out) noexcept;
[[nodiscard]] DecodeStatus decode(const Frame& frame, const SymbolTable& symbols,
                                  DecodeScratch& scratch, MessageBatch& out) noexcept;

}  // namespace steelyard::bitfinex
