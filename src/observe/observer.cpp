#include "observe/observer.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <unordered_map>

namespace steelyard {
namespace {

constexpr std::size_t kLatencies = 256;
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::string_view kLinkFields[] = {"wins", "twins", "late_us"};
constexpr std::string_view kLatencyNames[] = {"received to published", "update to update",
                                              "venue to received"};

[[nodiscard]] std::int64_t utc_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * kSecond + now.tv_nsec;
}

[[nodiscard]] double seconds(std::int64_t ns) noexcept { return static_cast<double>(ns) / 1e9; }

[[nodiscard]] std::int64_t nth(std::vector<std::int64_t>& values, double share) noexcept {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

}  // namespace

Observer::Observer(std::string instance)
    : reader_{Reader::Options{.dead_after = std::chrono::milliseconds{1000},
                              .check_every = std::chrono::milliseconds{50},
                              .from_start = true}} {
  seen_.instance = std::move(instance);
}

const Observation& Observer::look() {
  const std::int64_t now = monotonic_ns();
  if (!reader_.is_attached() && now >= next_attach_ns_) {
    next_attach_ns_ = now + kSecond / 2;
    seen_.reason = reader_.attach(seen_.instance);
    if (seen_.reason.empty()) read_directory();
  }
  if (!reader_.is_attached()) return seen_;
  drain(now);
  read_header(now);
  read_counters(now);
  read_instruments(now);
  read_stages(now);
  return seen_;
}

const Observation& Observer::look_closely() {
  (void)look();
  if (reader_.is_attached()) read_latencies();
  return seen_;
}

std::int32_t Observer::headline_of(std::string_view column) const noexcept {
  const auto at = reader_.find_column(column);
  return at ? reader_.segment().column(*at).headline : -1;
}

// After attaching, and after every restart: who is there, and what it publishes.
void Observer::read_directory() {
  const SegmentView& segment = reader_.segment();
  seen_.columns.clear();
  for (std::uint32_t i = 0; i < reader_.columns(); ++i) {
    seen_.columns.emplace_back(SegmentView::text(segment.column(i).name));
  }
  seen_.instruments.assign(reader_.instruments(), SeenInstrument{});
  for (std::uint32_t i = 0; i < reader_.instruments(); ++i) {
    const InstrumentEntry& entry = segment.instrument(i);
    SeenInstrument& instrument = seen_.instruments[i];
    instrument.venue = SegmentView::text(entry.venue);
    instrument.symbol = SegmentView::text(entry.symbol);
    instrument.name = SegmentView::text(entry.name);
    instrument.channel = SegmentView::text(entry.channel);
    instrument.kind = entry.kind;
    instrument.proof = entry.proof;
    instrument.shard = entry.shard;
    instrument.row.assign(seen_.columns.size(), kUnknown);
  }
  memories_.assign(seen_.instruments.size(), Memory{});
  seen_.stages.assign(segment.count(RegionKind::Histograms), SeenStage{});
  for (std::uint32_t i = 0; i < seen_.stages.size(); ++i) {
    seen_.stages[i].label = SegmentView::text(segment.histogram(i).label);
  }
  stage_memories_.assign(seen_.stages.size(), StageMemory{});
  record_rate_ = Rate{};
  alert_at_ = headline_of("alert");
  cascade_at_ = headline_of("casc_alert");
  place_counters();
  place_latencies();
}

void Observer::place_counters() {
  const SegmentView& segment = reader_.segment();
  std::unordered_map<std::string, std::size_t> instruments;
  for (std::size_t i = 0; i < seen_.instruments.size(); ++i) {
    instruments[seen_.instruments[i].venue + ' ' + seen_.instruments[i].symbol] = i;
  }
  std::unordered_map<std::string, std::size_t> links;
  seen_.links.clear();
  seen_.counters.clear();
  places_.assign(segment.count(RegionKind::Counters), CounterPlace{});
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    const std::string label{SegmentView::text(segment.counter(i).label)};
    const std::size_t space = label.rfind(' ');
    const std::string owner = label.substr(0, space == std::string::npos ? 0 : space);
    const std::string what = space == std::string::npos ? label : label.substr(space + 1);
    CounterPlace& place = places_[i];
    if (const auto found = instruments.find(owner); found != instruments.end()) {
      SeenInstrument& instrument = seen_.instruments[found->second];
      place = {CounterPlace::Of::Instrument, found->second, instrument.counters.size()};
      instrument.counters.push_back({what, 0, 0.0});
      continue;
    }
    const auto field = std::find(std::begin(kLinkFields), std::end(kLinkFields), what);
    const std::size_t shard_end = owner.find(' ');
    if (field != std::end(kLinkFields) && owner.starts_with("shard") &&
        shard_end != std::string::npos) {
      const std::string name = owner.substr(shard_end + 1);
      const auto [at, is_new] = links.try_emplace(name, seen_.links.size());
      if (is_new) {
        SeenLink link;
        link.name = name;
        link.group = name.substr(0, name.rfind('/'));
        seen_.links.push_back(link);
      }
      place = {CounterPlace::Of::Link, at->second,
               static_cast<std::size_t>(field - std::begin(kLinkFields))};
      continue;
    }
    place = {CounterPlace::Of::Other, seen_.counters.size(), 0};
    seen_.counters.push_back({label, 0, 0.0});
  }
  counter_rates_.assign(seen_.counters.size(), Rate{});
  link_rates_.assign(seen_.links.size(), Rate{});
}

