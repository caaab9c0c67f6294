// src/engine/ingress.hpp -- frames of one io thread: decoded, counted, passed to the shards.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/frame.hpp"
#include "core/instrument.hpp"
#include "core/spsc_ring.hpp"
#include "core/symbol_table.hpp"
#include "engine/entry.hpp"
#include "venues/venue.hpp"

namespace steelyard {

// What became of the frames of one venue. Written by the io thread, read by anyone.
struct IngressCounts {
  std::array<std::uint64_t, kDecodeStatuses> by_status{};
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  std::uint64_t levels = 0;
  std::uint64_t not_events = 0;  // trades that are none: insurance fund, ADL
  std::uint64_t rounded = 0;     // numbers that no exponent holds: the nearest stands for them
  std::uint64_t refused = 0;     // entries that a full ring did not take
  std::uint64_t rescales = 0;
  // Of connections that count their frames: frames that followed the one before, frames that did
  // not, and frames that had come already and were not passed on.
  std::uint64_t counts_ok = 0;
  std::uint64_t counts_bad = 0;
  std::uint64_t duplicates = 0;
};

// Which venue a connection belongs to.
struct ConnectionInfo {
  const Venue* venue = nullptr;  // nullptr: a source of timers only
  std::uint16_t io = 0;
};

// Decodes on the thread that received. One per io thread; all its memory is taken in the
// constructor.
class Ingress {
 public:
  // `instruments`: all of them, indexed by id. `shards`: one ring per shard, which the caller
  // keeps.
  Ingress(std::span<const Instrument> instruments, std::span<const ConnectionInfo> connections,
          std::span<SpscByteRing* const> shards, bool stamp_decoded);

  // HOT. What the frame was; its messages are on their way when it was Ok.
  DecodeStatus on_frame(const Frame& frame) noexcept;

  // Cold: a connection made after the start (a rotated one).
  void add_connection(ConnectionId id, const ConnectionInfo& info);
  // Cold: the venue's connections carry instruments that nobody wants, so an answer that names none
  // may be about any of them.
  void note_unwanted(std::uint32_t venue) noexcept { symbols_[venue].note_others(); }

  [[nodiscard]] const IngressCounts& counts(std::uint32_t venue) const noexcept {
    return counts_[venue];
  }
  // The messages of the frame decoded last; none if it was not Ok.
  [[nodiscard]] std::span<const Message> messages() const noexcept { return batch_.messages(); }
  [[nodiscard]] const DecodeScratch& scratch() const noexcept { return scratch_; }

 private:
  struct Connection {
    ConnectionInfo info;
    std::uint32_t venue = 0;  // its place in the registry, where it has one; and what it has there
    const SymbolTable* symbols = nullptr;
    IngressCounts* totals = nullptr;
    // Where it stands in its own count of frames.
    std::uint64_t counted = 0;
    bool counts = false;
  };

  // Frames that carry no data: of time, of links, of what was lost.
  DecodeStatus on_event(const Frame& frame) noexcept;
  [[nodiscard]] DecodeStatus decode(const Frame& frame, const Connection& connection) noexcept;
  [[nodiscard]] bool rescale(const Frame& frame, std::uint32_t venue) noexcept;
  void forward(const Frame& frame, std::uint16_t io, IngressCounts& counts) noexcept;
  void broadcast(const Frame& frame, EntryKind kind) noexcept;
  // Whether the frame is new in its connection's own count; a hole in it is told to the shards.
  [[nodiscard]] bool follow_count(const Frame& frame, IngressCounts& counts) noexcept;
  [[nodiscard]] const Connection* connection_of(const Frame& frame) const noexcept {
    const std::uint32_t id = frame.connection.raw();
    return id < connections_.size() ? &connections_[id] : nullptr;
  }
  [[nodiscard]] Entry entry_of(const Frame& frame, EntryKind kind) const noexcept;
  void send(std::uint16_t shard, const Entry& entry, std::span<const Level> levels,
            IngressCounts& counts) noexcept;

  struct ShardRing {
    SpscByteRing* ring;
    bool overrun = false;  // an Overrun entry is still to be delivered
    std::uint16_t io = 0;  // ... about the instruments of this io thread
  };
  static void note_overrun(ShardRing& shard, std::uint16_t io) noexcept;
  [[nodiscard]] static bool tell_overrun(ShardRing& shard, TimestampNs received,
                                         ConnectionId connection) noexcept;

  std::vector<SymbolTable> symbols_;  // per venue; this thread's own: exponents may be refined
  std::vector<Instrument> instruments_;
  std::vector<std::uint16_t> shard_of_;  // by instrument
  std::vector<Connection> connections_;
  std::vector<ShardRing> shards_;
  std::vector<IngressCounts> counts_;  // per venue
  IngressCounts untold_;               // of connections without a venue
  DecodeScratch scratch_;
  MessageBatch batch_;
  bool stamp_decoded_;
};

}  // namespace steelyard
