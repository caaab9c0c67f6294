#include "engine/book_keeper.hpp"

#include <algorithm>

namespace steelyard {
namespace {

using What = BookOutcome::What;

// What nobody asked for yet (no delta came) is asked for a little after the connection is up.
constexpr std::int64_t kFirstSnapshotNs = 500'000'000;

[[nodiscard]] std::uint32_t cause_of(ResyncReason reason) noexcept {
  switch (reason) {
    case ResyncReason::Gap:
    case ResyncReason::UnknownLevel:
      return kSyncing | kGap;
    case ResyncReason::Checksum:
      return kSyncing | kBadChecksum;
    case ResyncReason::Audit:
      return kSyncing | kDiverged;
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

}  // namespace

BookKeeper::BookKeeper(std::uint32_t slots, std::size_t buffer_bytes)
    : buffer_{slots, buffer_bytes}, changes_(2 * MessageBatch::kMaxLevels) {}

BookOutcome BookKeeper::on_book(InstrumentSlot& slot, std::uint32_t index,
                                const EntryView& view) noexcept {
  const Message& message = view.entry->message;
  change_count_ = 0;
  ++slot.stats.book_messages;
  slot.pace.arrived(view.entry->received);
  if (!admit(slot, *view.entry)) [[unlikely]] {
    ++slot.stats.stale;
    return {};
  }
  if (slot.state == SyncState::Down) [[unlikely]] {
    // An answer that was on its way when the connection was lost: nobody would tell what changes.
    if (view.entry->answer && (slot.causes & kLinkDown) != 0) {
      ++slot.stats.late_snapshots;
      return {};
    }
    slot.state = step(slot.state, SyncInput::LinkUp, slot.rule.snapshot).state;
    slot.asked = false;
    slot.awaiting_since = view.entry->received;
  }
  return message.kind == MessageKind::Snapshot ? on_snapshot(slot, index, view)
                                               : on_delta(slot, index, view);
}

// Several connections may carry one stream. Where ids are the same on all of them, ids decide;
// where each connection numbers by itself, a book follows exactly one: the one whose snapshot came
// last.
bool BookKeeper::admit(InstrumentSlot& slot, const Entry& entry) const noexcept {
  if (entry.answer) return true;
  if (slot.shares_ids || !in_band(slot)) {
    slot.feeds.join(entry.connection);
    return true;
  }
  if (entry.message.kind == MessageKind::Snapshot || slot.feeds.empty()) {
    slot.feeds.follow(entry.connection);
    return true;
  }
  return slot.feeds.contains(entry.connection);
}

BookOutcome BookKeeper::twin(InstrumentSlot& slot, const Entry& entry) const noexcept {
  ++slot.stats.twins;
  slot.feeds.join(entry.connection).in_step = true;
  BookOutcome outcome;
  outcome.twin = true;
  outcome.first_came = slot.recent.time_of(entry.message.last);
  return outcome;
}

bool BookKeeper::is_behind_snapshot(InstrumentSlot& slot, const Entry& entry) noexcept {
  return slot.shares_ids && in_band(slot) && entry.message.last < slot.begun.with &&
         entry.received.raw() - slot.begun.at.raw() <= kHealNs &&
         !slot.feeds.join(entry.connection).in_step && slot.feeds.other_in_step(entry.connection);
}

bool BookKeeper::may_heal(InstrumentSlot& slot, const Entry& entry) const noexcept {
  if (!slot.shares_ids || !slot.feeds.other_in_step(entry.connection)) return false;
  const std::int64_t since = slot.missing.since.raw();
  if (since != 0 && entry.received.raw() - since > kHealNs) return false;
  slot.feeds.join(entry.connection).in_step = false;
  if (since == 0) slot.missing = {entry.message.last, entry.received};
  return true;
}

BookOutcome BookKeeper::on_delta(InstrumentSlot& slot, std::uint32_t index,
                                 const EntryView& view) noexcept {
  const Message& delta = view.entry->message;
  follow(slot, delta);
  if (slot.state != SyncState::Live) [[unlikely]] {
    BookOutcome outcome;
    hold(slot, index, view);
    if (!slot.asked) ask(slot, outcome, ResyncReason::Start, view.entry->received);
    return outcome;
  }
  const SequenceVerdict verdict = slot.anchored
                                      ? judge(slot.rule.link, slot.cursor, slot.recent, delta)
                                      : SequenceVerdict::InOrder;
  if (verdict == SequenceVerdict::Stale) [[unlikely]] {
    if (slot.recent.contains(delta.last) && slot.feeds.count() > 1) return twin(slot, *view.entry);
    ++slot.stats.stale;
    return {};
  }
  if (verdict == SequenceVerdict::Gap) [[unlikely]] {
    if (is_behind_snapshot(slot, *view.entry)) {
      ++slot.stats.stale;
      return {};
    }
    if (may_heal(slot, *view.entry)) return {};
    ++slot.stats.gaps;
    const BookOutcome outcome =
        died(slot, index, SyncInput::DeltaGap, ResyncReason::Gap, view.entry->received);
    hold(slot, index, view);
    return outcome;
  }
  if (const Fit fit = apply(slot, delta, view.bids, view.asks); fit != Fit::Ok) [[unlikely]] {
    return died(slot, index, SyncInput::BookInvalid, reason_of(fit), view.entry->received);
  }
  if (!verify(slot, delta, true)) [[unlikely]] {
    return died(slot, index, SyncInput::BookInvalid, ResyncReason::Checksum, view.entry->received);
  }
  if ((delta.ids & kHasLast) != 0) {
    slot.cursor = {delta.last, true};
    slot.anchored = true;
    slot.recent.add(delta.last, view.entry->received);
    if (slot.missing.since.raw() != 0 && slot.recent.contains(slot.missing.until)) [[unlikely]] {
      slot.missing = {};
      ++slot.stats.healed;
    }
    if (delta.levels() != 0) audit(slot, delta.last);
  }
  if (slot.shares_ids) slot.feeds.join(view.entry->connection).in_step = true;
  if (slot.renewing && !buffer_.append(index, delta, view.bids, view.asks)) [[unlikely]] {
    give_up_renewal(slot, index, view.entry->received);
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
  if (entry.connection == kNoConnection || !slot.feeds.leave(entry.connection)) return {};
  if (!slot.feeds.empty()) {
    // Another connection carries the stream: in band only if its ids and ours are the same.
    if (!in_band(slot) || slot.state != SyncState::Live || slot.feeds.any_in_step()) return {};
  }
  // One that is being replaced, where ids prove by themselves that nothing is missed in between.
  if (entry.planned && !in_band(slot) && !splices_blindly(slot)) return {};
  return died(slot, index, SyncInput::LinkDown, ResyncReason::LinkDown, entry.received);
}

BookOutcome BookKeeper::on_link_gap(InstrumentSlot& slot, std::uint32_t index,
                                    const Entry& entry) noexcept {
  change_count_ = 0;
  if (!slot.feeds.contains(entry.connection) || slot.state != SyncState::Live) return {};
  ++slot.stats.gaps;
  return died(slot, index, SyncInput::DeltaGap, ResyncReason::Gap, entry.received);
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
  if (slot.state == SyncState::AwaitingSnapshot && reason == ResyncReason::BadFrame) {
    lose(slot, index);
  }
  return {};
}

BookOutcome BookKeeper::on_timer(InstrumentSlot& slot, std::uint32_t index,
                                 TimestampNs now) noexcept {
  BookOutcome outcome;
  if (slot.missing.since.raw() != 0 && now.raw() - slot.missing.since.raw() > kHealNs) {
    ++slot.stats.gaps;
    return died(slot, index, SyncInput::DeltaGap, ResyncReason::Gap, now);
  }
  const std::int64_t patience = std::chrono::nanoseconds{slot.rule.snapshot_within}.count();
  if (slot.state == SyncState::Live && !in_band(slot)) {
    if (slot.renewing ? now.raw() - slot.awaiting_since.raw() >= patience
                      : is_outgrown(slot, now)) {
      // Held from here on until an answer is as new as this, be it the second or the third.
      if (!slot.renewing) buffer_.clear(index);
      slot.renewing = true;
      ask(slot, outcome, ResyncReason::Renewal, now);
    }
    return outcome;
  }
  if (slot.state != SyncState::AwaitingSnapshot) return outcome;
  const std::int64_t limit = slot.asked || in_band(slot) ? patience : kFirstSnapshotNs;
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
  slot.checksum.lose();
  slot.level_ids.clear();
  slot.orders.clear();
  slot.cursor = {};
  slot.anchored = false;
  slot.recent.clear();
  slot.stream = {};
  slot.missing = {};
  slot.feeds.lose_step();
  slot.audit.settle();
  slot.causes = cause_of(reason);
  slot.asked = false;
  slot.renewing = false;
  slot.answer_may_be_older = splices_blindly(slot);  // asked for before, or renewed just now
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
    lose(slot, index);
    buffer_.clear(index);  // the snapshot will be older than what is buffered from here on
    ++slot.stats.dropped;
  }
}

// The chain as received, whether or not a book could use it: what the venue's ids prove.
void BookKeeper::follow(InstrumentSlot& slot, const Message& delta) const noexcept {
  if (slot.rule.link.link == Link::None || (delta.ids & kHasLast) == 0) return;
  if (slot.stream.spliced || slot.stream.last != SequenceNo{}) {
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

}  // namespace steelyard
