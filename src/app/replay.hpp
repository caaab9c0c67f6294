// src/app/replay.hpp -- a recording through the daemon's own code, on one thread, in lock step.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/csv_writer.hpp"
#include "app/npy_writer.hpp"
#include "app/recording_header.hpp"
#include "app/signal_overrides.hpp"
#include "capture/frame_source.hpp"
#include "core/spsc_ring.hpp"
#include "engine/ingress.hpp"
#include "engine/shard.hpp"
#include "signals/signal_set.hpp"

namespace steelyard {

// Which instruments of a venue are wanted, and by which channel their books are to come.
struct WantedOfVenue {
  std::vector<std::string> patterns;  // symbols or normalised names, with * and ?
  std::string channel;                // followed where the recording holds it; empty: any
};

struct ReplayOptions {
  std::vector<std::string> files;
  std::string venue;  // for raw files that name none
  std::string csv;    // path, "-", or empty
  std::string npy;    // path, or empty
  std::vector<std::string> columns;
  EventFilter only;
  bool digest = false;
  double speed = 0.0;   // 0: as fast as it goes; 1: as recorded
  std::string publish;  // instance, or empty
  RecordTap tap;        // told of every record, if no rows are written
  std::span<const SignalRow> registry = signal_registry();  // outlives the replay
  // Unset: those of the recording if it is one of ours, else the defaults.
  std::optional<SignalParams> signals;
  bool configured = false;                // signals and overrides are a configuration's,
  std::vector<SignalOverride> overrides;  // whatever the recordings were made with,
  std::vector<InstrumentGroup> groups;    // and so are groups
  std::optional<std::uint32_t> stale_after_ms;
  // By venue name; empty: all that the recordings hold.
  std::map<std::string, WantedOfVenue> wanted;
};

// What a configuration says of a replay: signal parameters, the limit of silence, and which
// instruments. Everything else of it is about sockets and threads.
void apply_config(const Config& config, ReplayOptions& options);

// The recordings hold instruments, and none of them is wanted.
class NothingWanted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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

  // Lines of which it is known what became of them: equal to lines.lines, or there is a defect.
  [[nodiscard]] std::uint64_t accounted() const noexcept;
  // Over all venues.
  [[nodiscard]] std::uint64_t messages() const noexcept;
  [[nodiscard]] std::uint64_t levels() const noexcept;
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
  // Of instruments and connections of recordings that know no io threads, and so no timers.
  static constexpr std::uint16_t kNoIo = 0xfffe;

  struct Batch;
  [[nodiscard]] Next read(RecordedFrame& frame, std::size_t& file);
  void discover();
  void take_header(std::size_t file, std::vector<Instrument>& held);
  [[nodiscard]] std::vector<Instrument> discover_foreign();
  void select(std::vector<Instrument> held);
  void adopt_params(RecordingHeader& header, const SignalParams& all);
  [[nodiscard]] std::vector<SignalParams> signal_sets(const SignalParams& all);
  void wire();
  [[nodiscard]] ConnectionId connection_of(const RecordedFrame& frame, std::size_t file,
                                           const Venue* venue);
  // The same, before there is an engine to tell; and those of venues that share the socket.
  [[nodiscard]] ConnectionId number_of(const RecordedFrame& frame, std::size_t file,
                                       const Venue* venue);
  [[nodiscard]] std::vector<ConnectionId> others_on(const RecordedFrame& frame, std::size_t file,
                                                    ConnectionId self) const;
  [[nodiscard]] const Venue* venue_of(const RecordedFrame& frame, std::size_t file) const;
  [[nodiscard]] std::vector<ConnectionId> all_ios(std::size_t file);
  void process(Batch& batch, ReplayResult& result);
  void pace(TimestampNs received);

  ReplayOptions options_;
  std::unique_ptr<MergedSource> source_;
  std::string input_error_;
  struct FileHeader {
    std::vector<RecordedConnection> connections;  // by number
    std::map<std::uint16_t, std::uint16_t>
        ios;  // the recorder's io threads, numbered over all files
  };
  std::vector<FileHeader> headers_;
  std::uint16_t ios_ = 0;  // io threads of all recordings
  std::vector<Instrument> instruments_;
  std::vector<std::uint32_t> venues_in_part_;    // of which not all instruments are wanted
  std::vector<SignalParams> own_sets_;           // Instrument::params = 1, 2, ... of recordings
  std::map<std::string, std::uint16_t> set_of_;  // ... by their text
  std::unique_ptr<SignalSet> signals_;
  std::unique_ptr<Segment> segment_;
  std::unique_ptr<ShardPublisher> publisher_;
  std::unique_ptr<SpscByteRing> ring_;
  std::unique_ptr<Ingress> ingress_;
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<CsvWriter> csv_;
  std::unique_ptr<NpyWriter> npy_;
  std::map<std::string, ConnectionId> connections_;
  std::vector<bool> wired_;  // by connection: the engine knows it
  std::optional<std::pair<std::int64_t, std::int64_t>> pace_from_;
  std::int64_t last_heartbeat_ = 0;
  std::uint64_t reported_ = 0;
};

}  // namespace steelyard
