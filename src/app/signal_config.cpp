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

void refuse_directory_keys(const toml::table& table, const std::string& file,
                           const std::string& path, const std::string& prefix = {}) {
  for (const auto& [key, node] : table) {
    const std::string full = prefix + std::string{key.str()};
    if (const toml::table* const nested = node.as_table()) {
      refuse_directory_keys(*nested, file, path + "." + std::string{key.str()}, full + ".");
    } else if (is_directory_key(full)) {
      TomlReader{table, file, path}.fail(
          key.str(),
          "it makes columns, which are the same for all instruments: set it in [signals]");
    }
  }
}

// Of parameters that do not go together, one may be named that is not in this table, or within one
// of its tables.
[[noreturn]] void refuse(const toml::table& table, const std::string& file, const std::string& path,
                         std::string_view key, const std::string& why) {
  const std::size_t dot = key.find('.');
  const toml::table* const nested =
      dot == std::string_view::npos ? nullptr : table[key.substr(0, dot)].as_table();
  if (nested == nullptr) TomlReader{table, file, path}.fail(key, why);
  refuse(*nested, file, path + "." + std::string{key.substr(0, dot)}, key.substr(dot + 1), why);
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

SignalParams signals_over(SignalParams params, const toml::table& table, const std::string& file,
                          const std::string& path, SignalScope scope) {
  if (scope == SignalScope::Some) refuse_directory_keys(table, file, path);
  TomlReader reader{table, file, path};
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
  reader.read("cost_notionals", params.cost_notionals);
  for (const BarParam& bar : bar_params()) {
    reader.read(bar.name, params.bars.*bar.value, bar.low, bar.high);
  }
  reader.read("group_stale_ms", params.group_stale_ms, 1, 3'600'000);
  reader.read("tier2", params.tier2);
  reader.read("tier3", params.tier3);
  reader.read("range_dead_zone", params.bars.range_dead_zone, 0.0, 0.999999);
  read_trade_flow(reader, params.trade_flow);
  read_deviation(reader, params.deviation);
  read_time_weighted(reader, params.time_weighted);
  read_liquidation(reader, params.liquidation);
  read_cascade(reader, params.cascade);
  reader.finish();
  if (const std::string wrong = params.validate(); !wrong.empty()) {
    const std::string key = wrong.substr(0, wrong.find(' '));
    // A key that this table leaves alone has its value from a wider one: say which it is.
    const bool here = table.at_path(key).node() != nullptr;
    refuse(table, file, path, key, here ? wrong.substr(wrong.find(": ") + 2) : wrong);
  }
  return params;
}

toml::table signals_to_toml(const SignalParams& params) {
  toml::table table{
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
      {"group_stale_ms", static_cast<std::int64_t>(params.group_stale_ms)},
      {"tier2", params.tier2},
      {"tier3", params.tier3},
      {"trade_flow", table_of(params.trade_flow)},
      {"deviation", table_of(params.deviation)},
      {"time_weighted", table_of(params.time_weighted)},
      {"liquidation", table_of(params.liquidation)},
      {"cascade", table_of(params.cascade)}};
  table.insert("cost_notionals", list_of(params.cost_notionals));
  for (const BarParam& bar : bar_params()) {
    table.insert(bar.name, static_cast<std::int64_t>(params.bars.*bar.value));
  }
  table.insert("range_dead_zone", params.bars.range_dead_zone);
  return table;
}

toml::table difference(const toml::table& own, const toml::table& wider) {
  toml::table rest;
  for (const auto& [key, node] : own) {
    const toml::node* const other = wider.get(key);
    const toml::table* const inner = node.as_table();
    if (inner != nullptr && other != nullptr && other->is_table()) {
      if (toml::table nested = difference(*inner, *other->as_table()); !nested.empty()) {
        rest.insert(key, std::move(nested));
      }
    } else if (other == nullptr || toml::node_view{node} != toml::node_view{*other}) {
      rest.insert(key, node);
    }
  }
  return rest;
}

}  // namespace steelyard
