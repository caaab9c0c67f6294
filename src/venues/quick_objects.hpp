// src/venues/quick_objects.hpp -- for the quick decoders: numbers wherever they stand, rows that
// are objects, rows that name their side each.
#pragma once

#include <algorithm>

#include "venues/quick_cursor.hpp"

namespace steelyard {

#if STEELYARD_QUICK

STEELYARD_QUICK_BEGIN

// Numbers of up to 15 characters, with or without quotes around them. For loops over rows a copy of
// it lives in registers: everything here is inlined.
class QuickObjects : public QuickCursor {
 public:
  using QuickCursor::QuickCursor;
  using Scale = RowScale;

  // One of two words of up to seven characters stands here, told apart by their first ones; the
  // cursor is behind it. Without a branch: which of them it is nobody can predict.
  template <std::size_t kFirst, std::size_t kSecond>
  [[nodiscard, gnu::always_inline]] bool skip_either(const char (&first)[kFirst],
                                                     const char (&second)[kSecond],
                                                     bool& is_first) noexcept {
    static_assert(kFirst <= 8 && kSecond <= 8);
    is_first = at_[0] == first[0];
    const std::uint64_t wanted = is_first ? packed(first) : packed(second);
    const std::uint32_t bytes = is_first ? kFirst - 1 : kSecond - 1;
    if (_bzhi_u64(word(at_) ^ wanted, 8 * bytes) != 0) return false;
    at_ += bytes;
    return true;
  }

  // The same of three words of up to eight, and which of them.
  template <std::size_t kFirst, std::size_t kSecond, std::size_t kThird>
  [[nodiscard, gnu::always_inline]] bool skip_one_of(const char (&first)[kFirst],
                                                     const char (&second)[kSecond],
                                                     const char (&third)[kThird],
                                                     std::uint32_t& which) noexcept {
    static_assert(kFirst <= 9 && kSecond <= 9 && kThird <= 9);
    const bool is_first = at_[0] == first[0];
    const bool is_second = at_[0] == second[0];
    const std::uint64_t wanted = is_first    ? packed(first)
                                 : is_second ? packed(second)
                                             : packed(third);
    const std::uint32_t bytes = is_first ? kFirst - 1 : is_second ? kSecond - 1 : kThird - 1;
    if (_bzhi_u64(word(at_) ^ wanted, 8 * bytes) != 0) return false;
    which = is_first ? 0 : is_second ? 1 : 2;
    at_ += bytes;
    return true;
  }

  // What decimals of this instrument are scaled by; false: not for the quick decoders.
  [[nodiscard]] static bool scale_of(const SymbolEntry& entry, Scale& scale) noexcept {
    scale = RowScale{entry};
    return scale.is_known();
  }

  // A price, `between`, a size. kAsWritten: no more decimals than the exponents have, zeros
  // included.
  template <bool kAsWritten = false, std::size_t kBytes>
  [[nodiscard, gnu::always_inline]] bool level(const Scale& scale, const char (&between)[kBytes],
                                               Level& level) noexcept {
    Number price;
    Number size;
    if (!find(scale.prices, price) || !pass(between) || !find(scale.sizes, size)) return false;
    if (kAsWritten && (price.column->beyond | size.column->beyond) != 0) return false;
    return scaled(price, size, scale.multiplier, level);
  }

  // A size, `between`, a price.
  template <std::size_t kBytes>
  [[nodiscard, gnu::always_inline]] bool level_size_first(const Scale& scale,
                                                          const char (&between)[kBytes],
                                                          Level& level) noexcept {
    Number price;
    Number size;
    return find(scale.sizes, size) && pass(between) && find(scale.prices, price) &&
           scaled(price, size, scale.multiplier, level);
  }

