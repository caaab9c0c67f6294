#include "venues/quick_cursor.hpp"

namespace steelyard {

bool quick_is_available() noexcept {
#if STEELYARD_QUICK
  static const bool available = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                                __builtin_cpu_supports("bmi2");
  return available;
#else
  return false;
#endif
}

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

}  // namespace

constinit const QuickShuffles kQuickShuffles = make_shuffles();
#endif

}  // namespace steelyard
