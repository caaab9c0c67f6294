// src/exporter/metrics.hpp -- what is seen, as Prometheus metric families.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "observe/observation.hpp"

namespace steelyard {

// Everything of one look. Values that are undefined are left out, as Prometheus wants it: an absent
// series is no 0. Names end in their unit, counters in _total.
[[nodiscard]] std::vector<prometheus::MetricFamily> metric_families(const Observation& seen);

// In the text exposition format 0.0.4.
[[nodiscard]] std::string exposition(const Observation& seen);

}  // namespace steelyard
