// src/venues/quick_tables.hpp -- where the quick decoders run, and how they scale decimals.
#pragma once

#include <cstdint>

#include "core/decimal.hpp"

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

#if STEELYARD_QUICK

extern const bool kQuickIsAvailable;
// Whether this processor can run the quick decoders. Asked once, at start; before that, none can.
[[nodiscard]] inline bool quick_is_available() noexcept { return kQuickIsAvailable; }

// Where to fetch the digits of a number from, so that they end up at the right of a vector: by the
// place of the point and the number of digits kept.
struct QuickShuffles {
  alignas(16) std::uint8_t from[17][17][16];
};
extern const QuickShuffles kQuickShuffles;

// What is to be done with decimals of one exponent, by how many bytes stand behind their whole
// figures: none, or a point and decimals.
struct QuickColumn {
  std::int64_t power = 0;        // what is missing to the exponent
  std::uint32_t most_whole = 0;  // figures before the point; 0: not for the quick decoder
  std::uint32_t beyond = 0;      // decimals behind those that count, as the highest bits
  std::uint32_t kept_at = 0;     // decimals that count, in bytes of QuickShuffles
};
struct QuickColumns {
  QuickColumn of[1 - kMinExponent][33];
};
extern const QuickColumns kQuickColumns;
// 33 of them, or nullptr for an exponent that the quick decoders do not know.
[[nodiscard]] inline const QuickColumn* quick_columns(int exponent) noexcept {
  if (exponent < kMinExponent || exponent > 0) return nullptr;
  const QuickColumn* columns = kQuickColumns.of[-exponent];
  // Opaque: the compiler would work the address out anew for every row.
  asm("" : "+r"(columns));
  return columns;
}

#else

[[nodiscard]] constexpr bool quick_is_available() noexcept { return false; }

#endif  // STEELYARD_QUICK

}  // namespace steelyard
