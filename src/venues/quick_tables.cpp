#include "venues/quick_tables.hpp"

#include <algorithm>

namespace steelyard {

#if STEELYARD_QUICK
namespace {

constexpr QuickShuffles make_shuffles() {
  QuickShuffles table{};
  for (unsigned point = 0; point <= 16; ++point) {
    for (unsigned kept = 0; kept <= 16; ++kept) {
      for (unsigned to = 0; to < 16; ++to) {
        std::uint8_t& from = table.from[point][kept][to];
        from = 0x80;  // a zero
        if (to + kept < 16) continue;
        const unsigned figure = to + kept - 16;
        const unsigned place = figure < point ? figure : figure + 1;
        if (place < 16) from = static_cast<std::uint8_t>(place);
      }
    }
  }
  return table;
}

constexpr QuickColumns make_columns() {
  QuickColumns table{};
  for (int exponent = kMinExponent; exponent <= 0; ++exponent) {
    for (int behind = 0; behind < 16; ++behind) {
      if (behind == 1) continue;  // a point and nothing after it
      const int decimals = behind == 0 ? 0 : behind - 1;
      const int beyond = std::max(decimals + exponent, 0);
      const int missing = std::max(-exponent - decimals, 0);
      // The text fits a vector's lane, and 18 figures fit 64 bits.
      const int most_whole = std::min(16 - behind, 18 - missing - decimals + beyond);
      if (most_whole < 1) continue;
      QuickColumn& column = table.of[-exponent][behind];
      column.power = 1;
      for (int i = 0; i < missing; ++i) column.power *= 10;
      column.most_whole = static_cast<std::uint32_t>(most_whole);
      column.beyond = ~(~0U >> beyond);
      column.kept_at =
          static_cast<std::uint32_t>(decimals - beyond) * sizeof kQuickShuffles.from[0][0];
    }
  }
  return table;
}

}  // namespace

const bool kQuickIsAvailable = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                               __builtin_cpu_supports("bmi2");

constinit const QuickShuffles kQuickShuffles = make_shuffles();
constinit const QuickColumns kQuickColumns = make_columns();

#endif

}  // namespace steelyard
