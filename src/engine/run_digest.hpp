// src/engine/run_digest.hpp -- one digest for a whole run, whichever shard held which instrument.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/instrument_slot.hpp"

namespace steelyard {

// Cold. Every instrument's records count in their order; how instruments interleave does not.
[[nodiscard]] inline std::uint64_t digest_of(std::vector<const InstrumentSlot*> slots) {
  std::sort(slots.begin(), slots.end(), [](const InstrumentSlot* a, const InstrumentSlot* b) {
    return a->instrument.venue != b->instrument.venue ? a->instrument.venue < b->instrument.venue
                                                      : a->instrument.symbol < b->instrument.symbol;
  });
  Digest digest;
  for (const InstrumentSlot* const slot : slots) digest.add(slot->digest.value());
  return digest.value();
}

}  // namespace steelyard
