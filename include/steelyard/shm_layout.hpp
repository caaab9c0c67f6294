// include/steelyard/shm_layout.hpp -- what lies in the shared-memory segment, byte by byte.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "steelyard/types.hpp"

// A segment describes itself: header, then regions at the offsets that the header's table gives.
//
//   SegmentHeader | InstrumentEntry[] | ColumnEntry[] | state rows | CounterEntry[] |
//   HistogramEntry[]
//                 | ring of shard 0 | ring of shard 1 | ... | CompactHistogramEntry[]
//
// A new signal is a new row in the column directory, a new instrument one in the instrument
// directory: neither is a new layout. Readers map it read-only and believe nothing that they did
// not check. Raise kLayoutMajor when something moves, kLayoutMinor when something is added at an
// end.
namespace steelyard {

inline constexpr std::uint64_t kSegmentMagic = 0x3144'5259'4c45'5453U;  // "STELYRD1"
inline constexpr std::uint32_t kLayoutMajor = 1;
inline constexpr std::uint32_t kLayoutMinor = 1;
inline constexpr std::size_t kShmLine = 64;
inline constexpr std::uint32_t kViewLevels = 20;  // of the book view in a state row, a side

enum class SegmentState : std::uint32_t { Starting = 0, Running = 1, Stopped = 2 };

enum class RegionKind : std::uint32_t {
  None = 0,
  Instruments = 1,
  Columns = 2,
  States = 3,
  Counters = 4,
  Histograms = 5,
  Rings = 6,
  CompactHistograms = 7,  // from 1.1 on; its Region stands apart
};
inline constexpr std::uint32_t kRegions = 6;  // in the header's table

struct Region {
  RegionKind kind = RegionKind::None;
  std::uint32_t count = 0;   // elements
  std::uint64_t offset = 0;  // of the first, from the start of the segment
  std::uint64_t stride = 0;  // bytes from one to the next
};

struct alignas(kShmLine) SegmentHeader {
  std::uint64_t magic;
  std::atomic<std::uint32_t>
      ready_version;  // 0 until everything below is in place; major << 16 | minor
  std::uint32_t header_bytes;
  std::uint64_t generation;  // new with every publisher start
  std::uint64_t file_bytes;
  std::int64_t publisher_pid;
  TimestampNs started;                     // UTC
  std::atomic<std::int64_t> heartbeat_ns;  // CLOCK_MONOTONIC; too old: the publisher is dead
  std::atomic<SegmentState> state;
  std::uint32_t shards;
  Region regions[kRegions];
  char version[32];              // of the daemon, as text
  std::uint64_t pid_start;       // start of that process, in clock ticks since boot; 0: not known
  std::uint64_t predecessor;     // generation of the publisher before; 0: the first, or not known
  std::uint64_t records_before;  // published under this name by all predecessors
  char note[120];                // what the creation settled for, e.g. about huge pages
  Region compact_histograms;     // all zero in 1.0: there are none
  std::byte reserved[40];
};

struct InstrumentEntry {
  char venue[24];
  char symbol[64];  // the venue's own text
  char name[64];    // normalised
  char channel[24];
  double contract_size;  // inverse contracts: quote units a contract
  std::uint32_t shard;
  std::uint8_t kind;           // 0 spot, 1 linear, 2 inverse, 3 quanto, 4 option
  std::int8_t price_exponent;  // at start; a Tick carries its own
  std::int8_t qty_exponent;
  std::uint8_t proof;  // BookProof; 0 in 1.0
};

struct ColumnEntry {
  char name[40];
  char unit[16];
  char description[176];
  double low;
  double high;
  std::int32_t headline;  // index among the values of a ring slot; -1: only in the state rows
  std::uint32_t reserved;
};

struct alignas(kShmLine) CounterEntry {
  char label[120];
  std::atomic<std::uint64_t> value;
};

// Log-linear: 16 buckets an octave, so a value is known to 1/16.
inline constexpr std::uint32_t kHistogramBuckets = 40 * 16;
struct alignas(kShmLine) HistogramEntry {
  char label[40];
  std::atomic<std::uint64_t> count;
  std::atomic<std::uint64_t> sum;
  std::atomic<std::uint64_t> max;
  std::atomic<std::uint64_t> buckets[kHistogramBuckets];
};

// Four buckets an octave, so a value is known to a quarter: bucket b holds what buckets 4 b to
// 4 b + 3 of a HistogramEntry would. How many there are is the sum over the buckets. Small enough
// for several a book and a stream.
inline constexpr std::uint32_t kCompactBuckets = kHistogramBuckets / 4;
struct alignas(kShmLine) CompactHistogramEntry {
  char label[120];
  std::atomic<std::uint64_t> sum;
  std::atomic<std::uint64_t> buckets[kCompactBuckets];
};

// The head of every ring slot and of every state row.
struct Tick {
  SequenceNo book_sequence;  // the venue's id of the book's state
  TimestampNs venue_time;
  TimestampNs received;   // kernel receive time where there is one
  TimestampNs published;  // 0 in a replay
  Price best_bid;         // 0 with bid_qty 0: no bid
  Price best_ask;
  Qty bid_qty;
  Qty ask_qty;
  InstrumentId instrument;
  std::uint32_t validity;      // Validity bits; 0: live
  std::uint8_t event;          // EventKind
  std::uint8_t status;         // BookStatus
  std::int8_t price_exponent;  // price = mantissa * 10^exponent
  std::int8_t qty_exponent;
  std::uint32_t reserved;
};
using TickWords = std::array<std::uint64_t, sizeof(Tick) / 8>;

// HOT. The Tick as it lies in memory, put together member by member: a copy of it would wait until
// what was written in small pieces can be read back in large ones.
[[nodiscard]] inline TickWords words_of(const Tick& tick) noexcept {
  static_assert(std::endian::native == std::endian::little);
  const auto word = [](auto value) noexcept { return static_cast<std::uint64_t>(value); };
  const auto byte = [](auto value) noexcept {
    return std::uint64_t{static_cast<std::uint8_t>(value)};
  };
  return {tick.book_sequence.raw(),
          word(tick.venue_time.raw()),
          word(tick.received.raw()),
          word(tick.published.raw()),
          word(tick.best_bid.raw()),
          word(tick.best_ask.raw()),
          word(tick.bid_qty.raw()),
          word(tick.ask_qty.raw()),
          word(tick.instrument.raw()) | word(tick.validity) << 32,
          byte(tick.event) | byte(tick.status) << 8 | byte(tick.price_exponent) << 16 |
              byte(tick.qty_exponent) << 24 | word(tick.reserved) << 32};
}

// HOT. Each word stored with release; all in a row, since no compiler unrolls a loop of atomics.
inline void store_words(std::atomic<std::uint64_t>* to, const TickWords& words) noexcept {
  [&]<std::size_t... kI>(std::index_sequence<kI...>) {
    (to[kI].store(words[kI], std::memory_order_release), ...);
  }
  (std::make_index_sequence<std::tuple_size_v<TickWords>>{});
}

// HOT. The values as words, each stored with release. Four at a time: no compiler unrolls a loop of
// atomics.
inline void store_values(std::atomic<std::uint64_t>* to, std::span<const double> values) noexcept {
  std::size_t i = 0;
  for (; i + 4 <= values.size(); i += 4) {
    to[i].store(std::bit_cast<std::uint64_t>(values[i]), std::memory_order_release);
    to[i + 1].store(std::bit_cast<std::uint64_t>(values[i + 1]), std::memory_order_release);
    to[i + 2].store(std::bit_cast<std::uint64_t>(values[i + 2]), std::memory_order_release);
    to[i + 3].store(std::bit_cast<std::uint64_t>(values[i + 3]), std::memory_order_release);
  }
  for (; i < values.size(); ++i) {
    to[i].store(std::bit_cast<std::uint64_t>(values[i]), std::memory_order_release);
  }
}

// HOT. The same of those values of a row that `columns` names.
inline void store_values(std::atomic<std::uint64_t>* to, std::span<const double> row,
                         std::span<const std::uint16_t> columns) noexcept {
  const double* const from = row.data();
  std::size_t i = 0;
  for (; i + 4 <= columns.size(); i += 4) {
    to[i].store(std::bit_cast<std::uint64_t>(from[columns[i]]), std::memory_order_release);
    to[i + 1].store(std::bit_cast<std::uint64_t>(from[columns[i + 1]]), std::memory_order_release);
    to[i + 2].store(std::bit_cast<std::uint64_t>(from[columns[i + 2]]), std::memory_order_release);
    to[i + 3].store(std::bit_cast<std::uint64_t>(from[columns[i + 3]]), std::memory_order_release);
  }
  for (; i < columns.size(); ++i) {
    to[i].store(std::bit_cast<std::uint64_t>(from[columns[i]]), std::memory_order_release);
  }
}

// A ring slot: stamp, Tick, the headline columns; padded to whole cache lines.
inline constexpr std::size_t kSlotValuesAt = 1 + std::tuple_size_v<TickWords>;
// A state row: stamp, Tick, level counts (bids | asks << 32), 20 bids, 20 asks, then every column.
inline constexpr std::size_t kRowCountsAt = kSlotValuesAt;
inline constexpr std::size_t kRowLevelsAt = kRowCountsAt + 1;
inline constexpr std::size_t kRowValuesAt = kRowLevelsAt + 2 * 2 * kViewLevels;

struct alignas(kShmLine) RingHeader {
  std::uint32_t slot_words;
  std::uint32_t slot_count;  // power of two
  std::uint32_t values;      // headline columns in a slot
  std::byte reserved[52];
  alignas(kShmLine) std::atomic<std::uint64_t> published;  // records so far
  std::byte reserved_line[56];
};

[[nodiscard]] constexpr std::size_t shm_lines(std::size_t bytes) noexcept {
  return (bytes + kShmLine - 1) / kShmLine * kShmLine;
}
[[nodiscard]] constexpr std::size_t slot_words(std::size_t values) noexcept {
  return shm_lines((kSlotValuesAt + values) * 8) / 8;
}
[[nodiscard]] constexpr std::size_t row_words(std::size_t columns) noexcept {
  return shm_lines((kRowValuesAt + columns) * 8) / 8;
}

// What another process maps must not move by accident.
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(std::is_trivially_copyable_v<Tick>);
static_assert(sizeof(Tick) == 80 && offsetof(Tick, best_bid) == 32 &&
              offsetof(Tick, instrument) == 64 && offsetof(Tick, event) == 72);
static_assert(sizeof(Region) == 24);
static_assert(sizeof(SegmentHeader) == 448);
static_assert(offsetof(SegmentHeader, ready_version) == 8 &&
              offsetof(SegmentHeader, generation) == 16 &&
              offsetof(SegmentHeader, heartbeat_ns) == 48 &&
              offsetof(SegmentHeader, regions) == 64 && offsetof(SegmentHeader, version) == 208 &&
              offsetof(SegmentHeader, pid_start) == 240 &&
              offsetof(SegmentHeader, records_before) == 256 &&
              offsetof(SegmentHeader, note) == 264 &&
              offsetof(SegmentHeader, compact_histograms) == 384);
static_assert(sizeof(InstrumentEntry) == 192);
static_assert(sizeof(ColumnEntry) == 256);
static_assert(sizeof(CounterEntry) == 128 && offsetof(CounterEntry, value) == 120);
static_assert(sizeof(HistogramEntry) == 64 + 8 * kHistogramBuckets);
static_assert(sizeof(CompactHistogramEntry) == 1408 &&
              offsetof(CompactHistogramEntry, sum) == 120 &&
              offsetof(CompactHistogramEntry, buckets) == 128);
static_assert(sizeof(RingHeader) == 128 && offsetof(RingHeader, published) == 64);

}  // namespace steelyard