// A connection has one of each for every shard; labels of nobody we know have no place.
void Observer::place_latencies() {
  const SegmentView& segment = reader_.segment();
  std::unordered_map<std::string, std::pair<SeenLatency::Of, std::size_t>> owners;
  for (std::size_t i = 0; i < seen_.instruments.size(); ++i) {
    owners[seen_.instruments[i].venue + ' ' + seen_.instruments[i].symbol] = {SeenLatency::Of::Book,
                                                                              i};
  }
  for (std::size_t i = 0; i < seen_.links.size(); ++i) {
    owners[seen_.links[i].name] = {SeenLatency::Of::Link, i};
  }
  seen_.latencies.clear();
  latency_places_.assign(segment.count(RegionKind::CompactHistograms), kNowhere);
  std::unordered_map<std::string, std::size_t> known;
  for (std::uint32_t i = 0; i < latency_places_.size(); ++i) {
    std::string label{SegmentView::text(segment.compact_histogram(i).label)};
    if (label.starts_with("shard")) label.erase(0, label.find(' ') + 1);
    for (const std::string_view what : kLatencyNames) {
      if (!label.ends_with(what) || label.size() <= what.size()) continue;
      const auto owner = owners.find(label.substr(0, label.size() - what.size() - 1));
      if (owner == owners.end()) continue;
      const auto [at, is_new] = known.try_emplace(label, seen_.latencies.size());
      if (is_new) {
        seen_.latencies.push_back(
            {owner->second.first, owner->second.second, std::string{what}, {}});
      }
      latency_places_[i] = at->second;
    }
  }
}

void Observer::drain(std::int64_t now_ns) {
  Record record;
  for (std::size_t i = 0; i < kMostRecords; ++i) {
    const Poll polled = reader_.poll(record);
    if (polled == Poll::Ok) {
      take(record, now_ns);
    } else if (polled == Poll::Restarted) {
      read_directory();
    } else if (polled != Poll::Lapped) {
      break;
    }
  }
  seen_.lapped = reader_.lost();
  seen_.restarts = reader_.restarts();
}

void Observer::take(const Record& record, std::int64_t now_ns) {
  const Tick& tick = record.tick();
  const std::uint32_t id = tick.instrument.raw();
  if (id >= memories_.size()) return;
  Memory& memory = memories_[id];
  SeenInstrument& instrument = seen_.instruments[id];
  // A replay stamps no time of publishing; its times are those of the recording.
  const bool utc = tick.published.raw() != 0;
  const std::int64_t at = utc ? tick.received.raw() : now_ns;
  if (record.event() != EventKind::Timer) {
    memory.event_ns = at;
    memory.event_is_utc = utc;
    ++memory.ring_events;
    if (utc) {
      if (memory.latencies.size() < kLatencies) memory.latencies.push_back(0);
      memory.latencies[memory.next_latency % memory.latencies.size()] =
          tick.published.raw() - tick.received.raw();
      memory.next_latency = (memory.next_latency + 1) % kLatencies;
    }
  }
  const auto edge = [&record](std::int32_t column) {
    if (column < 0) return 0.0;
    const double value = record.values()[static_cast<std::size_t>(column)];
    return std::isnan(value) ? 0.0 : value;
  };
  if (const double alert = edge(alert_at_); alert != 0.0) {
    instrument.alert = alert;
    memory.alert_ns = at;
  }
  if (const double alert = edge(cascade_at_); alert != 0.0) {
    instrument.cascade_alert = alert;
    memory.cascade_ns = at;
  }
}

