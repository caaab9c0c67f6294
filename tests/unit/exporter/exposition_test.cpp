#include "exporter/exposition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <map>

#include "exporter/metrics.hpp"
#include "support/seen_samples.hpp"

namespace steelyard {
namespace {

using testing::ElementsAre;

// The protobuf wire format, read back: numbers and texts by field.
struct Message {
  std::multimap<std::uint64_t, std::uint64_t> numbers;
  std::multimap<std::uint64_t, std::string> texts;

  [[nodiscard]] std::uint64_t number(std::uint64_t field) const {
    const auto at = numbers.find(field);
    return at == numbers.end() ? 0 : at->second;
  }
  [[nodiscard]] double real(std::uint64_t field) const {
    return std::bit_cast<double>(number(field));
  }
  [[nodiscard]] std::vector<std::string> all(std::uint64_t field) const {
    std::vector<std::string> out;
    for (auto [at, end] = texts.equal_range(field); at != end; ++at) out.push_back(at->second);
    return out;
  }
  [[nodiscard]] std::vector<std::int64_t> zigzags(std::uint64_t field) const {
    std::vector<std::int64_t> out;
    for (auto [at, end] = numbers.equal_range(field); at != end; ++at) {
      out.push_back(static_cast<std::int64_t>(at->second >> 1) ^
                    -static_cast<std::int64_t>(at->second & 1));
    }
    return out;
  }
};

[[nodiscard]] std::uint64_t varint(std::string_view& text) {
  std::uint64_t value = 0;
  for (int shift = 0; !text.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) break;
  }
  return value;
}

[[nodiscard]] Message read(std::string_view text) {
  Message out;
  while (!text.empty()) {
    const std::uint64_t key = varint(text);
    if ((key & 7) == 0) {
      out.numbers.emplace(key >> 3, varint(text));
    } else if ((key & 7) == 1) {
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < 8; ++i) {
        bits |= std::uint64_t{static_cast<unsigned char>(text.at(i))} << (8 * i);
      }
      out.numbers.emplace(key >> 3, bits);
      text.remove_prefix(8);
    } else {
      EXPECT_EQ(key & 7, 2U);
      const std::uint64_t size = varint(text);
      out.texts.emplace(key >> 3, std::string{text.substr(0, size)});
      text.remove_prefix(size);
    }
  }
  return out;
}

[[nodiscard]] std::map<std::string, Message> families(std::string_view bytes) {
  std::map<std::string, Message> out;
  while (!bytes.empty()) {
    const std::uint64_t size = varint(bytes);
    const Message family = read(bytes.substr(0, size));
    out[family.all(1).at(0)] = family;
    bytes.remove_prefix(size);
  }
  return out;
}

[[nodiscard]] Message native(const std::vector<std::uint64_t>& values_ns) {
  Observation seen = seen_daemon();
  SeenStage stage;
  stage.label = "shard0 received to published";
  for (const std::uint64_t ns : values_ns) {
    stage.total.sum_ns += ns;
    std::uint32_t i = 0;
    while (i + 1 < kHistogramBuckets && bucket_bound_ns(i) < ns) ++i;
    ++stage.total.buckets[i];
  }
  seen.stages = {stage};
  const std::string bytes = exposition(metric_families(seen), ExpositionFormat::Protobuf);
  const Message family = families(bytes).at("steelyard_latency_seconds");
  EXPECT_EQ(family.number(3), 4U) << "a histogram";
  return read(read(family.all(4).at(0)).all(7).at(0));
}

// Bucket -> count, by spans and differences, as a reader puts them together.
[[nodiscard]] std::map<std::int64_t, std::int64_t> buckets(const Message& histogram) {
  std::map<std::int64_t, std::int64_t> out;
  const std::vector<std::int64_t> deltas = histogram.zigzags(13);
  std::size_t next = 0;
  std::int64_t at = 0;
  std::int64_t count = 0;
  for (const std::string& text : histogram.all(12)) {
    const Message span = read(text);
    at += span.zigzags(1).at(0);
    for (std::uint64_t i = 0; i < span.number(2); ++i) {
      count += deltas.at(next++);
      out[at++] = count;
    }
  }
  EXPECT_EQ(next, deltas.size());
  return out;
}

