// src/engine/shard.hpp -- one thread's books: ring -> book -> signals -> published record.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/huge_block.hpp"
#include "core/resync.hpp"
#include "core/spsc_ring.hpp"
#include "engine/book_keeper.hpp"
#include "engine/entry.hpp"
#include "engine/instrument_slot.hpp"
#include "engine/latency_board.hpp"
#include "engine/stream_pace.hpp"
#include "shm/segment.hpp"
#include "signals/signal_set.hpp"
#include "steelyard/shm_layout.hpp"

namespace steelyard {

// One published record, as a tap sees it. Valid during the call.
struct PublishedRecord {
  std::uint64_t seq;  // counts this shard's records, from 1
  const Instrument* instrument;
  const Tick* tick;
  std::span<const double> row;  // every column, in directory order
  const MarketEvent* event;     // what the signals were told
};

// Where records go beside the segment: a file, a test. Called on the shard's thread.
struct RecordTap {
  void (*on_record)(void* context, const PublishedRecord& record) noexcept = nullptr;
  void* context = nullptr;
};

// What a shard says of each of its instruments, in this order, whenever a timer passes.
inline constexpr std::string_view kInstrumentCounters[] = {
    "records", "deltas",  "snapshots",  "trades",    "liquidations",  "gaps",
    "resets",  "resyncs", "stale",      "crossed",   "checksums_bad", "bad_frames",
    "top_ok",  "top_bad", "bid_levels", "ask_levels"};

// ... and of each connection: messages that it brought first, messages that another had brought
// already, and by how much it was late with those in all.
inline constexpr std::string_view kLinkCounters[] = {"wins", "twins", "late_us"};

struct ShardOptions {
  std::uint16_t index = 0;
  ShardPublisher* publisher = nullptr;  // none: nothing is published, only tapped
  RecordTap tap;
  // Where to say it: by instrument id, one per kInstrumentCounters; empty: nowhere.
  std::vector<std::atomic<std::uint64_t>*> counters;
  bool digest = false;                   // keep a digest of every record
  bool stamp_published = false;          // live: read the clock once a record
  std::uint32_t audit_entries = 512;     // BBO states kept an instrument, a power of two
  std::size_t buffer_bytes = 64U << 20;  // for deltas that wait for a fetched snapshot
  // A book silent for longer than this, and than its own pace gives reason for, is flagged.
  std::int64_t stale_after_ns = 10'000'000'000;
  // So many failed comparisons with the venue's own best bid and offer in a row, and a book is
  // doubted; 0: never.
  std::uint32_t audit_limit = 16;
  std::uint32_t connections = 1024;  // ids up to here are watched and counted one by one
  std::uint32_t seen_trades =
      1024;  // remembered an instrument, where connections may carry the same
  // Where to say it: by connection, one per kLinkCounters; empty: nowhere.
  std::vector<std::atomic<std::uint64_t>*> link_counters;
  std::int64_t timer_after_ns = 100'000'000;  // silence after which a Timer is an event
};

// Owns its instruments. All memory is taken in the constructor; from then on one thread at a time
// may call do_work, and nothing here allocates, locks, waits or asks the kernel for anything.
class Shard {
 public:
  // `instruments`: all of the topology; those of this shard are taken. `inputs`: a ring per io
  // thread.
  Shard(const ShardOptions& options, std::span<const Instrument> instruments,
        const SignalSet& signals, std::span<SpscByteRing* const> inputs);  // `signals` outlives it

  // HOT. Works through what the rings hold, a bounded number of entries a call; how many it did.
  int do_work() noexcept;
  // HOT. The same until the rings are empty, where nobody fills them meanwhile.
  void drain() noexcept {
    while (do_work() >= kEntriesPerRound) {
    }
  }

  // The input has ended: comparisons that wait for more are made with what there is.
  void finish() noexcept;

  // The io thread whose ring is inputs[io] takes the requests of its instruments from here.
  [[nodiscard]] ResyncQueue& resyncs(std::size_t io = 0) noexcept { return *resyncs_[io]; }

