// include/steelyard/types.hpp -- the field's quantities as types: they mix only with their own
// kind.
#pragma once

#include <compare>
#include <cstdint>

namespace steelyard {

// An integer that mixes only with its own kind: `Price{1} < Qty{1}` does not compile.
template <typename Tag, typename Rep>
class Strong {
 public:
  using rep = Rep;
  constexpr Strong() noexcept = default;
  explicit constexpr Strong(Rep raw) noexcept : raw_{raw} {}
  [[nodiscard]] constexpr Rep raw() const noexcept { return raw_; }
  friend constexpr auto operator<=>(Strong, Strong) noexcept = default;

 private:
  Rep raw_{};
};

using Price = Strong<struct PriceTag, std::int64_t>;  // mantissa; the exponent is per instrument
using Qty = Strong<struct QtyTag, std::int64_t>;      // same; zero means "remove this level"
using SequenceNo = Strong<struct SequenceNoTag, std::uint64_t>;      // as numbered by the venue
using InstrumentId = Strong<struct InstrumentIdTag, std::uint32_t>;  // dense, assigned at start
using ConnectionId = Strong<struct ConnectionIdTag, std::uint32_t>;  // dense, one socket or source
using TimestampNs = Strong<struct TimestampNsTag, std::int64_t>;     // UTC, since the Unix epoch

inline constexpr InstrumentId kNoInstrument{0xffff'ffffU};
inline constexpr ConnectionId kNoConnection{0xffff'ffffU};

enum class Side : std::uint8_t { Bid = 0, Ask = 1 };

// What is known of a book's two sides (signals.md C4). Published in every record.
enum class BookStatus : std::uint8_t {
  NoBook = 0,   // before the first snapshot, and from a reset to the next snapshot
  Ok = 1,       // best bid < best ask
  BidOnly = 2,  // the ask side is empty
  AskOnly = 3,  // the bid side is empty
  Empty = 4,    // both are
  Locked = 5,   // best bid == best ask: valid, spread zero
  Crossed = 6,  // best bid > best ask: transient, or data is missing
};

// What a published record is about. One event of the venue is one record.
enum class EventKind : std::uint8_t {
  Snapshot = 0,
  Delta = 1,
  Trade = 2,
  Liquidation = 3,
  Reset = 4,  // the book died: sequence gap, failed checksum, lost connection, ...
  Timer = 5,  // time moved on during silence
};

// What of a book's stream would tell that a change was lost; zero: the segment is of 1.0 and does
// not say.
enum BookProof : std::uint8_t {
  kProofIds = 1U << 0,       // ids that name or follow each other
  kProofChecksum = 1U << 1,  // over the best levels
  kProofCount = 1U << 2,     // the connection counts its messages
  kProofWhole = 1U << 3,     // each message is the whole book: a lost one is healed by the next
  kUnproven = 1U << 7,       // nothing would: only the connection itself, and the audit
};

// The verdict on a record, in the same slot as the values it is about. A record without any of
// these bits is live; one with kShallow alone is too, but its widest bands reach beyond the book's
// trusted depth. While there is no book, every value that needs one is NaN.
enum Validity : std::uint32_t {
  kSyncing = 1U << 0,      // no book yet, or waiting for a snapshot
  kGap = 1U << 1,          // the book died of a sequence gap and is not back yet
  kStale = 1U << 2,        // the book has been silent for longer than its limit
  kCrossed = 1U << 3,      // best bid above best ask
  kShallow = 1U << 4,      // a signal reaches beyond the depth that the book is trusted for
  kLinkDown = 1U << 5,     // the connection is down
  kBadChecksum = 1U << 6,  // the book died of a checksum mismatch and is not back yet
  kOverrun = 1U << 7,      // input was refused for lack of room; the book waits for a snapshot
  kBadFrame = 1U << 8,     // the book died of a frame that could not be decoded
  kDiverged = 1U << 9,     // the book's top was not that of the venue's own best-bid-offer channel
};

}  // namespace steelyard
