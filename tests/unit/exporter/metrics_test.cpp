#include "exporter/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "exporter/exporter.hpp"
#include "exporter/exposition.hpp"
#include "support/seen_samples.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;
using testing::Not;

[[nodiscard]] Observation whole_daemon() {
  Observation seen = seen_daemon();
  SeenStage stage;
  stage.label = "shard0 received to published";
  stage.total.count = 3;
  stage.total.sum_ns = 3'000'000;
  for (const std::uint64_t ns : {900'000U, 1'000'000U, 1'100'000U}) {
    for (std::uint32_t i = 0; i < kHistogramBuckets; ++i) {
      if (bucket_bound_ns(i) < ns) continue;
      ++stage.total.buckets[i];
      break;
    }
  }
  seen.stages = {stage};
  seen.latencies = {
      seen_latency(SeenLatency::Of::Book, 0, "received to published", {900'000, 1'100'000}),
      seen_latency(SeenLatency::Of::Book, 2, "received to published", {}),
      seen_latency(SeenLatency::Of::Book, 0, "update to update", {100'000'000}),
      seen_latency(SeenLatency::Of::Link, 1, "venue to received", {0, 62'500'000, 62'500'000}),
      seen_latency(SeenLatency::Of::Link, 1, "received to published", {50'000})};
  for (const char* const name :
       {"deltas", "snapshots", "trades", "liquidations", "gaps", "resets", "resyncs", "crossed",
        "checksums_bad", "bad_frames", "top_bad", "bid_levels", "ask_levels"}) {
    for (SeenInstrument& instrument : seen.instruments) {
      if (instrument.counter(name) == 0) instrument.counters.push_back({name, 1, 0.0});
    }
  }
  for (const char* const name : {"frames", "bytes", "connects", "disconnects", "rejected",
                                 "silences", "no_data", "snapshots", "snapshot_failures",
                                 "throttled", "resubscribes", "tap_lost", "malformed", "unknown"}) {
    seen.counters.push_back({std::string{"io0 "} + name, 1, 0.0});
  }
  return seen;
}

TEST(Metrics, NameTheBookThatIsNotLiveAndWhy) {
  const std::string text = exposition(metric_families(whole_daemon()), ExpositionFormat::Text);

  EXPECT_THAT(text, HasSubstr("steelyard_up{segment=\"sample\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("steelyard_book_live{segment=\"sample\",venue=\"okx\",symbol=\"ETH-"
                              "USDT\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("symbol=\"ETH-USDT\",condition=\"stale\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("symbol=\"BTCUSDT\",condition=\"stale\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("steelyard_io_connections_open{segment=\"sample\",io=\"0\"} 4\n"));
}

TEST(Metrics, LeaveOutSignalsOfABookThatIsNotLive) {
  const std::string text = exposition(metric_families(whole_daemon()), ExpositionFormat::Text);

  EXPECT_THAT(text, HasSubstr("symbol=\"BTC-USDT-SWAP\",column=\"casc_level\"} 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("symbol=\"ETH-USDT\",column=")));
}

TEST(Metrics, HaveHistogramsWhoseBucketsAreCumulativeAndExact) {
  for (const prometheus::MetricFamily& family : metric_families(whole_daemon())) {
    if (family.type != prometheus::MetricType::Histogram) continue;
    const auto& histogram = family.metric.front().histogram;
    EXPECT_EQ(histogram.sample_count, 3U);
    EXPECT_DOUBLE_EQ(histogram.sample_sum, 0.003);
    std::uint64_t before = 0;
    for (const auto& bucket : histogram.bucket) {
      EXPECT_GE(bucket.cumulative_count, before);
      before = bucket.cumulative_count;
      if (bucket.upper_bound < 0.0009) EXPECT_EQ(bucket.cumulative_count, 0U);
      if (bucket.upper_bound > 0.0012) EXPECT_EQ(bucket.cumulative_count, 3U);
    }
    EXPECT_TRUE(std::isinf(histogram.bucket.back().upper_bound));
    return;
  }
  FAIL() << "no histogram";
}

TEST(Metrics, HaveLatenciesOfBooksAndStreamsAsSumAndCountInTheText) {
  const std::string text = exposition(metric_families(whole_daemon()), ExpositionFormat::Text);

  const std::string of = "{segment=\"sample\",venue=\"binance-spot\",symbol=\"BTCUSDT\"";
  EXPECT_THAT(text, HasSubstr("steelyard_book_latency_seconds_count" + of + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("steelyard_book_latency_seconds_sum" + of + "} 0.002\n"));
  EXPECT_THAT(text, HasSubstr("steelyard_book_latency_seconds_bucket" + of + ",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("steelyard_book_latency_seconds_bucket" + of + ",le=\"0")))
      << "thousands of books have no room for buckets there";
  EXPECT_THAT(text, HasSubstr("steelyard_book_update_interval_seconds_sum" + of + "} 0.1\n"));
  EXPECT_THAT(text, HasSubstr("steelyard_stream_delay_seconds_sum{segment=\"sample\",connection="
                              "\"okx/public/3a\",stream=\"okx/public\"} 0.125\n"));
  EXPECT_THAT(text, HasSubstr("steelyard_stream_latency_seconds_count{segment=\"sample\","
                              "connection=\"okx/public/3a\",stream=\"okx/public\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("steelyard_book_latency_seconds_count{segment=\"sample\",venue="
                                  "\"okx\"")))
      << "what was never measured is left out";
}

TEST(Metrics, SayNothingButThatItIsDownOfADaemonThatIsNotThere) {
  Observation seen;
  seen.instance = "gone";
  seen.reason = "no such file";

  const std::string text = exposition(metric_families(seen), ExpositionFormat::Text);

  EXPECT_THAT(text, HasSubstr("steelyard_up{segment=\"gone\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("steelyard_troubles{segment=\"gone\",level=\"down\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("steelyard_instruments")));
}

// Whoever copies the dashboard or the rules must find what they ask for.
TEST(Metrics, AreThoseThatTheShippedDashboardAndRulesAskFor) {
  std::set<std::string> names;
  for (const prometheus::MetricFamily& family : metric_families(whole_daemon())) {
    names.insert(family.name);
    if (family.type == prometheus::MetricType::Histogram) {
      for (const char* const end : {"_bucket", "_sum", "_count"}) names.insert(family.name + end);
    }
  }
  for (const char* const file : {"grafana-steelyard.json", "alerts.yml"}) {
    std::ifstream in{std::string{STEELYARD_SOURCE_DIR "/docs/ops/"} + file};
    std::stringstream text;
    text << in.rdbuf();
    const std::string all = text.str();
    const std::regex metric{"steelyard_[a-z_]+"};
    int found = 0;
    for (std::sregex_iterator at{all.begin(), all.end(), metric}, end; at != end; ++at, ++found) {
      EXPECT_TRUE(names.contains(at->str())) << file << ": " << at->str();
    }
    EXPECT_GT(found, 8) << file;
  }
}

TEST(Health, IsWellWhileTheDaemonIsAliveAndSaysWhyNot) {
  Observation seen = seen_daemon();
  EXPECT_EQ(healthz(seen).status, 200U);

  seen.presence = Presence::Silent;
  EXPECT_EQ(healthz(seen).status, 503U);
  EXPECT_THAT(healthz(seen).body, HasSubstr("no heartbeat"));
}

TEST(Health, IsReadyOnceEnoughBooksAreLiveAndNamesTheOthers) {
  const Observation seen = seen_daemon();

  EXPECT_EQ(readyz(seen, 1.0).status, 503U);
  EXPECT_THAT(readyz(seen, 1.0).body,
              HasSubstr("not ready: 2 of 3 books are live\nokx ETH-USDT: stale"));
  EXPECT_EQ(readyz(seen, 0.6).status, 200U);
  EXPECT_THAT(readyz(seen, 0.6).body, HasSubstr("okx ETH-USDT: stale"));
}

}  // namespace
}  // namespace steelyard
