// src/engine/shard_publish.cpp -- what a book shows, what is to be held of it, and the record of
// both.
#include <algorithm>

#include "core/clock.hpp"
#include "engine/shard.hpp"

namespace steelyard {
namespace {

using TopAfter = OrderBook::TopAfter;

// What a replay must give again, of one record.
[[gnu::noinline]] void add_to_digest(const Tick& tick, std::span<const double> row,
                                     Digest& digest) noexcept {
  digest.add(tick.book_sequence.raw());
  digest.add(static_cast<std::uint64_t>(tick.venue_time.raw()));
  digest.add(static_cast<std::uint64_t>(tick.received.raw()));
  digest.add(static_cast<std::uint64_t>(tick.best_bid.raw()));
  digest.add(static_cast<std::uint64_t>(tick.best_ask.raw()));
  digest.add(static_cast<std::uint64_t>(tick.bid_qty.raw()));
  digest.add(static_cast<std::uint64_t>(tick.ask_qty.raw()));
  digest.add(std::uint64_t{tick.validity} << 32 | std::uint64_t{tick.event} << 24 |
             std::uint64_t{tick.status} << 16 |
             std::uint64_t{static_cast<std::uint8_t>(tick.price_exponent)} << 8 |
             std::uint64_t{static_cast<std::uint8_t>(tick.qty_exponent)});
  for (const double value : row) digest.add(value);
}

// The best levels as the book has them now, where nothing tells what changed; `levels` holds those
// of before.
[[nodiscard]] TopAfter top_anew(const OrderBook& book, Side side, std::span<Level> levels,
                                std::uint32_t had) noexcept {
  std::array<Level, kTopLevels> now;
  const std::uint32_t count = book.top(side, now);
  std::uint32_t same = 0;
  while (same < std::min(count, had) && now[same] == levels[same]) ++same;
  if (count == had && same == count) return {count, kTopLevels, 0};
  std::uint32_t until = count;
  if (count == had) {
    while (now[until - 1] == levels[until - 1]) --until;
  }
  std::copy(now.begin() + same, now.begin() + until, levels.begin() + same);
  return {count, same, count == had ? until : kTopLevels};
}

}  // namespace

// The book's own stream, or every connection that carries it.
bool Shard::is_silent(const InstrumentSlot& slot) const noexcept {
  if (slot.pace.is_silent(slot.now, options_.stale_after_ns)) return true;
  for (std::uint32_t i = 0; i < slot.feeds.count(); ++i) {
    const std::uint32_t connection = slot.feeds.connection(i).raw();
    if (connection >= links_.size()) return false;
    if (!links_[connection].pace.is_silent(slot.now, options_.stale_after_ns)) return false;
  }
  return !slot.feeds.empty();
}

void Shard::advance(InstrumentSlot& slot, TimestampNs now) noexcept {
  if (!slot.started) [[unlikely]] {
    slot.started = true;
    slot.now = now;
    return;
  }
  if (now < slot.now) [[unlikely]] {
    ++slot.stats.backward_clocks;
    return;
  }
  slot.signals.advance(slot.now, now);
  slot.now = now;
}

// Inlined, so that the ranks go where they are wanted without a way through memory: numbers written
// one by one and read together are waited for.
[[gnu::always_inline]] inline Shard::Moved Shard::observe(InstrumentSlot& slot,
                                                          bool changes_tell) noexcept {
  Moved moved;
  if (slot.state != SyncState::Live) {
    slot.status = BookStatus::NoBook;
    slot.bid_count = slot.ask_count = 0;
    return moved;
  }
  const TopAfter bids = changes_tell ? slot.book.top_after(Side::Bid, keeper_.changes(Side::Bid),
                                                           slot.bids, slot.bid_count)
                                     : top_anew(slot.book, Side::Bid, slot.bids, slot.bid_count);
  slot.bid_count = bids.count;
  moved.bids_same_until = bids.same;
  moved.bids_same_from = bids.until;
  const TopAfter asks = changes_tell ? slot.book.top_after(Side::Ask, keeper_.changes(Side::Ask),
                                                           slot.asks, slot.ask_count)
                                     : top_anew(slot.book, Side::Ask, slot.asks, slot.ask_count);
  slot.ask_count = asks.count;
  moved.asks_same_until = asks.same;
  moved.asks_same_from = asks.until;
  slot.status = book_status(slot.bid_count != 0 ? slot.bids[0] : Level{},
                            slot.ask_count != 0 ? slot.asks[0] : Level{});
  return moved;
}

MarketEvent& Shard::event_of(const InstrumentSlot& slot, EventKind kind) noexcept {
  event_.now = slot.now;
  event_.kind = kind;
  event_.status = slot.status;
  event_.observation = false;
  event_.rebase = false;
  event_.book = &slot.book;
  event_.bids = {slot.bids.data(), slot.bid_count};
  event_.asks = {slot.asks.data(), slot.ask_count};
  event_.changes = {};
  return event_;
}

// Publishes what became of the book, and sends the request for a snapshot: in this order, since a
// doubtful book is announced before anything else is tried.
void Shard::settle(InstrumentSlot& slot, const BookOutcome& outcome, const Entry& entry) noexcept {
  using What = BookOutcome::What;
  if (outcome.what != What::Nothing) {
    advance(slot, entry.received);
    const Moved moved = observe(slot, outcome.what == What::Delta && keeper_.has_all_changes());
    EventKind kind = EventKind::Reset;
    if (outcome.what == What::Delta) {
      ++slot.stats.deltas;
      kind = EventKind::Delta;
    } else if (outcome.what == What::Snapshot) {
      ++slot.stats.snapshots;
      slot.had_book = true;
      kind = EventKind::Snapshot;
    }
    MarketEvent& event = event_of(slot, kind);
    event.observation = outcome.what != What::Reset && slot.status != BookStatus::NoBook &&
                        slot.status != BookStatus::Crossed;
    event.rebase = outcome.rebase;
    event.bids_same_until = moved.bids_same_until;
    event.asks_same_until = moved.asks_same_until;
    event.bids_same_from = moved.bids_same_from;
    event.asks_same_from = moved.asks_same_from;
    event.changes = keeper_.changes();
    publish(slot, event, entry);
  }
  request(slot, outcome);
}

std::uint32_t Shard::validity(const InstrumentSlot& slot) const noexcept {
  std::uint32_t bits = 0;
  if (slot.status == BookStatus::NoBook) return slot.causes;
  if (slot.status == BookStatus::Crossed) bits |= kCrossed;
  if (is_silent(slot)) bits |= kStale;
  if (slot.is_cut() && slot.bid_count != 0 && slot.ask_count != 0) {
    // The widest band and the twentieth level must lie within what the venue covers.
    const auto bid = static_cast<double>(slot.bids[0].price.raw());
    const auto ask = static_cast<double>(slot.asks[0].price.raw());
    const double reach = (bid + ask) / 2.0 * widest_band_;
    const double mid = (bid + ask) / 2.0;
    const auto floor = Price{static_cast<std::int64_t>(mid - reach)};
    const auto ceiling = Price{static_cast<std::int64_t>(mid + reach)};
    const Price low = std::min(floor, slot.bids[slot.bid_count - 1].price);
    const Price high = std::max(ceiling, slot.asks[slot.ask_count - 1].price);
    if (!slot.covers(Side::Bid, low) || !slot.covers(Side::Ask, high)) bits |= kShallow;
  }
  return bits;
}

// Inlined: what it says is put into words where it is known, and not read back from memory.
[[gnu::always_inline]] inline Tick Shard::tick_of(const InstrumentSlot& slot,
                                                  const MarketEvent& event, const Entry& entry,
                                                  TimestampNs published) const noexcept {
  Tick tick{};
  tick.published = published;
  tick.book_sequence = slot.cursor.last;
  tick.venue_time = event.kind == EventKind::Trade || event.kind == EventKind::Liquidation
                        ? entry.message.venue_time
                        : slot.venue_time;
  tick.received = slot.now;
  if (slot.bid_count != 0) {
    tick.best_bid = slot.bids[0].price;
    tick.bid_qty = slot.bids[0].qty;
  }
  if (slot.ask_count != 0) {
    tick.best_ask = slot.asks[0].price;
    tick.ask_qty = slot.asks[0].qty;
  }
  tick.instrument = slot.instrument.id;
  tick.validity = validity(slot);
  tick.event = static_cast<std::uint8_t>(event.kind);
  tick.status = static_cast<std::uint8_t>(slot.status);
  tick.price_exponent = slot.instrument.scale.price_exponent;
  tick.qty_exponent = slot.instrument.scale.qty_exponent;
  return tick;
}

// Of a live run: when it is published, and how long that took since the frame came.
[[gnu::noinline]] TimestampNs Shard::stamp(EventKind kind, const Entry& entry) noexcept {
  const TimestampNs published = wall_clock();  // cold: latency stamp of a live run, vDSO
  if (stages_.received_to_published == nullptr || entry.decoded.raw() == 0) return published;
  stages_.received_to_decoded->record(entry.decoded.raw() - entry.received.raw());
  stages_.decoded_to_published->record(published.raw() - entry.decoded.raw());
  const Measured latency{published.raw() - entry.received.raw()};
  stages_.received_to_published->record(latency);
  if (stages_.board != nullptr) {
    stages_.board->published(entry, latency,
                             kind == EventKind::Delta || kind == EventKind::Snapshot);
  }
  return published;
}

void Shard::publish(InstrumentSlot& slot, MarketEvent& event, const Entry& entry) noexcept {
  slot.signals.update(event, ValueRow{slot.row.data(), slot.marks.data()});

  TimestampNs published;
  if (options_.stamp_published) published = stamp(event.kind, entry);
  const Tick tick = tick_of(slot, event, entry, published);
  const TickWords words = words_of(tick);
  slot.stats.crossed += slot.status == BookStatus::Crossed ? 1 : 0;
  ++slot.stats.records;
  ++seq_;
  if (options_.digest) add_to_digest(tick, slot.row.first(slot.digested), slot.digest);
  if (options_.publisher != nullptr) {
    options_.publisher->publish(slot.instrument.id, words, slot.row, event.bids, event.asks,
                                {event.bids_differ_from, event.bids_differ_until},
                                {event.asks_differ_from, event.asks_differ_until}, slot.marks);
  }
  if (options_.tap.on_record != nullptr) {
    options_.tap.on_record(options_.tap.context, {seq_, &slot.instrument, &tick, slot.row, &event});
  }
}

}  // namespace steelyard
