#include "app/daemon.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <thread>

#include "app/log.hpp"
#include "app/notify.hpp"
#include "app/recording_header.hpp"
#include "app/segment_plan.hpp"
#include "core/clock.hpp"
#include "engine/run_digest.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

constexpr const char* kStages[] = {"received to decoded", "decoded to published",
                                   "received to published"};

[[nodiscard]] std::string hex(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

[[nodiscard]] std::string expand_time(std::string path) {
  // "%t" is the start time: a recording never overwrites another.
  const std::size_t at = path.find("%t");
  if (at == std::string::npos) return path;
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
  return path.replace(at, 2, text);
}

[[nodiscard]] std::pair<LogLevel, const char*> describe(NetEvent::Kind kind) {
  switch (kind) {
    case NetEvent::Kind::Connected:
      return {LogLevel::Info, "connected"};
    case NetEvent::Kind::Disconnected:
      return {LogLevel::Warn, "disconnected"};
    case NetEvent::Kind::Rejected:
      return {LogLevel::Error, "subscription_rejected"};
    case NetEvent::Kind::NoData:
      return {LogLevel::Warn, "no_data"};
    case NetEvent::Kind::Rotating:
      return {LogLevel::Info, "rotating"};
    case NetEvent::Kind::Rotated:
      return {LogLevel::Info, "rotated"};
    case NetEvent::Kind::PleaseReconnect:
      return {LogLevel::Warn, "venue_asks_to_reconnect"};
    case NetEvent::Kind::SnapshotFailed:
      return {LogLevel::Warn, "snapshot_failed"};
    case NetEvent::Kind::Throttled:
      return {LogLevel::Warn, "throttled"};
  }
  return {LogLevel::Error, "unknown"};
}

}  // namespace

Daemon::Daemon(const Config& config, const Metadata& metadata)
    : config_{config},
      topology_{make_topology(config, metadata.by_venue)},
      signals_{topology_.signals} {
  wire();
  open_recording(metadata);
}

Daemon::~Daemon() { runners_.clear(); }

void Daemon::wire() {
  const std::uint32_t io_count = config_.threads.io;
  const std::uint32_t shard_count = config_.threads.shards;
  SegmentPlan plan =
      make_segment_plan(config_.instance, topology_.instruments, signals_, shard_count);
  plan.directory = config_.segment.directory;
  plan.mode = config_.segment.mode;
  plan.owner = config_.segment.owner;
  plan.group = config_.segment.group;
  plan.huge_pages = config_.segment.huge_pages;
  plan.ring_slots = config_.segment.ring_slots;
  if (!config_.segment.headline.empty()) {
    plan.headline.clear();
    for (const std::string& name : config_.segment.headline) {
      plan.headline.push_back(static_cast<std::uint16_t>(*signals_.find(name)));
    }
  }
  for (const Instrument& instrument : topology_.instruments) {
    for (const std::string_view counter : kInstrumentCounters) {
      plan.counters.push_back(std::string{venue_registry()[instrument.venue]->name} + " " +
                              instrument.symbol + " " + std::string{counter});
    }
  }
  for (std::uint32_t io = 0; io < io_count; ++io) {
    for (const std::string_view counter : kIoCounters) {
      plan.counters.push_back("io" + std::to_string(io) + " " + std::string{counter});
    }
  }
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    for (const char* const stage : kStages) {
      plan.histograms.push_back("shard" + std::to_string(shard) + " " + stage);
    }
  }
  const std::size_t first_link_counter = plan.counters.size();
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    for (const PlannedConnection& planned : topology_.connections) {
      for (const char* const socket : {"a", "b"}) {
        for (const std::string_view counter : kLinkCounters) {
          plan.counters.push_back("shard" + std::to_string(shard) + " " + planned.name() + socket +
                                  " " + std::string{counter});
        }
      }
    }
  }
  segment_ = std::make_unique<Segment>(Segment::create(plan));
  std::vector<MicroPriceParams> micro_price;  // by instrument id
  for (const Instrument& instrument : topology_.instruments) {
    micro_price.push_back(signals_.params(instrument).micro_price);
  }
  micro_price_ = std::make_unique<MicroPriceDesk>(micro_price);
  signals_.attach(micro_price_->exchanges());

  const std::size_t per_instrument = std::size(kInstrumentCounters);
  std::vector<std::atomic<std::uint64_t>*> instrument_counters;
  for (std::size_t i = 0; i < topology_.instruments.size() * per_instrument; ++i) {
    instrument_counters.push_back(&segment_->counter(i));
  }
  // On one thread it never holds more than a frame's messages: small enough to stay in the cache.
  const std::uint32_t ring_mib = config_.threads.together ? 4 : config_.threads.ring_mib;
  for (std::uint32_t i = 0; i < io_count * shard_count; ++i) {
    rings_.push_back(std::make_unique<SpscByteRing>(std::size_t{ring_mib} << 20));
  }
  publishers_.reserve(shard_count);
  histograms_.reserve(std::size_t{shard_count} * std::size(kStages));
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    publishers_.push_back(segment_->shard(shard));
    ShardOptions options;
    options.index = static_cast<std::uint16_t>(shard);
    options.publisher = &publishers_.back();
    options.counters = instrument_counters;
    options.connections = std::max(options.connections, topology_.connection_ids);
    options.link_counters = link_counters(first_link_counter, shard);
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
    shards_.back()->measure({first, first + 1, first + 2});
  }

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
      options.counters.push_back(&segment_->counter(topology_.instruments.size() * per_instrument +
                                                    io * std::size(kIoCounters) + i));
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

