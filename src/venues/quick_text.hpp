// src/venues/quick_text.hpp -- reads text of one exact shape with vector instructions, or declines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "venues/quick_tables.hpp"

namespace steelyard {

#if STEELYARD_QUICK

STEELYARD_QUICK_BEGIN

// No read passes the padding: a literal stands only where it ends within the payload, every other
// read is of at most kFramePadding bytes from where a literal ended, and every row begins within
// the payload and is read to less than kFramePadding bytes from there.
class QuickText {
 public:
  // kFramePadding readable bytes must follow `payload`.
  explicit QuickText(std::string_view payload) noexcept
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
