#include "engine/book_keeper.hpp"

#include <algorithm>

#include "book/checksum.hpp"

namespace steelyard {
namespace {

using What = BookOutcome::What;

// A snapshot asked for and not there after so long is asked for again; what nobody asked for yet
// (no delta came) is asked for a little after the connection is up.
constexpr std::int64_t kSnapshotDeadlineNs = 5'000'000'000;
constexpr std::int64_t kFirstSnapshotNs = 500'000'000;

[[nodiscard]] std::uint32_t cause_of(ResyncReason reason) noexcept {
  switch (reason) {
    case ResyncReason::Gap:
      return kSyncing | kGap;
    case ResyncReason::Checksum:
      return kSyncing | kBadChecksum;
    case ResyncReason::BadFrame:
      return kSyncing | kBadFrame;
    case ResyncReason::BookFull:
    case ResyncReason::Overrun:
      return kSyncing | kOverrun;
    case ResyncReason::LinkDown:
      return kSyncing | kLinkDown;
    default:
      return kSyncing;
  }
}

void audit(InstrumentSlot& slot, SequenceNo id) noexcept {
  slot.audit.on_book(id, {slot.book.best(Side::Bid), slot.book.best(Side::Ask)});
}

[[nodiscard]] bool in_band(const InstrumentSlot& slot) noexcept {
  return slot.rule.snapshot != SnapshotSource::OutOfBand;
}

}  // namespace

BookKeeper::BookKeeper(std::uint32_t slots, std::size_t buffer_bytes)
    : buffer_{slots, buffer_bytes}, changes_(2 * MessageBatch::kMaxLevels) {}

BookOutcome BookKeeper::on_book(InstrumentSlot& slot, std::uint32_t index,
                                const EntryView& view) noexcept {
  const Message& message = view.entry->message;
  change_count_ = 0;
  ++slot.stats.book_messages;
  if (!admit(slot, *view.entry)) {
    ++slot.stats.stale;
    return {};
  }
  if (slot.state == SyncState::Down) {
    // An answer that was on its way when the connection was lost: nobody would tell what changes.
    if (view.entry->answer && (slot.causes & kLinkDown) != 0) {
      ++slot.stats.late_snapshots;
      return {};
    }
    slot.state = step(slot.state, SyncInput::LinkUp, slot.rule.snapshot).state;
    slot.asked = false;
    slot.awaiting_since = view.entry->received;
  }
  slot.last_book = view.entry->received;
  return message.kind == MessageKind::Snapshot ? on_snapshot(slot, index, view)
                                               : on_delta(slot, index, view);
}

// Two connections may carry one stream while one replaces the other. In band each has its own
// snapshot and its own place in the stream, so a book follows exactly one: the one whose snapshot
// came last. Out of band ids decide, and either may bring the next one.
bool BookKeeper::admit(InstrumentSlot& slot, const Entry& entry) const noexcept {
  if (entry.answer) return true;
  if (in_band(slot)) {
    if (entry.message.kind == MessageKind::Snapshot || slot.feeds[0] == kNoConnection) {
      slot.feeds[0] = entry.connection;
      return true;
    }
    return slot.feeds[0] == entry.connection;
  }
  for (ConnectionId& feed : slot.feeds) {
    if (feed == entry.connection) return true;
    if (feed == kNoConnection) {
      feed = entry.connection;
      return true;
    }
  }
  slot.feeds.back() = entry.connection;
  return true;
}

BookOutcome BookKeeper::on_snapshot(InstrumentSlot& slot, std::uint32_t index,
                                    const EntryView& view) noexcept {
  if (slot.rule.snapshot == SnapshotSource::OutOfBand) return splice(slot, index, view);
  const Message& message = view.entry->message;
  const bool replaces = slot.rule.snapshot == SnapshotSource::Replace;
  const bool has_id = (message.ids & kHasLast) != 0;
  const bool live = slot.state == SyncState::Live;
  if (replaces && live && has_id && slot.anchored && message.last < slot.cursor.last) {
    ++slot.stats.stale;
    return {};
  }
  if (!load(slot, view.bids, view.asks, replaces && live)) {
    return died(slot, index, SyncInput::BookInvalid, ResyncReason::BookFull, view.entry->received);
  }
  if (!verify(slot, message)) {
    return died(slot, index, SyncInput::BookInvalid, ResyncReason::Checksum, view.entry->received);
  }
  slot.state = step(slot.state, SyncInput::Snapshot, slot.rule.snapshot).state;
  slot.cursor = {message.last, true};
  slot.stream = slot.cursor;
  slot.anchored = has_id;
  slot.recent.clear();
  if (has_id) {
    slot.recent.add(message.last);
    slot.audit.anchor(message.last);
  }
  slot.venue_time = message.venue_time;
  slot.asked = false;
  slot.causes = 0;
  return {What::Snapshot, !(replaces && live)};
}

// A fetched snapshot and the deltas that were buffered before it came are one event.
BookOutcome BookKeeper::splice(InstrumentSlot& slot, std::uint32_t index,
                               const EntryView& view) noexcept {
  const Message& message = view.entry->message;
  const bool has_id = (message.ids & kHasLast) != 0;
  const bool live = slot.state == SyncState::Live;
  if (live && has_id && slot.anchored && message.last < slot.cursor.last) {
    ++slot.stats.late_snapshots;  // older than the book that stands: of no use, and no harm
    return {};
  }
  const RecentIds none;
  SequenceCursor at{message.last, live && slot.anchored && message.last == slot.cursor.last &&
                                      slot.cursor.spliced};
  bool usable = true;
  buffer_.for_each(
      index, [&](const Message& delta, std::span<const Level>, std::span<const Level>) noexcept {
        if (!has_id && !at.spliced) {
          at = {delta.last, true};
          return true;
        }
        const SequenceVerdict verdict = judge(slot.rule.link, at, none, delta);
        if (verdict == SequenceVerdict::InOrder) at = {delta.last, true};
        usable = verdict != SequenceVerdict::Gap;
        return usable;
      });
  if (!usable) {
    // Older than the first buffered delta, or the buffer itself has a hole. What is buffered stays:
    // a newer snapshot contains what is before the hole.
    ++slot.stats.late_snapshots;
    BookOutcome outcome;
    const SyncStep next = step(slot.state, SyncInput::SnapshotLate, slot.rule.snapshot);
    slot.state = next.state;
    ask(slot, outcome, ResyncReason::Late, view.entry->received);
    return outcome;
  }

  bool fits = load(slot, view.bids, view.asks, false);
  slot.audit.anchor(message.last);
  at = {message.last, at.spliced && live && buffer_.empty(index)};
  bool anchored = has_id;
  slot.venue_time = message.venue_time;
  slot.recent.clear();
  buffer_.for_each(index, [&](const Message& delta, std::span<const Level> bids,
                              std::span<const Level> asks) noexcept {
    if (anchored && judge(slot.rule.link, at, none, delta) != SequenceVerdict::InOrder) {
      ++slot.stats.stale;
      return true;
    }
    anchored = true;
    fits = apply(slot, bids, asks) && fits;
    at = {delta.last, true};
    slot.recent.add(delta.last);
    audit(slot, delta.last);
    if (delta.venue_time.raw() != 0) slot.venue_time = delta.venue_time;
    return true;
  });
  change_count_ = 0;
  buffer_.clear(index);
  if (!fits) {
    return died(slot, index, SyncInput::BookInvalid, ResyncReason::BookFull, view.entry->received);
  }
  slot.state = step(slot.state, SyncInput::Snapshot, slot.rule.snapshot).state;
  slot.cursor = at;
  slot.anchored = anchored;
  slot.asked = false;
  slot.causes = 0;
  return {What::Snapshot, true};
}

BookOutcome BookKeeper::on_delta(InstrumentSlot& slot, std::uint32_t index,
                                 const EntryView& view) noexcept {
  const Message& delta = view.entry->message;
  follow(slot, delta);
  if (slot.state != SyncState::Live) {
    BookOutcome outcome;
    hold(slot, index, view);
    if (!slot.asked) ask(slot, outcome, ResyncReason::Start, view.entry->received);
    return outcome;
  }
  const SequenceVerdict verdict = slot.anchored
                                      ? judge(slot.rule.link, slot.cursor, slot.recent, delta)
                                      : SequenceVerdict::InOrder;
  if (verdict == SequenceVerdict::Stale) {
    ++slot.stats.stale;
    return {};
  }
  if (verdict == SequenceVerdict::Gap) {
    ++slot.stats.gaps;
    const BookOutcome outcome =
        died(slot, index, SyncInput::DeltaGap, ResyncReason::Gap, view.entry->received);
    hold(slot, index, view);
    return outcome;
  }
  if (!apply(slot, view.bids, view.asks)) {
    return died(slot, index, SyncInput::BookInvalid, ResyncReason::BookFull, view.entry->received);
  }
  if (!verify(slot, delta)) {
    return died(slot, index, SyncInput::BookInvalid, ResyncReason::Checksum, view.entry->received);
  }
  if ((delta.ids & kHasLast) != 0) {
    slot.cursor = {delta.last, true};
    slot.anchored = true;
    slot.recent.add(delta.last);
    if (delta.levels() != 0) audit(slot, delta.last);
  }
  if (delta.venue_time.raw() != 0) slot.venue_time = delta.venue_time;
  // A bare id (keepalive) refreshes liveness and the sequence, and is no event.
  return {delta.levels() == 0 ? What::Nothing : What::Delta};
}

BookOutcome BookKeeper::on_link_up(InstrumentSlot& slot, std::uint32_t index,
                                   const Entry& entry) noexcept {
  const BookOutcome outcome = on_link_down(slot, index, entry);
  if (slot.state == SyncState::Down && entry.venue == slot.instrument.venue) {
    slot.state = step(slot.state, SyncInput::LinkUp, slot.rule.snapshot).state;
    slot.asked = false;
    slot.awaiting_since = entry.received;
  }
  return outcome;
}

BookOutcome BookKeeper::on_link_down(InstrumentSlot& slot, std::uint32_t index,
                                     const Entry& entry) noexcept {
  const auto gone = std::find(slot.feeds.begin(), slot.feeds.end(), entry.connection);
  if (gone == slot.feeds.end() || entry.connection == kNoConnection) return {};
  std::move(gone + 1, slot.feeds.end(), gone);
  slot.feeds.back() = kNoConnection;
  if (slot.feeds[0] != kNoConnection) return {};  // another connection carries the stream
  // One that is being replaced, where ids prove by themselves that nothing is missed in between.
  if (entry.planned && !in_band(slot)) return {};
  return died(slot, index, SyncInput::LinkDown, ResyncReason::LinkDown, entry.received);
}

BookOutcome BookKeeper::doubt(InstrumentSlot& slot, std::uint32_t index, ResyncReason reason,
                              TimestampNs now) noexcept {
  if (slot.state == SyncState::Live || reason == ResyncReason::Overrun ||
      reason == ResyncReason::Rescale) {
    if (slot.state == SyncState::Down) {
      buffer_.clear(index);
      return {};
    }
    const SyncInput input =
        reason == ResyncReason::Overrun ? SyncInput::InputOverrun : SyncInput::BookInvalid;
    return died(slot, index, input, reason, now);
  }
  return {};
}

BookOutcome BookKeeper::on_timer(InstrumentSlot& slot, TimestampNs now) noexcept {
  BookOutcome outcome;
  if (slot.state != SyncState::AwaitingSnapshot) return outcome;
  const std::int64_t limit = slot.asked || in_band(slot) ? kSnapshotDeadlineNs : kFirstSnapshotNs;
  if (now.raw() - slot.awaiting_since.raw() < limit) return outcome;
  slot.state = step(slot.state, SyncInput::Deadline, slot.rule.snapshot).state;
  ask(slot, outcome, slot.asked ? ResyncReason::Deadline : ResyncReason::Start, now);
  return outcome;
}

BookOutcome BookKeeper::died(InstrumentSlot& slot, std::uint32_t index, SyncInput input,
                             ResyncReason reason, TimestampNs now) noexcept {
  BookOutcome outcome;
  const bool live = slot.state == SyncState::Live;
  slot.state = step(slot.state, input, slot.rule.snapshot).state;
  slot.book.clear();
  slot.cursor = {};
  slot.anchored = false;
  slot.recent.clear();
  slot.stream = {};
  slot.audit.settle();
  slot.causes = cause_of(reason);
  slot.asked = false;
  buffer_.clear(index);
  change_count_ = 0;
  if (live) {
    outcome.what = What::Reset;
    ++slot.stats.resets;
  }
  if (slot.state == SyncState::AwaitingSnapshot) ask(slot, outcome, reason, now);
  return outcome;
}

void BookKeeper::ask(InstrumentSlot& slot, BookOutcome& outcome, ResyncReason reason,
                     TimestampNs now) const noexcept {
  outcome.request = true;
  outcome.reason = reason;
  slot.asked = true;
  slot.awaiting_since = now;
  if (reason != ResyncReason::Start) ++slot.stats.resyncs;
}

void BookKeeper::hold(InstrumentSlot& slot, std::uint32_t index, const EntryView& view) noexcept {
  // In band, what precedes the snapshot is contained in it; replaying it would look like a gap.
  if (in_band(slot)) {
    ++slot.stats.dropped;
    return;
  }
  if (buffer_.append(index, view.entry->message, view.bids, view.asks)) {
    ++slot.stats.buffered;
  } else {
    buffer_.clear(index);  // the snapshot will be older than what is buffered from here on
    ++slot.stats.dropped;
  }
}

// The chain as received, whether or not a book could use it: what the venue's ids prove.
void BookKeeper::follow(InstrumentSlot& slot, const Message& delta) const noexcept {
  if (slot.rule.link.link == Link::None || (delta.ids & kHasLast) == 0) return;
  if (slot.stream.spliced) {
    switch (judge(slot.rule.link, slot.stream, slot.recent, delta)) {
      case SequenceVerdict::InOrder:
        ++slot.stats.links_ok;
        break;
      case SequenceVerdict::Gap:
        ++slot.stats.links_bad;
        break;
      case SequenceVerdict::Stale:
        return;
    }
  }
  slot.stream = {delta.last, true};
}

bool BookKeeper::load(InstrumentSlot& slot, std::span<const Level> bids,
                      std::span<const Level> asks, bool as_difference) noexcept {
  change_count_ = 0;
  if (as_difference) {
    slot.book.walk(Side::Bid, [&](Level level) {
      note(Side::Bid, level.price, level.qty, Qty{});
      return true;
    });
    slot.book.walk(Side::Ask, [&](Level level) {
      note(Side::Ask, level.price, level.qty, Qty{});
      return true;
    });
  }
  const std::size_t kept = change_count_;
  slot.book.clear();
  slot.trust = TrustedDepth::of_snapshot(bids, asks);
  const bool fits = apply(slot, bids, asks);
  if (!as_difference) change_count_ = kept;
  return fits;
}

bool BookKeeper::apply(InstrumentSlot& slot, std::span<const Level> bids,
                       std::span<const Level> asks) noexcept {
  bool fits = true;
  slot.stats.level_changes += bids.size() + asks.size();
  for (const Level& level : bids) {
    const OrderBook::Applied applied = slot.book.set(Side::Bid, level.price, level.qty);
    fits = fits && applied.fits;
    note(Side::Bid, level.price, applied.before, level.qty);
  }
  for (const Level& level : asks) {
    const OrderBook::Applied applied = slot.book.set(Side::Ask, level.price, level.qty);
    fits = fits && applied.fits;
    note(Side::Ask, level.price, applied.before, level.qty);
  }
  if (!fits) ++slot.stats.refused_levels;
  return fits;
}

bool BookKeeper::verify(InstrumentSlot& slot, const Message& message) const noexcept {
  if ((message.ids & kHasChecksum) == 0 || slot.rule.checksum == ChecksumId::None) return true;
  const bool same =
      checksum(slot.rule.checksum, slot.book, slot.instrument.scale) == message.checksum;
  ++(same ? slot.stats.checksums_ok : slot.stats.checksums_bad);
  return same;
}

}  // namespace steelyard