// By connection id, as the shard counts them; ids that are no connection's count for nobody.
std::vector<std::atomic<std::uint64_t>*> Daemon::link_counters(std::size_t first,
                                                               std::uint32_t shard) {
  constexpr std::size_t kEach = std::size(kLinkCounters);
  std::vector<std::atomic<std::uint64_t>*> counters(topology_.connection_ids * kEach, &nobody_);
  std::size_t at = first + shard * topology_.connections.size() * 2 * kEach;
  for (const PlannedConnection& planned : topology_.connections) {
    for (const ConnectionId id : planned.ids) {
      for (std::size_t i = 0; i < kEach; ++i) {
        counters[id.raw() * kEach + i] = &segment_->counter(at++);
      }
    }
  }
  return counters;
}

void Daemon::open_recording(const Metadata& metadata) {
  if (config_.recording.path.empty()) return;
  RecordingHeader header;
  header.instruments = topology_.instruments;
  header.signals = config_.signals;
  header.stale_after_ms = config_.stale_after_ms;
  header.own_signals.assign(topology_.signals.begin() + 1, topology_.signals.end());
  for (std::size_t io = 0; io < topology_.timers.size(); ++io) {
    header.connections.push_back(
        {topology_.timers[io].raw(), {}, {}, static_cast<std::uint16_t>(io)});
  }
  for (const PlannedConnection& planned : topology_.connections) {
    const Endpoint& endpoint = planned.venue->sockets[planned.socket].endpoint;
    for (const ConnectionId id : planned.ids) {
      header.connections.push_back(
          {id.raw(), std::string{planned.venue->name},
           "wss://" + std::string{endpoint.host} + std::string{endpoint.path}, planned.io});
    }
  }
  RecordingWriter::Options options;
  options.rotate_bytes = std::uint64_t{config_.recording.rotate_mib} << 20;
  options.rotate_ns = std::int64_t{config_.recording.rotate_minutes} * 60'000'000'000;
  recording_ = std::make_unique<RecordingWriter>(expand_time(config_.recording.path),
                                                 write_header(header), options);
  // Replays know it all from the header; whoever serves the recording is asked for them.
  for (const Metadata::Answer& answer : metadata.answers) {
    Frame frame;
    frame.payload = answer.body;
    frame.request = answer.url;
    frame.received = answer.received;
    frame.connection = topology_.timers.front();
    frame.kind = FrameKind::Answer;
    for (const PlannedConnection& planned : topology_.connections) {
      if (planned.venue->name == answer.venue) frame.connection = planned.ids[0];
    }
    recording_->append(frame);
  }
}

