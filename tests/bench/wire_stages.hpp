// tests/bench/wire_stages.hpp -- where a frame's time goes between the socket and a reader: the
// histograms that the segment carries, and a reader on the sender's core.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench_stats.hpp"
#include "core/clock.hpp"
#include "observe/histogram_view.hpp"
#include "steelyard/reader.hpp"

namespace steelyard::bench {

enum : std::size_t { kReceivedToDecoded, kDecodedToPublished, kPublishedToRead, kStagesOfFrame };
constexpr const char* kFrameStageNames[kStagesOfFrame] = {
    "received to decoded", "decoded to published", "published to read"};
constexpr const char* kFrameStageKeys[kStagesOfFrame] = {"received_decoded", "decoded_published",
                                                         "published_read"};

// Of one run, in us. Plain data: it crosses processes.
struct StageTimes {
  std::uint64_t count = 0;
  double p50 = 0, p99 = 0;
};

// All shards' histograms of this name together.
[[nodiscard]] inline StageTimes stage_of_segment(const SegmentView& segment,
                                                 std::string_view stage) {
  HistogramView all;
  for (std::uint32_t i = 0; i < segment.count(RegionKind::Histograms); ++i) {
    const HistogramEntry& entry = segment.histogram(i);
    if (std::string_view{entry.label}.ends_with(stage)) all.add(HistogramView::copy(entry));
  }
  return {all.count, static_cast<double>(all.percentile_ns(0.5)) / 1e3,
          static_cast<double>(all.percentile_ns(0.99)) / 1e3};
}

// Reads records as they come, from whoever calls poll() as often as it can: the sender, between two
// frames, so that a daemon on the only other core is not disturbed.
class ReadSide {
 public:
  void poll() {
    if (!reader_.is_attached()) {
      if (now_ns() < next_try_) return;
      next_try_ = now_ns() + 20'000'000;
      (void)reader_.attach("wire");
      return;
    }
    if (reader_.poll(record_) != Poll::Ok || record_.event() != EventKind::Delta) return;
    ns_.push_back(wall_clock().raw() - record_.tick().published.raw());
  }
  [[nodiscard]] StageTimes times() {
    std::sort(ns_.begin(), ns_.end());
    return {ns_.size(), static_cast<double>(percentile(ns_, 0.5)) / 1e3,
            static_cast<double>(percentile(ns_, 0.99)) / 1e3};
  }

 private:
  Reader reader_{{.check_every = std::chrono::milliseconds{500}}};
  Record record_;
  std::vector<std::int64_t> ns_;
  std::int64_t next_try_ = 0;
};

// Of one way to run, over its rounds.
class StageTable {
 public:
  void add(std::size_t stage, const StageTimes& times) {
    if (times.count == 0) return;
    p50_[stage].push_back(times.p50);
    p99_[stage].push_back(times.p99);
  }
  // A line of the table, and the figures wire_stage_us.STAGE.SUFFIX and wire_stage_p99_us.STAGE...
  void print(const char* what, const std::string& suffix, std::FILE* json) const {
    std::printf("  %-34s", what);
    for (std::size_t stage = 0; stage < kStagesOfFrame; ++stage) {
      if (p50_[stage].empty()) {
        std::printf(" %22s", "-");
        continue;
      }
      const Spread half = spread(p50_[stage]);
      const Spread most = spread(p99_[stage]);
      std::printf(" %10.2f / %9.2f", half.median, most.median);
      const std::string name = std::string{kFrameStageKeys[stage]} + "." + suffix;
      figure(json, "wire_stage_us." + name, half);
      figure(json, "wire_stage_p99_us." + name, most);
    }
    std::printf("\n");
  }
  static void print_head() {
    std::printf(" stages, p50 / p99 us %14s", "");
    for (const char* const name : kFrameStageNames) std::printf(" %22s", name);
    std::printf("\n");
  }

 private:
  std::vector<double> p50_[kStagesOfFrame], p99_[kStagesOfFrame];
};

}  // namespace steelyard::bench
