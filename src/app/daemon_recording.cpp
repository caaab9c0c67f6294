// What the daemon received, written down: opened, fed by the conductor from the taps.
#include <cstring>
#include <ctime>

#include "app/daemon.hpp"
#include "app/log.hpp"
#include "app/recording_header.hpp"

namespace steelyard {
namespace {

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

}  // namespace

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

}  // namespace steelyard
