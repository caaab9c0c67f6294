// src/engine/shard_start.cpp -- what a shard holds, taken before its first entry.
#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "engine/shard.hpp"

namespace steelyard {
namespace {

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
  const std::size_t row_bytes = signals.columns().size() * sizeof(double);
  const std::size_t mark_bytes = ValueRow::marks(signals.columns().size());
  std::size_t bytes = 0;
  for (const Instrument& instrument : instruments) {
    if (instrument.shard != options.index) continue;
    ++seq_;
    bytes += HugeBlock::lines(row_bytes) + HugeBlock::lines(mark_bytes) +
             HugeBlock::lines(signals.arena_bytes(instrument));
  }
  memory_ = HugeBlock{bytes};
  slots_.reserve(seq_);
  ask_for_huge_pages(slots_.data(), seq_ * sizeof(InstrumentSlot));
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
    // The row lies ahead of the states that write it.
    const std::span<std::byte> row = memory_.take(row_bytes);
    slot.row = {reinterpret_cast<double*>(row.data()), signals.columns().size()};
    std::fill(slot.row.begin(), slot.row.end(), std::numeric_limits<double>::quiet_NaN());
    const std::span<std::byte> marks = memory_.take(mark_bytes);
    slot.marks = {reinterpret_cast<std::uint8_t*>(marks.data()), mark_bytes};
    std::fill(slot.marks.begin(), slot.marks.end(), std::uint8_t{1});  // nothing is published yet
    slot.arena = memory_.take(signals.arena_bytes(instrument));
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
      slot->signals = signals_.build(slot->instrument, slot->arena, &group);
      group.members.push_back(&slot->signals.member());
    }
  }
}

}  // namespace steelyard
