#include <unistd.h>

#include <CLI/CLI.hpp>
#include <bit>
#include <cstdio>
#include <memory>

#include "cli/commands.hpp"
#include "cli/live_view.hpp"
#include "core/clock.hpp"
#include "observe/histogram_view.hpp"
#include "steelyard/reader.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out;
}

struct Health {
  bool alive;
  double heartbeat_age_ms;
  std::uint32_t live = 0;
  std::uint32_t instruments = 0;
};

[[nodiscard]] Health look(const Reader& reader) {
  Health health{};
  health.alive = reader.is_alive();
  health.heartbeat_age_ms = (static_cast<double>(monotonic_ns()) -
                             static_cast<double>(reader.segment().header().heartbeat_ns.load())) /
                            1e6;
  health.instruments = reader.instruments();
  for (std::uint32_t i = 0; i < health.instruments; ++i) {
    StateView view{};
    if (reader.latest(InstrumentId{i}, view, {}) && is_live(view.tick)) ++health.live;
  }
  return health;
}

// Of these, nothing on the wire would tell that a change was lost.
void print_unproven(const Reader& reader) {
  std::string books;
  for (std::uint32_t i = 0; i < reader.instruments(); ++i) {
    const InstrumentEntry& entry = reader.segment().instrument(i);
    if ((entry.proof & kUnproven) == 0) continue;
    books.append("  ").append(SegmentView::text(entry.venue)).append(" ");
    books.append(SegmentView::text(entry.symbol));
  }
  if (!books.empty()) std::printf("unproven:%s\n", books.c_str());
}

void print_text(const Reader& reader, const Health& health) {
  const SegmentHeader& head = reader.segment().header();
  std::printf("%s  version %s  pid %lld  heartbeat %.0f ms ago  %u of %u instruments live\n",
              health.alive ? "alive" : "DEAD", std::string{SegmentView::text(head.version)}.c_str(),
              static_cast<long long>(head.publisher_pid), health.heartbeat_age_ms, health.live,
              health.instruments);
  if (const std::string note{SegmentView::text(head.note)}; !note.empty()) {
    std::printf("%s\n", note.c_str());
  }
  print_live_view(stdout, reader, false);
  print_unproven(reader);
  for (std::uint32_t i = 0; i < reader.segment().count(RegionKind::Histograms); ++i) {
    const HistogramEntry& histogram = reader.segment().histogram(i);
    const HistogramView view = HistogramView::copy(histogram);
    if (histogram.count.load(std::memory_order_relaxed) == 0) continue;
    std::printf("%-32s p50 %llu  p99 %llu  p99.9 %llu  max %llu ns  (%llu)\n",
                std::string{SegmentView::text(histogram.label)}.c_str(),
                static_cast<unsigned long long>(view.percentile_ns(0.5)),
                static_cast<unsigned long long>(view.percentile_ns(0.99)),
                static_cast<unsigned long long>(view.percentile_ns(0.999)),
                static_cast<unsigned long long>(histogram.max.load()),
                static_cast<unsigned long long>(histogram.count.load()));
  }
  for (std::uint32_t i = 0; i < reader.segment().count(RegionKind::CompactHistograms); ++i) {
    const CompactHistogramEntry& histogram = reader.segment().compact_histogram(i);
    const auto view = CompactHistogramView::copy(histogram);
    const std::uint64_t count = view.count();
    if (count == 0) continue;
    std::printf("%-56s p50 %llu  p99 %llu ns  (%llu)\n",
                std::string{SegmentView::text(histogram.label)}.c_str(),
                static_cast<unsigned long long>(view.percentile_ns(0.5)),
                static_cast<unsigned long long>(view.percentile_ns(0.99)),
                static_cast<unsigned long long>(count));
  }
  for (std::uint32_t i = 0; i < reader.segment().count(RegionKind::Counters); ++i) {
    const CounterEntry& counter = reader.segment().counter(i);
    const std::uint64_t value = counter.value.load(std::memory_order_relaxed);
    if (value == 0) continue;
    std::printf("%-56s %llu\n", std::string{SegmentView::text(counter.label)}.c_str(),
                static_cast<unsigned long long>(value));
  }
}

