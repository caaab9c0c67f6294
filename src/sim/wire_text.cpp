#include "sim/wire_text.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>

#include "sim/sim_clock.hpp"

namespace steelyard::sim {

std::string query(std::string_view target, std::string_view name) {
  const std::string key = std::string{name} + '=';
  for (std::size_t at = target.find('?'); at != std::string_view::npos;
       at = target.find('&', at + 1)) {
    if (target.substr(at + 1).starts_with(key)) {
      const std::string_view rest = target.substr(at + 1 + key.size());
      return std::string{rest.substr(0, rest.find('&'))};
    }
  }
  return {};
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string now_ms() {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(wall_now()).count());
}

std::string now_iso() {
  const auto now = wall_now();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  const std::time_t seconds = us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char date[24], text[40];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%06lldZ", date, static_cast<long long>(us % 1'000'000));
  return text;
}

std::string_view text_of(simdjson::dom::element object, std::string_view key) {
  std::string_view value;
  return object[key].get_string().get(value) == simdjson::SUCCESS ? value : std::string_view{};
}

std::string raw_of(simdjson::dom::element object, std::string_view key,
                   std::string_view otherwise) {
  simdjson::dom::element value;
  if (object[key].get(value) != simdjson::SUCCESS) return std::string{otherwise};
  return simdjson::minify(value);
}

}  // namespace steelyard::sim
