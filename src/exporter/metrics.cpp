#include "exporter/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "observe/health.hpp"
#include "observe/verdict_text.hpp"

namespace steelyard {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Signals worth a line in a monitor: slow, of few values, or a health figure. Strategies read the
// rest where it is fresh.
constexpr const char* kSignals[] = {"spread_bps", "pbi_10bp",   "ois",
                                    "regime",     "casc_level", "liq_net_60000ms"};

// Counters of an instrument that are levels of now, not sums.
constexpr std::string_view kLevels[] = {"bid_levels", "ask_levels"};

class Families {
 public:
  explicit Families(std::string segment) : segment_{std::move(segment)} {}

  void add(const char* name, MetricType type, const char* help, Labels labels, double value) {
    if (std::isnan(value)) return;
    MetricFamily& family = find(name, type, help);
    ClientMetric metric;
    metric.label = with_segment(std::move(labels));
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  void gauge(const char* name, const char* help, Labels labels, double value) {
    add(name, MetricType::Gauge, help, std::move(labels), value);
  }
  void counter(const char* name, const char* help, Labels labels, double value) {
    add(name, MetricType::Counter, help, std::move(labels), value);
  }
  void histogram(const char* name, const char* help, Labels labels, const HistogramView& of);
  // Only the buckets that hold something, and the last.
  void histogram(const char* name, const char* help, Labels labels, const CompactHistogramView& of);
  [[nodiscard]] std::vector<MetricFamily> take() { return std::move(families_); }

 private:
  [[nodiscard]] MetricFamily& find(const std::string& name, MetricType type, const char* help) {
    for (MetricFamily& family : families_) {
      if (family.name == name) return family;
    }
    families_.push_back({name, help, type, {}});
    return families_.back();
  }
  [[nodiscard]] Labels with_segment(Labels labels) const {
    labels.insert(labels.begin(), {"segment", segment_});
    return labels;
  }

  std::string segment_;
  std::vector<MetricFamily> families_;
};

void Families::histogram(const char* name, const char* help, Labels labels,
                         const HistogramView& of) {
  MetricFamily& family = find(name, MetricType::Histogram, help);
  ClientMetric metric;
  metric.label = with_segment(std::move(labels));
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < kHistogramBuckets; ++i) {
    sum += of.buckets[i];
    const bool last = i + 1 == kHistogramBuckets;
    metric.histogram.bucket.push_back({sum, last ? std::numeric_limits<double>::infinity()
                                                 : static_cast<double>(bucket_bound_ns(i)) / 1e9});
  }
  // Of one moment: the sum of the buckets, not the counter that is raised beside them.
  metric.histogram.sample_count = sum;
  metric.histogram.sample_sum = static_cast<double>(of.sum_ns) / 1e9;
  family.metric.push_back(std::move(metric));
}

void Families::histogram(const char* name, const char* help, Labels labels,
                         const CompactHistogramView& of) {
  MetricFamily& family = find(name, MetricType::Histogram, help);
  ClientMetric metric;
  metric.label = with_segment(std::move(labels));
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < kCompactBuckets; ++i) {
    if (of.buckets[i] == 0) continue;
    sum += of.buckets[i];
    metric.histogram.bucket.push_back({sum, static_cast<double>(compact_bound_ns(i)) / 1e9});
  }
  metric.histogram.bucket.push_back({sum, std::numeric_limits<double>::infinity()});
  metric.histogram.sample_count = sum;
  metric.histogram.sample_sum = static_cast<double>(of.sum_ns) / 1e9;
  family.metric.push_back(std::move(metric));
}

void add_daemon(Families& out, const Observation& seen) {
  out.gauge("steelyard_up", "1 while the daemon's heartbeat is younger than a second.", {},
            seen.presence == Presence::Alive ? 1.0 : 0.0);
  if (seen.presence == Presence::Absent) return;
  out.gauge("steelyard_info", "Always 1; the daemon's version.", {{"version", seen.version}}, 1.0);
  out.gauge("steelyard_heartbeat_age_seconds",
            "Since the daemon's last heartbeat, due every 0.1 s.", {}, seen.heartbeat_age_s);
  out.gauge("steelyard_start_time_seconds", "When the daemon started, since the Unix epoch.", {},
            static_cast<double>(seen.started.raw()) / 1e9);
  out.counter("steelyard_records_total", "Records published since the daemon started.", {},
              static_cast<double>(seen.records));
  out.counter("steelyard_exporter_lapped_total",
              "Records that this exporter did not see; alerts among them are missed.", {},
              static_cast<double>(seen.lapped));
  out.gauge("steelyard_instruments", "Instruments that the daemon follows.", {},
            static_cast<double>(seen.instruments.size()));
  out.gauge("steelyard_instruments_live", "Instruments whose book is in step with its venue.", {},
            static_cast<double>(seen.live_count()));
}

