// src/signals/held_integral.hpp -- the integral over a window of time of a value held between
// events.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <span>

#include "core/int128.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// Exact in integers: what leaves the window is trimmed to the nanosecond. Time during which there
// is no value does not count. Where more changes fall into a window than there is room for, the two
// oldest segments become one with their mean: counted, and wrong only while it is trimmed.
template <typename Value>
class HeldIntegral {
 public:
  [[nodiscard]] static std::uint32_t rows(std::uint32_t wanted) noexcept {
    return std::bit_ceil(std::max(wanted, 4U));
  }
  [[nodiscard]] static std::size_t memory(std::uint32_t wanted) noexcept {
    return rows(wanted) * sizeof(Segment);
  }

  HeldIntegral(std::span<std::byte> memory, std::uint32_t wanted, std::uint32_t window_ms) noexcept
      : segments_{reinterpret_cast<Segment*>(memory.data())},
        mask_{rows(wanted) - 1},
        window_ns_{std::int64_t{window_ms} * 1'000'000} {
    assert(memory.size() >= HeldIntegral::memory(wanted));
  }

  // HOT. From here on this is the value; or there is none.
  void hold(Value value) noexcept {
    has_ = true;
    value_ = value;
  }
  void hold_nothing() noexcept { has_ = false; }

  // HOT. Time passes over the value held.
  void pass(TimestampNs from, TimestampNs to) noexcept {
    if (has_) add(std::max(from.raw(), to.raw() - window_ns_), to.raw());
    trim(to.raw() - window_ns_);
  }

  // Time with a value, within the window; and the integral over it, in values times nanoseconds.
  [[nodiscard]] std::int64_t duration_ns() const noexcept { return duration_ns_; }
  [[nodiscard]] Int128 integral() const noexcept { return integral_; }
  // Segments that were made one for want of room.
  [[nodiscard]] std::uint64_t merged() const noexcept { return merged_; }

 private:
  struct Segment {
    std::int64_t begin;
    std::int64_t end;
    Value value;

    [[nodiscard]] Int128 integral() const noexcept { return Int128{end - begin} * value; }
  };

  [[nodiscard]] Segment& at(std::uint64_t number) noexcept { return segments_[number & mask_]; }

  void add(std::int64_t begin, std::int64_t end) noexcept {
    integral_ += Int128{end - begin} * value_;
    duration_ns_ += end - begin;
    if (head_ != tail_) {
      Segment& newest = at(head_ - 1);
      if (newest.end == begin && newest.value == value_) {
        newest.end = end;
        return;
      }
    }
    if (head_ - tail_ > mask_) merge_oldest();
    at(head_++) = {begin, end, value_};
  }

  void trim(std::int64_t oldest) noexcept {
    while (head_ != tail_) {
      Segment& segment = at(tail_);
      if (segment.begin >= oldest) return;
      if (segment.end > oldest) {
        integral_ -= Int128{oldest - segment.begin} * segment.value;
        duration_ns_ -= oldest - segment.begin;
        segment.begin = oldest;
        return;
      }
      integral_ -= segment.integral();
      duration_ns_ -= segment.end - segment.begin;
      ++tail_;
    }
  }

  // The older moves up to the younger, across what is between them.
  void merge_oldest() noexcept {
    const Segment older = at(tail_);
    Segment& younger = at(++tail_);
    const std::int64_t length = older.end - older.begin + younger.end - younger.begin;
    const Int128 both = older.integral() + younger.integral();
    younger.begin = younger.end - length;
    younger.value = static_cast<Value>(both / length);
    integral_ += younger.integral() - both;
    ++merged_;
  }

  Segment* segments_;
  std::uint64_t mask_;
  std::int64_t window_ns_;
  std::uint64_t tail_ = 0;  // segments [tail, head) are held
  std::uint64_t head_ = 0;
  Value value_{};
  bool has_ = false;
  std::int64_t duration_ns_ = 0;
  Int128 integral_ = 0;
  std::uint64_t merged_ = 0;
};

}  // namespace steelyard
