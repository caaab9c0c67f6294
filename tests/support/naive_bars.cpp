#include "support/naive_bars.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steelyard {
namespace {

constexpr std::int64_t kMostMissed = 3600;

[[nodiscard]] std::int64_t index_of(std::int64_t time, std::int64_t width_ns) {
  return static_cast<std::int64_t>(
      std::floor(static_cast<NaiveReal>(time) / static_cast<NaiveReal>(width_ns)));
}

}  // namespace

double or_nan(const std::optional<NaiveReal>& value) {
  return value ? static_cast<double>(*value) : std::numeric_limits<double>::quiet_NaN();
}

void NaiveBars::on(const NaiveFact& fact) {
  const bool first = facts_.empty();
  const std::int64_t before = first ? fact.time : facts_.back().time;
  const auto entered = [&](std::uint32_t width_ms) {
    const std::int64_t width_ns = std::int64_t{width_ms} * 1'000'000;
    return index_of(fact.time, width_ns) != index_of(before, width_ns);
  };
  const bool closes = entered(params_.bars.width_ms) || entered(params_.bars.range_width_ms);
  facts_.push_back(fact);
  if (first || closes) compute();
}

// Bars that have ended by the last fact; those without a fact in them are empty slices. Index -1:
// so many were missed that the chain broke.
std::vector<NaiveBars::Slice> NaiveBars::ended(std::int64_t width_ns) const {
  std::vector<Slice> slices;
  const std::int64_t running = index_of(facts_.back().time, width_ns);
  std::size_t at = 0;
  while (index_of(facts_[at].time, width_ns) != running) {
    Slice slice{index_of(facts_[at].time, width_ns), at, at};
    while (index_of(facts_[at].time, width_ns) == slice.index) ++at;
    slice.last = at;
    slices.push_back(slice);
    const std::int64_t next = index_of(facts_[at].time, width_ns);
    if (next - slice.index - 1 > kMostMissed) {
      slices.push_back({-1, at, at});
      continue;
    }
    for (std::int64_t i = slice.index + 1; i < next; ++i) slices.push_back({i, at, at});
  }
  return slices;
}

std::optional<NaiveReal> NaiveBars::close_before(std::size_t at) const {
  while (at-- > 0) {
    if (facts_[at].kind == EventKind::Reset) return {};
    if (facts_[at].mid2) return facts_[at].mid2;
  }
  return {};
}

int NaiveBars::sign(std::size_t at) const {
  const NaiveFact& trade = facts_[at];
  if (trade.aggressor != Aggressor::Unknown) return trade.aggressor == Aggressor::Buy ? 1 : -1;
  const NaiveReal twice = 2 * static_cast<NaiveReal>(trade.price);
  if (trade.mid2 && twice != *trade.mid2) return twice > *trade.mid2 ? 1 : -1;
  std::size_t before = at;
  while (before-- > 0) {
    if (facts_[before].kind != EventKind::Trade) continue;
    if (facts_[before].price == trade.price) return sign(before);
    return facts_[before].price < trade.price ? 1 : -1;
  }
  return 0;
}

std::vector<NaiveFlowBar> NaiveBars::flow_bars() const {
  std::vector<NaiveFlowBar> bars;
  bool first = true;
  std::optional<NaiveReal> before;
  for (const Slice& slice : ended(std::int64_t{params_.bars.width_ms} * 1'000'000)) {
    if (slice.index == -1) {
      first = true;
      before = {};
      continue;
    }
    NaiveFlowBar bar;
    bar.unbroken = !first;
    NaiveReal flow = 0, depth = 0, observations = 0;
    for (std::size_t i = slice.first; i < slice.last; ++i) {
      const NaiveFact& fact = facts_[i];
      if (fact.kind == EventKind::Reset) bar.unbroken = false;
      if (fact.kind == EventKind::Trade) {
        ++bar.trades;
        bar.notional += fact.notional / 1e6L;
        bar.signed_notional += static_cast<NaiveReal>(sign(i)) * fact.notional / 1e6L;
      }
      if (!fact.observation) continue;
      observations += 1;
      flow += fact.flow;
      depth += fact.depth / 2;
    }
    const std::optional<NaiveReal> close = close_before(slice.last);
    if (close && bar.unbroken) {
      if (observations == 0) {
        bar.x = 0;
      } else if (depth != 0) {
        bar.x = flow / (depth / observations);
      }
    }
    // A close of before a reset in this bar is none.
    const bool reset = !bar.unbroken && !first;
    if (close && before && !reset) bar.y = 10'000 * logl(*close / *before);
    if (slice.last > 0) bar.depth = facts_[slice.last - 1].band_notional;
    bars.push_back(bar);
    before = close;
    first = false;
  }
  return bars;
}

std::vector<NaiveRangeBar> NaiveBars::range_bars() const {
  std::vector<NaiveRangeBar> bars;
  std::optional<NaiveReal> before;
  for (const Slice& slice : ended(std::int64_t{params_.bars.range_width_ms} * 1'000'000)) {
    if (slice.index == -1) {
      before = {};
      continue;
    }
    NaiveRangeBar bar;
    NaiveReal flow = 0, absolute = 0;
    std::vector<NaiveReal> mids;
    for (std::size_t i = slice.first; i < slice.last; ++i) {
      const NaiveFact& fact = facts_[i];
      if (fact.kind == EventKind::Reset) before = {};
      if (!fact.observation) continue;
      flow += fact.flow;
      absolute += fabsl(fact.flow);
      if (fact.mid2) mids.push_back(*fact.mid2);
    }
    if (before) {
      mids.push_back(*before);
      bar.up = (*std::max_element(mids.begin(), mids.end()) - *before) / 2;
      bar.down = (*before - *std::min_element(mids.begin(), mids.end())) / 2;
      if (absolute != 0) bar.j = flow / absolute;
    }
    bars.push_back(bar);
    before = close_before(slice.last);
  }
  return bars;
}

void NaiveBars::compute() {
  latched_.clear();
  const std::vector<NaiveFlowBar> flow = flow_bars();
  write_regression(flow, params_, latched_);
  write_illiquidity(flow, params_, latched_);
  write_volatility(flow, params_, latched_);
  write_reversion(flow, params_, latched_);
  write_range(range_bars(), params_, price_exponent_, latched_);
}

}  // namespace steelyard
