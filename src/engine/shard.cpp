#include "engine/shard.hpp"

#include <algorithm>
#include <limits>

namespace steelyard {
int Shard::do_work() noexcept {
  int done = 0;
  for (SpscByteRing* const ring : inputs_) {
    for (int i = 0; i < kEntriesPerRound; ++i) {
      const std::span<const std::byte> bytes = ring->front();
      if (bytes.empty()) break;
      on_entry(read_entry(bytes));
      ring->pop();
      ++done;
    }
  }
  return done;
}

void Shard::finish() noexcept {
  for (InstrumentSlot& slot : slots_) slot.audit.settle();
}

void Shard::on_entry(const EntryView& view) noexcept {
  const Entry& entry = *view.entry;
  switch (entry.kind) {
    case EntryKind::Message:
      on_message(view);
      return;
    case EntryKind::Timer:
      on_timer(entry);
      return;
    case EntryKind::LinkUp:
      for (std::uint32_t i = 0; i < slots_.size(); ++i) {
        settle(slots_[i], keeper_.on_link_up(slots_[i], i, entry), entry);
      }
      return;
    case EntryKind::LinkDown:
      for (std::uint32_t i = 0; i < slots_.size(); ++i) {
        settle(slots_[i], keeper_.on_link_down(slots_[i], i, entry), entry);
      }
      return;
    case EntryKind::LinkGap:
      for (std::uint32_t i = 0; i < slots_.size(); ++i) {
        settle(slots_[i], keeper_.on_link_gap(slots_[i], i, entry), entry);
      }
      return;
    case EntryKind::Overrun:
      for (std::uint32_t i = 0; i < slots_.size(); ++i) {
        if (entry.io != kEveryIo && slots_[i].instrument.io != entry.io) continue;
        settle(slots_[i], keeper_.doubt(slots_[i], i, ResyncReason::Overrun, entry.received),
               entry);
      }
      return;
    case EntryKind::BadFrame:
    case EntryKind::Rescale:
      break;
  }
  const std::uint32_t index = slot_of_[entry.message.instrument.raw()];
  if (index == kNotHere) return;
  InstrumentSlot& slot = slots_[index];
  if (entry.kind == EntryKind::Rescale) {
    on_rescale(slot, index, entry);
    return;
  }
  ++slot.stats.bad_frames;
  settle(slot, keeper_.doubt(slot, index, ResyncReason::BadFrame, entry.received), entry);
}

void Shard::on_rescale(InstrumentSlot& slot, std::uint32_t index, const Entry& entry) noexcept {
  settle(slot, keeper_.doubt(slot, index, ResyncReason::Rescale, entry.received), entry);
  const int finer = slot.instrument.scale.price_exponent - entry.price_exponent;
  slot.instrument.tick = finer_tick(slot.instrument.tick, finer);
  slot.instrument.scale.price_exponent = entry.price_exponent;
  slot.instrument.scale.qty_exponent = entry.qty_exponent;
  slot.signals = signals_.build(slot.instrument, slot.arena, slot.group);
  // What the old states said and nobody says any more, first of all what is latched bar by bar.
  std::fill(slot.row.begin(), slot.row.end(), std::numeric_limits<double>::quiet_NaN());
  std::fill(slot.marks.begin(), slot.marks.end(), std::uint8_t{1});
}

void Shard::on_message(const EntryView& view) noexcept {
  const Entry& entry = *view.entry;
  const Message& message = entry.message;
  const std::uint32_t index = slot_of_[message.instrument.raw()];
  if (index == kNotHere) [[unlikely]]
    return;
  InstrumentSlot& slot = slots_[index];
  if (slot.stats.first.raw() == 0) [[unlikely]]
    slot.stats.first = entry.received;
  slot.stats.last = entry.received;
  if (entry.connection.raw() < links_.size()) {
    links_[entry.connection.raw()].pace.arrived(entry.received);
  }
  if (stages_.board != nullptr) {
    stages_.board->came(entry,
                        message.kind != MessageKind::Snapshot || slot.state == SyncState::Live);
  }
  switch (message.kind) {
    case MessageKind::Snapshot:
    case MessageKind::Delta: {
      const BookOutcome outcome = keeper_.on_book(slot, index, view);
      if (outcome.twin || outcome.what != BookOutcome::What::Nothing) {
        count_arrival(entry, outcome.twin, outcome.first_came);
      }
      slot.signals.member().hear(entry.received);
      settle(slot, outcome, entry);
      audit(slot, index, entry);
      return;
    }
    case MessageKind::Bbo:
      on_bbo(slot, view);
      audit(slot, index, entry);
      return;
    case MessageKind::Trade:
    case MessageKind::Liquidation: {
      if (view.bids.size() + view.asks.size() != 1) return;
      const bool trade = message.kind == MessageKind::Trade;
      if (trade && (message.ids & kHasLast) != 0) {
        const TimestampNs first =
            slot.trades_seen.twin_of(message.last, entry.connection, entry.received);
        count_arrival(entry, first.raw() != 0, first);
        if (first.raw() != 0) {
          ++slot.stats.twins;
          return;
        }
      }
      ++(trade ? slot.stats.trades : slot.stats.liquidations);
      advance(slot, entry.received);
      MarketEvent& event = event_of(slot, trade ? EventKind::Trade : EventKind::Liquidation);
      event.traded = view.bids.empty() ? view.asks[0] : view.bids[0];
      event.aggressor = message.aggressor;
      publish(slot, event, entry);
      return;
    }
  }
}

void Shard::on_bbo(InstrumentSlot& slot, const EntryView& view) noexcept {
  ++slot.stats.bbos;
  const Message& message = view.entry->message;
  if ((message.ids & kHasLast) == 0) return;
  Top top;
  if (!view.bids.empty()) top.bid = view.bids[0];
  if (!view.asks.empty()) top.ask = view.asks[0];
  slot.audit.on_bbo(message.last, top);
}

void Shard::count_arrival(const Entry& entry, bool twin, TimestampNs first_came) noexcept {
  if (entry.connection.raw() >= links_.size()) return;
  LinkStats& link = links_[entry.connection.raw()];
  if (!twin) {
    ++link.wins;
    return;
  }
  ++link.twins;
  const std::int64_t late = entry.received.raw() - first_came.raw();
  if (first_came.raw() != 0 && late > 0) link.late_ns += static_cast<std::uint64_t>(late);
}

// The venue's own best bid and offer say that the book is not the venue's.
void Shard::audit(InstrumentSlot& slot, std::uint32_t index, const Entry& entry) noexcept {
  if (options_.audit_limit == 0 || slot.audit.bad_in_a_row() < options_.audit_limit) return;
  if (slot.state != SyncState::Live) return;
  settle(slot, keeper_.doubt(slot, index, ResyncReason::Audit, entry.received), entry);
}

void Shard::request(const InstrumentSlot& slot, const BookOutcome& outcome) noexcept {
  if (!outcome.request) return;
  ResyncQueue& queue = *resyncs_[slot.instrument.io % resyncs_.size()];
  if (!queue.push({slot.instrument.id, outcome.reason})) ++lost_requests_;
}

void Shard::on_timer(const Entry& entry) noexcept {
  report_links();
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    InstrumentSlot& slot = slots_[i];
    if (slot.instrument.io != entry.io) continue;
    report(slot);
    settle(slot, keeper_.on_timer(slot, i, entry.received), entry);
    if (!slot.started || entry.received.raw() - slot.now.raw() < options_.timer_after_ns) continue;
    advance(slot, entry.received);
    publish(slot, event_of(slot, EventKind::Timer), entry);
  }
}

}  // namespace steelyard
