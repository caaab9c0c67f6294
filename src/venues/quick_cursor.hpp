// src/venues/quick_cursor.hpp -- reads rows of a price and a size with vector instructions, or
// declines.
#pragma once

#include <cstdint>

#include "core/messages.hpp"
#include "core/symbol_table.hpp"
#include "venues/quick_shapes.hpp"
#include "venues/quick_text.hpp"

namespace steelyard {

#if STEELYARD_QUICK

STEELYARD_QUICK_BEGIN

class QuickCursor : public QuickText {
 public:
  using QuickText::QuickText;

  // From behind a side's opening bracket to behind its closing one: rows of a price, a size, and
  // kMore further strings of digits, pushed as levels. False: another shape, or a number that needs
  // the careful decoder.
  template <int kMore>
  [[nodiscard]] bool levels(const SymbolEntry& entry, MessageBatch& out,
                            std::uint32_t& count) noexcept {
    if (skip(']')) return true;
    Level* level = out.free_levels();
    const Level* const room = out.end_of_levels();
    const Level* const first = level;
    const RowScale scale{entry};
    if (!scale.is_known()) return false;
    const __m256i noughts = opaque(_mm256_set1_epi8('0'));
    const char* at = at_;  // not in memory: every row waits for it
    // Its rows have room, as none takes less: ["1","1"],
    if (at >= end_ || (end_ - at) / 10 >= room - level) return false;
    do {
      if (at >= end_ || !row(at, noughts, scale, *level)) return false;
      ++level;
      if constexpr (kMore != 0) {
        if (!more_strings<kMore>(at, end_)) return false;
      }
      if (at[0] != ']') return false;
      at += 2;
    } while (at[-1] == ',');
    if (at[-1] != ']') return false;
    at_ = at;
    count = static_cast<std::uint32_t>(level - first);
    out.take_levels(count);
    return true;
  }

 protected:
  struct RowScale {
    RowScale() = default;
    explicit RowScale(const SymbolEntry& entry) noexcept
        : prices{quick_columns(entry.price_exponent)},
          sizes{quick_columns(entry.wire_qty_exponent)},
          multiplier{entry.qty_multiplier},
          key{std::uint64_t{static_cast<std::uint8_t>(entry.price_exponent)} << 32 |
              std::uint64_t{static_cast<std::uint8_t>(entry.wire_qty_exponent)} << 40} {}
    // No exponent of which the quick decoders know nothing.
    [[nodiscard]] bool is_known() const noexcept { return prices != nullptr && sizes != nullptr; }

    const QuickColumn* prices = nullptr;  // by what stands behind the whole figures
    const QuickColumn* sizes = nullptr;
    std::int64_t multiplier = 1;
    std::uint64_t key = 0;  // of a RowShape
  };

  // A price and a size within 32 bytes: where each begins, where its point is or would be, and
  // where it ends.
  struct TwoNumbers {
    std::uint32_t price_begin, price_point, price_end, size_begin, size_point, size_end;
  };

