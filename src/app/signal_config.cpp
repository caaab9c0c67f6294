#include "app/signal_config.hpp"

#include "app/toml_reader.hpp"

namespace steelyard {
namespace {

template <typename T>
[[nodiscard]] toml::array list_of(const std::vector<T>& values) {
  toml::array list;
  for (const T value : values) {
    if constexpr (std::is_integral_v<T>) {
      list.push_back(static_cast<std::int64_t>(value));
    } else {
      list.push_back(value);
    }
  }
  return list;
}

// The table of one signal, [signals.name], if there is one.
template <typename Read>
void read_table(TomlReader& reader, const char* name, Read read) {
  const toml::table* const table = reader.table(name);
  if (table == nullptr) return;
  TomlReader inner{*table, reader.file(), reader.path_of(name)};
  read(inner);
  inner.finish();
}

void read_trade_flow(TomlReader& reader, TradeFlowParams& params) {
  read_table(reader, "trade_flow", [&](TomlReader& table) {
    table.read("vpin_bucket_qty", params.vpin_bucket_qty, 1e-9, 1e9);
    table.read("vpin_buckets", params.vpin_buckets, 1, 1000);
    table.read("entries", params.entries, 16, 1'000'000);
  });
}

void read_deviation(TomlReader& reader, DeviationParams& params) {
  read_table(reader, "deviation", [&](TomlReader& table) {
    table.read("tau_ms", params.tau_ms, 1, 86'400'000);
    table.read("warmup_ms", params.warmup_ms, 0, 86'400'000);
    table.read("ofi_window_ms", params.ofi_window_ms, 1, 3'600'000);
    table.read("tfi_window_ms", params.tfi_window_ms, 1, 3'600'000);
    table.read("book_floor", params.book_floor, 1e-6, 1e6);
    table.read("ofi_floor", params.ofi_floor, 1e-6, 1e6);
    table.read("tfi_floor", params.tfi_floor, 1e-6, 1e6);
    table.read("clip", params.clip, 1e-6, 1e6);
    table.read("book_weight", params.book_weight, 1e-6, 1e6);
    table.read("ofi_weight", params.ofi_weight, 0.0, 1e6);
    table.read("tfi_weight", params.tfi_weight, 0.0, 1e6);
    table.read("pressure_in", params.regime.pressure_in, 0.0, 1e6);
    table.read("pressure_out", params.regime.pressure_out, 0.0, 1e6);
    table.read("extreme_in", params.regime.extreme_in, 0.0, 1e6);
    table.read("extreme_out", params.regime.extreme_out, 0.0, 1e6);
  });
}

[[nodiscard]] toml::table table_of(const DeviationParams& params) {
  return toml::table{{"tau_ms", static_cast<std::int64_t>(params.tau_ms)},
                     {"warmup_ms", static_cast<std::int64_t>(params.warmup_ms)},
                     {"ofi_window_ms", static_cast<std::int64_t>(params.ofi_window_ms)},
                     {"tfi_window_ms", static_cast<std::int64_t>(params.tfi_window_ms)},
                     {"book_floor", params.book_floor},
                     {"ofi_floor", params.ofi_floor},
                     {"tfi_floor", params.tfi_floor},
                     {"clip", params.clip},
                     {"book_weight", params.book_weight},
                     {"ofi_weight", params.ofi_weight},
                     {"tfi_weight", params.tfi_weight},
                     {"pressure_in", params.regime.pressure_in},
                     {"pressure_out", params.regime.pressure_out},
                     {"extreme_in", params.regime.extreme_in},
                     {"extreme_out", params.regime.extreme_out}};
}

void read_time_weighted(TomlReader& reader, TimeWeightedParams& params) {
  read_table(reader, "time_weighted", [&](TomlReader& table) {
    table.read("window_ms", params.window_ms, 1, 3'600'000);
    table.read("entries", params.entries, 16, 1'000'000);
  });
}

[[nodiscard]] toml::table table_of(const TimeWeightedParams& params) {
  return toml::table{{"window_ms", static_cast<std::int64_t>(params.window_ms)},
                     {"entries", static_cast<std::int64_t>(params.entries)}};
}

void read_liquidation(TomlReader& reader, LiquidationParams& params) {
  read_table(reader, "liquidation", [&](TomlReader& table) {
    table.read("windows_ms", params.windows_ms);
    table.read("flow_tau_ms", params.flow_tau_ms, 1, 3'600'000);
    table.read("mu", params.hawkes.mu, 1e-6, 1e12);
    table.read("alpha", params.hawkes.alpha, 1e-6, 1e12);
    table.read("beta", params.hawkes.beta, 1e-6, 1e12);
    table.read("notional", params.hawkes.notional, 1e-6, 1e12);
    table.read("cap", params.hawkes.cap, 1e-6, 1e12);
    table.read("entries", params.entries, 16, 1'000'000);
    table.read("trade_entries", params.trade_entries, 16, 1'000'000);
  });
}

[[nodiscard]] toml::table table_of(const LiquidationParams& params) {
  return toml::table{{"windows_ms", list_of(params.windows_ms)},
                     {"flow_tau_ms", static_cast<std::int64_t>(params.flow_tau_ms)},
                     {"mu", params.hawkes.mu},
                     {"alpha", params.hawkes.alpha},
                     {"beta", params.hawkes.beta},
                     {"notional", params.hawkes.notional},
                     {"cap", params.hawkes.cap},
                     {"entries", static_cast<std::int64_t>(params.entries)},
                     {"trade_entries", static_cast<std::int64_t>(params.trade_entries)}};
}

void read_cascade(TomlReader& reader, CascadeParams& params) {
  read_table(reader, "cascade", [&](TomlReader& table) {
    table.read("thin", params.thin, 0.0, 1.0);
    table.read("burst", params.burst, 1.0, 1e6);
    table.read("latch_ms", params.latch_ms, 0, 3'600'000);
    table.read("hold_ms", params.hold_ms, 0, 3'600'000);
  });
}

[[nodiscard]] toml::table table_of(const CascadeParams& params) {
  return toml::table{{"thin", params.thin},
                     {"burst", params.burst},
                     {"latch_ms", static_cast<std::int64_t>(params.latch_ms)},
                     {"hold_ms", static_cast<std::int64_t>(params.hold_ms)}};
}

[[nodiscard]] toml::table table_of(const TradeFlowParams& params) {
  return toml::table{{"vpin_bucket_qty", params.vpin_bucket_qty},
                     {"vpin_buckets", static_cast<std::int64_t>(params.vpin_buckets)},
                     {"entries", static_cast<std::int64_t>(params.entries)}};
}

}  // namespace

SignalParams signals_from_toml(const toml::table& table, const std::string& file) {
  SignalParams params;
  TomlReader reader{table, file, "signals"};
  reader.read("depth_levels", params.depth_levels);
  reader.read("rank_lambda", params.rank_lambda, 0.0, 10.0);
  reader.read("distance_bps", params.distance_bps, 0.0001, 10'000.0);
  reader.read("bands_bps", params.bands_bps);
  reader.read("main_band_bps", params.main_band_bps, 0.0, 5'000.0);
  reader.read("flow_windows_ms", params.flow_windows_ms);
  reader.read("multi_level_window_ms", params.multi_level_window_ms, 1, 3'600'000);
  reader.read("flow_levels", params.flow_levels, 1, 20);
  reader.read("flow_decay_ms", params.flow_decay_ms, 1, 3'600'000);
  reader.read("flow_entries", params.flow_entries, 16, 1'000'000);
  reader.read("window_granularity_ns", params.window_granularity_ns, 0, 1'000'000'000);
  read_trade_flow(reader, params.trade_flow);
  read_deviation(reader, params.deviation);
  read_time_weighted(reader, params.time_weighted);
  read_liquidation(reader, params.liquidation);
  read_cascade(reader, params.cascade);
  reader.finish();
  if (const std::string wrong = params.validate(); !wrong.empty()) {
    const std::string key = wrong.substr(0, wrong.find(' '));
    reader.fail(key, wrong.substr(wrong.find(": ") + 2));
  }
  return params;
}

toml::table signals_to_toml(const SignalParams& params) {
  return toml::table{
      {"depth_levels", list_of(params.depth_levels)},
      {"rank_lambda", params.rank_lambda},
      {"distance_bps", params.distance_bps},
      {"bands_bps", list_of(params.bands_bps)},
      {"main_band_bps", params.main_band_bps},
      {"flow_windows_ms", list_of(params.flow_windows_ms)},
      {"multi_level_window_ms", static_cast<std::int64_t>(params.multi_level_window_ms)},
      {"flow_levels", static_cast<std::int64_t>(params.flow_levels)},
      {"flow_decay_ms", static_cast<std::int64_t>(params.flow_decay_ms)},
      {"flow_entries", static_cast<std::int64_t>(params.flow_entries)},
      {"window_granularity_ns", params.window_granularity_ns},
      {"trade_flow", table_of(params.trade_flow)},
      {"deviation", table_of(params.deviation)},
      {"time_weighted", table_of(params.time_weighted)},
      {"liquidation", table_of(params.liquidation)},
      {"cascade", table_of(params.cascade)}};
}

}  // namespace steelyard
