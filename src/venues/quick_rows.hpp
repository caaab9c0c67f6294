// src/venues/quick_rows.hpp -- rows of books that are no pairs of strings, read quickly.
#pragma once

#include "venues/quick_cursor.hpp"

namespace steelyard {

#if STEELYARD_QUICK

// Rows that are objects.
enum class QuickRow : std::uint8_t {
  PriceSizeCount,  // {"px":"70125.0","sz":"1.25","n":4}
  CountPriceSize,  // {"n":4,"px":"70125.0","sz":"1.25"}
  PriceNumber,     // {"p":"2670.9","s":738}
  PriceSize,       // {"p":"2670.9","s":"738.25"}
};

STEELYARD_QUICK_BEGIN

class QuickRows : public QuickCursor {
 public:
  using QuickCursor::QuickCursor;

  // A bare number that is only counted past.
  [[nodiscard]] bool number() noexcept {
    std::string_view text;
    std::uint64_t value = 0;
    return digits(text, value);
  }
  [[nodiscard]] bool number(std::uint64_t& value) noexcept {
    std::string_view text;
    return digits(text, value);
  }

  // From behind a side's opening bracket to behind its closing one, pushed as levels. False:
  // another shape, or a number that needs the careful decoder.
  template <QuickRow kRow>
  [[nodiscard]] bool objects(const SymbolEntry& entry, MessageBatch& out,
                             std::uint32_t& count) noexcept {
    if (skip(']')) return true;
    const RowScale scale{entry};
    if (!scale.is_known()) return false;
    Level* level = out.free_levels();
    const Level* const first = level;
    const char* at = at_;  // not in memory: every row waits for it
    // Its rows have room, as none takes less: {"p":"1","s":1},
    if (at >= end_ || (end_ - at) / 15 >= out.end_of_levels() - level) return false;
    do {
      if (at >= end_) return false;
      // Where the next row begins is known before this one is read: they need not wait.
      const char* const brace = closing_brace(at);
      if (!object<kRow>(at, end_, scale, *level) || at != brace) return false;
      ++level;
      at = brace + 2;
    } while (at[-1] == ',');
    if (at[-1] != ']') return false;
    at_ = at;
    count = static_cast<std::uint32_t>(level - first);
    out.take_levels(count);
    return true;
  }

  // The same for rows of a price, a size and the row's own number, all strings: each level behind
  // a note of that number. A row of zeros only counts, and is no level.
  [[nodiscard]] bool noted_levels(const SymbolEntry& entry, MessageBatch& out,
                                  std::uint32_t& count) noexcept {
    if (skip(']')) return true;
    const RowScale scale{entry};
    if (!scale.is_known()) return false;
    Level* level = out.free_levels();
    const Level* const first = level;
    // None takes less: ["1","1","1"],
    if (at_ >= end_ || (end_ - at_) / 14 * 2 + 2 > out.end_of_levels() - level) return false;
    do {
      if (at_ >= end_) return false;
      const bool counts = skip("[\"0\",\"0\"");
      if (!counts && !row(at_, _mm256_set1_epi8('0'), scale, level[1])) return false;
      std::uint64_t note = 0;
      if (!skip(",\"") || !number(note) || !skip("\"]")) return false;
      if (!counts) {
        level[0] = {Price{static_cast<std::int64_t>(note)}, Qty{}};
        level += 2;
      }
      ++at_;
    } while (at_[-1] == ',');
    if (at_[-1] != ']') return false;
    count = static_cast<std::uint32_t>(level - first);
    out.take_levels(count);
    return true;
  }

  // price,side,size" of one change; a price of zero is for the careful decoder.
  template <std::size_t kBid, std::size_t kAsk>
  [[nodiscard]] bool sided_level(const SymbolEntry& entry, const char (&bid)[kBid],
                                 const char (&ask)[kAsk], Level& level, bool& is_ask) noexcept {
    const RowScale scale{entry};
    if (!scale.is_known()) return false;
    is_ask = price_and_size(at_, end_, ask, scale, level);
    return (is_ask || price_and_size(at_, end_, bid, scale, level)) && skip('"');
  }

  // price,orders,amount] of bare numbers; an amount below zero is asked for, and the level has none
  // of it where there are no orders.
  [[nodiscard]] bool counted_row(const SymbolEntry& entry, Level& level, bool& ask) noexcept {
    const RowScale scale{entry};
    if (!scale.is_known() || at_ >= end_) return false;
    const Bytes bytes{at_};
    std::uint32_t others = bytes.others();
    const std::uint32_t price_end = _tzcnt_u32(others);
    others = _blsr_u32(others);
    const std::uint32_t orders_end = _tzcnt_u32(others);
    if (orders_end > 30) return false;
    ask = at_[orders_end + 1] == '-';
    others = _blsr_u32(others);
    others &= others - (ask ? 1U : 0U);
    const std::uint32_t size_end = _tzcnt_u32(others);
    if (size_end > 31 || at_[size_end] != ']') return false;
    if (at_[price_end] != ',' || at_[orders_end] != ',') return false;
    const std::uint32_t orders = low(orders_end) & ~low(price_end + 1);
    if (orders == 0 || (bytes.points & orders) != 0) return false;
    if (orders_end - price_end > 16) return false;  // no number of 64 bits, perhaps
    if (!scaled_of(at_, bytes, price_end, orders_end + 1 + (ask ? 1 : 0), size_end, scale, level)) {
      return false;
    }
    // Which of them it is, nothing foretells: no branches.
    const std::int64_t gone = (orders & ~bytes.zeros()) == 0 ? 1 : 0;
    if (((level.qty.raw() == 0) & (gone == 0)) != 0) return false;
    level.qty = Qty{level.qty.raw() & (gone - 1)};
    at_ += size_end + 1;
    return true;
  }

