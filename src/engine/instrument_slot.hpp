// src/engine/instrument_slot.hpp -- everything one shard keeps of one instrument.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "book/book_status.hpp"
#include "book/book_sync.hpp"
#include "book/checksum.hpp"
#include "book/id_table.hpp"
#include "book/order_book.hpp"
#include "book/order_table.hpp"
#include "book/trusted_depth.hpp"
#include "core/digest.hpp"
#include "core/instrument.hpp"
#include "core/seen_ids.hpp"
#include "core/sequence.hpp"
#include "engine/stream_feeds.hpp"
#include "engine/stream_pace.hpp"
#include "engine/top_audit.hpp"
#include "signals/market_event.hpp"
#include "signals/signal_set.hpp"
#include "venues/venue.hpp"

namespace steelyard {

// What happened to one instrument so far. Written by its shard only.
struct InstrumentStats {
  std::uint64_t book_messages = 0;  // snapshots and deltas, also those that were not applied
  std::uint64_t level_changes = 0;  // levels of snapshots and deltas that were applied
  std::uint64_t deltas = 0;         // applied, one record each
  std::uint64_t snapshots = 0;      // loaded, one record each
  std::uint64_t trades = 0;
  std::uint64_t liquidations = 0;
  std::uint64_t bbos = 0;
  std::uint64_t links_ok = 0;   // consecutive deltas that prove that nothing is between them
  std::uint64_t links_bad = 0;  // ... that prove the opposite
  std::uint64_t gaps = 0;       // books that died of one
  std::uint64_t resets = 0;     // books that died, of whatever
  std::uint64_t resyncs = 0;    // snapshots asked for after the first
  std::uint64_t stale = 0;      // deltas already contained or seen: dropped
  std::uint64_t twins = 0;      // messages that another connection had brought already
  std::uint64_t healed = 0;     // holes of one connection that another filled
  std::uint64_t buffered = 0;   // deltas kept for a snapshot
  std::uint64_t dropped = 0;    // deltas that no book could use
  std::uint64_t late_snapshots = 0;
  std::uint64_t checksums_ok = 0;
  std::uint64_t checksums_bad = 0;
  std::uint64_t crossed = 0;  // records of a crossed book
  std::uint64_t bad_frames = 0;
  std::uint64_t refused_levels = 0;
  std::uint64_t backward_clocks = 0;
  std::uint64_t records = 0;
  TimestampNs first;
  TimestampNs last;
};

struct InstrumentSlot {
  InstrumentSlot(const Instrument& of, const BookChannel& channel, std::uint32_t max_levels,
                 std::uint32_t audit_entries, std::uint32_t seen_trades = 0)
      : instrument{of},
        rule{channel},
        book{{.tick = of.tick, .max_levels = max_levels}},
        audit{audit_entries},
        level_ids{channel.note == RowNote::LevelId ? 2 * max_levels : 0},
        orders{channel.note == RowNote::OrderId ? 4 * channel.depth : 0},
        checksum{channel.checksum},
        trades_seen{seen_trades} {}

  // Whether the book is cut off somewhere, and whether what it says of this price can be believed.
  // A fetched snapshot is cut at its last level, for good; where the venue keeps a window of
  // `depth` levels in step, at the worst level of a full window.
  // A window of `depth` orders ends within its worst level.
  [[nodiscard]] bool is_cut() const noexcept {
    if (rule.snapshot == SnapshotSource::OutOfBand) return trust.limited();
    if (rule.note == RowNote::OrderId) return orders.count() >= rule.depth;
    return rule.depth != 0 &&
           (book.levels(Side::Bid) >= rule.depth || book.levels(Side::Ask) >= rule.depth);
  }
  // Whether the best kTopLevels are all within what can be believed.
  [[nodiscard]] bool covers_top() const noexcept {
    const bool bid = bid_count == kTopLevels ? covers(Side::Bid, bids[kTopLevels - 1].price)
                                             : covers(Side::Bid, TrustedDepth::kLowest);
    return bid && (ask_count == kTopLevels ? covers(Side::Ask, asks[kTopLevels - 1].price)
                                           : covers(Side::Ask, TrustedDepth::kHighest));
  }
  [[nodiscard]] bool covers(Side side, Price price) const noexcept {
    if (rule.snapshot == SnapshotSource::OutOfBand) return trust.covers(side, price);
    if (rule.note == RowNote::OrderId && is_cut()) {
      return side == Side::Bid ? price > book.worst(side) : price < book.worst(side);
    }
    if (rule.depth == 0 || book.levels(side) < rule.depth) return true;
    return side == Side::Bid ? price >= book.worst(side) : price <= book.worst(side);
  }

  // What every message touches stands together; what is large, or seldom looked at, behind it.
  Instrument instrument;
  BookChannel rule;
  OrderBook book;

  // Where the book stands.
  SyncState state = SyncState::Down;
  BookStatus status = BookStatus::NoBook;
  bool anchored = false;  // the cursor means something: the snapshot had an id
  bool had_book = false;
  bool started = false;
  // Ids are the same on every connection; where they are of one only, a book follows the one whose
  // snapshot came last, elsewhere any that brings its ids.
  bool shares_ids = false;
  bool asked = false;  // a snapshot is on its way
  // Deltas were lost, which nothing will prove, while an answer may have been on its way: the next
  // one contains them only if it is as new as what came afterwards.
  bool answer_may_be_older = false;
  // The book stands, and a newer snapshot is on its way: what was applied since is held as well.
  bool renewing = false;
  std::uint32_t causes = kSyncing;  // Validity bits while there is no book
  SequenceCursor cursor;
  SequenceCursor stream;  // the delta received last, applied or not
  TrustedDepth trust;
  TimestampNs now;
  TimestampNs venue_time;
  StreamPace pace;  // of its book messages
  // One connection lost something that another may still bring: what would prove that it did, and
  // since when it is missed. Not Live without it for long.
  struct Missing {
    SequenceNo until;
    TimestampNs since;  // 0: nothing is missed
  } missing;
  StreamFeeds feeds;  // who carries it

  // What is published of it.
  std::uint32_t bid_count = 0;
  std::uint32_t ask_count = 0;
  std::span<double> row;          // of the shard's memory, as are marks and arena
  std::span<std::uint8_t> marks;  // which lines of the row were written since they were published
  std::size_t digested = 0;       // so many columns, from the first, are what a replay must give
  InstrumentStats stats;
  InstrumentSignals signals;
  std::array<Level, kTopLevels> bids{};
  std::array<Level, kTopLevels> asks{};
  RecentIds recent;
  TopAudit audit;
  Digest digest;

  LevelIds level_ids;  // where the venue names levels by ids
  OrderTable orders;   // where it sends orders
  BookChecksum checksum;
  SeenIds trades_seen;
  // The snapshot in band that the book began with. Another connection that was ahead of it may
  // still have on its way what it contains.
  struct Begun {
    SequenceNo with;
    TimestampNs at;
  } begun;
  TimestampNs awaiting_since;  // or asked last
  TimestampNs loaded_at;       // when the book's snapshot came, or its renewal was given up
  Group* group = nullptr;      // of its shard
  std::span<std::byte> arena;
};

}  // namespace steelyard