  // A size alone.
  [[nodiscard, gnu::always_inline]] bool size(const Scale& scale, Qty& size) noexcept {
    Number number;
    if (!find(scale.sizes, number)) return false;
    const __m128i figures = _mm_shuffle_epi8(number.figures, shuffle(number.whole, *number.column));
    std::int64_t value = static_cast<std::int64_t>(sum_of(_mm256_castsi128_si256(figures), 0)) *
                         number.column->power;
    if (scale.multiplier != 1 && __builtin_mul_overflow(value, scale.multiplier, &value)) {
      return false;
    }
    size = Qty{value};
    return true;
  }

  // Figures and points, 1 to 15 of them, whatever number they are.
  [[nodiscard, gnu::always_inline]] bool any_number() noexcept {
    const std::uint32_t end = _tzcnt_u32(~(figures_of(load_half(at_)) | points_of(load_half(at_))));
    if (end == 0 || end > 15) return false;
    at_ += end;
    return true;
  }

  // Sixteen digits and the quote behind them.
  [[nodiscard, gnu::always_inline]] bool sixteen_digits(std::uint64_t& value) noexcept {
    const __m128i figures = load_half(at_);
    if (figures_of(figures) != 0xffff || at_[16] != '"') return false;
    value = sum_of(_mm256_castsi128_si256(figures), 0);
    at_ += 17;
    return true;
  }

  // The text, which `text` found, and the quote behind it.
  [[nodiscard, gnu::always_inline]] bool skip_text(std::string_view wanted) noexcept {
    const auto same = static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(load(at_), load(wanted.data()))));
    if ((~same & low(static_cast<std::uint32_t>(wanted.size()))) != 0) return false;
    if (at_[wanted.size()] != '"') return false;
    at_ += wanted.size() + 1;
    return true;
  }

  // From behind a side's opening bracket to behind its closing one: {"price":1.5,"qty":2}, pushed
  // as levels.
  template <bool kAsWritten = false>
  [[nodiscard]] bool object_levels(const SymbolEntry& entry, MessageBatch& out,
                                   std::uint32_t& count) noexcept {
    if (skip(']')) return true;
    Scale scale;
    if (!scale_of(entry, scale)) return false;
    Level* at = out.free_levels();
    Level* const first = at;
    const Level* const room = out.end_of_levels();
    QuickObjects row = *this;
    do {
      if (at == room) return false;
      if (!row.skip("{\"price\":") || !row.level<kAsWritten>(scale, ",\"qty\":", *at) ||
          row.at_[0] != '}') {
        return false;
      }
      ++at;
      row.at_ += 2;
    } while (row.at_[-1] == ',');
    if (row.at_[-1] != ']') return false;
    *this = row;
    count = static_cast<std::uint32_t>(at - first);
    out.take_levels(count);
    return true;
  }

 private:
  struct Number {
    __m128i figures;  // from the first on, and whatever stands behind them
    std::uint32_t whole;
    const QuickColumn* column;
  };

  // The literal stands here, between two numbers of up to 15 characters each that are read from
  // where another one ended; the cursor is behind it.
  template <std::size_t kBytes>
  [[nodiscard, gnu::always_inline]] bool pass(const char (&literal)[kBytes]) noexcept {
    static_assert(15 + (kBytes - 1) + 16 <= 64);
    if (!stands(at_, literal)) return false;
    at_ += kBytes - 1;
    return true;
  }

  // The cursor is behind it.
  [[nodiscard, gnu::always_inline]] bool find(const QuickColumn* columns, Number& number) noexcept {
    const __m128i figures = load_half(at_);
    const std::uint32_t are_figures = figures_of(figures);
    const std::uint32_t are_points = points_of(figures);
    const std::uint32_t end = _tzcnt_u32(~(are_figures | are_points));
    const std::uint32_t points = are_points & low(end);
    // Where the point is, or would be.
    const std::uint32_t whole = _tzcnt_u32(points | 1U << end);
    const QuickColumn& column = columns[end - whole];
    if (end > 15 || _blsr_u32(points) != 0 || whole - 1 >= column.most_whole) return false;
    // Plain decimals have no zero in front but the one before the point.
    if (((at_[0] == '0') & (whole != 1)) != 0) return false;
    // Decimals that no exponent counts are zeros.
    const auto zeros =
        static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(figures, _mm_setzero_si128())));
    if ((column.beyond >> (32 - end) & ~zeros) != 0) return false;
    number = {figures, whole, &column};
    at_ += end;
    return true;
  }

  [[nodiscard, gnu::always_inline]] static bool scaled(const Number& price, const Number& size,
                                                       std::int64_t multiplier,
                                                       Level& level) noexcept {
    const __m256i figures =
        _mm256_inserti128_si256(_mm256_castsi128_si256(price.figures), size.figures, 1);
    const __m256i from =
        _mm256_inserti128_si256(_mm256_castsi128_si256(shuffle(price.whole, *price.column)),
                                shuffle(size.whole, *size.column), 1);
    const __m256i eights = pairs_of_eight(_mm256_shuffle_epi8(figures, from));
    const std::int64_t price_value = value_of(_mm256_castsi256_si128(eights)) * price.column->power;
    std::int64_t size_value = value_of(_mm256_extracti128_si256(eights, 1)) * size.column->power;
    if (price_value == 0) return false;
    if (multiplier != 1 && __builtin_mul_overflow(size_value, multiplier, &size_value)) {
      return false;
    }
    level = {Price{price_value}, Qty{size_value}};
    return true;
  }

  template <std::size_t kBytes>
  [[nodiscard]] static constexpr std::uint64_t packed(const char (&text)[kBytes]) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i + 1 < kBytes; ++i) {
      word |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << 8 * i;
    }
    return word;
  }
  // Characters less '0'.
  [[nodiscard]] static __m128i load_half(const char* from) noexcept {
    return _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)),
                        _mm_set1_epi8('0'));
  }
  [[nodiscard]] static std::uint32_t figures_of(__m128i figures) noexcept {
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(figures, _mm_set1_epi8(9)), figures)));
  }
  [[nodiscard]] static std::uint32_t points_of(__m128i figures) noexcept {
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(figures, _mm_set1_epi8('.' - '0'))));
  }
  [[nodiscard]] static std::int64_t value_of(__m128i eights) noexcept {
    return static_cast<std::int64_t>(join(static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights))));
  }
};