 private:
  // The 32 bytes from one place on, by what they are.
  struct Bytes {
    explicit Bytes(const char* at) noexcept
        : above{_mm256_sub_epi8(load(at), _mm256_set1_epi8('0'))},
          points{equal(above, '.' - '0')},
          figures{static_cast<std::uint32_t>(_mm256_movemask_epi8(
              _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8(9)), above)))} {}
    // Those that are in no plain decimal.
    [[nodiscard]] std::uint32_t others() const noexcept { return ~(figures | points); }
    [[nodiscard]] std::uint32_t zeros() const noexcept { return equal(above, 0); }

    __m256i above;  // what each is above '0'
    std::uint32_t points, figures;
  };

  // A decimal from `at` on and one from size_begin on, both of figures and points alone.
  [[nodiscard, gnu::always_inline]] static bool scaled_of(
      const char* at, const Bytes& bytes, std::uint32_t price_end, std::uint32_t size_begin,
      std::uint32_t size_end, const RowScale& scale, Level& level) noexcept {
    const std::uint32_t price_points = bytes.points & low(price_end);
    const std::uint32_t size_points = bytes.points & low(size_end) & ~low(size_begin);
    if ((_blsr_u32(price_points) | _blsr_u32(size_points)) != 0) return false;
    return scaled(at, _mm256_set1_epi8('0'), bytes.above,
                  {0, _tzcnt_u32(price_points | 1U << price_end), price_end, size_begin,
                   _tzcnt_u32(size_points | 1U << size_end), size_end},
                  scale, level);
  }

  // A price, what stands between, and a size, all within 32 bytes; the cursor ends up behind them.
  template <std::size_t kBytes>
  [[nodiscard, gnu::always_inline]] static bool price_and_size(const char*& at, const char* end,
                                                               const char (&between)[kBytes],
                                                               const RowScale& scale,
                                                               Level& level) noexcept {
    if (at >= end) return false;
    const Bytes bytes{at};
    const std::uint32_t others = bytes.others();
    const std::uint32_t price_end = _tzcnt_u32(others);
    const std::uint32_t size_begin = price_end + kBytes - 1;
    const std::uint32_t size_end = _tzcnt_u32(others & ~low(size_begin));
    if (size_end > 31 || !stands(at + price_end, between)) return false;
    if (!scaled_of(at, bytes, price_end, size_begin, size_end, scale, level)) return false;
    at += size_end;
    return true;
  }

  // The literal stands here; the cursor is behind it.
  template <std::size_t kBytes>
  [[nodiscard, gnu::always_inline]] static bool pass(const char*& at,
                                                     const char (&literal)[kBytes]) noexcept {
    if (!stands(at, literal)) return false;
    at += kBytes - 1;
    return true;
  }

  // The first one within 64 bytes, or what stands behind these.
  [[nodiscard, gnu::always_inline]] static const char* closing_brace(const char* at) noexcept {
    return at + _tzcnt_u64(equal(load(at), '}') | std::uint64_t{equal(load(at + 32), '}')} << 32);
  }

  // The cursor ends up where the closing brace should be.
  template <QuickRow kRow>
  [[nodiscard, gnu::always_inline]] static bool object(const char*& at, const char* end,
                                                       const RowScale& scale,
                                                       Level& level) noexcept {
    bool read = false;
    if constexpr (kRow == QuickRow::PriceSizeCount) {
      read = pass(at, "{\"px\":\"") && price_and_size(at, end, "\",\"sz\":\"", scale, level) &&
             pass(at, "\",\"n\":") && pass_digits(at);
    } else if constexpr (kRow == QuickRow::CountPriceSize) {
      read = pass(at, "{\"n\":") && pass_digits(at) && pass(at, ",\"px\":\"") &&
             price_and_size(at, end, "\",\"sz\":\"", scale, level) && pass(at, "\"");
    } else if constexpr (kRow == QuickRow::PriceNumber) {
      read = pass(at, "{\"p\":\"") && price_and_size(at, end, "\",\"s\":", scale, level);
    } else {
      read = pass(at, "{\"p\":\"") && price_and_size(at, end, "\",\"s\":\"", scale, level) &&
             pass(at, "\"");
    }
    return read;
  }
};

STEELYARD_QUICK_END

#endif  // STEELYARD_QUICK

}  // namespace steelyard
