// include/steelyard/record.hpp -- what a reader hands out: a record of the ring, and the latest
// state of an instrument.
#pragma once

#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "steelyard/directory.hpp"
#include "steelyard/state_table.hpp"

namespace steelyard {

[[nodiscard]] inline double mantissa_to_double(std::int64_t mantissa, int exponent) noexcept {
  double power = 1.0;
  for (int i = 0; i < (exponent < 0 ? -exponent : exponent) && i < 40; ++i) power *= 10.0;
  const auto value = static_cast<double>(mantissa);
  return exponent < 0 ? value / power : value * power;
}

// Nothing is wrong with the book that this is about; kShallow is a limit, not a doubt.
[[nodiscard]] inline bool is_live(const Tick& tick) noexcept {
  return (tick.validity & ~std::uint32_t{kShallow}) == 0;
}

// What a ring slot and a state row have in common: a Tick, and the names of its instrument.
class TickView {
 public:
  [[nodiscard]] const Tick& tick() const noexcept { return tick_; }
  [[nodiscard]] InstrumentId instrument() const noexcept { return tick_.instrument; }
  // The book is in step with its venue. It may still be shallow: see kShallow.
  [[nodiscard]] bool is_live() const noexcept { return steelyard::is_live(tick_); }
  [[nodiscard]] EventKind event() const noexcept { return static_cast<EventKind>(tick_.event); }
  [[nodiscard]] BookStatus status() const noexcept { return static_cast<BookStatus>(tick_.status); }
  // NaN where that side of the book is empty.
  [[nodiscard]] double bid() const noexcept { return side(tick_.best_bid, tick_.bid_qty); }
  [[nodiscard]] double ask() const noexcept { return side(tick_.best_ask, tick_.ask_qty); }
  [[nodiscard]] std::string_view venue() const noexcept {
    return is_known() ? SegmentView::text(entry().venue) : std::string_view{};
  }
  [[nodiscard]] std::string_view symbol() const noexcept {
    return is_known() ? SegmentView::text(entry().symbol) : std::string_view{};
  }

 protected:
  [[nodiscard]] bool is_known() const noexcept {
    return segment_ != nullptr && tick_.instrument.raw() < segment_->count(RegionKind::Instruments);
  }
  [[nodiscard]] const InstrumentEntry& entry() const noexcept {
    return segment_->instrument(tick_.instrument.raw());
  }
  [[nodiscard]] double side(Price price, Qty qty) const noexcept {
    return qty.raw() == 0 ? std::numeric_limits<double>::quiet_NaN()
                          : mantissa_to_double(price.raw(), tick_.price_exponent);
  }
  [[nodiscard]] static double pick(std::span<const double> values, std::int32_t at) noexcept {
    return at < 0 || static_cast<std::size_t>(at) >= values.size()
               ? std::numeric_limits<double>::quiet_NaN()
               : values[static_cast<std::size_t>(at)];
  }

  const SegmentView* segment_ = nullptr;
  Tick tick_{};
};

// One record of the ring: its Tick and the headline columns. Views into the reader: valid until its
// next poll.
class Record : public TickView {
 public:
  [[nodiscard]] std::span<const double> values() const noexcept { return values_; }
  // A headline column by name; NaN if it is undefined, or not among the headline columns.
  [[nodiscard]] double operator[](std::string_view column) const noexcept {
    if (segment_ == nullptr) return std::numeric_limits<double>::quiet_NaN();
    const std::optional<std::uint32_t> row = find_column(*segment_, column);
    return row ? pick(values_, segment_->column(*row).headline)
               : std::numeric_limits<double>::quiet_NaN();
  }
  // The same without looking for the name.
  [[nodiscard]] double operator[](const ColumnHandle& column) const noexcept {
    return segment_ == nullptr ? std::numeric_limits<double>::quiet_NaN()
                               : pick(values_, column.headline(*segment_));
  }

 private:
  friend class Reader;
  std::span<const double> values_;
};

// A copy of an instrument's latest state: its Tick, every column, and 20 levels a side. Names are
// looked up in the reader's segment: valid until the reader follows a restart. Reused from call to
// call, it allocates once.
class InstrumentState : public TickView {
 public:
  // Best first; mantissas at the Tick's exponents.
  [[nodiscard]] std::span<const ViewLevel> bids() const noexcept {
    return {view_.bids.data(), view_.bid_count};
  }
  [[nodiscard]] std::span<const ViewLevel> asks() const noexcept {
    return {view_.asks.data(), view_.ask_count};
  }
  [[nodiscard]] double price(const ViewLevel& level) const noexcept {
    return mantissa_to_double(level.price.raw(), tick_.price_exponent);
  }
  // In base units; of inverse contracts: contracts.
  [[nodiscard]] double qty(const ViewLevel& level) const noexcept {
    return mantissa_to_double(level.qty.raw(), tick_.qty_exponent);
  }
  // Every column in the order of the directory; NaN where undefined.
  [[nodiscard]] std::span<const double> columns() const noexcept { return columns_; }
  // Any column by name; NaN if it is undefined, or there is none.
  [[nodiscard]] double operator[](std::string_view column) const noexcept {
    const std::optional<std::uint32_t> row =
        segment_ == nullptr ? std::nullopt : find_column(*segment_, column);
    return pick(columns_, row ? static_cast<std::int32_t>(*row) : -1);
  }
  [[nodiscard]] double operator[](const ColumnHandle& column) const noexcept {
    return pick(columns_, segment_ == nullptr ? -1 : column.row(*segment_));
  }

 private:
  friend class Reader;
  StateView view_;
  std::vector<double> columns_;
};

}  // namespace steelyard
