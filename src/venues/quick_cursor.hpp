// src/venues/quick_cursor.hpp -- reads frames of one exact shape with vector instructions, or
// declines.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/messages.hpp"
#include "core/symbol_table.hpp"

// The quick decoders prove that a frame has the very shape, byte by byte, that the venue has sent
// for years: the usual keys in the usual order, no white space, plain decimals. Whatever deviates
// is left to the decoder that reads any JSON, which is also what every one of them is held against
// in tests and under the fuzzer. Built for AVX2 whatever the build's baseline is, and asked for
// only where the processor has it (quick_is_available); elsewhere they decline.
#if defined(__x86_64__) && defined(__GNUC__)
#define STEELYARD_QUICK 1
#include <immintrin.h>
#ifdef __clang__
#define STEELYARD_QUICK_BEGIN \
  _Pragma("clang attribute push(__attribute__((target(\"avx2,bmi,bmi2\"))), apply_to = function)")
#define STEELYARD_QUICK_END _Pragma("clang attribute pop")
#else
#define STEELYARD_QUICK_BEGIN _Pragma("GCC push_options") _Pragma("GCC target(\"avx2,bmi,bmi2\")")
#define STEELYARD_QUICK_END _Pragma("GCC pop_options")
#endif
#else
#define STEELYARD_QUICK 0
#endif

namespace steelyard {

// Whether this processor can run the quick decoders. Asked once, at start.
[[nodiscard]] bool quick_is_available() noexcept;

#if STEELYARD_QUICK

// Where to fetch the digits of a number from, so that they end up at the right of a vector: by the
// place of the point and the number of digits kept.
struct QuickShuffles {
  alignas(16) std::uint8_t from[17][17][16];
};
extern const QuickShuffles kQuickShuffles;

STEELYARD_QUICK_BEGIN

class QuickCursor {
 public:
  // kFramePadding readable bytes must follow `payload`.
  explicit QuickCursor(std::string_view payload) noexcept
      : at_{payload.data()}, end_{payload.data() + payload.size()} {}

  // The literal stands here; the cursor is behind it.
  template <std::size_t kBytes>
  [[nodiscard]] bool skip(const char (&literal)[kBytes]) noexcept {
    static_assert(kBytes - 1 <= 64);
    // Words that overlap at the end: at this length the compiler would call memcmp.
    constexpr std::size_t kText = kBytes - 1;
    if constexpr (kText >= 8) {
      std::uint64_t differs = 0;
      for (std::size_t at = 0; at + 8 <= kText; at += 8) {
        differs |= word(at_ + at) ^ word(literal + at);
      }
      differs |= word(at_ + kText - 8) ^ word(literal + kText - 8);
      if (differs != 0) return false;
    } else if (std::memcmp(at_, literal, kText) != 0) {
      return false;
    }
    at_ += kText;
    return true;
  }
  [[nodiscard]] bool skip(char wanted) noexcept {
    if (*at_ != wanted) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

  // Up to the quote, which is skipped; empty where there is none within 32 bytes, or where anything
  // but plain ASCII stands before it.
  [[nodiscard]] std::string_view text() noexcept {
    const __m256i bytes = load(at_);
    const std::uint32_t quotes = equal(bytes, '"');
    if (quotes == 0) return {};
    const std::uint32_t length = _tzcnt_u32(quotes);
    const auto plain = static_cast<std::uint32_t>(
                           _mm256_movemask_epi8(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(0x1f)))) &
                       ~equal(bytes, '\\');
    if (length == 0 || (~plain & low(length)) != 0) return {};
    const std::string_view found{at_, length};
    at_ += length + 1;
    return found;
  }

  // The digits here, 1 to 15 of them, and what they are as text.
  [[nodiscard]] bool digits(std::string_view& text, std::uint64_t& value) noexcept {
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
    Usual price{entry.price_exponent};
    Usual size{entry.wire_qty_exponent};
    for (;;) {
      if (at_ >= end_ || level == room || !row(entry.qty_multiplier, price, size, *level)) {
        return false;
      }
      ++level;
      if (kMore != 0 && !more_strings(kMore)) return false;
      if (*at_ != ']') return false;
      ++at_;
      if (*at_ == ',') {
        ++at_;
        continue;
      }
      if (*at_ != ']') return false;
      ++at_;
      break;
    }
    count = static_cast<std::uint32_t>(level - first);
    out.take_levels(count);
    return true;
  }

 private:
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

  // One decimal of a row: where its point is, how many figures count, what is missing to its
  // exponent.
  struct Shape {
    std::uint32_t point, kept, missing;
  };
  // `points`, `zeros`: where in the text those stand. False: the careful decoder is to look at it.
  [[nodiscard]] static bool shape_of(std::uint32_t length, std::uint32_t points,
                                     std::uint32_t zeros, std::uint32_t figures, int exponent,
                                     Shape& shape) noexcept {
    const std::uint32_t all = low(length);
    points &= all;
    if (length - 1U > 15U || ((figures | points) & all) != all) return false;
    std::uint32_t decimals = 0;
    std::uint32_t whole = length;
    if (points != 0) {
      whole = _tzcnt_u32(points);
      decimals = length - whole - 1;
      if ((points & (points - 1)) != 0 || whole == 0 || decimals == 0) return false;
    }
    // Plain decimals have no zero in front but the one before the point.
    if ((zeros & 1U) != 0 && whole != 1) return false;
    const int surplus = static_cast<int>(decimals) + exponent;
    shape.point = whole;
    shape.kept = whole + decimals;
    shape.missing = 0;
    if (surplus > 0) {
      // Figures beyond the exponent are none if they are zeros.
      const auto beyond = static_cast<std::uint32_t>(surplus);
      if (beyond > decimals) return false;
      const std::uint32_t tail = all & ~low(length - beyond);
      if ((zeros & tail) != tail) return false;
      shape.kept -= beyond;
    } else {
      shape.missing = static_cast<std::uint32_t>(-surplus);
      if (shape.kept + shape.missing > 18) return false;
    }
    return true;
  }