void Daemon::start() {
  const auto options_for = [this](const char* name, std::size_t index,
                                  const std::vector<std::uint32_t>& cores) {
    AgentOptions options;
    options.name = std::string{"sy-"} + name + std::to_string(index);
    options.core = cores.empty() ? -1 : static_cast<int>(cores[index]);
    options.idle = config_.threads.idle;
    options.scheduling = config_.threads.scheduling;
    options.fifo_priority = static_cast<int>(config_.threads.fifo_priority);
    return options;
  };
  first_io_runner_ = config_.threads.together ? 0 : shards_.size();
  for (std::size_t i = 0; i < first_io_runner_; ++i) {
    runners_.push_back(std::make_unique<AgentRunner>());
    runners_.back()->start(options_for("shard", i, config_.threads.shard_cores), shards_[i].get());
  }
  for (std::size_t i = 0; i < ios_.size(); ++i) {
    runners_.push_back(std::make_unique<AgentRunner>());
    AgentOptions options = options_for("io", i, config_.threads.io_cores);
    // Waiting for a socket is the kernel's business: the feed sleeps there, if it may sleep at all.
    if (options.idle == IdlePolicy::Sleep) options.idle = IdlePolicy::Yield;
    runners_.back()->start(options, ios_[i].get());
  }
  duties_.assign(runners_.size(), 0);
}

void Daemon::run(const std::atomic<bool>& stop) {
  start();
  watchdog_ns_ = watchdog_interval_ns();
  log_event(LogLevel::Info, "started",
            {{"version", STEELYARD_VERSION},
             {"instance", config_.instance},
             {"segment", segment_->path()},
             {"instruments", std::to_string(topology_.instruments.size())},
             {"connections", std::to_string(topology_.connections.size())},
             {"huge_pages", segment_->has_huge_pages() ? "yes" : "no"}});
  notify_supervisor("READY=1");
  while (!stop.load(std::memory_order_relaxed)) conduct();
  notify_supervisor("STOPPING=1");
  shut_down();
}

void Daemon::conduct() {
  bool busy = false;
  for (const auto& io : ios_) {
    busy = drain_tap(*io) || busy;
    busy = drain_events(*io) || busy;
  }
  watch();
  if (!busy) std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

void Daemon::watch() {
  const std::int64_t now = monotonic_ns();
  if (now >= next_beat_ns_) {
    next_beat_ns_ = now + 100'000'000;
    segment_->heartbeat();
  }
  estimate_micro_price(now);
  if (recording_ != nullptr && now >= next_flush_ns_) {
    next_flush_ns_ = now + 1'000'000'000;
    recording_->flush();
    report_recording();
  }
  if (now >= next_look_ns_) {
    next_look_ns_ = now + 5'000'000'000;
    if (!segment_->is_reachable()) {
      log_event(LogLevel::Error, "segment_gone",
                {{"path", segment_->path()},
                 {"fix", "something removed it; restart, and see RemoveIPC in logind.conf"}});
    }
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      const AgentStart refused = runners_[i]->refused();
      if (refused.pin_error != 0 && duties_[i] == 0) {
        log_event(LogLevel::Warn, "pinning_refused",
                  {{"reason", std::strerror(refused.pin_error)}});
      }
      if (refused.scheduling_error != 0 && duties_[i] == 0) {
        log_event(LogLevel::Warn, "scheduling_refused",
                  {{"reason", std::strerror(refused.scheduling_error)}});
      }
    }
  }
  if (watchdog_ns_ != 0 && now >= next_watchdog_ns_) {
    next_watchdog_ns_ = now + watchdog_ns_;
    // Only if every agent went round since the last time: a hung one must not be hidden.
    bool all = true;
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      const std::uint64_t duty = runners_[i]->duty();
      all = all && duty != duties_[i];
      duties_[i] = duty;
    }
    if (all) notify_supervisor("WATCHDOG=1");
  }
}

