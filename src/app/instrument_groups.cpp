#include "app/instrument_groups.hpp"

#include <algorithm>

#include "app/toml_reader.hpp"
#include "app/wildcard.hpp"
#include "venues/venue.hpp"

namespace steelyard {
namespace {

[[nodiscard]] bool is_venue(const std::string& pattern) {
  return std::any_of(venue_registry().begin(), venue_registry().end(),
                     [&](const Venue* venue) { return matches(pattern, venue->name); });
}

}  // namespace

bool InstrumentGroup::Member::is(const Instrument& instrument) const {
  return matches(venue, venue_registry()[instrument.venue]->name) &&
         (matches(symbol, instrument.symbol) || matches(symbol, instrument.name));
}

std::vector<InstrumentGroup> read_groups(const toml::table& table, const std::string& file) {
  std::vector<InstrumentGroup> groups;
  TomlReader reader{table, file, "groups"};
  for (const auto& [key, node] : table) {
    InstrumentGroup group;
    group.name = key.str();
    const toml::source_position at = node.source().begin;
    group.place = file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    std::vector<std::string> members;
    reader.read(key.str(), members);
    if (members.empty() || group.name.empty()) {
      reader.fail(key.str(), "at least one \"venue symbol\", e.g. [\"okx BTC-USDT\"]");
    }
    for (const std::string& member : members) {
      const std::size_t space = member.find(' ');
      const std::size_t symbol = member.find_first_not_of(' ', space);
      if (space == 0 || space == std::string::npos || symbol == std::string::npos) {
        reader.fail(key.str(), "\"" + member + "\" is no \"venue symbol\", with one space between");
      }
      group.members.push_back({member.substr(0, space), member.substr(symbol)});
      if (is_venue(group.members.back().venue)) continue;
      std::vector<std::string> venues;
      for (const Venue* const venue : venue_registry()) venues.emplace_back(venue->name);
      const std::string near = nearest(group.members.back().venue, venues);
      reader.fail(key.str(), "no venue is called " + group.members.back().venue +
                                 (near.empty() ? "" : "; did you mean " + near + "?"));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

void assign_groups(std::span<Instrument> instruments, std::span<const InstrumentGroup> groups,
                   bool complete) {
  for (const InstrumentGroup& group : groups) {
    for (const InstrumentGroup::Member& member : group.members) {
      bool matched = false;
      for (Instrument& instrument : instruments) {
        if (!member.is(instrument)) continue;
        matched = true;
        if (!instrument.group.empty() && instrument.group != group.name) {
          throw ConfigError{group.place + ": groups." + group.name + ": " +
                            std::string{venue_registry()[instrument.venue]->name} + " " +
                            instrument.symbol + " is in groups." + instrument.group + " already"};
        }
        instrument.group = group.name;
      }
      if (!matched && complete) {
        throw ConfigError{group.place + ": groups." + group.name + ": none of the instruments " +
                          "that are enabled matches \"" + member.venue + " " + member.symbol +
                          "\""};
      }
    }
  }
}

}  // namespace steelyard
