// src/engine/shard_publish.cpp -- what a book shows, what is to be held of it, and the record of
// both.
#include <algorithm>

#include "core/clock.hpp"
#include "engine/shard.hpp"

namespace steelyard {
namespace {

using TopAfter = OrderBook::TopAfter;

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
  if (!slot.started) {
    slot.started = true;
    slot.now = now;
    return;
  }
  if (now < slot.now) {
    ++slot.stats.backward_clocks;
    return;
  }
  slot.signals.advance(slot.now, now);
  slot.now = now;
}

void Shard::observe(InstrumentSlot& slot, bool changes_tell) noexcept {
  if (slot.state != SyncState::Live) {
    slot.status = BookStatus::NoBook;
    slot.bid_count = slot.ask_count = 0;
    slot.bids_same_until = slot.asks_same_until = 0;
    slot.bids_same_from = slot.asks_same_from = kTopLevels;
    return;
  }
  if (changes_tell) {
    const TopAfter bids =
        slot.book.top_after(Side::Bid, keeper_.changes(Side::Bid), slot.bids, slot.bid_count);
    const TopAfter asks =
        slot.book.top_after(Side::Ask, keeper_.changes(Side::Ask), slot.asks, slot.ask_count);
    slot.bid_count = bids.count;
    slot.bids_same_until = bids.same;
    slot.bids_same_from = bids.until;
    slot.ask_count = asks.count;
    slot.asks_same_until = asks.same;
    slot.asks_same_from = asks.until;
  } else {
    slot.bids_same_until = slot.asks_same_until = 0;
    slot.bids_same_from = slot.asks_same_from = kTopLevels;
    slot.bid_count = slot.book.top(Side::Bid, slot.bids);
    slot.ask_count = slot.book.top(Side::Ask, slot.asks);
  }
  slot.status = book_status(slot.bid_count != 0 ? slot.bids[0] : Level{},
                            slot.ask_count != 0 ? slot.asks[0] : Level{});
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

void Shard::publish(InstrumentSlot& slot, MarketEvent& event, const Entry& entry) noexcept {
  event.now = slot.now;
  event.status = slot.status;
  event.book = &slot.book;
  event.bids = {slot.bids.data(), slot.bid_count};
  event.asks = {slot.asks.data(), slot.ask_count};
  event.bids_same_until = slot.bids_same_until;
  event.asks_same_until = slot.asks_same_until;
  event.bids_same_from = slot.bids_same_from;
  event.asks_same_from = slot.asks_same_from;
  slot.signals.update(event, ValueRow{slot.row.data(), slot.marks.data()});

  Tick tick{};
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
  if (slot.status == BookStatus::Crossed) ++slot.stats.crossed;
  ++slot.stats.records;
  ++seq_;

  if (options_.digest) {
    Digest& digest = slot.digest;
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
    for (std::size_t i = 0; i < slot.digested; ++i) digest.add(slot.row[i]);
  }
  if (options_.stamp_published) {
    tick.published = wall_clock();  // cold: latency stamp of a live run, vDSO
    if (stages_.received_to_published != nullptr && entry.decoded.raw() != 0) {
      stages_.received_to_decoded->record(entry.decoded.raw() - entry.received.raw());
      stages_.decoded_to_published->record(tick.published.raw() - entry.decoded.raw());
      const Measured latency{tick.published.raw() - entry.received.raw()};
      stages_.received_to_published->record(latency);
      if (stages_.board != nullptr) {
        stages_.board->published(
            entry, latency, event.kind == EventKind::Delta || event.kind == EventKind::Snapshot);
      }
    }
  }
  if (options_.publisher != nullptr) {
    options_.publisher->publish(tick, slot.row, event.bids, event.asks,
                                {event.bids_differ_from, event.bids_differ_until},
                                {event.asks_differ_from, event.asks_differ_until}, slot.marks);
  }
  if (options_.tap.on_record != nullptr) {
    options_.tap.on_record(options_.tap.context, {seq_, &slot.instrument, &tick, slot.row, &event});
  }
}

}  // namespace steelyard
