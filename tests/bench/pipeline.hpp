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

enum class SignalTier : std::uint8_t { None, Core, Tier1, All };

// The core: best, depth imbalances, order flow. Tier 1: all that is worth having at every tick;
// behind it come those of bars, of costs, and of several venues.
[[nodiscard]] inline std::vector<SignalRow> signals_of(SignalTier tier) {
  std::vector<SignalRow> rows;
  for (const SignalRow& row : signal_registry()) {
    const std::string_view name = row.name;
    const bool core =
        name == "queue_imbalance" || name == "depth_imbalance" || name == "order_flow";
    const bool later = name == "depth_cost" || name == "bars" || name == "true_range" ||
                       name == "bar_regression" || name == "illiquidity" || name == "volatility" ||
                       name == "reversion" || name == "cross_venue" || name == "time_weighted";
    if (tier == SignalTier::All || (tier == SignalTier::Tier1 && !later) ||
        (tier == SignalTier::Core && core))
      rows.push_back(row);
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
           SignalTier tier, bool publishes, std::size_t ring_bytes = 4U << 20)
      : registry{signals_of(tier)}, signals{SignalParams{}, registry}, ring{ring_bytes} {
    if (!signals.error().empty()) throw std::runtime_error{"a tier that lacks: " + signals.error()};
    SpscByteRing* const rings[] = {&ring};
    ingress = std::make_unique<Ingress>(instruments, links, rings, false);
    ShardOptions options;
    if (publishes) {
      SegmentPlan plan = make_segment_plan(unused_name(), instruments, signals, 1);
      plan.ring_slots = 4096;
      segment = std::make_unique<Segment>(Segment::create(plan));
      publisher = std::make_unique<ShardPublisher>(segment->shard(0));
      options.publisher = publisher.get();
    }
    shard = std::make_unique<Shard>(options, instruments, signals, rings);
  }

  // One frame, to the end of what it causes. A function of its own, for instruction counters.
  [[gnu::noinline]] void take(const Frame& frame) noexcept {
    (void)ingress->on_frame(frame);
    while (shard->do_work() != 0) {
    }
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
