#include "signals/signal_params.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

namespace steelyard {
namespace {

[[nodiscard]] std::string refuse(const char* name, double value, const char* allowed) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return std::string{name} + " = " + text + ": " + allowed;
}

}  // namespace

std::string SignalParams::validate() const {
  if (depth_levels.empty() || depth_levels.size() > 8) {
    return refuse("depth_levels", static_cast<double>(depth_levels.size()), "1 to 8 entries");
  }
  std::uint32_t last = 0;
  for (const std::uint32_t levels : depth_levels) {
    if (levels <= last || levels > 20) {
      return refuse("depth_levels", levels, "ascending, each 1 to 20");
    }
    last = levels;
  }
  if (!(rank_lambda >= 0.0 && rank_lambda <= 10.0)) {
    return refuse("rank_lambda", rank_lambda, "0 to 10");
  }
  if (!(distance_bps > 0.0 && distance_bps <= 10'000.0)) {
    return refuse("distance_bps", distance_bps, "above 0, at most 10000");
  }
  if (bands_bps.empty() || bands_bps.size() > 8) {
    return refuse("bands_bps", static_cast<double>(bands_bps.size()), "1 to 8 entries");
  }
  double band_before = 0.0;
  bool main_band_found = false;
  for (const double band : bands_bps) {
    const double scaled = band * 1e4;
    if (!(band > band_before) || band > 5'000.0 || std::abs(scaled - std::round(scaled)) > 1e-6) {
      return refuse("bands_bps", band, "ascending, above 0, at most 5000, steps of 0.0001");
    }
    band_before = band;
    main_band_found = main_band_found || band == main_band_bps;
  }
  if (!main_band_found) return refuse("main_band_bps", main_band_bps, "one of bands_bps");
  if (flow_windows_ms.empty() || flow_windows_ms.size() > 8) {
    return refuse("flow_windows_ms", static_cast<double>(flow_windows_ms.size()), "1 to 8 entries");
  }
  std::uint32_t window_before = 0;
  for (const std::uint32_t window : flow_windows_ms) {
    if (window <= window_before || window > 3'600'000) {
      return refuse("flow_windows_ms", window, "ascending, 1 to 3600000");
    }
    window_before = window;
  }
  if (std::find(flow_windows_ms.begin(), flow_windows_ms.end(), multi_level_window_ms) ==
      flow_windows_ms.end()) {
    return refuse("multi_level_window_ms", multi_level_window_ms, "one of flow_windows_ms");
  }
  if (flow_levels < 1 || flow_levels > 20) return refuse("flow_levels", flow_levels, "1 to 20");
  if (flow_decay_ms < 1 || flow_decay_ms > 3'600'000) {
    return refuse("flow_decay_ms", flow_decay_ms, "1 to 3600000");
  }
  if (flow_entries < 16 || flow_entries > 1'000'000) {
    return refuse("flow_entries", flow_entries, "16 to 1000000");
  }
  if (window_granularity_ns < 0 || window_granularity_ns > 1'000'000'000) {
    return refuse("window_granularity_ns", static_cast<double>(window_granularity_ns),
                  "0 (exact) to 1000000000");
  }
  if (group_stale_ms < 1 || group_stale_ms > 3'600'000) {
    return refuse("group_stale_ms", group_stale_ms, "1 to 3600000");
  }
  if (cost_notionals.size() > 8) {
    return refuse("cost_notionals", static_cast<double>(cost_notionals.size()), "up to 8 entries");
  }
  std::uint32_t notional_before = 0;
  for (const std::uint32_t notional : cost_notionals) {
    if (notional <= notional_before || notional > 1'000'000'000) {
      return refuse("cost_notionals", notional, "ascending, 1 to 1000000000");
    }
    notional_before = notional;
  }
  if (std::string wrong = trade_flow.validate(); !wrong.empty()) return wrong;
  if (std::string wrong = deviation.validate(flow_windows_ms); !wrong.empty()) return wrong;
  if (std::string wrong = time_weighted.validate(); !wrong.empty()) return wrong;
  if (std::string wrong = liquidation.validate(); !wrong.empty()) return wrong;
  if (std::string wrong = cascade.validate(); !wrong.empty()) return wrong;
  return bars.validate();
}

bool is_directory_key(std::string_view key) noexcept {
  constexpr std::string_view kKeys[] = {
      "depth_levels", "bands_bps",      "flow_windows_ms",        "multi_level_window_ms",
      "flow_levels",  "cost_notionals", "liquidation.windows_ms",
  };
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

std::string band_text(double bps) {
  char text[64];
  const auto result = std::to_chars(text, text + sizeof text, bps, std::chars_format::fixed);
  return {text, result.ptr};
}

std::string TradeFlowParams::validate() const {
  if (!(vpin_bucket_qty >= 1e-9 && vpin_bucket_qty <= 1e9)) {
    return refuse("trade_flow.vpin_bucket_qty", vpin_bucket_qty, "1e-9 to 1e9");
  }
  if (vpin_buckets < 1 || vpin_buckets > 1000) {
    return refuse("trade_flow.vpin_buckets", vpin_buckets, "1 to 1000");
  }
  if (entries < 16 || entries > 1'000'000) {
    return refuse("trade_flow.entries", entries, "16 to 1000000");
  }
  return {};
}

std::string DeviationParams::validate(const std::vector<std::uint32_t>& flow_windows_ms) const {
  const auto is_window = [&](std::uint32_t ms) {
    return std::find(flow_windows_ms.begin(), flow_windows_ms.end(), ms) != flow_windows_ms.end();
  };
  if (tau_ms < 1 || tau_ms > 86'400'000) {
    return refuse("deviation.tau_ms", tau_ms, "1 to 86400000");
  }
  if (warmup_ms > 86'400'000) return refuse("deviation.warmup_ms", warmup_ms, "0 to 86400000");
  if (!is_window(ofi_window_ms)) {
    return refuse("deviation.ofi_window_ms", ofi_window_ms, "one of flow_windows_ms");
  }
  if (!is_window(tfi_window_ms)) {
    return refuse("deviation.tfi_window_ms", tfi_window_ms, "one of flow_windows_ms");
  }
  const std::pair<const char*, double> positive[] = {{"deviation.book_floor", book_floor},
                                                     {"deviation.ofi_floor", ofi_floor},
                                                     {"deviation.tfi_floor", tfi_floor},
                                                     {"deviation.clip", clip},
                                                     {"deviation.book_weight", book_weight}};
  for (const auto& [name, value] : positive) {
    if (!(value >= 1e-6 && value <= 1e6)) return refuse(name, value, "1e-6 to 1e6");
  }
  const std::pair<const char*, double> weights[] = {{"deviation.ofi_weight", ofi_weight},
                                                    {"deviation.tfi_weight", tfi_weight}};
  for (const auto& [name, value] : weights) {
    if (!(value >= 0.0 && value <= 1e6)) return refuse(name, value, "0 to 1e6");
  }
  if (!(regime.pressure_out > 0.0 && regime.pressure_out <= 1e6)) {
    return refuse("deviation.pressure_out", regime.pressure_out, "above 0, at most 1e6");
  }
  if (!(regime.pressure_in >= regime.pressure_out && regime.pressure_in <= 1e6)) {
    return refuse("deviation.pressure_in", regime.pressure_in, "pressure_out to 1e6");
  }
  if (!(regime.extreme_in >= regime.pressure_in && regime.extreme_in <= 1e6)) {
    return refuse("deviation.extreme_in", regime.extreme_in, "pressure_in to 1e6");
  }
  if (!(regime.extreme_out >= regime.pressure_out && regime.extreme_out <= regime.extreme_in)) {
    return refuse("deviation.extreme_out", regime.extreme_out, "pressure_out to extreme_in");
  }
  return {};
}

std::string TimeWeightedParams::validate() const {
  if (window_ms < 1 || window_ms > 3'600'000) {
    return refuse("time_weighted.window_ms", window_ms, "1 to 3600000");
  }
  if (entries < 16 || entries > 1'000'000) {
    return refuse("time_weighted.entries", entries, "16 to 1000000");
  }
  return {};
}

std::string LiquidationParams::validate() const {
  if (windows_ms.empty() || windows_ms.size() > 8) {
    return refuse("liquidation.windows_ms", static_cast<double>(windows_ms.size()),
                  "1 to 8 entries");
  }
  std::uint32_t before = 0;
  for (const std::uint32_t window : windows_ms) {
    if (window <= before || window > 3'600'000) {
      return refuse("liquidation.windows_ms", window, "ascending, 1 to 3600000");
    }
    before = window;
  }
  if (flow_tau_ms < 1 || flow_tau_ms > 3'600'000) {
    return refuse("liquidation.flow_tau_ms", flow_tau_ms, "1 to 3600000");
  }
  const std::pair<const char*, double> positive[] = {{"liquidation.mu", hawkes.mu},
                                                     {"liquidation.alpha", hawkes.alpha},
                                                     {"liquidation.beta", hawkes.beta},
                                                     {"liquidation.notional", hawkes.notional},
                                                     {"liquidation.cap", hawkes.cap}};
  for (const auto& [name, value] : positive) {
    if (!(value >= 1e-6 && value <= 1e12)) return refuse(name, value, "1e-6 to 1e12");
  }
  if (!(hawkes.alpha / hawkes.beta < 1.0)) {
    return refuse("liquidation.alpha", hawkes.alpha,
                  "below beta: a branching ratio of 1 or more never calms down");
  }
  if (entries < 16 || entries > 1'000'000) {
    return refuse("liquidation.entries", entries, "16 to 1000000");
  }
  if (trade_entries < 16 || trade_entries > 1'000'000) {
    return refuse("liquidation.trade_entries", trade_entries, "16 to 1000000");
  }
  return {};
}

std::string CascadeParams::validate() const {
  if (!(thin > 0.0 && thin <= 1.0)) return refuse("cascade.thin", thin, "above 0, at most 1");
  if (!(burst > 1.0 && burst <= 1e6)) return refuse("cascade.burst", burst, "above 1, at most 1e6");
  if (latch_ms > 3'600'000) return refuse("cascade.latch_ms", latch_ms, "0 to 3600000");
  if (hold_ms > 3'600'000) return refuse("cascade.hold_ms", hold_ms, "0 to 3600000");
  return {};
}

}  // namespace steelyard
