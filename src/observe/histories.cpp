#include "observe/histories.hpp"

#include <algorithm>

namespace steelyard {

Histories::Histories(std::vector<std::string> columns, std::size_t capacity)
    : columns_{std::move(columns)}, capacity_{std::max<std::size_t>(1, capacity)} {}

void Histories::sample(const Observation& seen) {
  if (seen.generation != generation_ || seen.instruments.size() != instruments_) {
    generation_ = seen.generation;
    instruments_ = seen.instruments.size();
    size_ = next_ = 0;
    values_.assign(instruments_ * columns_.size() * capacity_, kUnknown);
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const std::optional<std::size_t> at = seen.column(columns_[c]);
    for (std::size_t i = 0; i < instruments_; ++i) {
      const SeenInstrument& instrument = seen.instruments[i];
      // What is not current leaves a hole in the line, never a flat one.
      const bool current = at && seen.presence == Presence::Alive && instrument.there &&
                           instrument.is_live() && *at < instrument.row.size();
      values_[(i * columns_.size() + c) * capacity_ + next_] =
          current ? instrument.row[*at] : kUnknown;
    }
  }
  next_ = (next_ + 1) % capacity_;
  size_ = std::min(size_ + 1, capacity_);
}

std::vector<double> Histories::of(std::size_t instrument, std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found == columns_.end() || instrument >= instruments_) return {};
  const auto c = static_cast<std::size_t>(found - columns_.begin());
  const double* const from = &values_[(instrument * columns_.size() + c) * capacity_];
  std::vector<double> out(size_);
  for (std::size_t i = 0; i < size_; ++i)
    out[i] = from[(next_ + capacity_ - size_ + i) % capacity_];
  return out;
}

}  // namespace steelyard