void print_json(const Reader& reader, const Health& health) {
  const SegmentHeader& head = reader.segment().header();
  std::printf(
      "{\"alive\":%s,\"version\":\"%s\",\"pid\":%lld,\"generation\":\"%016llx\","
      "\"started\":%lld,\"heartbeat_age_ms\":%.1f,\"instruments_live\":%u,"
      "\"instruments\":[",
      health.alive ? "true" : "false", escaped(SegmentView::text(head.version)).c_str(),
      static_cast<long long>(head.publisher_pid), static_cast<unsigned long long>(head.generation),
      static_cast<long long>(head.started.raw()), health.heartbeat_age_ms, health.live);
  for (std::uint32_t i = 0; i < health.instruments; ++i) {
    const InstrumentEntry& entry = reader.segment().instrument(i);
    StateView view{};
    const bool there = reader.latest(InstrumentId{i}, view, {});
    std::printf(
        "%s{\"venue\":\"%s\",\"symbol\":\"%s\",\"name\":\"%s\",\"proof\":\"%s\","
        "\"verdict\":\"%s\",\"status\":%u,\"received\":%lld}",
        i == 0 ? "" : ",", escaped(SegmentView::text(entry.venue)).c_str(),
        escaped(SegmentView::text(entry.symbol)).c_str(),
        escaped(SegmentView::text(entry.name)).c_str(), proof_text(entry.proof).c_str(),
        there ? verdict_text(view.tick.validity).c_str() : "nothing yet",
        there ? view.tick.status : 0U,
        there ? static_cast<long long>(view.tick.received.raw()) : 0LL);
  }
  std::printf("],\"counters\":{");
  for (std::uint32_t i = 0; i < reader.segment().count(RegionKind::Counters); ++i) {
    const CounterEntry& counter = reader.segment().counter(i);
    std::printf("%s\"%s\":%llu", i == 0 ? "" : ",",
                escaped(SegmentView::text(counter.label)).c_str(),
                static_cast<unsigned long long>(counter.value.load()));
  }
  std::printf("},\"latency_ns\":{");
  for (std::uint32_t i = 0; i < reader.segment().count(RegionKind::Histograms); ++i) {
    const HistogramEntry& histogram = reader.segment().histogram(i);
    const HistogramView view = HistogramView::copy(histogram);
    std::printf("%s\"%s\":{\"count\":%llu,\"p50\":%llu,\"p99\":%llu,\"p999\":%llu,\"max\":%llu}",
                i == 0 ? "" : ",", escaped(SegmentView::text(histogram.label)).c_str(),
                static_cast<unsigned long long>(histogram.count.load()),
                static_cast<unsigned long long>(view.percentile_ns(0.5)),
                static_cast<unsigned long long>(view.percentile_ns(0.99)),
                static_cast<unsigned long long>(view.percentile_ns(0.999)),
                static_cast<unsigned long long>(histogram.max.load()));
  }
  std::printf("},\"compact_latency_ns\":{");
  for (std::uint32_t i = 0; i < reader.segment().count(RegionKind::CompactHistograms); ++i) {
    const CompactHistogramEntry& histogram = reader.segment().compact_histogram(i);
    const auto view = CompactHistogramView::copy(histogram);
    std::printf("%s\"%s\":{\"count\":%llu,\"p50\":%llu,\"p99\":%llu}", i == 0 ? "" : ",",
                escaped(SegmentView::text(histogram.label)).c_str(),
                static_cast<unsigned long long>(view.count()),
                static_cast<unsigned long long>(view.percentile_ns(0.5)),
                static_cast<unsigned long long>(view.percentile_ns(0.99)));
  }
  std::printf("}}\n");
}

int run(const std::string& instance, bool json) {
  Reader reader;
  if (const std::string reason = reader.attach(instance); !reason.empty()) {
    std::fprintf(stderr, "steelyard status: %s\n", reason.c_str());
    return kExitFailed;
  }
  const Health health = look(reader);
  json ? print_json(reader, health) : print_text(reader, health);
  return health.alive ? kExitOk : kExitFailed;
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "status",
      "Says how a daemon is, from shared memory alone: also of one that hangs. Exit status "
      "1 if it is dead");
  auto instance = std::make_shared<std::string>("default");
  auto json = std::make_shared<bool>(false);
  command->add_option("INSTANCE", *instance, "Instance name (default: default)");
  command->add_flag("--json", *json, "As one JSON object");
  command->callback([instance, json, &exit_code] { exit_code = run(*instance, *json); });
}

}  // namespace steelyard
