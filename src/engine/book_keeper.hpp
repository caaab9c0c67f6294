// src/engine/book_keeper.hpp -- keeps books in step with their streams: arbitrate, judge, step,
// apply.
#pragma once

#include <span>
#include <vector>

#include "book/delta_buffer.hpp"
#include "core/resync.hpp"
#include "engine/entry.hpp"
#include "engine/instrument_slot.hpp"
#include "signals/market_event.hpp"

namespace steelyard {

// What one message did to one book: at most one event.
struct BookOutcome {
  enum class What : std::uint8_t { Nothing, Delta, Snapshot, Reset };
  What what = What::Nothing;
  bool rebase = false;   // Snapshot: no difference to the book before
  bool request = false;  // a snapshot is needed: `reason`
  // Another connection brought it already, and when that was.
  bool twin = false;
  TimestampNs first_came{};
  ResyncReason reason = ResyncReason::Start;
};

// One per shard. Knows no time but what entries carry, no sockets, and not which venue it serves:
// the slot's row says all that differs.
class BookKeeper {
 public:
  // `slots`: how many instruments; `buffer_bytes`: for deltas that wait for a fetched snapshot.
  BookKeeper(std::uint32_t slots, std::size_t buffer_bytes);

  // HOT. A snapshot or a delta. `index`: the slot's place in its shard.
  [[nodiscard]] BookOutcome on_book(InstrumentSlot& slot, std::uint32_t index,
                                    const EntryView& view) noexcept;
  // The connection came up (anew), or went down.
  [[nodiscard]] BookOutcome on_link_up(InstrumentSlot& slot, std::uint32_t index,
                                       const Entry& entry) noexcept;
  [[nodiscard]] BookOutcome on_link_down(InstrumentSlot& slot, std::uint32_t index,
                                         const Entry& entry) noexcept;
  // The connection's own count has a hole: whatever it carries may have missed something.
  [[nodiscard]] BookOutcome on_link_gap(InstrumentSlot& slot, std::uint32_t index,
                                        const Entry& entry) noexcept;
  // The book is doubtful for a reason that no message carries.
  [[nodiscard]] BookOutcome doubt(InstrumentSlot& slot, std::uint32_t index, ResyncReason reason,
                                  TimestampNs now) noexcept;
  // Time moved on: a snapshot that does not come is asked for again.
  [[nodiscard]] BookOutcome on_timer(InstrumentSlot& slot, std::uint32_t index,
                                     TimestampNs now) noexcept;

  // The levels that the event touched last, as signals want them.
  [[nodiscard]] std::span<const LevelChange> changes() const noexcept {
    return {changes_.data(), change_count_};
  }
  // Those of one side, where they came side by side; else all.
  [[nodiscard]] std::span<const LevelChange> changes(Side side) const noexcept {
    if (bid_changes_ > change_count_) return changes();
    return side == Side::Bid ? changes().first(bid_changes_) : changes().subspan(bid_changes_);
  }
  // Whether those are all of them.
  [[nodiscard]] bool has_all_changes() const noexcept { return change_count_ < changes_.size(); }

 private:
  // How long what one connection has lost may be waited for from another.
  static constexpr std::int64_t kHealNs = 500'000'000;
  static constexpr std::size_t kMixed = ~std::size_t{0};

