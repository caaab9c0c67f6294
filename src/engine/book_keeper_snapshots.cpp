// src/engine/book_keeper_snapshots.cpp -- how a book begins, is spliced to its deltas, and is
// renewed.
#include "engine/book_keeper.hpp"

namespace steelyard {
namespace {

using What = BookOutcome::What;

// Between two snapshots of a book whose best levels outgrow what was fetched.
constexpr std::int64_t kWidenNs = 10'000'000'000;

}  // namespace

BookOutcome BookKeeper::on_snapshot(InstrumentSlot& slot, std::uint32_t index,
                                    const EntryView& view) noexcept {
  if (slot.rule.snapshot == SnapshotSource::OutOfBand) return splice(slot, index, view);
  const Message& message = view.entry->message;
  const bool replaces = slot.rule.snapshot == SnapshotSource::Replace;
  const bool has_id = (message.ids & kHasLast) != 0;
  const bool live = slot.state == SyncState::Live;
  if (replaces && live && has_id && slot.anchored && message.last < slot.cursor.last &&
      (message.ids & kRestarts) == 0) {
    ++slot.stats.stale;
    return {};
  }
  // Of a connection that joins, or lags behind, while another keeps the book in step: it moves
  // nothing back.
  if (slot.shares_ids && live && has_id && slot.anchored &&
      slot.feeds.other_in_step(view.entry->connection)) {
    const bool contained = slot.recent.contains(message.last);
    const bool older = message.last < slot.cursor.last && !slot.rule.link.legal_backstep &&
                       (message.ids & kRestarts) == 0;
    if (contained || older) return twin(slot, *view.entry);
  }
  if (const Fit fit = load(slot, view, replaces && live); fit != Fit::Ok) {
    return died(slot, index, SyncInput::BookInvalid, reason_of(fit), view.entry->received);
  }
  if (!verify(slot, message, false)) {
    return died(slot, index, SyncInput::BookInvalid, ResyncReason::Checksum, view.entry->received);
  }
  slot.state = step(slot.state, SyncInput::Snapshot, slot.rule.snapshot).state;
  // An in-band snapshot may lie within the first delta that follows it.
  slot.cursor = {message.last, slot.rule.link.splice != Splice::PrevWithin};
  slot.stream = slot.cursor;
  slot.begun = {message.last, view.entry->received};
  slot.anchored = has_id;
  slot.recent.clear();
  slot.missing = {};
  slot.feeds.lose_step();
  if (!view.entry->answer) slot.feeds.join(view.entry->connection).in_step = true;
  if (has_id) {
    slot.recent.add(message.last, view.entry->received);
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
  const bool renewal = live && slot.renewing && !buffer_.empty(index);
  if (live && has_id && slot.anchored && message.last < slot.cursor.last && !renewal) {
    ++slot.stats.late_snapshots;  // older than the book that stands: of no use, and no harm
    return {};
  }
  const RecentIds none;
  SequenceCursor at{message.last, live && slot.anchored && message.last == slot.cursor.last &&
                                      slot.cursor.spliced};
  slot.missing = {};
  const bool must_contain = renewal ? splices_blindly(slot) : slot.answer_may_be_older && !live;
  bool usable = !must_contain || contains_what_is_held(index, message);
  slot.answer_may_be_older = false;
  buffer_.for_each(
      index, [&](const Message& delta, std::span<const Level>, std::span<const Level>) noexcept {
        if (!has_id && !at.spliced) {
          at = {delta.last, true};
          return true;
        }
        const SequenceVerdict verdict = judge(slot.rule.link, at, none, delta);
        if (verdict == SequenceVerdict::InOrder) at = {delta.last, true};
        usable = usable && verdict != SequenceVerdict::Gap;
        return usable;
      });
  if (!usable) {
    // Older than the first buffered delta, or the buffer itself has a hole. What is buffered stays:
    // a newer snapshot contains what is before the hole.
    ++slot.stats.late_snapshots;
    BookOutcome outcome;
    if (renewal) return outcome;  // the book stands; on_timer asks again
    const SyncStep next = step(slot.state, SyncInput::SnapshotLate, slot.rule.snapshot);
    slot.state = next.state;
    ask(slot, outcome, ResyncReason::Late, view.entry->received);
    return outcome;
  }

  Fit fit = load(slot, view, false);
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
    // Rows that have numbers of their own are held against what the book contains so far.
    slot.cursor.last = at.last;
    if (const Fit next = apply(slot, delta, bids, asks); fit == Fit::Ok) fit = next;
    at = {delta.last, true};
    slot.recent.add(delta.last, view.entry->received);
    audit(slot, delta.last);
    if (delta.venue_time.raw() != 0) slot.venue_time = delta.venue_time;
    return true;
  });
  change_count_ = 0;
  buffer_.clear(index);
  if (fit != Fit::Ok) {
    return died(slot, index, SyncInput::BookInvalid, reason_of(fit), view.entry->received);
  }
  slot.state = step(slot.state, SyncInput::Snapshot, slot.rule.snapshot).state;
  slot.cursor = at;
  slot.anchored = anchored;
  slot.asked = false;
  slot.renewing = false;
  slot.loaded_at = view.entry->received;
  slot.causes = 0;
  return {What::Snapshot, true};
}

bool BookKeeper::contains_what_is_held(std::uint32_t index,
                                       const Message& snapshot) const noexcept {
  bool contains = false;
  buffer_.for_each(
      index, [&](const Message& delta, std::span<const Level>, std::span<const Level>) noexcept {
        contains = (snapshot.ids & delta.ids & kHasLast) != 0 && snapshot.last >= delta.last;
        return false;  // the first of them
      });
  return contains;
}

// What is held so far lacks something. Where ids count or name each other, the splice finds out.
void BookKeeper::lose(InstrumentSlot& slot, std::uint32_t index) noexcept {
  if (!splices_blindly(slot)) return;
  buffer_.clear(index);
  slot.answer_may_be_older = slot.asked;
}

// Old and unproven, or its best levels are no longer all within what was fetched. Deltas for books
// that are broken have the buffer first.
bool BookKeeper::is_outgrown(const InstrumentSlot& slot, TimestampNs now) const noexcept {
  if (2 * buffer_.free_chunks() < buffer_.all_chunks()) return false;
  const std::int64_t age = now.raw() - slot.loaded_at.raw();
  const std::int64_t renew = std::chrono::nanoseconds{slot.rule.renew}.count();
  return (renew != 0 && age >= renew) || (age >= kWidenNs && !slot.covers_top());
}

void BookKeeper::give_up_renewal(InstrumentSlot& slot, std::uint32_t index,
                                 TimestampNs now) noexcept {
  buffer_.clear(index);
  slot.renewing = false;
  slot.loaded_at = now;
}

}  // namespace steelyard
