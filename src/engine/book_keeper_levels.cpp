// src/engine/book_keeper_levels.cpp -- how the levels of a message get into a book.
#include "engine/book_keeper.hpp"

namespace steelyard {

BookKeeper::Fit BookKeeper::load(InstrumentSlot& slot, const EntryView& view,
                                 bool as_difference) noexcept {
  change_count_ = 0;
  if (as_difference) {
    for (const Side side : {Side::Bid, Side::Ask}) {
      slot.book.walk(side, [&](Level level) noexcept {
        note(side, level.price, level.qty, Qty{});
        return true;
      });
    }
  }
  const std::size_t kept = change_count_;
  const Message& message = view.entry->message;
  slot.book.clear();
  slot.checksum.lose();
  slot.level_ids.clear();
  slot.orders.clear();
  if (slot.rule.snapshot == SnapshotSource::OutOfBand) {
    slot.trust = TrustedDepth::of_snapshot(view.bids, view.asks);
  }
  const Fit fit = apply(slot, message, view.bids, view.asks);
  if (!as_difference) change_count_ = kept;
  return fit;
}

BookKeeper::Fit BookKeeper::apply(InstrumentSlot& slot, const Message& message,
                                  std::span<const Level> bids,
                                  std::span<const Level> asks) noexcept {
  const bool noted = (message.ids & kHasNotes) != 0;
  slot.stats.level_changes += (bids.size() + asks.size()) / (noted ? 2 : 1);
  const auto side_of = [&](Side side, std::span<const Level> levels) noexcept {
    return noted ? apply_noted_side(slot, side, levels) : apply_side(slot, side, levels);
  };
  const bool first = change_count_ == 0;
  Fit fit = bids.empty() ? Fit::Ok : side_of(Side::Bid, bids);
  const std::size_t of_bids = change_count_;
  if (!asks.empty()) {
    if (const Fit other = side_of(Side::Ask, asks); fit == Fit::Ok) fit = other;
  }
  if (fit == Fit::BookFull) ++slot.stats.refused_levels;
  const std::size_t applied = change_count_;
  if (slot.rule.truncate) {
    truncate(slot, Side::Bid);
    truncate(slot, Side::Ask);
  }
  // An order that moves may change the other side than its own.
  const bool mixed = !first || change_count_ != applied || slot.rule.note == RowNote::OrderId;
  bid_changes_ = mixed ? kMixed : of_bids;
  return fit;
}

bool BookKeeper::put(InstrumentSlot& slot, Side side, Level level) noexcept {
  const OrderBook::Applied applied = slot.book.set(side, level.price, level.qty);
  note(side, level.price, applied.before, level.qty);
  return applied.fits;
}

BookKeeper::Fit BookKeeper::apply_side(InstrumentSlot& slot, Side side,
                                       std::span<const Level> levels) noexcept {
  if (changes_.size() - change_count_ < levels.size()) {
    bool fits = true;
    for (const Level& level : levels) fits = put(slot, side, level) && fits;
    return fits ? Fit::Ok : Fit::BookFull;
  }
  LevelChange* change = changes_.data() + change_count_;
  change_count_ += levels.size();
  const bool fits =
      slot.book.set_all(side, levels, [&change, side](Level level, Qty before) noexcept {
        *change++ = {level.price, before, level.qty, side};
      });
  return fits ? Fit::Ok : Fit::BookFull;
}

BookKeeper::Fit BookKeeper::apply_noted_side(InstrumentSlot& slot, Side side,
                                             std::span<const Level> levels) noexcept {
  Fit fit = Fit::Ok;
  for (std::size_t i = 0; i + 1 < levels.size(); i += 2) {
    const auto told = static_cast<std::uint64_t>(levels[i].price.raw());
    Level level = levels[i + 1];
    if (slot.rule.note == RowNote::Sequence) {
      // Contained in what the book holds already; the row is older than it.
      if (told <= slot.cursor.last.raw()) continue;
    } else if (slot.rule.note == RowNote::OrderId) {
      if (const Fit next = put_order(slot, side, told, level); next != Fit::Ok) fit = next;
      continue;
    } else {
      if (level.price == Price{}) level.price = slot.level_ids.find(told);
      if (level.price == Price{}) {
        fit = Fit::UnknownLevel;
        continue;
      }
      if (level.qty == Qty{}) {
        slot.level_ids.erase(told);
      } else if (!slot.level_ids.set(told, level.price)) {
        fit = Fit::BookFull;
        continue;
      }
    }
    if (!put(slot, side, level)) fit = Fit::BookFull;
  }
  return fit;
}

// A level is the sum of its orders: what the order was leaves it, what it is comes to it.
BookKeeper::Fit BookKeeper::put_order(InstrumentSlot& slot, Side side, std::uint64_t id,
                                      Level level) noexcept {
  const RestingOrder was = slot.orders.find(id);
  if (was.price != Price{}) {
    const Qty left{slot.book.at(was.side, was.price).raw() - was.qty.raw()};
    if (!put(slot, was.side, {was.price, left})) return Fit::BookFull;
  }
  if (level.qty == Qty{}) {
    if (was.price == Price{}) return Fit::UnknownLevel;
    slot.orders.erase(id);
    return Fit::Ok;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(slot.book.at(side, level.price).raw(), level.qty.raw(), &sum) ||
      !slot.orders.set(id, {level.price, level.qty, side}) ||
      !put(slot, side, {level.price, Qty{sum}})) {
    return Fit::BookFull;
  }
  return Fit::Ok;
}

// What the venue no longer tells of must not be believed.
void BookKeeper::truncate(InstrumentSlot& slot, Side side) noexcept {
  while (slot.rule.depth != 0 && slot.book.levels(side) > slot.rule.depth) {
    (void)put(slot, side, {slot.book.worst(side), Qty{}});
  }
}

std::int32_t BookKeeper::checksum_of(InstrumentSlot& slot, bool changes_tell) const noexcept {
  if (slot.rule.note != RowNote::OrderId) {
    const Scale& scale = slot.instrument.scale;
    return changes_tell && has_all_changes() ? slot.checksum.of_changed(slot.book, scale, changes())
                                             : slot.checksum.of(slot.book, scale);
  }
  std::array<RankedOrder, 25> bids;
  std::array<RankedOrder, 25> asks;
  const std::uint32_t bid_count = best_orders(slot.orders, Side::Bid, bids);
  const std::uint32_t ask_count = best_orders(slot.orders, Side::Ask, asks);
  return order_checksum(std::span{bids}.first(bid_count), std::span{asks}.first(ask_count),
                        slot.instrument.scale);
}

bool BookKeeper::verify(InstrumentSlot& slot, const Message& message,
                        bool changes_tell) const noexcept {
  if (slot.rule.checksum == ChecksumId::None) return true;
  if ((message.ids & kHasChecksum) == 0) {
    slot.checksum.lose();
    return true;
  }
  const bool same = checksum_of(slot, changes_tell) == message.checksum;
  ++(same ? slot.stats.checksums_ok : slot.stats.checksums_bad);
  return same;
}

}  // namespace steelyard
