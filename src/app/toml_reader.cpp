#include "app/toml_reader.hpp"

#include <algorithm>
#include <sstream>

namespace steelyard {
namespace {

[[nodiscard]] std::string value_text(const toml::node& node) {
  std::ostringstream text;
  node.visit([&text](const auto& value) { text << value; });
  std::string out = text.str();
  std::replace(out.begin(), out.end(), '\n', ' ');
  if (out.size() > 80) out = out.substr(0, 77) + "...";
  return out;
}

[[nodiscard]] std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& words) {
  std::string best;
  std::size_t least = word.size() / 2 + 1;
  for (const std::string& candidate : words) {
    const std::size_t d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

TomlReader::TomlReader(const toml::table& table, std::string file, std::string path)
    : table_{table}, file_{std::move(file)}, path_{std::move(path)} {}

std::string TomlReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

const toml::node* TomlReader::find(std::string_view key) {
  known_.emplace(key);
  return table_.get(key);
}

void TomlReader::fail(std::string_view key, const std::string& allowed) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) node = table_.at_path(key).node();  // "table.key"
  const toml::source_region at = node != nullptr ? node->source() : table_.source();
  std::string text = file_ + ":";
  // A copy of a table does not know where it stood; who made it says so in place of the file.
  if (at.begin) text += std::to_string(at.begin.line) + ":" + std::to_string(at.begin.column) + ":";
  text += " " + (key.empty() ? path_ : path_of(key));
  if (node != nullptr) text += " = " + value_text(*node);
  throw ConfigError{text + ": " + allowed};
}

void TomlReader::read(std::string_view key, bool& out) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) fail(key, "true or false");
  out = **node->as_boolean();
}

void TomlReader::read(std::string_view key, std::string& out) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  if (!node->is_string()) fail(key, "text in quotes");
  out = **node->as_string();
}

void TomlReader::read(std::string_view key, std::int64_t& out, std::int64_t low,
                      std::int64_t high) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  const std::string allowed =
      "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (!node->is_integer()) fail(key, allowed);
  const std::int64_t value = **node->as_integer();
  if (value < low || value > high) fail(key, allowed);
  out = value;
}

void TomlReader::read(std::string_view key, std::uint32_t& out, std::uint32_t low,
                      std::uint32_t high) {
  std::int64_t value = out;
  read(key, value, low, high);
  out = static_cast<std::uint32_t>(value);
}

void TomlReader::read(std::string_view key, double& out, double low, double high) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  std::ostringstream allowed;
  allowed << "a number from " << low << " to " << high;
  const auto value = node->value<double>();
  if (!node->is_number() || !(*value >= low && *value <= high)) fail(key, allowed.str());
  out = *value;
}

void TomlReader::read(std::string_view key, std::vector<std::string>& out) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  if (list == nullptr || !list->is_homogeneous(toml::node_type::string)) {
    if (list == nullptr || !list->empty()) fail(key, "a list of texts in quotes");
  }
  out.clear();
  for (const toml::node& item : *list) out.push_back(**item.as_string());
}

void TomlReader::read(std::string_view key, std::vector<std::uint32_t>& out) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  if (list == nullptr) fail(key, "a list of whole numbers");
  out.clear();
  for (const toml::node& item : *list) {
    if (!item.is_integer() || **item.as_integer() < 0 || **item.as_integer() > 0x7fff'ffff) {
      fail(key, "a list of whole numbers");
    }
    out.push_back(static_cast<std::uint32_t>(**item.as_integer()));
  }
}

void TomlReader::read(std::string_view key, std::vector<double>& out) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  if (list == nullptr) fail(key, "a list of numbers");
  out.clear();
  for (const toml::node& item : *list) {
    if (!item.is_number()) fail(key, "a list of numbers");
    out.push_back(*item.value<double>());
  }
}

void TomlReader::read_choice(std::string_view key, std::size_t& out,
                             const std::vector<std::string>& words) {
  const toml::node* const node = find(key);
  if (node == nullptr) return;
  std::string allowed = "one of";
  for (const std::string& word : words) allowed += " \"" + word + "\"";
  if (!node->is_string()) fail(key, allowed);
  const auto found = std::find(words.begin(), words.end(), **node->as_string());
  if (found == words.end()) fail(key, allowed);
  out = static_cast<std::size_t>(found - words.begin());
}

const toml::table* TomlReader::table(std::string_view key) {
  const toml::node* const node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) fail(key, "a table, [" + path_of(key) + "]");
  return node->as_table();
}

void TomlReader::finish() const {
  const std::vector<std::string> known{known_.begin(), known_.end()};
  for (const auto& [key, node] : table_) {
    if (known_.contains(key.str())) continue;
    std::string allowed = "no such key";
    if (const std::string near = nearest(key.str(), known); !near.empty()) {
      allowed += "; did you mean " + path_of(near) + "?";
    } else {
      allowed += "; known here:";
      for (const std::string& name : known) allowed += " " + name;
    }
    fail(key.str(), allowed);
  }
}

}  // namespace steelyard
