#include "app/recording_header.hpp"

#include <toml++/toml.h>

#include <map>
#include <sstream>
#include <stdexcept>

#include "app/signal_config.hpp"
#include "app/signal_overrides.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

constexpr const char* kKinds[] = {"spot", "linear", "inverse", "quanto", "option"};

template <typename T>
[[nodiscard]] T need(const toml::table& table, const char* key) {
  const auto value = table[key].value<T>();
  if (!value) throw std::runtime_error{std::string{"recording header: "} + key + " is missing"};
  return *value;
}

[[nodiscard]] Instrument read_instrument(const toml::table& table) {
  Instrument instrument;
  const auto venue_name = need<std::string>(table, "venue");
  const Venue* const venue = find_venue(venue_name);
  if (venue == nullptr) {
    throw std::runtime_error{"recording header: no venue is called \"" + venue_name + "\""};
  }
  instrument.venue = venue_index(*venue);
  instrument.symbol = need<std::string>(table, "symbol");
  instrument.name = need<std::string>(table, "name");
  const auto channel = need<std::string>(table, "channel");
  while (instrument.channel < venue->books.size() &&
         venue->books[instrument.channel].channel != channel) {
    ++instrument.channel;
  }
  const auto kind = need<std::string>(table, "kind");
  std::size_t kind_index = 0;
  while (kind_index < std::size(kKinds) && kKinds[kind_index] != kind) ++kind_index;
  if (instrument.channel == venue->books.size() || kind_index == std::size(kKinds) ||
      instrument.symbol.empty() || instrument.symbol.size() > SymbolTable::kMaxSymbolBytes) {
    throw std::runtime_error{"recording header: instrument " + instrument.symbol +
                             " has an unknown channel or kind"};
  }
  instrument.kind = static_cast<ContractKind>(kind_index);
  Scale& scale = instrument.scale;
  scale.price_exponent = static_cast<std::int8_t>(need<std::int64_t>(table, "price_exponent"));
  scale.qty_exponent = static_cast<std::int8_t>(need<std::int64_t>(table, "qty_exponent"));
  scale.qty_multiplier = need<std::int64_t>(table, "qty_multiplier");
  scale.multiplier_exponent =
      static_cast<std::int8_t>(need<std::int64_t>(table, "multiplier_exponent"));
  scale.contract_size = need<double>(table, "contract_size");
  instrument.tick = need<std::int64_t>(table, "tick");
  instrument.has_metadata = true;
  instrument.io = static_cast<std::uint16_t>(need<std::int64_t>(table, "io"));
  instrument.group = table["group"].value_or(std::string{});
  const int wire = scale.qty_exponent - scale.multiplier_exponent;
  if (scale.price_exponent > 0 || scale.price_exponent < -18 || wire > 0 || wire < -18 ||
      scale.qty_exponent < -18 || scale.qty_exponent > 0 || scale.qty_multiplier < 1 ||
      instrument.tick < 1) {
    throw std::runtime_error{"recording header: instrument " + instrument.symbol +
                             " has a scale that cannot be"};
  }
  return instrument;
}

}  // namespace

std::string write_header(const RecordingHeader& header) {
  toml::table root;
  toml::array connections;
  for (const RecordedConnection& connection : header.connections) {
    connections.push_back(toml::table{{"id", connection.id},
                                      {"venue", connection.venue},
                                      {"url", connection.url},
                                      {"io", connection.io}});
  }
  toml::array instruments;
  const toml::table of_all = signals_to_toml(header.signals);
  for (const Instrument& instrument : header.instruments) {
    const Venue& venue = *venue_registry()[instrument.venue];
    const Scale& scale = instrument.scale;
    instruments.push_back(
        toml::table{{"venue", std::string{venue.name}},
                    {"symbol", instrument.symbol},
                    {"name", instrument.name},
                    {"channel", std::string{venue.books[instrument.channel].channel}},
                    {"kind", kKinds[static_cast<std::size_t>(instrument.kind)]},
                    {"price_exponent", static_cast<std::int64_t>(scale.price_exponent)},
                    {"qty_exponent", static_cast<std::int64_t>(scale.qty_exponent)},
                    {"qty_multiplier", scale.qty_multiplier},
                    {"multiplier_exponent", static_cast<std::int64_t>(scale.multiplier_exponent)},
                    {"contract_size", scale.contract_size},
                    {"tick", instrument.tick},
                    {"io", instrument.io}});
    if (!instrument.group.empty()) {
      instruments.back().as_table()->insert("group", instrument.group);
    }
    if (instrument.params == 0) continue;
    // Only what is different, over the complete table of all: exact whatever later defaults are.
    instruments.back().as_table()->insert(
        "signals", difference(signals_to_toml(header.own_signals[instrument.params - 1U]), of_all));
  }
  root.insert("connection", std::move(connections));
  root.insert("instrument", std::move(instruments));
  root.insert("signals", of_all);
  root.insert("stale_after_ms", header.stale_after_ms);
  std::ostringstream text;
  text << root << '\n';
  return text.str();
}

RecordingHeader read_header(std::string_view text) {
  RecordingHeader header;
  try {
    const toml::table root = toml::parse(text);
    if (const toml::array* const list = root["connection"].as_array()) {
      for (const toml::node& node : *list) {
        const toml::table* const table = node.as_table();
        if (table == nullptr) throw std::runtime_error{"recording header: connection is no table"};
        header.connections.push_back(
            {static_cast<std::uint32_t>(need<std::int64_t>(*table, "id")),
             need<std::string>(*table, "venue"), need<std::string>(*table, "url"),
             static_cast<std::uint16_t>(need<std::int64_t>(*table, "io"))});
      }
    }
    if (const toml::table* const table = root["signals"].as_table()) {
      header.signals = signals_from_toml(*table, "recording header");
    }
    std::map<std::string, std::uint16_t> set_of;
    if (const toml::array* const list = root["instrument"].as_array()) {
      for (const toml::node& node : *list) {
        const toml::table* const table = node.as_table();
        if (table == nullptr) throw std::runtime_error{"recording header: instrument is no table"};
        header.instruments.push_back(read_instrument(*table));
        const toml::table* const own = (*table)["signals"].as_table();
        if (own == nullptr) continue;
        const auto [entry, is_new] =
            set_of.emplace(one_line(*own), static_cast<std::uint16_t>(set_of.size() + 1));
        header.instruments.back().params = entry->second;
        if (!is_new) continue;
        header.own_signals.push_back(signals_over(header.signals, *own, "recording header",
                                                  "instrument.signals", SignalScope::Some));
      }
    }
    const auto stale = root["stale_after_ms"].value<std::int64_t>();
    if (stale && (*stale < 1 || *stale > 3'600'000)) {
      throw std::runtime_error{"recording header: stale_after_ms = " + std::to_string(*stale)};
    }
    if (stale) header.stale_after_ms = static_cast<std::uint32_t>(*stale);
  } catch (const toml::parse_error& error) {
    throw std::runtime_error{std::string{"recording header: "} + error.what()};
  }
  return header;
}

}  // namespace steelyard
