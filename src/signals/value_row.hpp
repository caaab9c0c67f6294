// src/signals/value_row.hpp -- one instrument's columns, and which of them were written since they
// were published.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "steelyard/state_table.hpp"

namespace steelyard {

// The values of all columns, in directory order, as signals read and write them. Writing marks the
// line of columns that it touches, so that only what was written need be published: of 165 columns
// most events move a third. One thread; the memory is its owner's.
class ValueRow {
 public:
  // Marks for so many columns, in bytes: whole words, so that they can be looked through by words.
  [[nodiscard]] static constexpr std::size_t marks(std::size_t columns) noexcept {
    return (columns + kColumnLine * 8 - 1) / (kColumnLine * 8) * 8;
  }

  class Cell {
   public:
    Cell(double* value, std::uint8_t* mark) noexcept : value_{value}, mark_{mark} {}
    operator double() const noexcept { return *value_; }  // NOLINT: reads like the value it is
    const Cell& operator=(double value) const noexcept {
      *value_ = value;
      *mark_ = 1;
      return *this;
    }
    const Cell& operator=(const Cell& other) const noexcept {
      return *this = static_cast<double>(other);
    }

   private:
    double* value_;
    std::uint8_t* mark_;
  };

  ValueRow(double* values, std::uint8_t* marks) noexcept : values_{values}, marks_{marks} {}

  // HOT.
  [[nodiscard]] Cell operator[](std::size_t column) const noexcept {
    return {values_ + column, marks_ + column / kColumnLine};
  }
  // HOT. value(i) to column first + i, for i from `from` to before `until`: 1 to 20 of them.
  template <typename Value>
  void fill(std::size_t first, std::uint32_t from, std::uint32_t until,
            Value value) const noexcept {
    double* const to = values_ + first;
    for (std::uint32_t i = from; i < until; ++i) to[i] = value(i);
    const std::size_t line = (first + from) / kColumnLine;
    const std::size_t last = (first + until - 1) / kColumnLine;
    marks_[line] = marks_[last] = 1;
    if (last - line > 1) marks_[line + 1] = marks_[last - 1] = 1;
  }
  // The first `columns` of them, to look at.
  [[nodiscard]] std::span<const double> first(std::size_t columns) const noexcept {
    return {values_, columns};
  }

 private:
  double* values_;
  std::uint8_t* marks_;
};

}  // namespace steelyard
