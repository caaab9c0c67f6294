// src/shm/segment.hpp -- the segment from the daemon's side: planned, created whole, filled,
// published to.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/instrument.hpp"
#include "core/messages.hpp"
#include "shm/instance_lock.hpp"
#include "steelyard/broadcast_ring.hpp"
#include "steelyard/shm_layout.hpp"
#include "steelyard/state_table.hpp"

namespace steelyard {

struct SegmentPlan {
  struct InstrumentRow {
    Instrument instrument;
    std::string venue;
    std::string channel;
    std::uint8_t proof = 0;  // BookProof
  };
  struct ColumnRow {
    std::string name, unit, description;
    double low = 0.0;
    double high = 0.0;
  };

  std::string instance;   // 1 to 64 of [A-Za-z0-9_.-]; no '.' first, no .lock or .new last
  std::string directory;  // empty: as readers look for it
  std::vector<InstrumentRow> instruments;
  std::vector<ColumnRow> columns;
  std::vector<std::uint16_t> headline;  // columns of a ring slot, as indices into `columns`
  std::uint32_t shards = 1;
  std::uint32_t ring_slots = 65'536;  // power of two, a shard
  std::vector<std::string> counters;
  std::vector<std::string> histograms;
  std::vector<std::string> compact_histograms;
  std::uint32_t mode = 0640;
  std::string owner;  // user name or number; empty: as created
  std::string group;
  bool huge_pages = false;  // asked for; see Segment::has_huge_pages
};

// A duration, and the bucket of a Histogram that it belongs in: found once for all histograms that
// count it. Negative values count as zero.
struct Measured {
  // HOT. Values below 16 have a bucket each; above, 16 buckets an octave.
  explicit Measured(std::int64_t of) noexcept : ns{of < 0 ? 0 : static_cast<std::uint64_t>(of)} {
    bucket = static_cast<std::uint32_t>(ns);
    if (ns < 16) return;
    const auto octave = static_cast<std::uint32_t>(std::bit_width(ns)) - 5;
    bucket = (octave + 1) * 16 + (static_cast<std::uint32_t>(ns >> octave) & 15);
    if (bucket >= kHistogramBuckets) bucket = kHistogramBuckets - 1;
  }
  std::uint64_t ns;
  std::uint32_t bucket;
};

// HOT. By the only thread that writes it: no locked instruction is needed.
inline void add_to(std::atomic<std::uint64_t>& sum, std::uint64_t by) noexcept {
  sum.store(sum.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

// A latency histogram in the segment. One writer.
class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(HistogramEntry* entry) noexcept : entry_{entry} {}
  void record(std::int64_t ns) noexcept { record(Measured{ns}); }
  // HOT.
  void record(const Measured& value) noexcept {
    add_to(entry_->buckets[value.bucket], 1);
    add_to(entry_->sum, value.ns);
    if (value.ns > entry_->max.load(std::memory_order_relaxed)) {
      entry_->max.store(value.ns, std::memory_order_relaxed);
    }
    add_to(entry_->count, 1);
  }

 private:
  HistogramEntry* entry_ = nullptr;
};

// The same with a quarter of the buckets and neither count nor maximum. One writer.
class CompactHistogram {
 public:
  CompactHistogram() = default;
  explicit CompactHistogram(CompactHistogramEntry* entry) noexcept : entry_{entry} {}
  void record(std::int64_t ns) noexcept { record(Measured{ns}); }
  // HOT. Without an entry nothing counts.
  void record(const Measured& value) noexcept {
    if (entry_ == nullptr) return;
    add_to(entry_->buckets[value.bucket / 4], 1);
    add_to(entry_->sum, value.ns);
  }

 private:
  CompactHistogramEntry* entry_ = nullptr;
};

// What one shard publishes through. One thread.
class ShardPublisher {
 public:
  ShardPublisher() = default;
  ShardPublisher(RingPublisher ring, std::vector<StateRowWriter> rows,
                 std::vector<std::uint16_t> headline)
      : ring_{ring}, rows_{std::move(rows)}, headline_{std::move(headline)} {}

  // HOT. State row, then ring: a reader that jumps to the newest record and reads the table misses
  // nothing. Levels outside of their ranks, and columns without a mark, are those of the
  // instrument's last record (StateRowWriter::write).
  void publish(const Tick& tick, std::span<const double> row, std::span<const Level> bids,
               std::span<const Level> asks, ViewRanks bid_ranks = {}, ViewRanks ask_ranks = {},
               std::span<std::uint8_t> marks = {}) noexcept {
    publish(tick.instrument, words_of(tick), row, bids, asks, bid_ranks, ask_ranks, marks);
  }
  // HOT. The same; `tick` as words.
  void publish(InstrumentId instrument, const TickWords& tick, std::span<const double> row,
               std::span<const Level> bids, std::span<const Level> asks, ViewRanks bid_ranks,
               ViewRanks ask_ranks, std::span<std::uint8_t> marks) noexcept {
    rows_[instrument.raw()].write(tick, bids, asks, row, bid_ranks, ask_ranks, marks);
    ring_.publish(tick, row, headline_);
  }

 private:
  RingPublisher ring_;
  std::vector<StateRowWriter> rows_;  // by instrument id
  std::vector<std::uint16_t> headline_;
};

// Owns the mapping. A living daemon's segment is never taken, a dead one's is replaced.
class Segment {
 public:
  // Under a temporary name, renamed when whole. Throws SegmentError.
  [[nodiscard]] static Segment create(const SegmentPlan& plan);

  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&&) = delete;
  Segment(const Segment&) = delete;
  ~Segment();  // as close(), unless that was called

  [[nodiscard]] ShardPublisher shard(std::uint32_t index) const;
  // Written by one thread each, relaxed.
  [[nodiscard]] std::atomic<std::uint64_t>& counter(std::size_t index) const noexcept;
  [[nodiscard]] Histogram histogram(std::size_t index) const noexcept;
  [[nodiscard]] CompactHistogram compact_histogram(std::size_t index) const noexcept;

  // Every 100 ms, by the conductor.
  void heartbeat() noexcept;
  // Whether the name still leads to this segment: somebody may have removed it.
  [[nodiscard]] bool is_reachable() const noexcept;
  // Says that it is over, leaves what it published to its successor, and takes the name away.
  void close() noexcept;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return header().generation; }
  [[nodiscard]] bool has_huge_pages() const noexcept { return huge_pages_; }

 private:
  Segment() = default;
  [[nodiscard]] SegmentHeader& header() const noexcept {
    return *reinterpret_cast<SegmentHeader*>(base_);
  }
  template <typename T>
  [[nodiscard]] T& at(RegionKind kind, std::uint64_t index) const noexcept {
    const Region& region = kind == RegionKind::CompactHistograms
                               ? header().compact_histograms
                               : header().regions[static_cast<std::uint32_t>(kind) - 1];
    return *reinterpret_cast<T*>(base_ + region.offset + index * region.stride);
  }
  void fill(const SegmentPlan& plan, const PublishHistory& before);
  [[nodiscard]] std::uint64_t records() const noexcept;

  std::string path_;
  std::byte* base_ = nullptr;
  std::size_t bytes_ = 0;
  std::optional<InstanceLock> lock_;
  bool huge_pages_ = false;
  bool closed_ = false;
  std::vector<std::uint16_t> headline_;
};

}  // namespace steelyard