  // ["price","size" -- the cursor ends up behind the size's closing quote.
  [[nodiscard, gnu::always_inline]] static bool row(const char*& at, __m256i noughts,
                                                    const RowScale& scale, Level& level) noexcept {
    const __m256i text = load(at);
    const std::uint32_t size_end = _tzcnt_u32(_blsr_u32(_blsr_u32(_blsr_u32(equal(text, '"')))));
    if (size_end > 31) return false;
    const __m256i figures = _mm256_sub_epi8(text, noughts);
    const auto are_figures = static_cast<std::uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(figures, _mm256_set1_epi8(9)), figures)));
    const std::uint32_t marks = ~are_figures & low(size_end + 1);
    const RowShape& shape = row_shapes.of(scale.key | marks);
    if (shape.key != (scale.key | marks)) [[unlikely]] {
      return new_row(at, noughts, scale, level);
    }
    const std::uint32_t same = static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(text, load(shape.text.data()))));
    const auto zeros = static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(figures, _mm256_setzero_si256())));
    if (((marks & ~same) | ((zeros ^ shape.zeros) & shape.checked)) != 0) return false;
    const __m256i from = _mm256_load_si256(reinterpret_cast<const __m256i*>(shape.from.data()));
    if (!valued(at + 2, at + shape.size_begin, noughts, from, shape.price_power, shape.size_power,
                scale, level)) {
      return false;
    }
    at += size_end + 1;
    return true;
  }

  // The same of a row that looks as none before, or none for some time.
  [[nodiscard, gnu::noinline]] static bool new_row(const char*& at, __m256i noughts,
                                                   const RowScale& scale, Level& level) noexcept {
    const __m256i text = load(at);
    std::uint32_t quotes = _blsr_u32(equal(text, '"'));
    const std::uint32_t price_end = _tzcnt_u32(quotes);
    quotes = _blsr_u32(_blsr_u32(quotes));
    const std::uint32_t size_end = _tzcnt_u32(quotes);
    const std::uint32_t size_begin = price_end + 3;
    if (size_end > 31) return false;
    // Figures, and where none stands, the marks that are wanted: [" "," and at most one point a
    // number. So the second quote is where the price ends, and the third where the size begins.
    const std::uint32_t all = low(size_end);
    const __m256i figures = _mm256_sub_epi8(text, noughts);
    const auto are_figures = static_cast<std::uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(figures, _mm256_set1_epi8(9)), figures)));
    const std::uint32_t points = equal(text, '.') & all;
    const std::uint32_t price_points = points & low(price_end);
    const std::uint32_t size_points = points ^ price_points;
    const std::uint32_t marks =
        3U | 7U << price_end | _blsi_u32(price_points) | _blsi_u32(size_points);
    if ((~are_figures & all) != marks || at[0] != '[' || at[price_end + 1] != ',') return false;
    // Where the point is, or would be.
    const TwoNumbers numbers{2,          _tzcnt_u32(price_points | 1U << price_end), price_end,
                             size_begin, _tzcnt_u32(size_points | 1U << size_end),   size_end};
    if (!scaled(at, noughts, figures, numbers, scale, level)) return false;
    remember(text, marks | 1U << size_end, numbers, scale);
    at += size_end + 1;
    return true;
  }
  static void remember(__m256i text, std::uint32_t marks, const TwoNumbers& numbers,
                       const RowScale& scale) noexcept {
    const auto [price_begin, price_point, price_end, size_begin, size_point, size_end] = numbers;
    const QuickColumn& price = scale.prices[price_end - price_point];
    const QuickColumn& size = scale.sizes[size_end - size_point];
    RowShape& shape = row_shapes.of(scale.key | marks);
    shape.key = scale.key | marks;
    _mm256_store_si256(reinterpret_cast<__m256i*>(shape.text.data()), text);
    _mm256_store_si256(reinterpret_cast<__m256i*>(shape.from.data()),
                       shuffles(price_point - price_begin, price, size_point - size_begin, size));
    shape.zeros = price.beyond >> (32 - price_end) | size.beyond >> (32 - size_end);
    // Plain decimals have no zero in front but the one before the point.
    shape.checked = shape.zeros | std::uint32_t{price_point - price_begin != 1} << price_begin |
                    std::uint32_t{size_point - size_begin != 1} << size_begin;
    shape.price_power = price.power;
    shape.size_power = size.power;
    shape.size_begin = size_begin;
  }

  // What they are at their exponents. `figures`: what the bytes at `at` are above '0', of which
  // `noughts` are thirty-two.
  [[nodiscard, gnu::always_inline]] static bool scaled(const char* at, __m256i noughts,
                                                       __m256i figures, const TwoNumbers& numbers,
                                                       const RowScale& scale,
                                                       Level& level) noexcept {
    const auto [price_begin, price_point, price_end, size_begin, size_point, size_end] = numbers;
    const std::uint32_t price_whole = price_point - price_begin;
    const std::uint32_t size_whole = size_point - size_begin;
    const QuickColumn& price = scale.prices[price_end - price_point];
    const QuickColumn& size = scale.sizes[size_end - size_point];
    if (price_whole - 1 >= price.most_whole || size_whole - 1 >= size.most_whole) return false;
    // Plain decimals have no zero in front but the one before the point.
    if (((at[price_begin] == '0') & (price_whole != 1)) != 0) return false;
    if (((at[size_begin] == '0') & (size_whole != 1)) != 0) return false;
    // Decimals that no exponent counts are zeros.
    const std::uint32_t beyond = price.beyond >> (32 - price_end) | size.beyond >> (32 - size_end);
    const auto zeros = static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(figures, _mm256_setzero_si256())));
    if ((beyond & ~zeros) != 0) return false;
    return valued(at + price_begin, at + size_begin, noughts,
                  shuffles(price_whole, price, size_whole, size), price.power, size.power, scale,
                  level);
  }
  [[nodiscard]] static __m256i shuffles(std::uint32_t price_whole, const QuickColumn& price,
                                        std::uint32_t size_whole,
                                        const QuickColumn& size) noexcept {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(shuffle(price_whole, price)),
                                   shuffle(size_whole, size), 1);
  }
  // The figures of both, each moved to the right of its lane, to numbers.
  [[nodiscard, gnu::always_inline]] static bool valued(
      const char* price, const char* size, __m256i noughts, __m256i from, std::int64_t price_power,
      std::int64_t size_power, const RowScale& scale, Level& level) noexcept {
    const __m256i both = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(price))),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(size)), 1);
    const __m256i eights =
        pairs_of_eight(_mm256_shuffle_epi8(_mm256_sub_epi8(both, noughts), from));
    const auto price_value =
        static_cast<std::int64_t>(
            join(static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm256_castsi256_si128(eights))))) *
        price_power;
    std::int64_t size_value = static_cast<std::int64_t>(join(static_cast<std::uint64_t>(
                                  _mm_cvtsi128_si64(_mm256_extracti128_si256(eights, 1))))) *
                              size_power;
    if (price_value == 0) return false;
    if (scale.multiplier != 1 &&
        __builtin_mul_overflow(size_value, scale.multiplier, &size_value)) {
      return false;
    }
    level = {Price{price_value}, Qty{size_value}};
    return true;
  }

  // For so many figures before the point, and those behind it that count.
  [[nodiscard]] static __m128i shuffle(std::uint32_t whole, const QuickColumn& column) noexcept {
    constexpr std::size_t kOneMore =
        sizeof kQuickShuffles.from[0] + sizeof kQuickShuffles.from[0][0];
    return _mm_load_si128(reinterpret_cast<const __m128i*>(&kQuickShuffles.from[0][0][0] +
                                                           whole * kOneMore + column.kept_at));
  }
};

STEELYARD_QUICK_END

#endif  // STEELYARD_QUICK

}  // namespace steelyard
