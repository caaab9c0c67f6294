// src/observe/histories.hpp -- what some columns were over the last minutes, for charts.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "observe/observation.hpp"

namespace steelyard {

// A sample of each named column of each instrument at every call of sample(); the oldest go. What a
// daemon does not publish is NaN throughout. Memory: instruments x columns x capacity floats' worth
// of doubles. One thread.
class Histories {
 public:
  Histories(std::vector<std::string> columns, std::size_t capacity);

  // Begins anew when the daemon is another one.
  void sample(const Observation& seen);

  [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Oldest first; empty for an unknown column. NaN where undefined, while the
  // book was not live, and while the daemon was not alive.
  [[nodiscard]] std::vector<double> of(std::size_t instrument, std::string_view column) const;

 private:
  std::vector<std::string> columns_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::uint64_t generation_ = 0;
  std::size_t instruments_ = 0;
  std::vector<double> values_;  // [instrument][column][capacity]
};

}  // namespace steelyard
