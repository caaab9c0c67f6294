#include "exporter/exposition.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "exporter/protobuf_text.hpp"
#include "observe/histogram_view.hpp"

namespace steelyard {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Buckets = std::vector<ClientMetric::Bucket>;

[[nodiscard]] std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Calls `each` with what stands between separators.
template <typename Each>
void split(std::string_view text, char separator, Each&& each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    each(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Histograms of stages come with all buckets of the segment. Those of books and streams, of which
// there are thousands, come with what is not empty of coarser ones, and have no classic form.
[[nodiscard]] bool is_compact(const Buckets& all) { return all.size() < kHistogramBuckets; }

// Of the segment's buckets those that the text and classic histograms have; each bound is one of
// the segment's own, so the counts are exact.
[[nodiscard]] Buckets classic(const Buckets& all) {
  Buckets kept;
  for (std::uint32_t i = 0; i + 1 < all.size() && !is_compact(all); ++i) {
    const std::uint64_t bound = bucket_bound_ns(i);
    if (i % 8 == 7 && bound >= 1'000 && bound < std::uint64_t{1} << 33) kept.push_back(all[i]);
  }
  if (!all.empty()) kept.push_back(all.back());
  return kept;
}

// Counts by native bucket, as runs of neighbours: how many are left out before each and how long it
// is, and each count as the difference to the one before.
void write_native(ProtobufText& out, const Buckets& all) {
  const std::int32_t schema = is_compact(all) ? kCompactSchema : kNativeSchema;
  // Above 0: one without values is native all the same.
  const double zero = is_compact(all) ? static_cast<double>(compact_bound_ns(0)) / 1e9 : 0x1p-128;
  constexpr double kLast = static_cast<double>(bucket_bound_ns(kHistogramBuckets - 1)) / 1e9;
  std::vector<std::pair<std::int32_t, std::uint64_t>> counts;
  std::uint64_t zeros = 0;
  std::uint64_t below = 0;
  for (const ClientMetric::Bucket& each : all) {
    const std::uint64_t count = each.cumulative_count - below;
    below = each.cumulative_count;
    if (count == 0) continue;
    if (each.upper_bound <= zero) {
      zeros += count;
      continue;
    }
    const std::int32_t bucket = native_bucket(std::min(each.upper_bound, kLast), schema);
    if (!counts.empty() && counts.back().first == bucket)
      counts.back().second += count;
    else
      counts.emplace_back(bucket, count);
  }
  out.signed_number(5, schema);
  out.real(6, zero);
  out.number(7, zeros);
  std::int32_t after = 0;
  for (std::size_t i = 0; i < counts.size();) {
    std::size_t end = i + 1;
    while (end < counts.size() && counts[end].first == counts[end - 1].first + 1) ++end;
    ProtobufText span;
    span.signed_number(1, counts[i].first - after);
    span.number(2, end - i);
    out.bytes(12, span.text());
    after = counts[end - 1].first + 1;
    i = end;
  }
  // Without a run the reader would take it for a classic one.
  if (counts.empty()) {
    ProtobufText span;
    span.signed_number(1, 0);
    span.number(2, 0);
    out.bytes(12, span.text());
  }
  std::uint64_t before = 0;
  for (const auto& [bucket, count] : counts) {
    out.signed_number(13, static_cast<std::int64_t>(count - before));
    before = count;
  }
}

[[nodiscard]] std::string histogram_bytes(const ClientMetric::Histogram& of) {
  ProtobufText out;
  out.number(1, of.sample_count);
  out.real(2, of.sample_sum);
  for (const ClientMetric::Bucket& bucket :
       is_compact(of.bucket) ? Buckets{} : classic(of.bucket)) {
    ProtobufText inner;
    inner.number(1, bucket.cumulative_count);
    inner.real(2, bucket.upper_bound);
    out.bytes(3, inner.text());
  }
  write_native(out, of.bucket);
  return out.text();
}

[[nodiscard]] std::string metric_bytes(const ClientMetric& metric, MetricType type) {
  ProtobufText out;
  for (const ClientMetric::Label& label : metric.label) {
    ProtobufText inner;
    inner.bytes(1, label.name);
    inner.bytes(2, label.value);
    out.bytes(1, inner.text());
  }
  ProtobufText value;
  switch (type) {
    case MetricType::Counter:
      value.real(1, metric.counter.value);
      out.bytes(3, value.text());
      break;
    case MetricType::Histogram:
      out.bytes(7, histogram_bytes(metric.histogram));
      break;
    default:
      value.real(1, metric.gauge.value);
      out.bytes(2, value.text());
      break;
  }
  return out.text();
}

// metrics.proto of the Prometheus client model, by its field numbers.
[[nodiscard]] std::string protobuf(const std::vector<MetricFamily>& families) {
  ProtobufText out;
  for (const MetricFamily& family : families) {
    ProtobufText inner;
    inner.bytes(1, family.name);
    inner.bytes(2, family.help);
    inner.number(3, family.type == MetricType::Counter     ? 0
                    : family.type == MetricType::Histogram ? 4
                                                           : 1);
    for (const ClientMetric& metric : family.metric) {
      inner.bytes(4, metric_bytes(metric, family.type));
    }
    out.delimited(inner.text());
  }
  return out.text();
}

}  // namespace

std::int32_t native_bucket(double seconds, std::int32_t schema) noexcept {
  return static_cast<std::int32_t>(std::ceil(std::log2(seconds) * (1 << schema)));
}

ExpositionFormat wanted_format(std::string_view accept) {
  double text = 0.0;
  double protobuf = -1.0;
  split(accept, ',', [&](std::string_view range) {
    double weight = 1.0;
    std::string_view type;
    bool delimited = false;
    bool families = false;
    split(range, ';', [&](std::string_view part) {
      if (type.empty()) type = part;
      if (part.starts_with("q=")) {
        (void)std::from_chars(part.data() + 2, part.data() + part.size(), weight);
      }
      delimited = delimited || part == "encoding=delimited";
      families = families || part == "proto=io.prometheus.client.MetricFamily";
    });
    if (type == "text/plain" || type == "*/*") text = std::max(text, weight);
    if (type == "application/vnd.google.protobuf" && delimited && families) {
      protobuf = std::max(protobuf, weight);
    }
  });
  return protobuf > 0.0 && protobuf >= text ? ExpositionFormat::Protobuf : ExpositionFormat::Text;
}

const char* content_type(ExpositionFormat format) noexcept {
  return format == ExpositionFormat::Protobuf
             ? "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
               "encoding=delimited"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string exposition(const std::vector<MetricFamily>& families, ExpositionFormat format) {
  if (format == ExpositionFormat::Protobuf) return protobuf(families);
  std::vector<MetricFamily> thin = families;
  for (MetricFamily& family : thin) {
    if (family.type != MetricType::Histogram) continue;
    for (ClientMetric& metric : family.metric) {
      metric.histogram.bucket = classic(metric.histogram.bucket);
    }
  }
  return prometheus::TextSerializer{}.Serialize(thin);
}

}  // namespace steelyard