  [[nodiscard]] std::span<const InstrumentSlot> slots() const noexcept { return slots_; }
  [[nodiscard]] std::uint64_t records() const noexcept { return seq_; }
  [[nodiscard]] std::uint64_t lost_requests() const noexcept { return lost_requests_; }

  // Latencies of a live run go here; histograms of the segment. Null: not measured.
  struct Stages {
    Histogram* received_to_decoded = nullptr;
    Histogram* decoded_to_published = nullptr;
    Histogram* received_to_published = nullptr;
    LatencyBoard* board = nullptr;
  };
  void measure(const Stages& stages) noexcept { stages_ = stages; }

 private:
  static constexpr int kEntriesPerRound = 256;  // of each ring
  void group_up();
  void on_entry(const EntryView& view) noexcept;
  void on_message(const EntryView& view) noexcept;
  void on_timer(const Entry& entry) noexcept;
  void on_rescale(InstrumentSlot& slot, std::uint32_t index, const Entry& entry) noexcept;
  void settle(InstrumentSlot& slot, const BookOutcome& outcome, const Entry& entry) noexcept;
  void on_bbo(InstrumentSlot& slot, const EntryView& view) noexcept;
  // Moves the instrument's time on; what the signals hold counts up to here.
  void advance(InstrumentSlot& slot, TimestampNs now) noexcept;
  // Ranks of the best levels before and from which nothing moved.
  struct Moved {
    std::uint32_t bids_same_until = 0;
    std::uint32_t asks_same_until = 0;
    std::uint32_t bids_same_from = kTopLevels;
    std::uint32_t asks_same_from = kTopLevels;
  };
  [[nodiscard]] Moved observe(InstrumentSlot& slot, bool changes_tell) noexcept;
  // The book as it stands, and what it was that happened.
  [[nodiscard]] MarketEvent& event_of(const InstrumentSlot& slot, EventKind kind) noexcept;
  void report(const InstrumentSlot& slot) noexcept;
  void report_links() noexcept;
  // Which connection was first with a message, and by how much the other was late.
  void count_arrival(const Entry& entry, bool twin, TimestampNs first_came) noexcept;
  [[nodiscard]] bool is_silent(const InstrumentSlot& slot) const noexcept;
  void audit(InstrumentSlot& slot, std::uint32_t index, const Entry& entry) noexcept;
  void request(const InstrumentSlot& slot, const BookOutcome& outcome) noexcept;
  void publish(InstrumentSlot& slot, MarketEvent& event, const Entry& entry) noexcept;
  [[nodiscard]] Tick tick_of(const InstrumentSlot& slot, const MarketEvent& event,
                             const Entry& entry, TimestampNs published) const noexcept;
  [[nodiscard]] TimestampNs stamp(EventKind kind, const Entry& entry) noexcept;
  [[nodiscard]] std::uint32_t validity(const InstrumentSlot& slot) const noexcept;

  struct LinkStats {
    std::uint64_t wins = 0;
    std::uint64_t twins = 0;
    std::uint64_t late_ns = 0;
    StreamPace pace;
  };
  static constexpr std::uint32_t kNotHere = 0xffff'ffffU;

  ShardOptions options_;
  HugeBlock memory_;  // rows and signal states of all slots
  std::vector<InstrumentSlot> slots_;
  std::vector<Group> groups_;           // complete and in place from the constructor on
  std::vector<std::uint32_t> slot_of_;  // by instrument id
  std::vector<SpscByteRing*> inputs_;
  std::vector<std::unique_ptr<ResyncQueue>> resyncs_;
  std::vector<LinkStats> links_;  // by connection
  BookKeeper keeper_;
  MarketEvent event_;  // one at a time: what is not of its kind stands as it was
  const SignalSet& signals_;
  Stages stages_{};
  double widest_band_ = 0.0;  // relative to the mid; beyond trusted depth a record is shallow
  std::uint64_t seq_ = 0;
  std::uint64_t lost_requests_ = 0;
};

}  // namespace steelyard
