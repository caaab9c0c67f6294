// src/app/wildcard.hpp -- patterns with * and ? for instrument names.
#pragma once

#include <algorithm>
#include <string_view>

#include "venues/venue.hpp"

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

// By its symbol, its normalised name, or another symbol of the same book.
[[nodiscard]] inline bool asks_for(std::string_view pattern, const InstrumentInfo& info) {
  return matches(pattern, info.symbol) || matches(pattern, info.name) ||
         std::any_of(info.aliases.begin(), info.aliases.end(),
                     [pattern](const std::string& alias) { return matches(pattern, alias); });
}

}  // namespace steelyard
