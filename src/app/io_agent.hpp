// src/app/io_agent.hpp -- one io thread: sockets to frames, frames to the tap and to the shards.
// Where a shard shares the thread, each frame is processed to the published record before the next.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/spsc_ring.hpp"
#include "engine/ingress.hpp"
#include "engine/shard.hpp"
#include "net/feed.hpp"

namespace steelyard {

// A frame as it lies in the tap ring, request and payload behind it.
struct TapEntry {
  TimestampNs received;
  ConnectionId connection;
  FrameKind kind = FrameKind::Text;
  std::uint32_t request_bytes = 0;
  std::uint32_t payload_bytes = 0;
};

// A NetEvent as it lies in the event ring: kind, then "connection\ntext".
struct EventEntry {
  NetEvent::Kind kind;
  std::uint32_t bytes;
};

inline constexpr std::string_view kIoCounters[] = {
    "frames",       "bytes",        "connects",         "disconnects",
    "pings",        "acknowledged", "rejected",         "silences",
    "no_data",      "rotations",    "snapshots",        "snapshot_failures",
    "throttled",    "resubscribes", "connections_open", "tap_lost",
    "ring_refused", "malformed",    "unknown"};

class IoAgent {
 public:
  struct Options {
    FeedOptions feed;
    Shard* shard = nullptr;                             // run on this thread, or none
    std::size_t tap_bytes = 0;                          // 0: nothing is recorded
    std::vector<std::atomic<std::uint64_t>*> counters;  // one per kIoCounters
  };

  IoAgent(const Options& options, std::vector<PlannedConnection> plan,
          std::span<const Instrument> instruments, std::span<const ConnectionInfo> connections,
          std::span<SpscByteRing* const> shards, std::vector<ResyncQueue*> requests);

  // On the io thread.
  int do_work();

  // From any thread: says goodbye on every connection, at the next round.
  void stop() noexcept { stop_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool is_quiet() const noexcept { return quiet_.load(std::memory_order_relaxed); }

  // The conductor empties these.
  [[nodiscard]] SpscByteRing* tap() noexcept { return tap_.get(); }
  [[nodiscard]] SpscByteRing& events() noexcept { return events_; }

 private:
  [[nodiscard]] bool proves_stream(const Message& message) const;
  FrameVerdict on_frame(const Frame& frame);
  [[nodiscard]] FrameVerdict verdict(const Frame& frame, DecodeStatus status);
  void record(const Frame& frame);
  void report();

  std::span<const Instrument> instruments_;
  Ingress ingress_;
  Shard* shard_;
  SpscByteRing* shard_ring_;  // of the shard on this thread
  std::unique_ptr<SpscByteRing> tap_;
  SpscByteRing events_{1U << 20};
  std::unique_ptr<Feed> feed_;
  std::vector<std::atomic<std::uint64_t>*> counters_;
  std::uint64_t tap_lost_ = 0;
  std::uint64_t tap_untold_ = 0;  // lost since the recording was last told
  std::atomic<bool> stop_{false};
  std::atomic<bool> quiet_{false};
  bool started_ = false;
  bool stopping_ = false;
};

}  // namespace steelyard
