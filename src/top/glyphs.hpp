// src/top/glyphs.hpp -- small pictures made of characters.
#pragma once

#include <span>
#include <string>

namespace steelyard {

// The beam of the balance, `width` (odd) columns: from its middle towards the heavier side, in
// halves of a column. `balance`: -1 to 1; NaN draws an empty one.
[[nodiscard]] std::string beam(double balance, int width);

// `share` (0 to 1) of `width` columns, in eighths, from the left.
[[nodiscard]] std::string bar_right(double share, int width);
// The same from the right, in halves.
[[nodiscard]] std::string bar_left(double share, int width);

// The last `width` values, the scale that of what is shown; blanks where undefined.
[[nodiscard]] std::string sparkline(std::span<const double> values, int width);

}  // namespace steelyard
