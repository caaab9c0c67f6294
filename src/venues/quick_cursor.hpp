// src/venues/quick_cursor.hpp -- reads frames of one exact shape with vector instructions, or
// declines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/messages.hpp"
#include "core/symbol_table.hpp"
#include "venues/quick_shapes.hpp"
#include "venues/quick_tables.hpp"

namespace steelyard {

#if STEELYARD_QUICK

STEELYARD_QUICK_BEGIN

// No read passes the padding: a literal stands only where it ends within the payload, every other
// read is of at most kFramePadding bytes from where a literal ended, and every row begins within
// the payload and is read to less than kFramePadding bytes from there.
class QuickCursor {
 public:
  // kFramePadding readable bytes must follow `payload`.
  explicit QuickCursor(std::string_view payload) noexcept
      : at_{payload.data()}, end_{payload.data() + payload.size()} {}

  // The literal stands here, within the payload; the cursor is behind it.
  template <std::size_t kBytes>
  [[nodiscard, gnu::always_inline]] bool skip(const char (&literal)[kBytes]) noexcept {
    const char* const behind = at_ + kBytes - 1;
    if (behind > end_ || !stands(at_, literal)) return false;
    at_ = behind;
    return true;
  }
  [[nodiscard]] bool skip(char wanted) noexcept {
    if (at_ >= end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] const char* at() const noexcept { return at_; }
  void move(std::ptrdiff_t bytes) noexcept { at_ += bytes; }
  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

  // Up to the first kEnd, which is skipped; empty where there is none within 32 bytes, or where
  // anything but plain ASCII stands before it.
  template <char kEnd = '"'>
  [[nodiscard, gnu::always_inline]] std::string_view text() noexcept {
    const __m256i bytes = load(at_);
    const std::uint32_t ends = equal(bytes, kEnd);
    if (ends == 0) return {};
    const std::uint32_t length = _tzcnt_u32(ends);
    const auto plain = static_cast<std::uint32_t>(
                           _mm256_movemask_epi8(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(0x1f)))) &
                       ~(equal(bytes, '\\') | equal(bytes, '"'));
    if (length == 0 || (~plain & low(length)) != 0) return {};
    const std::string_view found{at_, length};
    at_ += length + 1;
    return found;
  }

