// src/core/seen_ids.hpp -- the ids that came last, and by which connection: for telling twins.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "steelyard/types.hpp"

namespace steelyard {

// Remembers the last `capacity` ids, first in first out, and which connection brought each and
// when. Fixed memory, O(1), one thread. Capacity 0: remembers nothing and knows no twins.
class SeenIds {
 public:
  explicit SeenIds(std::uint32_t capacity)
      : ring_(capacity == 0 ? 0 : std::bit_ceil(capacity)), table_(ring_.size() * 2, kFree) {}

  // HOT. The time at which another connection brought this id, if one did; otherwise 0, and it is
  // remembered. An id that the same connection brings again is no twin.
  [[nodiscard]] TimestampNs twin_of(SequenceNo id, ConnectionId connection,
                                    TimestampNs now) noexcept {
    if (ring_.empty()) return TimestampNs{};
    if (const std::uint32_t held = find(id.raw()); held != kFree) {
      return ring_[held].connection == connection ? TimestampNs{} : ring_[held].received;
    }
    const std::uint32_t at = static_cast<std::uint32_t>(next_++) & mask();
    if (next_ > ring_.size()) forget(ring_[at].id);
    ring_[at] = {id.raw(), now, connection};
    std::size_t slot = home(id.raw());
    while (table_[slot] != kFree) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = at;
    return TimestampNs{};
  }

 private:
  static constexpr std::uint32_t kFree = 0xffff'ffffU;
  struct Seen {
    std::uint64_t id = 0;
    TimestampNs received;
    ConnectionId connection{kNoConnection};
  };

  [[nodiscard]] std::uint32_t mask() const noexcept {
    return static_cast<std::uint32_t>(ring_.size() - 1);
  }
  [[nodiscard]] std::size_t home(std::uint64_t id) const noexcept {
    return static_cast<std::size_t>((id * 0x9E37'79B9'7F4A'7C15U) >> 32) & (table_.size() - 1);
  }
  [[nodiscard]] std::uint32_t find(std::uint64_t id) const noexcept {
    for (std::size_t slot = home(id); table_[slot] != kFree;
         slot = (slot + 1) & (table_.size() - 1)) {
      if (ring_[table_[slot]].id == id) return table_[slot];
    }
    return kFree;
  }
  void forget(std::uint64_t id) noexcept {
    std::size_t hole = home(id);
    while (ring_[table_[hole]].id != id) hole = (hole + 1) & (table_.size() - 1);
    for (std::size_t at = (hole + 1) & (table_.size() - 1); table_[at] != kFree;
         at = (at + 1) & (table_.size() - 1)) {
      const std::size_t from_home = (at - home(ring_[table_[at]].id)) & (table_.size() - 1);
      const std::size_t from_hole = (at - hole) & (table_.size() - 1);
      if (from_home < from_hole) continue;
      table_[hole] = table_[at];
      hole = at;
    }
    table_[hole] = kFree;
  }

  std::vector<Seen> ring_;
  std::vector<std::uint32_t> table_;  // places in the ring, by hash of the id
  std::uint64_t next_ = 0;
};

}  // namespace steelyard
