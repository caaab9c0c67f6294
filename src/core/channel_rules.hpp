// src/core/channel_rules.hpp -- the words in which a venue's row says how a book channel is kept in
// step.
#pragma once

#include <cstdint>

namespace steelyard {

// Where the snapshot of a channel comes from.
enum class SnapshotSource : std::uint8_t {
  InBand,     // on the stream itself, before its deltas
  OutOfBand,  // fetched; it overtakes the stream, so deltas are buffered until it is there
  Replace,    // every message is a whole book
};

// What makes the venue send a new snapshot.
enum class ResyncBy : std::uint8_t {
  Resubscribe,
  Fetch,    // over HTTPS
  Request,  // a message on the connection that carries the stream
  Reconnect,
};

// Checksums that `book` knows how to compute.
enum class ChecksumId : std::uint8_t {
  None,
  InterleavedTop25,           // OKX, in old recordings: bid:size:ask:size...
  PaddedInterleavedTop25,     // Bitget, in old recordings: the same with trailing zeros
  SignedInterleavedTop25,     // Bitfinex: the same, sizes of asks negative, numbers as JavaScript
                              // writes
  SignedInterleavedOrders25,  // Bitfinex, order by order: id:amount...
  ConcatenatedTop10,          // Kraken: ten asks, then ten bids, digits only
};

}  // namespace steelyard
