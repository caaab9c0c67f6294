// src/sim/wire_text.hpp -- the text that simulated venues read and write.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace steelyard::sim {

// The value of a parameter of "/path?name=value&..."; empty: it is not there.
[[nodiscard]] std::string query(std::string_view target, std::string_view name);
[[nodiscard]] std::string lower(std::string text);
[[nodiscard]] std::string upper(std::string text);

// Now: milliseconds since the Unix epoch, as a number; "2026-05-04T10:11:12.440295Z".
[[nodiscard]] std::string now_ms();
[[nodiscard]] std::string now_iso();

// A member that is text; empty: it is not there, or no text.
[[nodiscard]] std::string_view text_of(simdjson::dom::element object, std::string_view key);
// A member as it was written (text with its quotes); `otherwise` if it is not there.
[[nodiscard]] std::string raw_of(simdjson::dom::element object, std::string_view key,
                                 std::string_view otherwise);

// "a,b,c": what `write` makes of the best `limit` levels of a side (0: of all).
template <typename Side, typename Write>
[[nodiscard]] std::string best_rows(const Side& side, std::size_t limit, Write write) {
  std::string text;
  std::size_t count = 0;
  for (const auto& [price, qty] : side) {
    if (limit != 0 && count++ == limit) break;
    if (!text.empty()) text += ',';
    text += write(price, qty);
  }
  return text;
}

// The same of those changes that are of one side.
template <typename Changes, typename Write>
[[nodiscard]] std::string change_rows(const Changes& changes, bool bids, Write write) {
  std::string text;
  for (const auto& change : changes) {
    if (change.bid != bids) continue;
    if (!text.empty()) text += ',';
    text += write(change);
  }
  return text;
}

// "a,b,c": what `write` makes of each element.
template <typename List, typename Write>
[[nodiscard]] std::string joined(const List& list, Write write) {
  std::string text;
  for (const auto& each : list) {
    const std::string one = write(each);
    if (one.empty()) continue;
    if (!text.empty()) text += ',';
    text += one;
  }
  return text;
}

}  // namespace steelyard::sim