void Observer::read_header(std::int64_t now_ns) {
  const SegmentView& segment = reader_.segment();
  const SegmentHeader& head = segment.header();
  seen_.version = SegmentView::text(head.version);
  seen_.note = SegmentView::text(head.note);
  seen_.pid = head.publisher_pid;
  seen_.generation = head.generation;
  seen_.started = head.started;
  const std::int64_t beat = head.heartbeat_ns.load(std::memory_order_acquire);
  seen_.heartbeat_age_s = static_cast<double>(now_ns) / 1e9 - static_cast<double>(beat) / 1e9;
  seen_.uptime_s = seconds(utc_ns() - head.started.raw());
  if (reader_.is_alive()) {
    seen_.presence = Presence::Alive;
  } else if (head.state.load(std::memory_order_acquire) == SegmentState::Stopped) {
    seen_.presence = Presence::Stopped;
  } else {
    seen_.presence = Presence::Silent;
  }
  seen_.records = 0;
  for (std::uint32_t i = 0; i < segment.count(RegionKind::Rings); ++i) {
    seen_.records += segment.ring(i).published.load(std::memory_order_acquire);
  }
  record_rate_.sample(seen_.records, now_ns);
  seen_.record_rate_hz = record_rate_.hz();
}

void Observer::read_counters(std::int64_t now_ns) {
  for (SeenLink& link : seen_.links) link.wins = link.twins = link.late_us = 0;
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    const std::uint64_t value = reader_.segment().counter(i).value.load(std::memory_order_relaxed);
    const CounterPlace& place = places_[i];
    switch (place.of) {
      case CounterPlace::Of::Instrument:
        seen_.instruments[place.index].counters[place.field].value = value;
        break;
      case CounterPlace::Of::Link: {
        SeenLink& link = seen_.links[place.index];
        // A connection has a row for each shard.
        std::uint64_t* const fields[] = {&link.wins, &link.twins, &link.late_us};
        *fields[place.field] += value;
        break;
      }
      case CounterPlace::Of::Other:
        seen_.counters[place.index].value = value;
        counter_rates_[place.index].sample(value, now_ns);
        seen_.counters[place.index].rate_hz = counter_rates_[place.index].hz();
        break;
    }
  }
  for (std::size_t i = 0; i < seen_.links.size(); ++i) {
    link_rates_[i].sample(seen_.links[i].wins + seen_.links[i].twins, now_ns);
    seen_.links[i].rate_hz = link_rates_[i].hz();
  }
}

void Observer::read_instruments(std::int64_t now_ns) {
  const std::int64_t utc = utc_ns();
  for (std::uint32_t i = 0; i < seen_.instruments.size(); ++i) {
    SeenInstrument& instrument = seen_.instruments[i];
    Memory& memory = memories_[i];
    instrument.there = reader_.latest(InstrumentId{i}, instrument.view, instrument.row);
    if (!instrument.there) continue;
    const Tick& tick = instrument.view.tick;
    if (memory.event_ns == 0 && tick.published.raw() != 0 &&
        tick.event != static_cast<std::uint8_t>(EventKind::Timer)) {
      memory.event_ns = tick.received.raw();
      memory.event_is_utc = true;
    }
    const auto age = [&](std::int64_t then) {
      if (then == 0) return kUnknown;
      return std::max(0.0, seconds((memory.event_is_utc ? utc : now_ns) - then));
    };
    instrument.age_s = age(memory.event_ns);
    instrument.alert_age_s = age(memory.alert_ns);
    instrument.cascade_alert_age_s = age(memory.cascade_ns);
    // The daemon's own counts where it has them: this onlooker may have been lapped.
    std::uint64_t events = 0;
    for (const char* const name : {"deltas", "snapshots", "trades", "liquidations"}) {
      events += instrument.counter(name);
    }
    memory.rate.sample(instrument.counters.empty() ? memory.ring_events : events, now_ns);
    instrument.rate_hz = memory.rate.hz();
    if (!memory.latencies.empty()) {
      std::vector<std::int64_t> sorted = memory.latencies;
      const auto positive = [](std::int64_t ns) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(1, ns));
      };
      instrument.latency_p50_ns = positive(nth(sorted, 0.5));
      instrument.latency_p99_ns = positive(nth(sorted, 0.99));
    }
  }
}

void Observer::read_stages(std::int64_t now_ns) {
  for (std::uint32_t i = 0; i < seen_.stages.size(); ++i) {
    SeenStage& stage = seen_.stages[i];
    auto& past = stage_memories_[i].past;
    stage.total = HistogramView::copy(reader_.segment().histogram(i));
    if (past.empty() || now_ns - past.back().first >= kSecond) {
      past.emplace_back(now_ns, stage.total);
    }
    while (past.size() > 1 && now_ns - past[1].first >= 10 * kSecond) past.pop_front();
    stage.recent = stage.total.since(past.front().second);
  }
}

void Observer::read_latencies() {
  for (SeenLatency& latency : seen_.latencies) latency.total = {};
  for (std::uint32_t i = 0; i < latency_places_.size(); ++i) {
    if (latency_places_[i] == kNowhere) continue;
    seen_.latencies[latency_places_[i]].total.add(
        CompactHistogramView::copy(reader_.segment().compact_histogram(i)));
  }
}

}  // namespace steelyard