  static void audit(InstrumentSlot& slot, SequenceNo id) noexcept {
    if (!slot.audit.compares()) return;
    slot.audit.on_book(id, {slot.book.best(Side::Bid), slot.book.best(Side::Ask)});
  }
  [[nodiscard]] static bool in_band(const InstrumentSlot& slot) noexcept {
    return slot.rule.snapshot != SnapshotSource::OutOfBand;
  }
  // Fetched, and ids that prove nothing: a delta missing on the snapshot would not be noticed.
  [[nodiscard]] static bool splices_blindly(const InstrumentSlot& slot) noexcept {
    return !in_band(slot) && slot.rule.link.link == Link::None;
  }
  [[nodiscard]] bool admit(InstrumentSlot& slot, const Entry& entry) const noexcept;
  [[nodiscard]] BookOutcome twin(InstrumentSlot& slot, const Entry& entry) const noexcept;
  // What a snapshot of another connection contains, as long as that may be: then it is no gap.
  [[nodiscard]] static bool is_behind_snapshot(InstrumentSlot& slot, const Entry& entry) noexcept;
  // A gap on one connection while another is in step is its loss, not yet the book's.
  [[nodiscard]] bool may_heal(InstrumentSlot& slot, const Entry& entry) const noexcept;
  [[nodiscard]] BookOutcome on_snapshot(InstrumentSlot& slot, std::uint32_t index,
                                        const EntryView& view) noexcept;
  [[nodiscard]] BookOutcome splice(InstrumentSlot& slot, std::uint32_t index,
                                   const EntryView& view) noexcept;
  [[nodiscard]] BookOutcome on_delta(InstrumentSlot& slot, std::uint32_t index,
                                     const EntryView& view) noexcept;
  [[nodiscard]] BookOutcome died(InstrumentSlot& slot, std::uint32_t index, SyncInput input,
                                 ResyncReason reason, TimestampNs now) noexcept;
  void ask(InstrumentSlot& slot, BookOutcome& outcome, ResyncReason reason,
           TimestampNs now) const noexcept;
  // A live, fetched book that should be fetched again, without a doubt in it.
  [[nodiscard]] bool is_outgrown(const InstrumentSlot& slot, TimestampNs now) const noexcept;
  void give_up_renewal(InstrumentSlot& slot, std::uint32_t index, TimestampNs now) noexcept;
  // Whether the snapshot is as new as the first delta that waits for it.
  [[nodiscard]] bool contains_what_is_held(std::uint32_t index,
                                           const Message& snapshot) const noexcept;
  void lose(InstrumentSlot& slot, std::uint32_t index) noexcept;
  void hold(InstrumentSlot& slot, std::uint32_t index, const EntryView& view) noexcept;
  void follow(InstrumentSlot& slot, const Message& delta) const noexcept;
  // How a message went into a book (book_keeper_levels.cpp). Other than Ok: the book is void.
  enum class Fit : std::uint8_t { Ok, BookFull, UnknownLevel };
  [[nodiscard]] static ResyncReason reason_of(Fit fit) noexcept {
    return fit == Fit::UnknownLevel ? ResyncReason::UnknownLevel : ResyncReason::BookFull;
  }
  [[nodiscard]] Fit load(InstrumentSlot& slot, const EntryView& view, bool as_difference) noexcept;
  [[nodiscard]] Fit apply(InstrumentSlot& slot, const Message& message, std::span<const Level> bids,
                          std::span<const Level> asks) noexcept;
  [[nodiscard]] Fit apply_side(InstrumentSlot& slot, Side side,
                               std::span<const Level> levels) noexcept;
  [[nodiscard]] Fit apply_noted_side(InstrumentSlot& slot, Side side,
                                     std::span<const Level> levels) noexcept;
  [[nodiscard]] bool put(InstrumentSlot& slot, Side side, Level level) noexcept;
  [[nodiscard]] Fit put_order(InstrumentSlot& slot, Side side, std::uint64_t id,
                              Level level) noexcept;
  void truncate(InstrumentSlot& slot, Side side) noexcept;
  // `changes_tell`: changes() are what came to a book that was held against its checksum, or lost.
  [[nodiscard]] std::int32_t checksum_of(InstrumentSlot& slot, bool changes_tell) const noexcept;
  [[nodiscard]] bool verify(InstrumentSlot& slot, const Message& message,
                            bool changes_tell) const noexcept;
  void note(Side side, Price price, Qty before, Qty after) noexcept {
    if (change_count_ < changes_.size()) changes_[change_count_++] = {price, before, after, side};
  }

  DeltaBuffer buffer_;
  std::vector<LevelChange> changes_;
  std::size_t change_count_ = 0;
  std::size_t bid_changes_ = kMixed;  // so many are of bids and come first
};

}  // namespace steelyard