// The levels of one message whose rows come in any order of sides: bids where they belong, asks at
// the far end of the batch's room, until all are there. Without a branch on the side.
class QuickSides {
 public:
  explicit QuickSides(MessageBatch& out) noexcept
      : first_{out.free_levels()},
        end_{out.levels() + MessageBatch::kMaxLevels},
        bids_{first_},
        asks_{end_} {}

  // False when full.
  [[nodiscard, gnu::always_inline]] bool push(bool bid, Level level) noexcept {
    if (bids_ >= asks_) return false;
    bids_[0] = level;
    asks_[-1] = level;
    bids_ += bid ? 1 : 0;
    asks_ -= bid ? 0 : 1;
    return true;
  }

  // Bids and behind them asks, each in the order in which they were pushed. False: no room to move
  // them.
  [[nodiscard]] bool finish(MessageBatch& out, std::uint32_t& bids, std::uint32_t& asks) noexcept {
    if (asks_ - bids_ < end_ - asks_) return false;
    std::reverse_copy(asks_, end_, bids_);
    bids = static_cast<std::uint32_t>(bids_ - first_);
    asks = static_cast<std::uint32_t>(end_ - asks_);
    out.take_levels(bids + asks);
    return true;
  }

 private:
  Level* first_;
  Level* end_;
  Level* bids_;  // behind the last of them
  Level* asks_;  // the last of them
};

STEELYARD_QUICK_END

#endif  // STEELYARD_QUICK

}  // namespace steelyard