  // Both texts as `text` finds them.
  [[nodiscard]] static bool is_lower_case_of(std::string_view text, std::string_view of) noexcept {
    if (text.size() != of.size()) return false;
    const __m256i bytes = load(of.data());
    const __m256i are_capital =
        _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('A' - 1)),
                         _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), bytes));
    const __m256i small =
        _mm256_or_si256(bytes, _mm256_and_si256(are_capital, _mm256_set1_epi8('a' - 'A')));
    const auto same = static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(small, load(text.data()))));
    const std::uint32_t all = low(static_cast<std::uint32_t>(text.size()));
    return (same & all) == all;
  }

  // The digits here, 1 to 15 of them, and what they are as text.
  [[nodiscard, gnu::always_inline]] bool digits(std::string_view& text,
                                                std::uint64_t& value) noexcept {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
    const __m128i figures = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const auto are_digits = static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(figures, _mm_set1_epi8(9)), figures)));
    const std::uint32_t count = _tzcnt_u32(~are_digits);
    if (count == 0 || count > 15) return false;
    const __m128i aligned = _mm_shuffle_epi8(figures, shuffle(count, count));
    value = sum_of(_mm256_castsi128_si256(aligned), 0);
    text = {at_, count};
    at_ += count;
    return true;
  }

  // The same of 1 to 19 digits.
  [[nodiscard]] bool long_digits(std::uint64_t& value) noexcept {
    std::string_view text;
    if (digits(text, value)) return true;
    const __m128i figures =
        _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at_)), _mm_set1_epi8('0'));
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(figures, _mm_set1_epi8(9)), figures)) !=
        0xffff) {
      return false;
    }
    value = sum_of(_mm256_castsi128_si256(figures), 0);
    at_ += 16;
    for (int more = 0; is_digit(*at_); ++more) {
      if (more == 3) return false;
      value = value * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    }
    return true;
  }

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
  template <std::size_t kBytes>
  [[nodiscard, gnu::always_inline]] static bool stands(const char* at,
                                                       const char (&literal)[kBytes]) noexcept {
    static_assert(kBytes - 1 <= 64);
    // Words that overlap at the end, or as much as there is of one: no call of memcmp, which the
    // compiler makes of most lengths.
    constexpr std::size_t kText = kBytes - 1;
    std::uint64_t differs = 0;
    if constexpr (kText >= 8) {
      for (std::size_t i = 0; i + 8 <= kText; i += 8) differs |= word(at + i) ^ word(literal + i);
      differs |= word(at + kText - 8) ^ word(literal + kText - 8);
    } else {
      std::uint64_t text = 0;  // put together by the compiler; a copy would be one of the processor
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kText; ++i) {
        text |= std::uint64_t{static_cast<unsigned char>(literal[i])} << 8 * i;
      }
      differs = (word(at) ^ text) << (64 - 8 * kText);
    }
    return differs == 0;
  }
  [[nodiscard]] static std::uint64_t word(const char* from) noexcept {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, from, sizeof bytes);
    return bytes;
  }
  [[nodiscard]] static __m256i load(const char* from) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  [[nodiscard]] static std::uint32_t equal(__m256i bytes, char to) noexcept {
    return static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(to))));
  }
  [[nodiscard]] static std::uint32_t low(std::uint32_t bits) noexcept {
    return _bzhi_u32(~0U, bits);
  }
  [[nodiscard]] static __m128i shuffle(std::uint32_t point, std::uint32_t kept) noexcept {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(kQuickShuffles.from[point][kept]));
  }

  // For so many figures before the point, and those behind it that count.
  [[nodiscard]] static __m128i shuffle(std::uint32_t whole, const QuickColumn& column) noexcept {
    constexpr std::size_t kOneMore =
        sizeof kQuickShuffles.from[0] + sizeof kQuickShuffles.from[0][0];
    return _mm_load_si128(reinterpret_cast<const __m128i*>(&kQuickShuffles.from[0][0][0] +
                                                           whole * kOneMore + column.kept_at));
  }

  // A constant that loops keep in a register, instead of making it anew.
  [[nodiscard]] static __m256i opaque(__m256i constant) noexcept {
    asm("" : "+x"(constant));
    return constant;
  }

  // Sixteen figures a lane, the last at the right, to the number of one lane.
  [[nodiscard]] static __m256i pairs_of_eight(__m256i figures) noexcept {
    const __m256i twos = _mm256_maddubs_epi16(figures, _mm256_set1_epi16(0x010a));
    const __m256i fours = _mm256_madd_epi16(twos, _mm256_set1_epi32(0x0001'0064));
    const __m256i packed = _mm256_packus_epi32(fours, fours);
    return _mm256_madd_epi16(packed, _mm256_set1_epi32(0x0001'2710));
  }
  [[nodiscard]] static std::uint64_t join(std::uint64_t eights) noexcept {
    return (eights & 0xffff'ffffU) * 100'000'000U + (eights >> 32);
  }
  [[nodiscard]] static std::uint64_t sum_of(__m256i figures, int) noexcept {
    return join(static_cast<std::uint64_t>(
        _mm_cvtsi128_si64(_mm256_castsi256_si128(pairs_of_eight(figures)))));
  }

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

  // 1 to 15 digits, whatever they are.
  [[nodiscard, gnu::always_inline]] static bool pass_digits(const char*& at) noexcept {
    const __m128i above =
        _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), _mm_set1_epi8('0'));
    const std::uint32_t length = _tzcnt_u32(~static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(9)), above))));
    at += length;
    return length - 1 < 15;
  }
  [[nodiscard]] static bool is_digit(char c) noexcept {
    return static_cast<unsigned>(c - '0') <= 9;
  }

  // ,"digits" so many times. Venues send ,"0" for what they no longer use, and small counts.
  template <int kCount>
  [[nodiscard, gnu::always_inline]] static bool more_strings(const char*& at,
                                                             const char* end) noexcept {
    static_assert(kCount <= 2);  // 18 bytes each at most, and 16 more are looked at
    if (at >= end) return false;
    for (int i = 0; i < kCount; ++i) {
      if (at[0] != ',' || at[1] != '"') return false;
      at += 2;
      if (is_digit(at[0]) && at[1] == '"') {
        at += 2;
        continue;
      }
      if (!pass_digits(at) || *at != '"') return false;
      ++at;
    }
    return true;
  }

  const char* at_;
  const char* end_;
};

STEELYARD_QUICK_END

#endif  // STEELYARD_QUICK

}  // namespace steelyard
