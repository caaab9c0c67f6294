#include "app/io_agent.hpp"

#include <cstring>

namespace steelyard {

IoAgent::IoAgent(const Options& options, std::vector<PlannedConnection> plan,
                 std::span<const Instrument> instruments,
                 std::span<const ConnectionInfo> connections, std::span<SpscByteRing* const> shards,
                 std::vector<ResyncQueue*> requests)
    : instruments_{instruments},
      ingress_{instruments, connections, shards, true},
      shard_{options.shard},
      shard_ring_{options.shard != nullptr ? shards.front() : nullptr},
      tap_{options.tap_bytes == 0 ? nullptr : std::make_unique<SpscByteRing>(options.tap_bytes)},
      counters_{options.counters} {
  feed_ = std::make_unique<Feed>(
      options.feed, std::move(plan), std::move(requests), instruments,
      [this](const Frame& frame) { return on_frame(frame); },
      [this](const NetEvent& event) {
        const std::string text = event.connection + '\n' + event.text;
        const EventEntry entry{event.kind, static_cast<std::uint32_t>(text.size())};
        std::byte* const at = events_.reserve(sizeof entry + text.size());
        if (at == nullptr) return;
        std::memcpy(at, &entry, sizeof entry);
        std::memcpy(at + sizeof entry, text.data(), text.size());
        events_.commit();
      });
}

int IoAgent::do_work() {
  if (!started_) {
    started_ = true;
    feed_->start();
  }
  if (!stopping_ && stop_.load(std::memory_order_relaxed)) {
    stopping_ = true;
    feed_->stop();
  }
  const int done = feed_->do_work();
  if (stopping_ && feed_->open_connections() == 0) quiet_.store(true, std::memory_order_relaxed);
  return done;
}

// What was asked for, by a fetch or on the connection itself, proves nothing of the stream.
bool IoAgent::proves_stream(const Message& message) const {
  if (message.kind == MessageKind::Delta) return true;
  if (message.kind != MessageKind::Snapshot) return false;
  const Instrument& of = instruments_[message.instrument.raw()];
  return venue_registry()[of.venue]->books[of.channel].snapshot != SnapshotSource::OutOfBand;
}

// The tap comes first: what is recorded is what is processed, in the same order.
FrameVerdict IoAgent::on_frame(const Frame& frame) {
  if (tap_ != nullptr) record(frame);
  const DecodeStatus status = ingress_.on_frame(frame);
  if (frame.kind == FrameKind::Timer) report();
  const FrameVerdict what = verdict(frame, status);
  if (shard_ != nullptr) {
    shard_->drain();
    shard_ring_->rewind();
  }
  return what;
}

FrameVerdict IoAgent::verdict(const Frame& frame, DecodeStatus status) {
  switch (status) {
    case DecodeStatus::Ok:
      if (feed_->awaits_data()) {
        for (const Message& message : ingress_.messages()) {
          if (proves_stream(message)) feed_->saw_data(frame.connection, message.instrument);
        }
      }
      return FrameVerdict::Data;
    case DecodeStatus::Control:
      return FrameVerdict::Control;
    case DecodeStatus::Ignored:
    case DecodeStatus::Unwanted:
    case DecodeStatus::Metadata:
      return FrameVerdict::Ignored;
    default:
      return FrameVerdict::Defect;
  }
}

void IoAgent::record(const Frame& frame) {
  const auto put = [this](const TapEntry& entry, std::string_view request,
                          std::string_view payload) {
    std::byte* at = tap_->reserve(sizeof entry + request.size() + payload.size());
    if (at == nullptr) return false;
    std::memcpy(at, &entry, sizeof entry);
    at += sizeof entry;
    if (!request.empty()) std::memcpy(at, request.data(), request.size());
    if (!payload.empty()) std::memcpy(at + request.size(), payload.data(), payload.size());
    tap_->commit();
    return true;
  };
  if (tap_untold_ != 0) {
    const std::string count = std::to_string(tap_untold_);
    const TapEntry lost{frame.received, frame.connection, FrameKind::Lost, 0,
                        static_cast<std::uint32_t>(count.size())};
    if (put(lost, {}, count)) tap_untold_ = 0;
  }
  const TapEntry entry{frame.received, frame.connection, frame.kind,
                       static_cast<std::uint32_t>(frame.request.size()),
                       static_cast<std::uint32_t>(frame.payload.size())};
  if (tap_untold_ != 0 || !put(entry, frame.request, frame.payload)) {
    ++tap_lost_;
    ++tap_untold_;
  }
}

void IoAgent::report() {
  if (counters_.empty()) return;
  const NetCounters& net = feed_->counters();
  std::uint64_t refused = 0;
  std::uint64_t defects = 0;
  std::uint64_t unknown = 0;
  for (std::uint32_t venue = 0; venue < venue_registry().size(); ++venue) {
    const IngressCounts& counts = ingress_.counts(venue);
    refused += counts.refused;
    for (std::size_t status = 0; status < kDecodeStatuses; ++status) {
      if (static_cast<DecodeStatus>(status) == DecodeStatus::UnknownKind) {
        unknown += counts.by_status[status];
      } else if (is_defect(static_cast<DecodeStatus>(status))) {
        defects += counts.by_status[status];
      }
    }
  }
  const std::uint64_t values[] = {net.frames,      net.bytes,        net.connects,
                                  net.disconnects, net.pings,        net.acknowledged,
                                  net.rejected,    net.silences,     net.no_data,
                                  net.rotations,   net.snapshots,    net.snapshot_failures,
                                  net.throttled,   net.resubscribes, feed_->open_connections(),
                                  tap_lost_,       refused,          defects,
                                  unknown};
  static_assert(std::size(values) == std::size(kIoCounters));
  for (std::size_t i = 0; i < std::size(values); ++i) {
    counters_[i]->store(values[i], std::memory_order_relaxed);
  }
}

}  // namespace steelyard
