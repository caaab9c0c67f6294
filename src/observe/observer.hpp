// src/observe/observer.hpp -- looks at a segment again and again, as screens and exporters do.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "observe/observation.hpp"
#include "observe/rate.hpp"

namespace steelyard {

// Follows one instance through absence, death and restarts. Reads shared memory only: nothing here
// can disturb a daemon. One thread. Cost: a copy of the state table, and of what the rings brought
// since the last look, at most kMostRecords of it.
class Observer {
 public:
  static constexpr std::size_t kMostRecords = 200'000;

  explicit Observer(std::string instance);

  // Looks now. Never waits, never fails: what is wrong is in what it returns, which is valid until
  // the next call.
  const Observation& look();
  // The same, and the latencies of every book and connection: 1.4 kB each, so not for a screen.
  const Observation& look_closely();
  [[nodiscard]] const Observation& seen() const noexcept { return seen_; }

 private:
  // What a counter of the segment is about.
  struct CounterPlace {
    enum class Of : std::uint8_t { Instrument, Link, Other } of = Of::Other;
    std::size_t index = 0;
    std::size_t field = 0;
  };
  struct Memory {  // of an instrument, from look to look
    Rate rate;
    std::int64_t event_ns = 0;  // of its last event; UTC, or of our own monotonic clock
    bool event_is_utc = false;
    std::uint64_t ring_events = 0;
    std::vector<std::int64_t> latencies;  // the last ones, in a ring
    std::size_t next_latency = 0;
    std::int64_t alert_ns = 0;
    std::int64_t cascade_ns = 0;
  };
  struct StageMemory {
    std::deque<std::pair<std::int64_t, HistogramView>> past;  // one a second
  };

  void read_directory();
  void place_counters();
  void place_latencies();
  void drain(std::int64_t now_ns);
  void take(const Record& record, std::int64_t now_ns);
  void read_header(std::int64_t now_ns);
  void read_counters(std::int64_t now_ns);
  void read_instruments(std::int64_t now_ns);
  void read_stages(std::int64_t now_ns);
  void read_latencies();
  [[nodiscard]] std::int32_t headline_of(std::string_view column) const noexcept;

  Reader reader_;
  Observation seen_;
  std::vector<CounterPlace> places_;
  std::vector<std::size_t> latency_places_;  // among seen_.latencies, by compact histogram
  std::vector<Rate> counter_rates_;
  std::vector<Rate> link_rates_;
  std::vector<Memory> memories_;
  std::vector<StageMemory> stage_memories_;
  Rate record_rate_;
  std::int32_t alert_at_ = -1;  // among the headline values
  std::int32_t cascade_at_ = -1;
  std::int64_t next_attach_ns_ = 0;
};

}  // namespace steelyard
