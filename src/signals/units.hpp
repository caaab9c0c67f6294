// src/signals/units.hpp -- sizes in base units as integers, whatever the contract counts in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/decimal.hpp"
#include "core/instrument.hpp"
#include "core/int128.hpp"
#include "core/messages.hpp"
#include "signals/numerics.hpp"

namespace steelyard {

// A value = integer * 10^exponent, as the double nearest to it; the usual case inline.
class DecimalScale {
 public:
  explicit DecimalScale(int exponent) noexcept
      : exponent_{exponent},
        divisor_{exponent < kMinExponent ? 0.0 : static_cast<double>(kPowersOfTen[-exponent])} {}

  [[nodiscard, gnu::always_inline]] double value(Int128 mantissa) const noexcept {
    return divisor_ != 0.0 ? nearest_double(mantissa) / divisor_ : to_double(mantissa, exponent_);
  }
  [[nodiscard]] double value(std::int64_t mantissa) const noexcept {
    return divisor_ != 0.0 ? static_cast<double>(mantissa) / divisor_
                           : to_double(mantissa, exponent_);
  }
  // Of so many mantissas, which need not be whole; for exponents down to kMinExponent.
  [[nodiscard]] double value(double mantissas) const noexcept { return mantissas / divisor_; }

 private:
  int exponent_;
  double divisor_;  // 10^-exponent, exactly; 0 below kMinExponent
};

// Book sizes are base units already.
class LinearUnits {
 public:
  // What one observation contributes to a flow is kept in so much.
  using Cell = std::int64_t;
  static constexpr bool kNotionalByPrice = true;  // notional = price * size, in mantissas

  explicit LinearUnits(const Scale& scale) noexcept
      : price_{scale.price_exponent},
        base_{scale.qty_exponent},
        quote_{scale.price_exponent + scale.qty_exponent},
        price_exponent_{scale.price_exponent} {}

  [[nodiscard]] Int128 size(Price, Qty qty) const noexcept { return qty.raw(); }
  [[nodiscard]] Int128 size(const Level& level) const noexcept { return level.qty.raw(); }
  // HOT. Of one of the best levels. `sizes`: the event's, of that side.
  [[nodiscard]] static Int128 size_at(std::span<const Level> best, const Int128*,
                                      std::uint32_t rank) noexcept {
    return best[rank].qty.raw();
  }
  [[nodiscard]] Int128 notional(Price price, Qty qty) const noexcept {
    return Int128{price.raw()} * qty.raw();
  }
  // An instrument's exponents go down to kMinExponent, their sum further.
  [[nodiscard]] double base(Int128 size) const noexcept { return base(nearest_double(size)); }
  [[nodiscard]] double base(std::int64_t size) const noexcept { return base_.value(size); }
  [[nodiscard]] double base(double size) const noexcept { return base_.value(size); }
  [[nodiscard]] double quote(Int128 notional) const noexcept { return quote_.value(notional); }
  [[nodiscard]] double price(Int128 mantissa) const noexcept {
    return price(nearest_double(mantissa));
  }
  [[nodiscard]] double price(double mantissas) const noexcept { return price_.value(mantissas); }
  [[nodiscard]] int price_exponent() const noexcept { return price_exponent_; }

 private:
  DecimalScale price_;
  DecimalScale base_;
  DecimalScale quote_;
  int price_exponent_;
};

// Book sizes are contracts of so many quote units: base size is notional / price, level by level,
// rounded once to a multiple of 2^-60. What is added is later taken away to the last bit, and sums
// do not depend on the order of adding.
class InverseUnits {
 public:
  using Cell = Int128;
  static constexpr bool kNotionalByPrice = false;  // notional = contracts

  explicit InverseUnits(const Scale& scale) noexcept
      : price_{scale.price_exponent},
        contracts_{scale.qty_exponent},
        contract_{scale.contract_size},
        price_exponent_{scale.price_exponent} {}

  [[nodiscard]] Int128 size(Price price, Qty qty) const noexcept {
    if (qty.raw() == 0) return 0;
    const double base = contracts_.value(qty.raw()) * contract_ / price_.value(price.raw());
    // More than 2^50 base units, or any at a price of zero, count as 2^50: 65,000 levels of that
    // fit.
    return integer_part((base < kMost ? std::max(base, -kMost) : kMost) * kOne);
  }
  [[nodiscard]] Int128 size(const Level& level) const noexcept {
    return size(level.price, level.qty);
  }
  // HOT. Of one of the best levels, which were measured already.
  [[nodiscard]] static Int128 size_at(std::span<const Level>, const Int128* sizes,
                                      std::uint32_t rank) noexcept {
    return sizes[rank];
  }
  [[nodiscard]] Int128 notional(Price, Qty qty) const noexcept { return qty.raw(); }  // contracts
  // So much as a size.
  [[nodiscard]] Int128 size_of_base(double base) const noexcept {
    return static_cast<Int128>(base * kOne);
  }
  [[nodiscard]] double base(Int128 size) const noexcept { return nearest_double(size) / kOne; }
  [[nodiscard]] double base(double size) const noexcept { return size / kOne; }
  [[nodiscard]] double quote(Int128 contracts) const noexcept {
    return contracts_.value(contracts) * contract_;
  }
  [[nodiscard]] double price(Int128 mantissa) const noexcept { return price_.value(mantissa); }
  [[nodiscard]] double price(double mantissas) const noexcept { return price_.value(mantissas); }
  [[nodiscard]] int price_exponent() const noexcept { return price_exponent_; }

 private:
  static constexpr double kOne = 0x1p60;
  static constexpr double kMost = 0x1p50;

  DecimalScale price_;
  DecimalScale contracts_;
  double contract_;
  int price_exponent_;
};

}  // namespace steelyard
