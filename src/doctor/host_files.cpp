#include "doctor/host_files.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace steelyard {

std::optional<std::string> HostFiles::read(const std::string& path) const {
  std::ifstream file{root_ + path};
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  std::string out = text.str();
  // Some of /sys opens and then cannot be read.
  if (out.empty() && file.bad()) return std::nullopt;
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

std::optional<long long> HostFiles::number(const std::string& path) const {
  const std::optional<std::string> text = read(path);
  long long value = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string> HostFiles::list(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{root_ + folder, error}) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<int> parse_cores(std::string_view list) {
  std::vector<int> cores;
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(','));
    int from = 0;
    const auto first = std::from_chars(part.data(), part.data() + part.size(), from);
    if (first.ec != std::errc{}) return cores;
    int to = from;
    if (first.ptr != part.data() + part.size()) {
      if (*first.ptr != '-') return cores;
      if (std::from_chars(first.ptr + 1, part.data() + part.size(), to).ec != std::errc{})
        return cores;
    }
    for (int core = from; core <= to && cores.size() < 8192; ++core) cores.push_back(core);
    if (part.size() == list.size()) break;
    list.remove_prefix(part.size() + 1);
  }
  return cores;
}

std::string cores_text(const std::vector<int>& cores) {
  std::string text;
  for (std::size_t i = 0; i < cores.size();) {
    std::size_t end = i;
    while (end + 1 < cores.size() && cores[end + 1] == cores[end] + 1) ++end;
    text += (text.empty() ? "" : ",") + std::to_string(cores[i]);
    if (end > i) text += "-" + std::to_string(cores[end]);
    i = end + 1;
  }
  return text.empty() ? "none" : text;
}

std::string chosen(std::string_view choices) {
  const std::size_t open = choices.find('[');
  const std::size_t close = choices.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::string{choices};
  }
  return std::string{choices.substr(open + 1, close - open - 1)};
}

}  // namespace steelyard
