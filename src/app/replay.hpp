// src/app/replay.hpp -- a recording through the daemon's own code, on one thread, in lock step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/csv_writer.hpp"
#include "capture/frame_source.hpp"
#include "core/spsc_ring.hpp"
#include "engine/ingress.hpp"
#include "engine/shard.hpp"
#include "signals/signal_set.hpp"

namespace steelyard {

struct ReplayOptions {
  std::vector<std::string> files;
  std::string venue;  // for raw files that name none
  std::string csv;    // path, "-", or empty
  std::vector<std::string> columns;
  EventFilter only;
  bool digest = false;
  double speed = 0.0;   // 0: as fast as it goes; 1: as recorded
  std::string publish;  // instance, or empty
  SignalParams signals;
  std::span<const SignalRow> registry = signal_registry();  // outlives the replay
  // "venue" -> symbols that are wanted; empty: all that the recording holds.
  std::map<std::string, std::vector<std::string>> wanted;
};

// What became of every line of the input.
struct LineCounts {
  std::uint64_t lines = 0;
  std::uint64_t malformed = 0;      // no line of its format, or a damaged place of a recording
  std::uint64_t unknown_venue = 0;  // of a url that no venue knows
  std::uint64_t links = 0;          // connection up or down
  std::uint64_t sent = 0;
  std::uint64_t timers = 0;
  std::uint64_t lost_marks = 0;
  // The rest by what decoding said, per venue: IngressCounts::by_status.
};

struct ReplayResult {
  LineCounts lines;
  Damage damage;                       // of all files
  std::string input_error;             // why reading ended early, or empty
  std::vector<IngressCounts> ingress;  // per venue of the registry
  std::uint64_t records = 0;
  std::uint64_t resync_requests = 0;
  std::uint64_t digest = 0;
  std::int64_t pipeline_ns = 0;  // frame to record, reading excluded
  std::vector<std::string> broken_books;
};

class Replay {
 public:
  // Opens and looks through the files. Throws CaptureError, std::runtime_error.
  explicit Replay(const ReplayOptions& options);
  ~Replay();

  // Runs to the end. Reports defects on standard error, each with file and line.
  ReplayResult run();

  [[nodiscard]] std::span<const Instrument> instruments() const noexcept { return instruments_; }
  [[nodiscard]] const Shard& shard() const noexcept { return *shard_; }
  [[nodiscard]] const SignalSet& signals() const noexcept { return *signals_; }

 private:
  static constexpr std::uint16_t kIosPerFile = 16;

  struct Batch;
  [[nodiscard]] Next read(RecordedFrame& frame, std::size_t& file);
  void discover();
  void wire();
  [[nodiscard]] ConnectionId connection_of(const RecordedFrame& frame, std::size_t file,
                                           const Venue* venue);
  [[nodiscard]] const Venue* venue_of(const RecordedFrame& frame, std::size_t file) const;
  void process(Batch& batch, ReplayResult& result);
  void pace(TimestampNs received);

  ReplayOptions options_;
  std::unique_ptr<MergedSource> source_;
  std::string input_error_;
  struct FileHeader {
    std::vector<std::pair<std::string, std::string>> connections;  // venue, url by number
  };
  std::vector<FileHeader> headers_;
  std::vector<Instrument> instruments_;
  std::unique_ptr<SignalSet> signals_;
  std::unique_ptr<Segment> segment_;
  std::unique_ptr<ShardPublisher> publisher_;
  std::unique_ptr<SpscByteRing> ring_;
  std::unique_ptr<Ingress> ingress_;
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<CsvWriter> csv_;
  std::map<std::string, ConnectionId> connections_;
  std::optional<std::pair<std::int64_t, std::int64_t>> pace_from_;
  std::int64_t last_heartbeat_ = 0;
  std::uint64_t reported_ = 0;
};

}  // namespace steelyard
