// tests/support/recorded_line.hpp -- a message as a recorder would have written it.
#pragma once

#include <string>
#include <string_view>

namespace steelyard {

// Received so many seconds after 2026-09-21T13:33:20Z, over the only connection.
[[nodiscard]] inline std::string recorded_line(int second, std::string_view url,
                                               std::string_view message) {
  std::string text =
      "{\"ts\":" +
      std::to_string(1'790'000'000'000'000'000 + static_cast<long long>(second) * 1'000'000'000) +
      ",\"dir\":\"in\",\"conn\":\"a\",\"url\":\"" + std::string{url} + "\",\"msg\":\"";
  for (const char c : message) {
    if (c == '"') text += '\\';
    text += c;
  }
  return text + "\"}";
}

}  // namespace steelyard
