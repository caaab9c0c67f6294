#include "cli/column_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <sstream>
#include <string_view>
#include <vector>

namespace steelyard {
namespace {

constexpr std::size_t kLine = 100;
constexpr const char* kAny = "any";
constexpr std::size_t kFewNames = 4;  // of a family, to be named each

// In the order of the specification's sections.
struct Section {
  const char* name;
  std::vector<std::uint32_t> orders;  // column_order::k..., each up to the next hundred
};

[[nodiscard]] const std::vector<Section>& sections() {
  using namespace column_order;
  static const std::vector<Section> all = {
      {"Mid and spread", {kMid, kSpread}},
      {"S1", {kQueue}},
      {"S2", {kDepth, kWeightedDepth}},
      {"S3", {kBands, kBandDepth}},
      {"S4", {kWeightedMid}},
      {"S5", {kFlow, kFlowWindows, kFlowDecayed}},
      {"S6", {kLevelFlow, kLevelFlowWindow}},
      {"S7", {kTradeFlow, kVpin}},
      {"S8", {kDeviation}},
      {"S9", {kTrueRange}},
      {"S10", {kRegression}},
      {"S11", {kSlopeAndCost, kIlliquidity}},
      {"S12", {kTimeWeighted}},
      {"S13", {kVolatility}},
      {"S14", {kLiquidation, kCascade}},
      {"S15", {kReversion}},
      {"S16", {kCrossVenue}},
  };
  return all;
}

[[nodiscard]] const char* section_of(const Column& column) {
  for (const Section& section : sections()) {
    for (const std::uint32_t order : section.orders) {
      if (column.order / 100 == order / 100) return section.name;
    }
  }
  return "";
}

[[nodiscard]] std::string number(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

[[nodiscard]] std::string range_of(const Column& column) {
  const bool low = std::isfinite(column.low);
  const bool high = std::isfinite(column.high);
  if (low && high) return number(column.low) + " to " + number(column.high);
  if (low) return column.low == 0.0 ? "not negative" : "from " + number(column.low);
  return high ? "up to " + number(column.high) : kAny;
}

[[nodiscard]] std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

[[nodiscard]] std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream{text};
  return {std::istream_iterator<std::string>{stream}, {}};
}

// Filled to the line width; every line but the first begins with `indent`.
[[nodiscard]] std::string filled(const std::string& text, const std::string& indent) {
  std::string out;
  std::size_t width = 0;
  for (const std::string& word : words_of(text)) {
    // Continuation bytes of a character take no room.
    const auto wide = static_cast<std::size_t>(
        std::count_if(word.begin(), word.end(), [](char c) { return (c & 0xc0) != 0x80; }));
    if (!out.empty() && width + 1 + wide > kLine) {
      out += "\n" + indent;
      width = indent.size();
    } else if (!out.empty()) {
      out += ' ';
      ++width;
    }
    out += word;
    width += wide;
  }
  return out + "\n";
}

// Columns whose names and descriptions differ in numbers only.
struct Family {
  std::string pattern;
  std::vector<const Column*> columns;
};

[[nodiscard]] std::string without_numbers(const std::string& text) {
  std::string out;
  const auto is_digit = [&text](std::size_t i) {
    return i < text.size() && text[i] >= '0' && text[i] <= '9';
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool point = text[i] == '.' && i != 0 && is_digit(i - 1) && is_digit(i + 1);
    const bool digit = is_digit(i) || point;
    if (!digit) out += text[i];
    if (digit && (out.empty() || out.back() != '#')) out += '#';
  }
  return out;
}

[[nodiscard]] std::vector<Family> families_of(const std::vector<const Column*>& columns) {
  std::vector<Family> families;
  for (const Column* const column : columns) {
    const std::string pattern = without_numbers(column->name) + '\n' +
                                without_numbers(column->description) + '\n' + range_of(*column);
    auto family = std::find_if(families.begin(), families.end(),
                               [&pattern](const Family& of) { return of.pattern == pattern; });
    if (family == families.end()) family = families.insert(families.end(), {pattern, {}});
    family->columns.push_back(column);
  }
  return families;
}

[[nodiscard]] std::string names_of(const Family& family) {
  std::string text;
  if (family.columns.size() > kFewNames) {
    return "`" + family.columns.front()->name + "` … `" + family.columns.back()->name + "`";
  }
  for (const Column* const column : family.columns) {
    text += (text.empty() ? "`" : " `") + column->name + "`";
  }
  return text;
}

// From `first` on, as far as section, unit and tier are the same.
[[nodiscard]] std::vector<const Column*> neighbours(const std::vector<const Column*>& all,
                                                    std::size_t first) {
  std::vector<const Column*> alike;
  for (std::size_t i = first; i < all.size(); ++i) {
    const bool same = all[i]->unit == all[first]->unit && all[i]->tier == all[first]->tier &&
                      std::string_view{section_of(*all[i])} == section_of(*all[first]);
    if (!same) break;
    alike.push_back(all[i]);
  }
  return alike;
}

// From `first` on, as far as the next columns are of one family and it is a long one; else one.
[[nodiscard]] Family stretch(const std::vector<const Column*>& columns, std::size_t first) {
  Family family;
  const std::string pattern = without_numbers(columns[first]->name);
  for (std::size_t i = first; i < columns.size(); ++i) {
    if (without_numbers(columns[i]->name) != pattern) break;
    family.columns.push_back(columns[i]);
  }
  if (family.columns.size() <= kFewNames) family.columns.resize(1);
  return family;
}

// Numbers that are not the same in all descriptions of the family are N.
[[nodiscard]] std::string description_of(const Family& family) {
  std::vector<std::string> words = words_of(family.columns.front()->description);
  for (const Column* const column : family.columns) {
    const std::vector<std::string> others = words_of(column->description);
    for (std::size_t i = 0; i < words.size() && i < others.size(); ++i) {
      if (words[i] == others[i] || words[i].find('#') != std::string::npos) continue;
      words[i] = without_numbers(words[i]);
    }
  }
  std::string text;
  for (std::string& word : words) {
    std::replace(word.begin(), word.end(), '#', 'N');
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

// What columns say alike is said once; where they differ, of which it is said.
void append_notes(const std::vector<const Column*>& columns, std::string Column::*of,
                  const char* label, std::string& out) {
  std::vector<std::pair<std::string, std::vector<const Column*>>> notes;
  for (const Column* const column : columns) {
    const std::string& text = column->*of;
    if (text.empty()) continue;
    auto note = std::find_if(notes.begin(), notes.end(),
                             [&text](const auto& held) { return held.first == text; });
    if (note == notes.end()) note = notes.insert(notes.end(), {text, {}});
    note->second.push_back(column);
  }
  std::string said;
  for (const auto& [text, with] : notes) {
    if (!said.empty()) said += said.back() == '.' ? " " : "; ";
    if (with.size() != columns.size()) {
      std::string names;
      for (const Family& family : families_of(with)) {
        names += (names.empty() ? "" : " ") + names_of(family);
      }
      said += names + ": ";
    }
    said += text;
  }
  if (said.empty()) return;
  if (said.back() != '.') said += '.';
  out += "\n" + filled(std::string{label} + " " + said, {});
}

void append_section(const char* name, const std::vector<const Column*>& columns, std::string& out) {
  out += "\n<!-- columns: " + std::string{name} + " -->\n";
  for (const Family& family : families_of(columns)) {
    const Column& first = *family.columns.front();
    const std::string range = range_of(first);
    out +=
        filled("- " + names_of(family) + " (" + first.unit + (range == kAny ? "" : ", " + range) +
                   ", tier " + std::to_string(first.tier) + "): " + description_of(family),
               "  ");
  }
  append_notes(columns, &Column::caveat, "**When not to trust it.**", out);
  append_notes(columns, &Column::source, "**Source.**", out);
  out += "<!-- end -->\n";
}

}  // namespace

std::string columns_as_text(std::span<const Column> columns) {
  std::size_t name = 4, unit = 4, range = 5;
  for (const Column& column : columns) {
    name = std::max(name, column.name.size());
    unit = std::max(unit, column.unit.size());
    range = std::max(range, range_of(column).size());
  }
  const auto padded = [](std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text + "  ";
  };
  std::string out =
      padded("NAME", name) + padded("UNIT", unit) + padded("RANGE", range) + "TIER  DESCRIPTION\n";
  for (const Column& column : columns) {
    out += padded(column.name, name) + padded(column.unit, unit) + padded(range_of(column), range) +
           padded(std::to_string(column.tier), 4) + column.sourced_description() + "\n";
  }
  return out;
}

std::string columns_as_json(std::span<const Column> columns) {
  const auto limit = [](double value) { return std::isfinite(value) ? number(value) : "null"; };
  std::string out = "[";
  for (const Column& column : columns) {
    out += (out.size() > 1 ? ",\n {" : "\n {");
    out += "\"name\": " + quoted(column.name) + ", \"unit\": " + quoted(column.unit);
    out += ", \"low\": " + limit(column.low) + ", \"high\": " + limit(column.high);
    out += ", \"tier\": " + std::to_string(column.tier);
    out += ", \"section\": " + quoted(section_of(column));
    out += ", \"description\": " + quoted(column.description);
    out += ", \"source\": " + quoted(column.source);
    out += ", \"caveat\": " + quoted(column.caveat) + "}";
  }
  return out + "\n]\n";
}

std::string columns_as_markdown(std::span<const Column> columns) {
  std::vector<const Column*> all;
  for (const Column& column : columns) all.push_back(&column);
  std::string out = "<!-- columns: all -->\n";
  out += filled("With default parameters there are " + std::to_string(columns.size()) +
                    " columns. `steelyard signals` prints them one by one, `--json` for programs.",
                {});
  out += "\n| Columns, in this order | Unit | Tier | Section |\n|---|---|---|---|\n";
  for (std::size_t first = 0; first < all.size();) {
    const std::vector<const Column*> alike = neighbours(all, first);
    const std::string what = " | " + all[first]->unit + " | " + std::to_string(all[first]->tier) +
                             " | " + section_of(*all[first]) + " |\n";
    std::string names;
    std::size_t taken = 0;
    while (taken < alike.size()) {
      const Family family = stretch(alike, taken);
      const std::string more = (names.empty() ? "" : " ") + names_of(family);
      if (!names.empty() && names.size() + more.size() + what.size() > kLine) break;
      names += more;
      taken += family.columns.size();
    }
    out += "| " + names + what;
    first += taken;
  }
  out += "<!-- end -->\n";
  for (const Section& section : sections()) {
    std::vector<const Column*> of_section;
    for (const Column* const column : all) {
      if (std::string_view{section_of(*column)} == section.name) of_section.push_back(column);
    }
    if (!of_section.empty()) append_section(section.name, of_section, out);
  }
  return out;
}

}  // namespace steelyard