TEST(Exposition, IsWhatTheClientWeighsMost) {
  const char* const proto =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  EXPECT_EQ(wanted_format(""), ExpositionFormat::Text);
  EXPECT_EQ(wanted_format("*/*"), ExpositionFormat::Text);
  EXPECT_EQ(wanted_format("text/html"), ExpositionFormat::Text);
  EXPECT_EQ(wanted_format(proto), ExpositionFormat::Protobuf);
  EXPECT_EQ(wanted_format(std::string{proto} + ";q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"),
            ExpositionFormat::Protobuf);
  EXPECT_EQ(wanted_format("text/plain;version=0.0.4;q=0.5, " + std::string{proto} + ";q=0.4"),
            ExpositionFormat::Text);
  EXPECT_EQ(wanted_format(std::string{proto} + ";q=0"), ExpositionFormat::Text) << "refused";
  EXPECT_EQ(wanted_format("application/vnd.google.protobuf;encoding=text"), ExpositionFormat::Text);
}

TEST(Exposition, HasTheSameFamiliesAndValuesAsProtobufAndAsText) {
  const std::vector<prometheus::MetricFamily> seen = metric_families(seen_daemon());
  const auto read_back = families(exposition(seen, ExpositionFormat::Protobuf));

  ASSERT_EQ(read_back.size(), seen.size());
  for (const prometheus::MetricFamily& family : seen) {
    const Message& message = read_back.at(family.name);
    const std::vector<std::string> metrics = message.all(4);
    ASSERT_EQ(metrics.size(), family.metric.size()) << family.name;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const Message metric = read(metrics[i]);
      ASSERT_EQ(metric.all(1).size(), family.metric[i].label.size());
      EXPECT_EQ(read(metric.all(1).at(0)).all(2), std::vector{family.metric[i].label[0].value});
      if (family.type == prometheus::MetricType::Counter) {
        EXPECT_EQ(message.number(3), 0U);
        EXPECT_EQ(read(metric.all(3).at(0)).real(1), family.metric[i].counter.value);
      } else if (family.type == prometheus::MetricType::Gauge) {
        EXPECT_EQ(message.number(3), 1U);
        EXPECT_EQ(read(metric.all(2).at(0)).real(1), family.metric[i].gauge.value);
      }
    }
  }
}

TEST(NativeHistogram, HasEveryValueWithinItsBucketOrTheNextNarrowOne) {
  const std::vector<std::uint64_t> values{
      0, 0, 1, 17, 900'000, 910'000, 1'000'000, 1'000'000'000, 1'000'000'001};
  const Message histogram = native(values);

  EXPECT_EQ(histogram.number(1), values.size());
  EXPECT_EQ(histogram.zigzags(5), (std::vector<std::int64_t>{kNativeSchema}));
  EXPECT_EQ(histogram.number(7), 2U) << "zeros";
  std::map<std::int64_t, std::int64_t> expected;
  for (const std::uint64_t ns : values) {
    std::uint32_t i = 0;
    while (bucket_bound_ns(i) < ns) ++i;
    // The bucket by its definition: a bound is the eighth root of two to this power.
    std::int64_t bucket = -300;
    if (ns == 0) continue;
    while (std::exp2(static_cast<double>(bucket) / 8) * (1 + 1e-12) <
           static_cast<double>(bucket_bound_ns(i)) / 1e9) {
      ++bucket;
    }
    ++expected[bucket];
    EXPECT_GE(std::exp2(static_cast<double>(bucket) / 8) * 1e9 * (1 + 1e-9),
              static_cast<double>(ns));
    EXPECT_LT(std::exp2(static_cast<double>(bucket - 1) / 8) * 1e9,
              static_cast<double>(ns) * 1.0626);
  }
  EXPECT_EQ(buckets(histogram), expected);
}

