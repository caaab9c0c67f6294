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
      {"tier3", params.tier3}};
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
