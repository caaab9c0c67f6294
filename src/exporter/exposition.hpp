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
  Text,      // 0.0.4; histograms have two buckets an octave from 1 us to 8 s, those of books and
             // streams only sum and count
  Protobuf,  // io.prometheus.client.MetricFamily, delimited; histograms classic and native
};

// What a client wants by its Accept header: protobuf where it weighs no less than text there.
[[nodiscard]] ExpositionFormat wanted_format(std::string_view accept);

[[nodiscard]] const char* content_type(ExpositionFormat format) noexcept;

// Histograms must have the segment's own buckets, or those of a compact histogram that hold
// something (metrics.hpp).
[[nodiscard]] std::string exposition(const std::vector<prometheus::MetricFamily>& families,
                                     ExpositionFormat format);

// Native buckets are powers of 2^(1/8), 9 % wide; of books and streams powers of 2^(1/4), 19 %.
inline constexpr std::int32_t kNativeSchema = 3;
inline constexpr std::int32_t kCompactSchema = 2;

// The native bucket of a value > 0: the least i with 2^(i / 2^schema) s no less than it.
[[nodiscard]] std::int32_t native_bucket(double seconds, std::int32_t schema) noexcept;

}  // namespace steelyard
