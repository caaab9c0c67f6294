// src/core/resync.hpp -- the only thing that flows back: one small, typed request.
#pragma once

#include "core/spsc_ring.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

enum class ResyncReason : std::uint8_t {
  Start,  // no book yet
  Gap,
  Checksum,
  BadFrame,
  BookFull,  // a level did not fit
  Overrun,   // input was refused for lack of room
  LinkDown,
  Deadline,      // a snapshot was asked for and did not come
  Late,          // the snapshot that came was older than the stream
  Rescale,       // the venue sent more digits than promised
  Audit,         // its top was not that of the venue's own best-bid-offer channel, time and again
  Renewal,       // the book stands, but is old and unproven, or no longer covered to level 20
  UnknownLevel,  // a change of a level that is known by its id, and that id was never told
};

// From a shard to the connection: this instrument's book needs a new snapshot. What that takes
// (resubscribe, fetch, reconnect) the venue's row says.
struct ResyncRequest {
  InstrumentId instrument;
  ResyncReason reason = ResyncReason::Start;
};

using ResyncQueue = SpscQueue<ResyncRequest, 4096>;

}  // namespace steelyard
