// src/exporter/exposition.hpp -- metric families as bytes: the text format, and protobuf, which
// alone carries native histograms.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace steelyard {

enum class ExpositionFormat : std::uint8_t {
  Text,      // 0.0.4; histograms have two buckets an octave from 1 us to 8 s
  Protobuf,  // io.prometheus.client.MetricFamily, delimited; histograms classic and native
};

// What a client wants by its Accept header: protobuf where it weighs no less than text there.
[[nodiscard]] ExpositionFormat wanted_format(std::string_view accept);

[[nodiscard]] const char* content_type(ExpositionFormat format) noexcept;

// Histograms must have the segment's own buckets (metrics.hpp).
[[nodiscard]] std::string exposition(const std::vector<prometheus::MetricFamily>& families,
                                     ExpositionFormat format);

// Native buckets are powers of 2^(1/8): 9 % wide, bounds 2^(i/8) s.
inline constexpr std::int32_t kNativeSchema = 3;

// The native bucket of a value in ns, > 0: the least i with 2^(i/8) s no less than it.
[[nodiscard]] std::int32_t native_bucket(std::uint64_t ns) noexcept;

}  // namespace steelyard
