// src/engine/shard_reports.cpp -- a shard's counters, for readers of the segment.
#include "engine/shard.hpp"

namespace steelyard {

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

}  // namespace steelyard
