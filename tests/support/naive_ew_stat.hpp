// tests/support/naive_ew_stat.hpp -- EWSTAT (C7) from its integrals: every segment of time is kept,
// and mean and variance are sums over all of them, in two passes. Age is counted on the active
// clock, which stands while the value is not defined.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace steelyard {

class NaiveEwStat {
 public:
  using Real = long double;
  explicit NaiveEwStat(std::int64_t tau_ns) : tau_ns_{static_cast<Real>(tau_ns)} {}

  // From `now` on the value is x; NaN: not defined.
  void hold(std::int64_t now, double x) {
    note(now);
    since_ = now;
    held_ = x;
  }

  struct Moments {
    Real mean = NAN;
    Real deviation = NAN;
    std::int64_t active_ns = 0;
  };
  [[nodiscard]] Moments at(std::int64_t now) {
    note(now);
    since_ = now;
    Moments moments;
    moments.active_ns = active_ns_;
    if (segments_.empty()) return moments;
    Real weight = 0, sum = 0, squares = 0;
    for (const Segment& segment : segments_) {
      weight += segment.weight;
      sum += segment.weight * segment.x;
    }
    moments.mean = sum / weight;
    for (const Segment& segment : segments_) {
      squares += segment.weight * (segment.x - moments.mean) * (segment.x - moments.mean);
    }
    moments.deviation = sqrtl(squares / weight);
    return moments;
  }

 private:
  struct Segment {
    Real weight;  // the integral of exp(u / tau), up to a factor common to all
    Real x;
  };

  void note(std::int64_t now) {
    if (std::isnan(held_) || now <= since_) return;
    const Real from = static_cast<Real>(active_ns_) / tau_ns_;
    const Real step = static_cast<Real>(now - since_) / tau_ns_;
    segments_.push_back({expl(from) * expm1l(step), held_});
    active_ns_ += now - since_;
  }

  Real tau_ns_;
  std::vector<Segment> segments_;
  std::int64_t since_ = 0;
  std::int64_t active_ns_ = 0;
  double held_ = NAN;
};

}  // namespace steelyard
