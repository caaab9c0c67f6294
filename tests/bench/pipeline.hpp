// tests/bench/pipeline.hpp -- decoder, ring, shard and segment of one thread, put together.
#pragma once

#include <unistd.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "app/segment_plan.hpp"
#include "engine/ingress.hpp"
#include "engine/shard.hpp"
#include "shm/segment.hpp"
#include "signals/signal_set.hpp"

namespace steelyard::bench {

enum class SignalTier : std::uint8_t { None, Core, Tier1, Tier2, All };

// The core: what the best levels, five and ten levels a side and order flow say, over one window.
// Tier 1: what signals.md wants at every tick. Tier 2: what may be switched off; behind it come
// bars.
[[nodiscard]] inline SignalParams params_of(SignalTier tier) {
  SignalParams params;
  params.tier2 = tier >= SignalTier::Tier2;
  params.tier3 = tier >= SignalTier::All;
  if (tier == SignalTier::Core) {
    params.depth_levels = {5, 10};
    params.flow_levels = 1;
    params.flow_windows_ms = {1000};
  }
  return params;
}
[[nodiscard]] inline std::vector<SignalRow> signals_of(SignalTier tier) {
  std::vector<SignalRow> rows;
  for (const SignalRow& row : signal_registry()) {
    const std::string_view name = row.name;
    const bool core =
        name == "queue_imbalance" || name == "depth_imbalance" || name == "order_flow";
    if (tier >= SignalTier::Tier1 || (tier == SignalTier::Core && core)) rows.push_back(row);
  }
  return rows;
}

// Several may be there at once.
[[nodiscard]] inline std::string unused_name() {
  static int count = 0;
  return "bench" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

// Built anew for each past that a book is to have. Belongs to one thread.
struct Pipeline {
  Pipeline(std::span<const Instrument> instruments, std::span<const ConnectionInfo> links,
           SignalTier tier, bool publishes, std::size_t ring_bytes = 4U << 20,
           bool huge_pages = false)
      : registry{signals_of(tier)}, signals{params_of(tier), registry}, ring{ring_bytes} {
    if (!signals.error().empty()) throw std::runtime_error{"a tier that lacks: " + signals.error()};
    SpscByteRing* const rings[] = {&ring};
    ingress = std::make_unique<Ingress>(instruments, links, rings, false);
    ShardOptions options;
    if (publishes) {
      SegmentPlan plan = make_segment_plan(unused_name(), instruments, signals, 1);
      plan.ring_slots = 4096;
      plan.huge_pages = huge_pages;
      segment = std::make_unique<Segment>(Segment::create(plan));
      publisher = std::make_unique<ShardPublisher>(segment->shard(0));
      options.publisher = publisher.get();
    }
    shard = std::make_unique<Shard>(options, instruments, signals, rings);
  }

  // One frame, to the end of what it causes. A function of its own, for instruction counters.
  [[gnu::noinline]] void take(const Frame& frame) noexcept {
    (void)ingress->on_frame(frame);
    shard->drain();
    ring.rewind();
    ResyncRequest request;
    while (shard->resyncs().pop(request)) {
    }
  }

  std::vector<SignalRow> registry;
  SignalSet signals;
  SpscByteRing ring;
  std::unique_ptr<Segment> segment;
  std::unique_ptr<ShardPublisher> publisher;
  std::unique_ptr<Ingress> ingress;
  std::unique_ptr<Shard> shard;
};

}  // namespace steelyard::bench