TEST(NativeHistogram, OfNothingIsNativeStill) {
  const Message histogram = native({});

  EXPECT_EQ(histogram.number(1), 0U);
  ASSERT_EQ(histogram.all(12).size(), 1U) << "a run of no length";
  EXPECT_GT(histogram.real(6), 0.0) << "or Prometheus takes it for a classic one";
  EXPECT_EQ(read(histogram.all(12)[0]).number(2), 0U);
  EXPECT_THAT(histogram.zigzags(13), ElementsAre());
}

TEST(NativeHistogram, StandsBesideTheClassicOneOfTwoBucketsAnOctave) {
  const Message histogram = native({900'000, 1'000'000, 1'100'000});

  std::uint64_t before = 0;
  for (const std::string& text : histogram.all(3)) {
    const Message bucket = read(text);
    EXPECT_GE(bucket.number(1), before);
    before = bucket.number(1);
    if (bucket.real(2) < 0.0009) EXPECT_EQ(before, 0U);
    if (bucket.real(2) > 0.0012) EXPECT_EQ(before, 3U);
  }
  EXPECT_LT(histogram.all(3).size(), 60U);
  EXPECT_TRUE(std::isinf(read(histogram.all(3).back()).real(2)));
}

TEST(NativeHistogram, OfABookOrAStreamIsSparseAndFourBucketsAnOctave) {
  Observation seen = seen_daemon();
  const std::initializer_list<std::uint64_t> values{0,         3,         900'000,
                                                    1'000'000, 1'100'000, 2'000'000'000};
  seen.latencies = {seen_latency(SeenLatency::Of::Link, 0, "venue to received", values)};
  const auto read_back = families(exposition(metric_families(seen), ExpositionFormat::Protobuf));
  const Message metric = read(read_back.at("steelyard_stream_delay_seconds").all(4).at(0));
  const Message histogram = read(metric.all(7).at(0));

  EXPECT_EQ(histogram.number(1), values.size());
  EXPECT_DOUBLE_EQ(histogram.real(2), 2.003000003);
  EXPECT_EQ(histogram.zigzags(5), (std::vector<std::int64_t>{kCompactSchema}));
  EXPECT_EQ(histogram.real(6), 3e-9) << "of a few ns: zero";
  EXPECT_EQ(histogram.number(7), 2U);
  EXPECT_THAT(histogram.all(3), ElementsAre()) << "no classic buckets";
  std::map<std::int64_t, std::int64_t> expected;
  for (const std::uint64_t ns : values) {
    if (ns <= 3) continue;
    std::uint32_t i = 0;
    while (compact_bound_ns(i) < ns) ++i;
    // The bucket by its definition: a bound is the fourth root of two to this power.
    std::int64_t bucket = -300;
    while (std::exp2(static_cast<double>(bucket) / 4) * (1 + 1e-12) <
           static_cast<double>(compact_bound_ns(i)) / 1e9) {
      ++bucket;
    }
    ++expected[bucket];
    EXPECT_GE(std::exp2(static_cast<double>(bucket) / 4) * 1e9 * (1 + 1e-9),
              static_cast<double>(ns));
    EXPECT_LT(std::exp2(static_cast<double>(bucket - 1) / 4) * 1e9,
              static_cast<double>(ns) * 1.2501);
  }
  EXPECT_EQ(buckets(histogram), expected);
}

TEST(NativeHistogram, OfABookTakesFewBytes) {
  Observation seen = seen_daemon();
  const std::size_t before = exposition(metric_families(seen), ExpositionFormat::Protobuf).size();
  const SeenLatency one = seen_latency(SeenLatency::Of::Book, 0, "received to published",
                                       {100'000, 120'000, 140'000, 200'000, 300'000, 9'000'000});
  seen.latencies.assign(1000, one);

  const std::size_t after = exposition(metric_families(seen), ExpositionFormat::Protobuf).size();

  EXPECT_LT((after - before) / 1000, 200U);
}

}  // namespace
}  // namespace steelyard