// One instrument at a time: nothing else here waits for long.
void Daemon::estimate_micro_price(std::int64_t now) {
  const std::uint64_t tables = micro_price_->work(now);
  if (tables == micro_price_tables_) return;
  micro_price_tables_ = tables;
  log_event(LogLevel::Debug, "micro_price_tables", {{"published", std::to_string(tables)}});
}

void Daemon::report_recording() {
  if (recording_->failures() == reported_failures_) return;
  reported_failures_ = recording_->failures();
  log_event(LogLevel::Error, "recording_failed",
            {{"reason", recording_->last_error()},
             {"frames_lost", std::to_string(recording_->frames_lost())}});
}

bool Daemon::drain_tap(IoAgent& io) {
  SpscByteRing* const tap = io.tap();
  if (tap == nullptr) return false;
  bool any = false;
  for (int i = 0; i < 4096; ++i) {
    const std::span<const std::byte> bytes = tap->front();
    if (bytes.empty()) break;
    TapEntry entry;
    std::memcpy(&entry, bytes.data(), sizeof entry);
    const char* const text = reinterpret_cast<const char*>(bytes.data()) + sizeof entry;
    Frame frame;
    frame.kind = entry.kind;
    frame.received = entry.received;
    frame.connection = entry.connection;
    frame.request = {text, entry.request_bytes};
    frame.payload = {text + entry.request_bytes, entry.payload_bytes};
    recording_->append(frame);
    tap->pop();
    any = true;
  }
  return any;
}

bool Daemon::drain_events(IoAgent& io) {
  bool any = false;
  for (;;) {
    const std::span<const std::byte> bytes = io.events().front();
    if (bytes.empty()) return any;
    EventEntry entry;
    std::memcpy(&entry, bytes.data(), sizeof entry);
    const std::string text{reinterpret_cast<const char*>(bytes.data()) + sizeof entry, entry.bytes};
    io.events().pop();
    const std::size_t split = text.find('\n');
    const auto [level, name] = describe(entry.kind);
    log_event(level, name,
              {{"connection", text.substr(0, split)}, {"what", text.substr(split + 1)}});
    any = true;
  }
}

void Daemon::shut_down() {
  for (const auto& io : ios_) io->stop();
  const std::int64_t deadline = monotonic_ns() + 400'000'000;
  while (monotonic_ns() < deadline &&
         !std::all_of(ios_.begin(), ios_.end(), [](const auto& io) { return io->is_quiet(); })) {
    conduct();
  }
  // Producers first, so that what they produced is consumed to the end.
  for (std::size_t i = first_io_runner_; i < runners_.size(); ++i) runners_[i]->stop();
  for (std::size_t i = 0; i < first_io_runner_; ++i) runners_[i]->stop();
  for (const auto& shard : shards_) {
    while (shard->do_work() != 0) {
    }
    shard->finish();
  }
  for (const auto& io : ios_) {
    while (drain_tap(*io)) {
    }
    drain_events(*io);
  }
  LogFields fields{{"records", std::to_string(records())}};
  if (config_.recording.digest) fields.emplace_back("digest", hex(digest()));
  if (recording_ != nullptr) {
    recording_->close();
    report_recording();
    fields.emplace_back("recorded_frames",
                        std::to_string(recording_->frames() - recording_->frames_lost()));
    fields.emplace_back("recorded_bytes", std::to_string(recording_->bytes_written()));
    recording_.reset();
  }
  segment_->close();
  log_event(LogLevel::Info, "stopped", fields);
}

std::uint64_t Daemon::digest() const {
  std::vector<const InstrumentSlot*> slots;
  for (const auto& shard : shards_) {
    for (const InstrumentSlot& slot : shard->slots()) slots.push_back(&slot);
  }
  return digest_of(slots);
}

std::uint64_t Daemon::records() const {
  std::uint64_t records = 0;
  for (const auto& shard : shards_) records += shard->records();
  return records;
}

}  // namespace steelyard
