// What the daemon counts and measures, and where in its segment that stands.
#include "app/daemon.hpp"
#include "app/segment_plan.hpp"

namespace steelyard {

SegmentPlan Daemon::segment_plan() const {
  const std::uint32_t io_count = config_.threads.io;
  const std::uint32_t shard_count = config_.threads.shards;
  SegmentPlan plan =
      make_segment_plan(config_.instance, topology_.instruments, signals_, shard_count);
  plan.directory = config_.segment.directory;
  plan.mode = config_.segment.mode;
  plan.owner = config_.segment.owner;
  plan.group = config_.segment.group;
  plan.huge_pages = config_.segment.huge_pages;
  plan.ring_slots = config_.segment.ring_slots;
  if (!config_.segment.headline.empty()) {
    plan.headline.clear();
    for (const std::string& name : config_.segment.headline) {
      plan.headline.push_back(static_cast<std::uint16_t>(*signals_.find(name)));
    }
  }
  for (const Instrument& instrument : topology_.instruments) {
    for (const std::string_view counter : kInstrumentCounters) {
      plan.counters.push_back(std::string{venue_registry()[instrument.venue]->name} + " " +
                              instrument.symbol + " " + std::string{counter});
    }
  }
  for (std::uint32_t io = 0; io < io_count; ++io) {
    for (const std::string_view counter : kIoCounters) {
      plan.counters.push_back("io" + std::to_string(io) + " " + std::string{counter});
    }
  }
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    for (const char* const stage : kStages) {
      plan.histograms.push_back("shard" + std::to_string(shard) + " " + stage);
    }
  }
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    for (const PlannedConnection& planned : topology_.connections) {
      for (const char* const socket : {"a", "b"}) {
        for (const std::string_view counter : kLinkCounters) {
          plan.counters.push_back("shard" + std::to_string(shard) + " " + planned.name() + socket +
                                  " " + std::string{counter});
        }
      }
    }
  }
  for (const Instrument& instrument : topology_.instruments) {
    for (const std::string_view what : kBookLatencies) {
      plan.compact_histograms.push_back(std::string{venue_registry()[instrument.venue]->name} +
                                        " " + instrument.symbol + " " + std::string{what});
    }
  }
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    for (const PlannedConnection& planned : topology_.connections) {
      for (const char* const socket : {"a", "b"}) {
        for (const std::string_view what : kLinkLatencies) {
          plan.compact_histograms.push_back("shard" + std::to_string(shard) + " " + planned.name() +
                                            socket + " " + std::string{what});
        }
      }
    }
  }
  return plan;
}

// By connection id, as the shard counts them; ids that are no connection's count for nobody.
std::vector<std::atomic<std::uint64_t>*> Daemon::link_counters(std::uint32_t shard) {
  constexpr std::size_t kEach = std::size(kLinkCounters);
  std::vector<std::atomic<std::uint64_t>*> counters(topology_.connection_ids * kEach, &nobody_);
  std::size_t at = topology_.instruments.size() * std::size(kInstrumentCounters) +
                   config_.threads.io * std::size(kIoCounters) +
                   shard * topology_.connections.size() * 2 * kEach;
  for (const PlannedConnection& planned : topology_.connections) {
    for (const ConnectionId id : planned.ids) {
      for (std::size_t i = 0; i < kEach; ++i) {
        counters[id.raw() * kEach + i] = &segment_->counter(at++);
      }
    }
  }
  return counters;
}

// Books of other shards are left out: one writer each.
LatencyBoard Daemon::latency_board(std::uint32_t shard) const {
  std::vector<LatencyBoard::OfBook> books(topology_.instruments.size());
  std::size_t at = 0;
  for (std::size_t book = 0; book < books.size(); ++book) {
    for (CompactHistogram& histogram : books[book]) {
      const CompactHistogram there = segment_->compact_histogram(at++);
      if (topology_.instruments[book].shard == shard) histogram = there;
    }
  }
  std::vector<LatencyBoard::OfLink> links(topology_.connection_ids);
  at += shard * topology_.connections.size() * 2 * std::size(kLinkLatencies);
  for (const PlannedConnection& planned : topology_.connections) {
    for (const ConnectionId id : planned.ids) {
      for (CompactHistogram& histogram : links[id.raw()]) {
        histogram = segment_->compact_histogram(at++);
      }
    }
  }
  return LatencyBoard{std::move(books), std::move(links)};
}

}  // namespace steelyard
