#include "app/signal_overrides.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>
#include <tuple>

#include "app/signal_config.hpp"
#include "app/wildcard.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

[[nodiscard]] bool is_pattern(std::string_view text) noexcept {
  return text.find_first_of("*?") != std::string_view::npos;
}

[[nodiscard]] SignalOverride make_override(const toml::table& table, const std::string& file,
                                           const std::string& venue, const std::string& pattern,
                                           const std::string& path) {
  const toml::source_position at = table.source().begin;
  return {venue, pattern, file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column),
          path, table};
}

void append(const toml::table& table, const std::string& prefix, std::ostringstream& text) {
  for (const auto& [key, node] : table) {
    const std::string full = prefix + std::string{key.str()};
    if (const toml::table* const nested = node.as_table()) {
      append(*nested, full + ".", text);
      continue;
    }
    if (text.tellp() > 0) text << ", ";
    text << full << " = ";
    node.visit([&text](const auto& value) {
      if constexpr (toml::is_floating_point<decltype(value)>) {
        char shortest[64];
        const auto end = std::to_chars(shortest, shortest + sizeof shortest, *value);
        text << std::string_view{shortest, end.ptr};
      } else {
        text << value;
      }
    });
  }
}

}  // namespace

bool SignalOverride::applies_to(const Instrument& instrument) const {
  if (venue_registry()[instrument.venue]->name != venue) return false;
  return pattern.empty() || matches(pattern, instrument.symbol) ||
         matches(pattern, instrument.name);
}

std::vector<SignalOverride> read_overrides(TomlReader& of_venue, const std::string& venue,
                                           const SignalSet& all) {
  const std::string& file = of_venue.file();
  SignalParams of_all = all.sets()[0];
  std::vector<SignalOverride> overrides;
  const auto add = [&](const toml::table& table, const SignalParams& wider,
                       const std::string& pattern, const std::string& path) {
    SignalParams params = signals_over(wider, table, file, path, SignalScope::Some);
    if (!all.takes(params)) {
      TomlReader{table, file, path}.fail({}, "it would make columns of its own");
    }
    overrides.push_back(make_override(table, file, venue, pattern, path));
    return params;
  };
  if (const toml::table* const table = of_venue.table("signals")) {
    of_all = add(*table, of_all, {}, of_venue.path_of("signals"));
  }
  const toml::table* const instruments = of_venue.table("instrument");
  if (instruments == nullptr) return overrides;
  TomlReader patterns{*instruments, file, of_venue.path_of("instrument")};
  const std::size_t first = overrides.size();
  std::vector<std::tuple<bool, toml::source_position>> order;
  for (const auto& [key, node] : *instruments) {
    const std::string pattern{key.str()};
    if (pattern.empty()) patterns.fail(key.str(), "a symbol or a pattern, e.g. \"BTC*\"");
    const toml::table* const table = patterns.table(pattern);
    TomlReader reader{*table, file, patterns.path_of("\"" + pattern + "\"")};
    if (const toml::table* const own = reader.table("signals")) {
      (void)add(*own, of_all, pattern, reader.path_of("signals"));
      order.emplace_back(!is_pattern(pattern), own->source().begin);
    }
    reader.finish();
  }
  std::vector<std::size_t> places(order.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::sort(places.begin(), places.end(),
            [&order](std::size_t a, std::size_t b) { return order[a] < order[b]; });
  std::vector<SignalOverride> sorted{overrides.begin(),
                                     overrides.begin() + static_cast<std::ptrdiff_t>(first)};
  for (const std::size_t place : places) sorted.push_back(std::move(overrides[first + place]));
  return sorted;
}

std::vector<SignalParams> assign_params(std::span<Instrument> instruments, const SignalParams& all,
                                        std::span<const SignalOverride> overrides) {
  std::vector<SignalParams> sets{all};
  std::map<std::vector<std::size_t>, std::uint16_t> set_of{{{}, std::uint16_t{0}}};
  for (Instrument& instrument : instruments) {
    std::vector<std::size_t> applying;
    for (std::size_t i = 0; i < overrides.size(); ++i) {
      if (overrides[i].applies_to(instrument)) applying.push_back(i);
    }
    const auto [entry, is_new] = set_of.emplace(applying, static_cast<std::uint16_t>(sets.size()));
    if (is_new) {
      SignalParams params = all;
      for (const std::size_t i : applying) {
        const SignalOverride& one = overrides[i];
        params = signals_over(std::move(params), one.table, one.place, one.path, SignalScope::Some);
      }
      sets.push_back(std::move(params));
    }
    instrument.params = entry->second;
  }
  return sets;
}

std::string one_line(const toml::table& table) {
  std::ostringstream text;
  append(table, {}, text);
  return text.str();
}

}  // namespace steelyard
