// include/steelyard/directory.hpp -- instruments and columns by name, looked up in the segment's
// own directories.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "steelyard/segment_view.hpp"

namespace steelyard {

// By the venue's own symbol or by the normalised name; an empty venue means any. The first that
// fits.
[[nodiscard]] inline std::optional<InstrumentId> find_instrument(const SegmentView& segment,
                                                                 std::string_view venue,
                                                                 std::string_view symbol) noexcept {
  for (std::uint32_t i = 0; i < segment.count(RegionKind::Instruments); ++i) {
    const InstrumentEntry& entry = segment.instrument(i);
    if (!venue.empty() && SegmentView::text(entry.venue) != venue) continue;
    if (SegmentView::text(entry.symbol) == symbol || SegmentView::text(entry.name) == symbol) {
      return InstrumentId{i};
    }
  }
  return std::nullopt;
}

[[nodiscard]] inline std::optional<std::uint32_t> find_column(const SegmentView& segment,
                                                              std::string_view name) noexcept {
  for (std::uint32_t i = 0; i < segment.count(RegionKind::Columns); ++i) {
    if (SegmentView::text(segment.column(i).name) == name) return i;
  }
  return std::nullopt;
}

// A column that is found once a publisher instead of once a record, and stays good when the
// publisher is restarted with other columns. One thread.
class ColumnHandle {
 public:
  explicit ColumnHandle(std::string_view name) : name_{name} {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  // Its place in the state rows of `segment`; -1: it has no such column.
  [[nodiscard]] std::int32_t row(const SegmentView& segment) const noexcept {
    resolve(segment);
    return row_;
  }
  // Its place in the ring slots of `segment`; -1: none, or only in the state rows.
  [[nodiscard]] std::int32_t headline(const SegmentView& segment) const noexcept {
    resolve(segment);
    return headline_;
  }

 private:
  void resolve(const SegmentView& segment) const noexcept {
    if (segment.is_open() && segment.header().generation == generation_) return;
    const std::optional<std::uint32_t> found = find_column(segment, name_);
    row_ = found ? static_cast<std::int32_t>(*found) : -1;
    headline_ = found ? segment.column(*found).headline : -1;
    generation_ = segment.is_open() ? segment.header().generation : 0;
  }

  std::string name_;
  mutable std::uint64_t generation_ = 0;  // of the segment in which it was found; never 0 there
  mutable std::int32_t row_ = -1;
  mutable std::int32_t headline_ = -1;
};

}  // namespace steelyard
