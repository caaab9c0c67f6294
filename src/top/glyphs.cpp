#include "top/glyphs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steelyard {
namespace {

constexpr const char* kEighthsRight[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr const char* kHeights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

[[nodiscard]] std::string repeat(const char* text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

std::string beam(double balance, int width) {
  const int half = width / 2;
  if (std::isnan(balance)) return repeat("·", half) + "·" + repeat("·", half);
  const double reach = std::clamp(std::abs(balance), 0.0, 1.0);
  const auto halves = static_cast<int>(std::lround(reach * half * 2));
  const int full = halves / 2;
  const bool rest = halves % 2 != 0;
  const int empty = half - full - (rest ? 1 : 0);
  if (balance < 0) {
    return repeat("·", empty) + (rest ? "▐" : "") + repeat("█", full) + "│" + repeat("·", half);
  }
  return repeat("·", half) + "│" + repeat("█", full) + (rest ? "▌" : "") + repeat("·", empty);
}

std::string bar_right(double share, int width) {
  if (std::isnan(share)) return repeat(" ", width);
  const auto eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * width * 8));
  const std::string part = kEighthsRight[eighths % 8];
  return repeat("█", eighths / 8) + part +
         repeat(" ", width - eighths / 8 - (part.empty() ? 0 : 1));
}

std::string bar_left(double share, int width) {
  if (std::isnan(share)) return repeat(" ", width);
  const auto halves = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * width * 2));
  const bool rest = halves % 2 != 0;
  return repeat(" ", width - halves / 2 - (rest ? 1 : 0)) + (rest ? "▐" : "") +
         repeat("█", halves / 2);
}

std::string sparkline(std::span<const double> values, int width) {
  if (width <= 0) return {};
  const auto wanted = static_cast<std::size_t>(width);
  if (values.size() > wanted) values = values.last(wanted);
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::string out = repeat(" ", width - static_cast<int>(values.size()));
  for (const double value : values) {
    if (!std::isfinite(value)) {
      out += " ";
    } else if (high == low) {
      out += kHeights[3];
    } else {
      const double share = (value - low) / (high - low);
      out += kHeights[std::clamp(static_cast<int>(share * 8), 0, 7)];
    }
  }
  return out;
}

}  // namespace steelyard
