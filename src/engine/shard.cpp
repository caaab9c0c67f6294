#include "engine/shard.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "core/clock.hpp"

namespace steelyard {
namespace {

using TopAfter = OrderBook::TopAfter;

constexpr int kEntriesPerRound = 256;

// Enough for what accumulates beyond the snapshot while a diff stream runs.
[[nodiscard]] std::uint32_t book_capacity(const BookChannel& channel) noexcept {
  constexpr std::uint32_t kWholeBook = 60'000;
  return channel.depth == 0 ? kWholeBook : std::max(4 * channel.depth, 20'000U);
}

}  // namespace

Shard::Shard(const ShardOptions& options, std::span<const Instrument> instruments,
             const SignalSet& signals, std::span<SpscByteRing* const> inputs)
    : options_{options},
      slot_of_(instruments.size(), kNotHere),
      inputs_(inputs.begin(), inputs.end()),
      links_(options.connections),
      keeper_{static_cast<std::uint32_t>(instruments.size()), options.buffer_bytes},
      signals_{signals},
      widest_band_{signals.widest_band()} {
  for (std::size_t io = 0; io < inputs.size(); ++io) {
    resyncs_.push_back(std::make_unique<ResyncQueue>());
  }
  for (const Instrument& instrument : instruments) {
    if (instrument.shard == options.index) ++seq_;
  }
  slots_.reserve(seq_);
  seq_ = 0;
  for (const Instrument& instrument : instruments) {
    if (instrument.shard != options.index) continue;
    const Venue& venue = *venue_registry()[instrument.venue];
    const BookChannel& channel = venue.books[instrument.channel];
    slot_of_[instrument.id.raw()] = static_cast<std::uint32_t>(slots_.size());
    InstrumentSlot& slot =
        slots_.emplace_back(instrument, channel, book_capacity(channel), options.audit_entries,
                            venue.numbers_trades ? options.seen_trades : 0);
    slot.shares_ids = venue.shares_ids;
    if (venue.bbo_skips) slot.audit.compare_same_ids_only();
    slot.row.assign(signals.columns().size(), std::numeric_limits<double>::quiet_NaN());
    slot.arena.resize(signals.arena_bytes(instrument) + kCacheLineBytes);
    for (const char c : venue.name) slot.digest.add(static_cast<std::uint64_t>(c));
    for (const char c : instrument.symbol) slot.digest.add(static_cast<std::uint64_t>(c));
  }
  group_up();
}

void Shard::group_up() {
  std::map<std::string, std::vector<InstrumentSlot*>> groups;
  for (InstrumentSlot& slot : slots_) groups[group_key(slot.instrument)].push_back(&slot);
  groups_.resize(groups.size());
  const std::span<const Column> columns = signals_.columns();
  const std::size_t of_one_instrument = static_cast<std::size_t>(
      std::find_if(columns.begin(), columns.end(),
                   [](const Column& column) { return column.order >= column_order::kCrossVenue; }) -
      columns.begin());
  std::size_t next = 0;
  for (const auto& [key, members] : groups) {
    Group& group = groups_[next++];
    // In what order events of several io threads reach a shard, no recording tells.
    const bool one_io = std::all_of(members.begin(), members.end(), [&](const auto* slot) {
      return slot->instrument.io == members.front()->instrument.io;
    });
    for (InstrumentSlot* const slot : members) {
      slot->group = &group;
      slot->digested = one_io ? columns.size() : of_one_instrument;
      slot->signals = signals_.build(slot->instrument, slot->signal_memory(), &group);
      group.members.push_back(&slot->signals.member());
    }
  }
}

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
  slot.signals = signals_.build(slot.instrument, slot.signal_memory(), slot.group);
  // What the old states said and nobody says any more, first of all what is latched bar by bar.
  std::fill(slot.row.begin(), slot.row.end(), std::numeric_limits<double>::quiet_NaN());
}

void Shard::on_message(const EntryView& view) noexcept {
  const Entry& entry = *view.entry;
  const Message& message = entry.message;
  const std::uint32_t index = slot_of_[message.instrument.raw()];
  if (index == kNotHere) return;
  InstrumentSlot& slot = slots_[index];
  if (slot.stats.first.raw() == 0) slot.stats.first = entry.received;
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
      MarketEvent event;
      event.kind = trade ? EventKind::Trade : EventKind::Liquidation;
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

// Publishes what became of the book, and sends the request for a snapshot: in this order, since a
// doubtful book is announced before anything else is tried.
void Shard::settle(InstrumentSlot& slot, const BookOutcome& outcome, const Entry& entry) noexcept {
  using What = BookOutcome::What;
  if (outcome.what != What::Nothing) {
    advance(slot, entry.received);
    observe(slot, outcome.what == What::Delta && keeper_.has_all_changes());
    MarketEvent event;
    event.rebase = outcome.rebase;
    event.changes = keeper_.changes();
    switch (outcome.what) {
      case What::Delta:
        ++slot.stats.deltas;
        event.kind = EventKind::Delta;
        break;
      case What::Snapshot:
        ++slot.stats.snapshots;
        slot.had_book = true;
        event.kind = EventKind::Snapshot;
        break;
      case What::Reset:
      case What::Nothing:
        event.kind = EventKind::Reset;
        break;
    }
    event.observation = outcome.what != What::Reset && slot.status != BookStatus::NoBook &&
                        slot.status != BookStatus::Crossed;
    publish(slot, event, entry);
  }
  request(slot, outcome);
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
    MarketEvent event;
    event.kind = EventKind::Timer;
    publish(slot, event, entry);
  }
}

void Shard::report(const InstrumentSlot& slot) noexcept {
  if (options_.counters.empty()) return;
  const InstrumentStats& stats = slot.stats;
  const std::uint64_t values[] = {stats.records,
                                  stats.deltas,
                                  stats.snapshots,
                                  stats.trades,
                                  stats.liquidations,
                                  stats.gaps,
                                  stats.resets,
                                  stats.resyncs,
                                  stats.stale,
                                  stats.crossed,
                                  stats.checksums_bad,
                                  stats.bad_frames,
                                  slot.audit.ok(),
                                  slot.audit.bad(),
                                  slot.book.levels(Side::Bid),
                                  slot.book.levels(Side::Ask)};
  static_assert(std::size(values) == std::size(kInstrumentCounters));
  const std::size_t at = slot.instrument.id.raw() * std::size(values);
  for (std::size_t i = 0; i < std::size(values); ++i) {
    options_.counters[at + i]->store(values[i], std::memory_order_relaxed);
  }
}

void Shard::report_links() noexcept {
  constexpr std::size_t kEach = std::size(kLinkCounters);
  for (std::size_t i = 0; i < options_.link_counters.size() / kEach; ++i) {
    const LinkStats& link = links_[i];
    const std::uint64_t values[] = {link.wins, link.twins, link.late_ns / 1000};
    static_assert(std::size(values) == kEach);
    for (std::size_t at = 0; at < kEach; ++at) {
      options_.link_counters[i * kEach + at]->store(values[at], std::memory_order_relaxed);
    }
  }
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
    return;
  }
  if (changes_tell) {
    // Only from the best level that was touched on; most messages touch none of the best.
    Price bid{std::numeric_limits<std::int64_t>::min()};
    Price ask{std::numeric_limits<std::int64_t>::max()};
    for (const LevelChange& change : keeper_.changes()) {
      if (change.side == Side::Bid) {
        bid = std::max(bid, change.price);
      } else {
        ask = std::min(ask, change.price);
      }
    }
    slot.bids_same_until = slot.asks_same_until = kTopLevels;
    if (bid.raw() != std::numeric_limits<std::int64_t>::min()) {
      const TopAfter after = slot.book.top_after(Side::Bid, bid, slot.bids, slot.bid_count);
      slot.bid_count = after.count;
      slot.bids_same_until = after.same;
    }
    if (ask.raw() != std::numeric_limits<std::int64_t>::max()) {
      const TopAfter after = slot.book.top_after(Side::Ask, ask, slot.asks, slot.ask_count);
      slot.ask_count = after.count;
      slot.asks_same_until = after.same;
    }
  } else {
    slot.bids_same_until = slot.asks_same_until = 0;
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
  slot.signals.update(event, slot.row);

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
    options_.publisher->publish(tick, slot.row, event.bids, event.asks, event.bids_differ_from,
                                event.asks_differ_from);
  }
  if (options_.tap.on_record != nullptr) {
    options_.tap.on_record(options_.tap.context, {seq_, &slot.instrument, &tick, slot.row, &event});
  }
}

}  // namespace steelyard
