// src/engine/entry.hpp -- what an io thread tells a shard, one ring entry each, in arrival order.
#pragma once

#include <cstring>
#include <span>

#include "core/messages.hpp"
#include "core/spsc_ring.hpp"

namespace steelyard {

enum class EntryKind : std::uint8_t {
  Message,   // one decoded message, its levels behind it
  Timer,     // time moves on for every instrument of this io thread
  LinkUp,    // the connection starts anew
  LinkDown,  // the connection is lost; `planned` if another one has taken over
  BadFrame,  // a frame of this instrument's book could not be decoded
  Rescale,   // the instrument's exponents change; its book starts anew
  Overrun,   // entries were refused since the last one: every book of this io thread is doubtful
  LinkGap,   // the connection's own count has a hole: every book that it carries is doubtful
};

inline constexpr std::uint16_t kEveryIo = 0xffff;

struct Entry {
  Message message;  // Message; BadFrame and Rescale use only its `instrument`
  TimestampNs received;
  TimestampNs decoded;  // live only: when the entry was written; 0 in a replay
  ConnectionId connection;
  EntryKind kind = EntryKind::Message;
  bool planned = false;            // LinkDown
  bool answer = false;             // Message: from a REST answer, not from the stream
  std::int8_t price_exponent = 0;  // Rescale
  std::int8_t qty_exponent = 0;    // Rescale: of the book's mantissas, after the multiplier
  std::uint16_t io = 0;            // the io thread; Timer, Overrun: whose instruments; or kEveryIo
  std::uint16_t venue = 0;         // LinkUp, LinkDown: whose connection
};
static_assert(std::is_trivially_copyable_v<Entry> && sizeof(Entry) % alignof(Level) == 0);

// HOT. False when the ring is full: the caller counts it and raises an overrun.
[[nodiscard]] inline bool write_entry(SpscByteRing& ring, const Entry& entry,
                                      std::span<const Level> levels) noexcept {
  std::byte* const at = ring.reserve(sizeof(Entry) + levels.size_bytes());
  if (at == nullptr) return false;
  std::memcpy(at, &entry, sizeof entry);
  if (!levels.empty()) std::memcpy(at + sizeof entry, levels.data(), levels.size_bytes());
  ring.commit();
  return true;
}

// An entry as it lies in the ring; valid until the ring's pop.
struct EntryView {
  const Entry* entry;
  std::span<const Level> bids;
  std::span<const Level> asks;
};

// HOT.
[[nodiscard]] inline EntryView read_entry(std::span<const std::byte> bytes) noexcept {
  EntryView view{};
  view.entry = reinterpret_cast<const Entry*>(bytes.data());
  const auto* const levels = reinterpret_cast<const Level*>(bytes.data() + sizeof(Entry));
  const Message& message = view.entry->message;
  view.bids = {levels, message.bids};
  view.asks = {levels + message.bids, message.asks};
  return view;
}

}  // namespace steelyard
