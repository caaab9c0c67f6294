#include "observe/number_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace steelyard {
namespace {

template <typename... Values>
[[nodiscard]] std::string format(const char* pattern, Values... values) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

}  // namespace

std::string duration_text(std::uint64_t ns) {
  if (ns == 0) return "-";
  if (ns < 1000) return format("%lluns", static_cast<unsigned long long>(ns));
  double value = static_cast<double>(ns) / 1e3;
  const char* const units[] = {"µs", "ms", "s"};
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(units)) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return format("%.*f%s", decimals, value, units[unit]);
}

std::string age_text(double seconds) {
  if (std::isnan(seconds)) return "-";
  const double s = std::max(0.0, seconds);
  if (s < 0.9995) return format("%.0fms", s * 1000);
  if (s < 9.95) return format("%.1fs", s);
  if (s < 99.5) return format("%.0fs", s);
  if (s < 5970) return format("%.0fm", s / 60);
  if (s < 35.5 * 3600) return format("%.0fh", s / 3600);
  return s < 9999.0 * 86400 ? format("%.0fd", s / 86400) : "ages";
}

std::string uptime_text(double seconds) {
  if (std::isnan(seconds) || seconds < 0 || seconds > 1e11) return "-";
  const auto s = static_cast<long long>(seconds);
  if (s < 60) return format("%llds", s);
  if (s < 3600) return format("%lldm%02llds", s / 60, s % 60);
  if (s < 86'400) return format("%lldh%02lldm", s / 3600, s / 60 % 60);
  return format("%lldd%02lldh", s / 86'400, s / 3600 % 24);
}

std::string rate_text(double per_second) {
  if (std::isnan(per_second)) return "-";
  if (per_second < 0.05) return "0";
  if (per_second < 99.95) return format("%.1f", per_second);
  if (per_second < 999.5) return format("%.0f", per_second);
  if (per_second < 999'500) return format("%.1fk", per_second / 1e3);
  return format("%.1fM", per_second / 1e6);
}

std::string decimal_text(double value, int decimals) {
  return std::isnan(value) ? "-" : format("%.*f", decimals, value);
}

std::string compact_text(double value, int columns) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const char* const units[] = {"", "k", "M", "G", "T", "P"};
  for (const char* const unit : units) {
    for (int decimals = value == 0.0 ? 0 : 6; decimals >= 0; --decimals) {
      const std::string text = format("%.*f%s", decimals, value, unit);
      // Digits that say nothing: what is nearly 0 needs no seven of them.
      if (static_cast<int>(text.size()) <= columns) return text;
    }
    value /= 1000;
  }
  return "big";
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

}  // namespace steelyard
