// Segment, shards and io threads, put together from the topology.
#include <algorithm>

#include "app/daemon.hpp"
#include "core/clock.hpp"

namespace steelyard {

void Daemon::wire() {
  segment_ = std::make_unique<Segment>(Segment::create(segment_plan()));
  std::vector<MicroPriceParams> micro_price;  // by instrument id
  for (const Instrument& instrument : topology_.instruments) {
    micro_price.push_back(signals_.params(instrument).micro_price);
  }
  micro_price_ = std::make_unique<MicroPriceDesk>(micro_price);
  signals_.attach(micro_price_->exchanges());

  // On one thread it never holds more than a frame's messages: small enough to stay in the cache.
  const std::uint32_t ring_mib = config_.threads.together ? 4 : config_.threads.ring_mib;
  for (std::uint32_t i = 0; i < config_.threads.io * config_.threads.shards; ++i) {
    rings_.push_back(std::make_unique<SpscByteRing>(std::size_t{ring_mib} << 20));
  }
  wire_shards();
  wire_ios();
}

void Daemon::wire_shards() {
  const std::uint32_t io_count = config_.threads.io;
  const std::uint32_t shard_count = config_.threads.shards;
  const std::size_t per_instrument = std::size(kInstrumentCounters);
  std::vector<std::atomic<std::uint64_t>*> instrument_counters;
  for (std::size_t i = 0; i < topology_.instruments.size() * per_instrument; ++i) {
    instrument_counters.push_back(&segment_->counter(i));
  }
  publishers_.reserve(shard_count);
  histograms_.reserve(std::size_t{shard_count} * std::size(kStages));
  boards_.reserve(shard_count);
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    publishers_.push_back(segment_->shard(shard));
    ShardOptions options;
    options.index = static_cast<std::uint16_t>(shard);
    options.publisher = &publishers_.back();
    options.counters = instrument_counters;
    options.connections = std::max(options.connections, topology_.connection_ids);
    options.link_counters = link_counters(shard);
    options.digest = config_.recording.digest;
    options.stamp_published = true;
    options.buffer_bytes = std::size_t{config_.threads.buffer_mib} << 20;
    options.stale_after_ns = std::int64_t{config_.stale_after_ms} * 1'000'000;
    std::vector<SpscByteRing*> inputs;
    for (std::uint32_t io = 0; io < io_count; ++io) {
      inputs.push_back(rings_[io * shard_count + shard].get());
    }
    shards_.push_back(std::make_unique<Shard>(options, topology_.instruments, signals_, inputs));
    for (std::size_t stage = 0; stage < std::size(kStages); ++stage) {
      histograms_.push_back(segment_->histogram(shard * std::size(kStages) + stage));
    }
    Histogram* const first = &histograms_[shard * std::size(kStages)];
    boards_.push_back(latency_board(shard));
    shards_.back()->measure({first, first + 1, first + 2, &boards_.back()});
  }
}

void Daemon::wire_ios() {
  const std::uint32_t io_count = config_.threads.io;
  const std::uint32_t shard_count = config_.threads.shards;
  const std::size_t first_counter = topology_.instruments.size() * std::size(kInstrumentCounters);
  std::vector<ConnectionInfo> connections(topology_.connection_ids);
  for (std::uint32_t io = 0; io < io_count; ++io) {
    connections[topology_.timers[io].raw()] = {nullptr, static_cast<std::uint16_t>(io)};
  }
  for (const PlannedConnection& planned : topology_.connections) {
    for (const ConnectionId id : planned.ids) connections[id.raw()] = {planned.venue, planned.io};
  }
  for (std::uint32_t io = 0; io < io_count; ++io) {
    IoAgent::Options options;
    if (config_.threads.together) options.shard = shards_.front().get();
    FeedOptions& feed = options.feed;
    feed.ca_file = config_.network.ca_file;
    feed.timer_connection = topology_.timers[io];
    feed.block_when_idle = config_.threads.idle == IdlePolicy::Sleep;
    feed.resync_interval = std::chrono::milliseconds{config_.network.resync_interval_ms};
    feed.connection.data_deadline = std::chrono::milliseconds{config_.network.data_deadline_ms};
    feed.connection.max_age = std::chrono::milliseconds{config_.network.max_age_ms};
    feed.connection.silence_limit = std::chrono::milliseconds{config_.network.silence_limit_ms};
    feed.connection.backoff.base = std::chrono::milliseconds{config_.network.backoff_base_ms};
    feed.connection.backoff.cap = std::chrono::milliseconds{config_.network.backoff_cap_ms};
    feed.connection.seed = static_cast<std::uint64_t>(wall_clock().raw());
    const std::size_t colon = config_.network.proxy.rfind(':');
    if (colon != std::string::npos) {
      feed.connection.proxy_host = config_.network.proxy.substr(0, colon);
      feed.connection.proxy_port = config_.network.proxy.substr(colon + 1);
    }
    for (const VenueConfig& venue : config_.venues) {
      feed.endpoints[venue.name] = venue.websocket;
      feed.rest[venue.name] = venue.rest;
    }
    options.tap_bytes =
        config_.recording.path.empty() ? 0 : std::size_t{config_.recording.ring_mib} << 20;
    for (std::size_t i = 0; i < std::size(kIoCounters); ++i) {
      options.counters.push_back(
          &segment_->counter(first_counter + io * std::size(kIoCounters) + i));
    }
    std::vector<PlannedConnection> plan_of_io;
    for (const PlannedConnection& planned : topology_.connections) {
      if (planned.io == io) plan_of_io.push_back(planned);
    }
    // A look at every socket each round, rather than waiting to be told: worth it for a few.
    constexpr std::size_t kMostPolled = 8;
    feed.connection.poll_socket =
        config_.threads.idle == IdlePolicy::Spin && plan_of_io.size() <= kMostPolled;
    std::vector<SpscByteRing*> outputs;
    for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
      outputs.push_back(rings_[io * shard_count + shard].get());
    }
    // Requests of a shard go to every io thread only if there is one; else each instrument's to its
    // own.
    std::vector<ResyncQueue*> requests;
    for (const auto& shard : shards_) requests.push_back(&shard->resyncs(io));
    ios_.push_back(std::make_unique<IoAgent>(options, std::move(plan_of_io), topology_.instruments,
                                             connections, outputs, std::move(requests)));
  }
}

}  // namespace steelyard
