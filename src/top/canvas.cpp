#include "top/canvas.hpp"

#include <algorithm>

namespace steelyard {
namespace {

// As much of a text as fits, its last glyph an ellipsis if something is left out.
[[nodiscard]] std::u32string fit(std::string_view text, int width) {
  const std::u32string glyphs = decode_utf8(text);
  std::u32string out;
  int used = 0;
  for (std::size_t i = 0; i < glyphs.size(); ++i) {
    const int columns = glyph_columns(glyphs[i]);
    const int keep = i + 1 < glyphs.size() ? 1 : 0;
    if (used + columns + keep > width) {
      if (used < width) out += i + 1 == glyphs.size() && used + columns <= width ? glyphs[i] : U'…';
      return out;
    }
    out += glyphs[i];
    used += columns;
  }
  return out;
}

}  // namespace

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    bool good = lead < 0x80 || (lead >= 0xc2 && lead < 0xf5 && i + length <= text.size());
    char32_t glyph = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t k = 1; good && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      good = (next & 0xc0U) == 0x80;
      glyph = glyph << 6 | (next & 0x3fU);
    }
    // Control characters would move a terminal's cursor.
    if (good && (glyph < 0x20 || glyph == 0x7f)) good = false;
    out += good ? glyph : U'\uFFFD';
    i += good ? length : 1;
  }
  return out;
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t glyph : text) {
    if (glyph == 0) continue;
    const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (glyph < 0x80) {
      put(glyph);
    } else if (glyph < 0x800) {
      put(0xc0 | glyph >> 6);
      put(0x80 | (glyph & 0x3f));
    } else if (glyph < 0x10000) {
      put(0xe0 | glyph >> 12);
      put(0x80 | (glyph >> 6 & 0x3f));
      put(0x80 | (glyph & 0x3f));
    } else {
      put(0xf0 | glyph >> 18);
      put(0x80 | (glyph >> 12 & 0x3f));
      put(0x80 | (glyph >> 6 & 0x3f));
      put(0x80 | (glyph & 0x3f));
    }
  }
  return out;
}

int glyph_columns(char32_t glyph) noexcept {
  const bool wide = (glyph >= 0x1100 && glyph <= 0x115f) || (glyph >= 0x2e80 && glyph <= 0xa4cf) ||
                    (glyph >= 0xac00 && glyph <= 0xd7a3) || (glyph >= 0xf900 && glyph <= 0xfaff) ||
                    (glyph >= 0xff00 && glyph <= 0xff60) ||
                    (glyph >= 0x1f300 && glyph <= 0x1faff) ||
                    (glyph >= 0x20000 && glyph <= 0x3fffd);
  return wide ? 2 : 1;
}

int text_columns(std::string_view text) {
  int columns = 0;
  for (const char32_t glyph : decode_utf8(text)) columns += glyph_columns(glyph);
  return columns;
}

Canvas::Canvas(int width, int height)
    : width_{std::max(1, width)},
      height_{std::max(1, height)},
      cells_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

const Cell& Canvas::at(int x, int y) const {
  static const Cell kOutside;
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return kOutside;
  return cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                static_cast<std::size_t>(x)];
}

int Canvas::put(int x, int y, std::string_view text, Style style) {
  for (const char32_t glyph : decode_utf8(text)) {
    const int columns = glyph_columns(glyph);
    if (y >= 0 && y < height_ && x >= 0 && x + columns <= width_) {
      Cell* const cell = &cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                                 static_cast<std::size_t>(x)];
      cell[0] = {glyph, style};
      if (columns == 2) cell[1] = {0, style};
    }
    x += columns;
  }
  return x;
}

void Canvas::left(int x, int y, int width, std::string_view text, Style style) {
  put(x, y, encode_utf8(fit(text, width)), style);
}

void Canvas::right(int x, int y, int width, std::string_view text, Style style) {
  const std::string fitted = encode_utf8(fit(text, width));
  put(x + width - text_columns(fitted), y, fitted, style);
}

void Canvas::clear(int top, int bottom) {
  for (int y = std::max(0, top); y < std::min(bottom, height_); ++y) {
    const auto from = cells_.begin() + std::ptrdiff_t{y} * width_;
    std::fill(from, from + width_, Cell{});
  }
}

void Canvas::paint(int y, Style style) {
  for (int x = 0; x < width_ && y >= 0 && y < height_; ++x) {
    cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(x)]
        .style = style;
  }
}

std::string Canvas::line(int y) const {
  std::u32string text;
  for (int x = 0; x < width_; ++x) text += at(x, y).glyph;
  while (!text.empty() && text.back() == U' ') text.pop_back();
  return encode_utf8(text);
}

}  // namespace steelyard
