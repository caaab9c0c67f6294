// src/top/top_state.hpp -- what the person at the keyboard chose, and what each key does to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "observe/observation.hpp"

namespace steelyard {

enum class TopView : std::uint8_t { List, Instrument, Links, Troubles, Help };

enum class SortBy : std::uint8_t {
  Directory,
  Venue,
  Symbol,
  State,
  Age,
  Rate,
  Spread,
  Imbalance,
  Flow,
  Alert
};
inline constexpr std::string_view kSortNames[] = {
    "config order", "venue", "symbol", "state", "age", "rate", "spread", "imbalance", "ofi", "alert"};

enum class Key : std::uint8_t {
  Character,
  Up,
  Down,
  Left,
  Right,
  PageUp,
  PageDown,
  Home,
  End,
  Enter,
  Escape,
  Backspace
};
struct KeyPress {
  Key key = Key::Character;
  char32_t character = 0;
};

struct TopState {
  TopView view = TopView::List;
  TopView before_help = TopView::List;
  SortBy sort = SortBy::Directory;
  bool reverse = false;
  std::string filter;  // words; all must be in venue, symbol, name or verdict
  bool typing_filter = false;
  bool paused = false;
  bool quit = false;
  std::string selected;  // venue and symbol: stays the same through sorting and restarts
  int scroll = 0;        // of links, troubles and help
  int page = 10;         // lines of a page, as the last picture had it
};

// "venue symbol", by which a selection is remembered.
[[nodiscard]] std::string key_of(const SeenInstrument& instrument);

// Indices of the instruments that the filter leaves, in the order chosen.
[[nodiscard]] std::vector<std::size_t> arranged(const Observation& seen, const TopState& state);

// The place of the selection in that order; 0 if it is not in it.
[[nodiscard]] std::size_t selection(const Observation& seen, const std::vector<std::size_t>& order,
                                    const TopState& state);

void handle_key(TopState& state, KeyPress press, const Observation& seen);

}  // namespace steelyard
