// src/top/canvas.hpp -- a screen as cells: what views draw on, tests read, and a terminal shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace steelyard {

enum class Ink : std::uint8_t { Plain, Quiet, Good, Warn, Bad, Bid, Ask, Accent };

struct Style {
  Ink ink = Ink::Plain;
  bool bold = false;
  bool reverse = false;
  friend bool operator==(const Style&, const Style&) = default;
};

struct Cell {
  char32_t glyph = U' ';  // 0: the right half of a wide glyph before it
  Style style;
  friend bool operator==(const Cell&, const Cell&) = default;
};

// Clips whatever lies outside. One thread.
class Canvas {
 public:
  Canvas(int width, int height);
  [[nodiscard]] int width() const noexcept { return width_; }
  [[nodiscard]] int height() const noexcept { return height_; }
  [[nodiscard]] const Cell& at(int x, int y) const;

  // UTF-8, from column x on; returns the column after it.
  int put(int x, int y, std::string_view text, Style style = {});
  // In a field of `width` columns, cut with an ellipsis if it is longer.
  void left(int x, int y, int width, std::string_view text, Style style = {});
  void right(int x, int y, int width, std::string_view text, Style style = {});
  // Blanks from line `top` to before `bottom`.
  void clear(int top, int bottom);
  // The style of a whole line; its text stays.
  void paint(int y, Style style);
  // As UTF-8, without blanks at its end.
  [[nodiscard]] std::string line(int y) const;

 private:
  int width_;
  int height_;
  std::vector<Cell> cells_;
};

// The code points of a text; what is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::u32string decode_utf8(std::string_view text);
[[nodiscard]] std::string encode_utf8(std::u32string_view text);
// Columns that a glyph takes on a terminal: 1 or 2.
[[nodiscard]] int glyph_columns(char32_t glyph) noexcept;
[[nodiscard]] int text_columns(std::string_view text);

}  // namespace steelyard
