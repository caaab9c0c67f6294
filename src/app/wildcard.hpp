// src/app/wildcard.hpp -- patterns with * and ? for instrument names.
#pragma once

#include <string_view>

namespace steelyard {

// '*' is any text, '?' any one character; letter case counts.
[[nodiscard]] constexpr bool matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}
static_assert(matches("BTC*", "BTCUSDT") && matches("*", "") && !matches("BTC?", "BTC"));

}  // namespace steelyard