void add_instrument(Families& out, const Observation& seen, const SeenInstrument& of) {
  const Labels labels{{"venue", of.venue}, {"symbol", of.symbol}};
  out.gauge("steelyard_book_live", "1 while the book is in step with its venue.", labels,
            of.is_live() && seen.presence == Presence::Alive ? 1.0 : 0.0);
  if (!of.there) return;
  for (std::uint32_t bit = kSyncing; bit <= kDiverged; bit <<= 1) {
    Labels with = labels;
    with.push_back({"condition", std::string{verdict_word(bit)}});
    out.gauge("steelyard_book_condition", "1 while this validity bit is set.", std::move(with),
              (of.view.tick.validity & bit) != 0 ? 1.0 : 0.0);
  }
  out.gauge("steelyard_book_age_seconds", "Since the instrument's last event.", labels, of.age_s);
  for (const NamedCount& counter : of.counters) {
    const auto value = static_cast<double>(counter.value);
    if (std::find(std::begin(kLevels), std::end(kLevels), counter.name) != std::end(kLevels)) {
      out.gauge(("steelyard_book_" + counter.name).c_str(), "Price levels of that side now.",
                labels, value);
      continue;
    }
    out.counter(("steelyard_book_" + counter.name + "_total").c_str(),
                "Counter of an instrument; docs/operations.md says what it counts.", labels, value);
  }
  if (!of.is_live() || seen.presence != Presence::Alive) return;
  for (const char* const column : kSignals) {
    Labels with = labels;
    with.push_back({"column", column});
    out.gauge("steelyard_signal", "A column of the state table, while its book is live.",
              std::move(with), seen.value(of, column));
  }
}

void add_counters(Families& out, const Observation& seen) {
  for (const NamedCount& counter : seen.counters) {
    const std::size_t space = counter.name.find(' ');
    if (!counter.name.starts_with("io") || space == std::string::npos) continue;
    const Labels labels{{"io", counter.name.substr(2, space - 2)}};
    const std::string name = counter.name.substr(space + 1);
    const auto value = static_cast<double>(counter.value);
    if (name == "connections_open") {
      out.gauge("steelyard_io_connections_open", "Connections that are open now.", labels, value);
      continue;
    }
    out.counter(("steelyard_io_" + name + "_total").c_str(),
                "Counter of an io thread; docs/operations.md says what it counts.", labels, value);
  }
  for (const SeenLink& link : seen.links) {
    const Labels labels{{"connection", link.name}, {"stream", link.group}};
    out.counter("steelyard_connection_first_total", "Messages that it brought before any other.",
                labels, static_cast<double>(link.wins));
    out.counter("steelyard_connection_repeated_total",
                "Messages that another connection had brought already.", labels,
                static_cast<double>(link.twins));
    out.counter("steelyard_connection_late_seconds_total",
                "By how much it was late with those, in all.", labels,
                static_cast<double>(link.late_us) / 1e6);
  }
}

void add_stages(Families& out, const Observation& seen) {
  for (const SeenStage& stage : seen.stages) {
    const std::size_t space = stage.label.find(' ');
    if (!stage.label.starts_with("shard") || space == std::string::npos) continue;
    std::string name = stage.label.substr(space + 1);
    std::replace(name.begin(), name.end(), ' ', '_');
    out.histogram("steelyard_latency_seconds",
                  "From the kernel's receive time on, by stage of the way to shared memory.",
                  {{"shard", stage.label.substr(5, space - 5)}, {"stage", name}}, stage.total);
  }
}

// One that holds nothing is left out: most connections' second sockets never come into use.
void add_latencies(Families& out, const Observation& seen) {
  for (const SeenLatency& latency : seen.latencies) {
    if (latency.total.count() == 0) continue;
    if (latency.of == SeenLatency::Of::Book) {
      const SeenInstrument& book = seen.instruments[latency.index];
      const Labels labels{{"venue", book.venue}, {"symbol", book.symbol}};
      if (latency.what == "update to update") {
        out.histogram("steelyard_book_update_interval_seconds",
                      "From one change of a book to its next, by the kernel's receive time.",
                      labels, latency.total);
      } else {
        out.histogram("steelyard_book_latency_seconds",
                      "From the kernel's receive time to the record in shared memory, by book.",
                      labels, latency.total);
      }
      continue;
    }
    const SeenLink& link = seen.links[latency.index];
    const Labels labels{{"connection", link.name}, {"stream", link.group}};
    if (latency.what == "venue to received") {
      out.histogram("steelyard_stream_delay_seconds",
                    "From the venue's own stamp to the kernel's receive time: as right as both "
                    "clocks are; what seems to come before it was sent counts as 0.",
                    labels, latency.total);
    } else {
      out.histogram("steelyard_stream_latency_seconds",
                    "From the kernel's receive time to the record in shared memory, by connection.",
                    labels, latency.total);
    }
  }
}

}  // namespace

std::vector<prometheus::MetricFamily> metric_families(const Observation& seen) {
  Families out{seen.instance};
  add_daemon(out, seen);
  if (seen.presence != Presence::Absent) {
    for (const SeenInstrument& instrument : seen.instruments) {
      add_instrument(out, seen, instrument);
    }
    add_counters(out, seen);
    add_stages(out, seen);
    add_latencies(out, seen);
  }
  const std::vector<Trouble> wrong = troubles(seen);
  const std::pair<Trouble::Level, const char*> levels[] = {{Trouble::Level::Warning, "warning"},
                                                           {Trouble::Level::NotReady, "not_ready"},
                                                           {Trouble::Level::Down, "down"}};
  for (const auto& [level, name] : levels) {
    const auto count = std::count_if(
        wrong.begin(), wrong.end(), [level = level](const Trouble& t) { return t.level == level; });
    out.gauge("steelyard_troubles", "Things that are wrong now; /readyz says which.",
              {{"level", name}}, static_cast<double>(count));
  }
  return out.take();
}

}  // namespace steelyard
