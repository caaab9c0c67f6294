// src/exporter/metrics.hpp -- what is seen, as Prometheus metric families.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "observe/observation.hpp"

namespace steelyard {

// Everything of one look. Values that are undefined are left out, as Prometheus wants it: an absent
// series is no 0. Names end in their unit, counters in _total. Histograms have every bucket of the
// segment; an exposition thins them.
[[nodiscard]] std::vector<prometheus::MetricFamily> metric_families(const Observation& seen);

}  // namespace steelyard
