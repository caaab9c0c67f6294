// src/signals/units.hpp -- sizes in base units: exact integers, or doubles where a contract is
// inverse.
#pragma once

#include "core/decimal.hpp"
#include "core/instrument.hpp"
#include "core/int128.hpp"
#include "core/messages.hpp"

namespace steelyard {

// Book sizes are base units already: sums are exact, and become doubles once, at output.
class LinearUnits {
 public:
  using Sum = Int128;
  static constexpr bool kExact = true;

  explicit LinearUnits(const Scale& scale) noexcept
      : price_exponent_{scale.price_exponent}, qty_exponent_{scale.qty_exponent} {}

  [[nodiscard]] Sum size(Price, Qty qty) const noexcept { return qty.raw(); }
  [[nodiscard]] Sum size(const Level& level) const noexcept { return level.qty.raw(); }
  [[nodiscard]] Sum notional(Price price, Qty qty) const noexcept {
    return Sum{price.raw()} * qty.raw();
  }
  [[nodiscard]] double base(Sum size) const noexcept { return to_double(size, qty_exponent_); }
  [[nodiscard]] double quote(Sum notional) const noexcept {
    return to_double(notional, price_exponent_ + qty_exponent_);
  }
  [[nodiscard]] double price(Int128 mantissa) const noexcept {
    return to_double(mantissa, price_exponent_);
  }
  [[nodiscard]] int price_exponent() const noexcept { return price_exponent_; }
  // Mantissas a base unit.
  [[nodiscard]] double base_divisor() const noexcept {
    return static_cast<double>(kPowersOfTen[-qty_exponent_]);
  }

 private:
  int price_exponent_;
  int qty_exponent_;
};

// Book sizes are contracts of so many quote units: base size is notional / price, level by level.
class InverseUnits {
 public:
  using Sum = double;
  static constexpr bool kExact = false;

  explicit InverseUnits(const Scale& scale) noexcept
      : price_exponent_{scale.price_exponent},
        qty_exponent_{scale.qty_exponent},
        contract_{scale.contract_size} {}

  [[nodiscard]] Sum size(Price price, Qty qty) const noexcept {
    return notional(price, qty) / to_double(price.raw(), price_exponent_);
  }
  [[nodiscard]] Sum size(const Level& level) const noexcept {
    return level.qty.raw() == 0 ? 0.0 : size(level.price, level.qty);
  }
  [[nodiscard]] Sum notional(Price, Qty qty) const noexcept {
    return to_double(qty.raw(), qty_exponent_) * contract_;
  }
  [[nodiscard]] double base(Sum size) const noexcept { return size; }
  [[nodiscard]] double quote(Sum notional) const noexcept { return notional; }
  [[nodiscard]] double price(Int128 mantissa) const noexcept {
    return to_double(mantissa, price_exponent_);
  }
  [[nodiscard]] int price_exponent() const noexcept { return price_exponent_; }

 private:
  int price_exponent_;
  int qty_exponent_;
  double contract_;
};

}  // namespace steelyard
