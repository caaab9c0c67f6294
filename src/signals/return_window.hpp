// src/signals/return_window.hpp -- the last returns of bars, as long as none was missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "signals/bar.hpp"

namespace steelyard {

// S13, S15: so many *consecutive* returns, or nothing. A bar without a return empties it.
class ReturnWindow {
 public:
  [[nodiscard]] static std::size_t memory(std::uint32_t returns) noexcept {
    return returns * sizeof(double);
  }
  ReturnWindow(std::span<std::byte> memory, std::uint32_t returns) noexcept
      : values_{reinterpret_cast<double*>(memory.data())}, size_{returns} {}

  void add(double change) noexcept {
    if (std::isnan(change)) {
      count_ = 0;
      return;
    }
    values_[next_] = change;
    next_ = next_ + 1 == size_ ? 0 : next_ + 1;
    if (count_ < size_) ++count_;
  }

  [[nodiscard]] bool full() const noexcept { return count_ == size_; }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  // Of a full window, oldest first.
  [[nodiscard]] double operator[](std::uint32_t i) const noexcept {
    const std::uint32_t at = next_ + i;
    return values_[at < size_ ? at : at - size_];
  }

 private:
  double* values_;
  std::uint32_t size_;
  std::uint32_t next_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace steelyard
