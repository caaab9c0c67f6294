// tests/support/naive_time_weighted.hpp -- S12 from the specification alone: every stretch of time
// is kept, and the integrals are made anew.
#pragma once

#include <algorithm>

#include "support/naive_event.hpp"

namespace steelyard {

class NaiveTimeWeighted {
 public:
  NaiveTimeWeighted(const SignalParams& params, const Instrument& instrument)
      : params_{params}, units_{instrument} {}

  // Reads the imbalance within the main band from the row.
  void on(const NaiveView& view, NaiveRow& row) {
    if (view.now > since_) held_.push_back({since_, view.now, mid_, imbalance_});
    since_ = view.now;
    mid_ = view.mid2 ? *view.mid2 / 2 : NAN;
    imbalance_ = row.at("pbi_" + naive_number(params_.main_band_bps) + "bp");

    const std::int64_t oldest = view.now - params_.time_weighted.window_ms * kNaiveMs;
    NaiveReal priced = 0, balanced = 0, price = 0, balance = 0;
    for (auto held = held_.rbegin(); held != held_.rend() && held->to > oldest; ++held) {
      const auto ns = static_cast<NaiveReal>(held->to - std::max(held->from, oldest));
      if (!std::isnan(held->mid)) {
        priced += ns;
        price += ns * held->mid;
      }
      if (!std::isnan(held->imbalance)) {
        balanced += ns;
        balance += ns * held->imbalance;
      }
    }
    row["twap"] = static_cast<double>(units_.price(price / priced));
    row["twap_dev_bps"] = static_cast<double>(10'000 * (mid_ / (price / priced) - 1));
    row["twai"] = naive_ratio(balance, balanced);
  }

 private:
  struct Held {
    std::int64_t from;
    std::int64_t to;
    NaiveReal mid;
    NaiveReal imbalance;
  };

  const SignalParams& params_;
  NaiveUnits units_;
  std::int64_t since_ = 0;
  NaiveReal mid_ = NAN;
  NaiveReal imbalance_ = NAN;
  std::vector<Held> held_;
};

}  // namespace steelyard
