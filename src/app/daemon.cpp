#include "app/daemon.hpp"

#include <algorithm>
#include <cstring>
#include <thread>

#include "app/log.hpp"
#include "app/notify.hpp"
#include "core/clock.hpp"
#include "engine/run_digest.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string hex(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
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

Daemon::Daemon(const Config& config, const Metadata& metadata, std::span<const SignalRow> registry)
    : config_{config},
      topology_{make_topology(config, metadata.by_venue)},
      signals_{topology_.signals, registry} {
  wire();
  open_recording(metadata);
}

Daemon::~Daemon() { runners_.clear(); }

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
