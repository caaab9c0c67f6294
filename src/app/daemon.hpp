// src/app/daemon.hpp -- configuration to running threads, and back to nothing within a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/io_agent.hpp"
#include "app/topology.hpp"
#include "capture/recording.hpp"
#include "core/agent.hpp"
#include "engine/shard.hpp"
#include "shm/segment.hpp"
#include "signals/micro_price_table.hpp"

namespace steelyard {

// What the venues answered when they were asked what they trade.
struct Metadata {
  struct Answer {
    std::string venue;
    std::string url;
    std::string body;
    TimestampNs received;
  };
  MetadataByVenue by_venue;
  std::vector<Answer> answers;  // as they came, for the recording
};

// Asks the venues what they trade. Throws std::runtime_error when one does not answer in time.
[[nodiscard]] Metadata fetch_metadata(const Config& config, const std::atomic<bool>& stop);

// The calling thread is the conductor: it does all that may block.
class Daemon {
 public:
  // Takes all memory that will ever be needed. `registry`: the signals computed; outlives the
  // daemon. Throws; then nothing was started.
  Daemon(const Config& config, const Metadata& metadata,
         std::span<const SignalRow> registry = signal_registry());
  ~Daemon();

  // Until `stop` is set; then ends within a second.
  void run(const std::atomic<bool>& stop);

  [[nodiscard]] const Topology& topology() const noexcept { return topology_; }
  [[nodiscard]] const SignalSet& signals() const noexcept { return signals_; }
  // After run: of every published record, if recording.digest is set.
  [[nodiscard]] std::uint64_t digest() const;
  [[nodiscard]] std::uint64_t records() const;
  [[nodiscard]] std::span<const std::unique_ptr<Shard>> shards() const noexcept { return shards_; }

 private:
  static constexpr const char* kStages[] = {"received to decoded", "decoded to published",
                                            "received to published"};

  void wire();
  void wire_shards();
  void wire_ios();
  [[nodiscard]] SegmentPlan segment_plan() const;
  [[nodiscard]] std::vector<std::atomic<std::uint64_t>*> link_counters(std::uint32_t shard);
  [[nodiscard]] LatencyBoard latency_board(std::uint32_t shard) const;
  void open_recording(const Metadata& metadata);
  void report_recording();
  void estimate_micro_price(std::int64_t now);
  void start();
  void conduct();
  void shut_down();
  bool drain_tap(IoAgent& io);
  bool drain_events(IoAgent& io);
  void watch();

  Config config_;
  Topology topology_;
  SignalSet signals_;
  std::unique_ptr<MicroPriceDesk> micro_price_;
  std::uint64_t micro_price_tables_ = 0;
  std::unique_ptr<Segment> segment_;
  std::atomic<std::uint64_t> nobody_{0};
  std::vector<ShardPublisher> publishers_;
  std::vector<std::unique_ptr<SpscByteRing>> rings_;  // io-major
  std::vector<Histogram> histograms_;
  std::vector<LatencyBoard> boards_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<IoAgent>> ios_;
  std::vector<std::unique_ptr<AgentRunner>> runners_;
  std::unique_ptr<RecordingWriter> recording_;
  std::size_t first_io_runner_ = 0;  // before it: the shards' own
  std::vector<std::uint64_t> duties_;
  std::int64_t next_beat_ns_ = 0;
  std::int64_t next_flush_ns_ = 0;
  std::int64_t next_look_ns_ = 0;
  std::int64_t watchdog_ns_ = 0;
  std::int64_t next_watchdog_ns_ = 0;
  std::uint64_t reported_failures_ = 0;
};

}  // namespace steelyard