  // What numbers of one column have in common: so many decimals, of which so many lie beyond the
  // exponent, or so many are missing to it. The numbers of a side nearly always agree, and to prove
  // that one is like the one before takes less than to find out what it is like.
  struct Usual {
    explicit Usual(int of) noexcept : exponent{of} {}

    int exponent;
    std::uint32_t decimals = 0;  // 0: nothing is usual yet
    std::uint32_t beyond = 0;
    std::uint32_t missing = 0;

    [[nodiscard]] bool shape(std::uint32_t length, std::uint32_t points, std::uint32_t zeros,
                             std::uint32_t figures, Shape& shape) noexcept {
      // One byte is no figure, and it is the point that leaves as many decimals as usual.
      const std::uint32_t all = low(length);
      const std::uint32_t whole = length - 1 - decimals;
      if (decimals != 0 && length <= 16 && whole - 1 < 16 && (all & ~figures) == (points & all) &&
          (points & all) == 1U << whole) {
        const std::uint32_t tail = all & ~low(length - beyond);
        shape = {whole, length - 1 - beyond, missing};
        return ((zeros & 1U) == 0 || whole == 1) && (zeros & tail) == tail &&
               shape.kept + missing <= 18;
      }
      if (!shape_of(length, points, zeros, figures, exponent, shape)) return false;
      decimals = length - 1 - shape.point;
      if (shape.point == length) decimals = 0;
      const int surplus = static_cast<int>(decimals) + exponent;
      beyond = surplus > 0 ? static_cast<std::uint32_t>(surplus) : 0;
      missing = surplus > 0 ? 0 : static_cast<std::uint32_t>(-surplus);
      return true;
    }
  };

  // ["price","size" -- the cursor ends up behind the size's closing quote.
  [[nodiscard]] bool row(std::int64_t multiplier, Usual& usual_price, Usual& usual_size,
                         Level& level) noexcept {
    std::uint32_t quotes = equal(load(at_), '"');
    if (at_[0] != '[' || at_[1] != '"') return false;
    quotes = _blsr_u32(quotes);
    const std::uint32_t price_end = _tzcnt_u32(quotes);
    quotes = _blsr_u32(quotes);
    const std::uint32_t size_begin = _tzcnt_u32(quotes);
    quotes = _blsr_u32(quotes);
    if (quotes == 0) return false;
    const std::uint32_t size_end = _tzcnt_u32(quotes);
    if (size_begin != price_end + 2 || at_[price_end + 1] != ',') return false;

    const char* const price_text = at_ + 2;
    const char* const size_text = at_ + size_begin + 1;
    const __m256i text = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(price_text))),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(size_text)), 1);
    const std::uint32_t points = equal(text, '.');
    const __m256i figures = _mm256_sub_epi8(text, _mm256_set1_epi8('0'));
    const std::uint32_t zeros = equal(text, '0');
    const auto are_figures = static_cast<std::uint32_t>(_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(figures, _mm256_set1_epi8(9)), figures)));
    Shape price;
    Shape size;
    if (!usual_price.shape(price_end - 2, points & 0xffffU, zeros & 0xffffU, are_figures & 0xffffU,
                           price) ||
        !usual_size.shape(size_end - size_begin - 1, points >> 16, zeros >> 16, are_figures >> 16,
                          size)) {
      return false;
    }
    const __m256i from =
        _mm256_inserti128_si256(_mm256_castsi128_si256(shuffle(price.point, price.kept)),
                                shuffle(size.point, size.kept), 1);
    const __m256i eights = pairs_of_eight(_mm256_shuffle_epi8(figures, from));
    const auto price_value =
        static_cast<std::int64_t>(
            join(static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm256_castsi256_si128(eights))))) *
        kPowers[price.missing];
    std::int64_t size_value = static_cast<std::int64_t>(join(static_cast<std::uint64_t>(
                                  _mm_cvtsi128_si64(_mm256_extracti128_si256(eights, 1))))) *
                              kPowers[size.missing];
    if (price_value == 0) return false;
    if (multiplier != 1 && __builtin_mul_overflow(size_value, multiplier, &size_value)) {
      return false;
    }
    level = {Price{price_value}, Qty{size_value}};
    at_ += size_end + 1;
    return true;
  }

  // ,"digits" so many times.
  [[nodiscard]] bool more_strings(int count) noexcept {
    for (int i = 0; i < count; ++i) {
      if (at_[0] != ',' || at_[1] != '"') return false;
      at_ += 2;
      std::string_view text;
      std::uint64_t value = 0;
      if (!digits(text, value) || !skip('"')) return false;
    }
    return true;
  }

  static constexpr std::int64_t kPowers[19] = {1,
                                               10,
                                               100,
                                               1000,
                                               10000,
                                               100000,
                                               1000000,
                                               10000000,
                                               100000000,
                                               1000000000,
                                               10000000000,
                                               100000000000,
                                               1000000000000,
                                               10000000000000,
                                               100000000000000,
                                               1000000000000000,
                                               10000000000000000,
                                               100000000000000000,
                                               1000000000000000000};

  const char* at_;
  const char* end_;
};

STEELYARD_QUICK_END

#endif  // STEELYARD_QUICK

}  // namespace steelyard
