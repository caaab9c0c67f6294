// src/signals/vpin.hpp -- volume-synchronised probability of informed trading, over volume buckets.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <span>

#include "core/decimal.hpp"
#include "signals/units.hpp"

namespace steelyard {

// Easley, Lopez de Prado & O'Hara 2012, on true signs: the mean over the last n complete buckets of
// |bought - sold| / V. A trade is split where it fills a bucket; one of unknown sign counts half
// and half, and so fills without tilting. Volumes are integers of the caller's choice.
class VpinBuckets {
 public:
  [[nodiscard]] static std::size_t memory(std::uint32_t buckets) noexcept {
    return buckets * sizeof(Int128);
  }

  // `bucket` (V): above 0; n * V fits 128 bits.
  VpinBuckets(std::span<std::byte> memory, std::uint32_t buckets, Int128 bucket) noexcept
      : tilts_{reinterpret_cast<Int128*>(memory.data())}, buckets_{buckets}, bucket_{bucket} {
    assert(bucket > 0 && memory.size() >= VpinBuckets::memory(buckets));
  }

  // HOT. Volume traded, of that sign. True: a bucket was completed.
  bool add(Int128 volume, int sign) noexcept {
    const Int128 part = std::min(volume, bucket_ - filled_);
    filled_ += part;
    tilt_ += sign * part;
    if (filled_ < bucket_) return false;
    complete(tilt_ < 0 ? -tilt_ : tilt_);
    const Int128 rest = volume - part;
    // Of what one trade fills whole, no more than n buckets will ever be seen.
    const Int128 whole = rest / bucket_;
    const auto seen = static_cast<std::uint32_t>(std::min<Int128>(whole, buckets_));
    for (std::uint32_t i = 0; i < seen; ++i) complete(sign == 0 ? 0 : bucket_);
    filled_ = rest - whole * bucket_;
    tilt_ = sign * filled_;
    return true;
  }

  // Complete buckets that `value` is over.
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] double value() const noexcept {
    return count_ == 0 ? kUndefined : nearest_double(sum_) / nearest_double(count_ * bucket_);
  }

 private:
  void complete(Int128 tilt) noexcept {
    if (count_ == buckets_) {
      sum_ -= tilts_[next_];
    } else {
      ++count_;
    }
    sum_ += tilt;
    tilts_[next_] = tilt;
    next_ = next_ + 1 == buckets_ ? 0 : next_ + 1;
  }

  Int128* tilts_;  // |bought - sold| of complete buckets
  std::uint32_t buckets_;
  std::uint32_t count_ = 0;
  std::uint32_t next_ = 0;
  Int128 bucket_;
  Int128 filled_ = 0;
  Int128 tilt_ = 0;  // bought - sold of the open bucket
  Int128 sum_ = 0;
};

// A bucket of so many base units in integers, and how many of those one unit of size is.
struct VpinScale {
  Int128 bucket;
  Int128 one;
};

// Steps of 1e-9 base units, or finer where sizes are.
[[nodiscard]] inline VpinScale vpin_scale(const LinearUnits&, int qty_exponent,
                                          double base) noexcept {
  const int step = std::min(qty_exponent, -9);
  return {Int128{std::llround(base * 1e9)} * kPowersOfTen[-9 - step],
          kPowersOfTen[qty_exponent - step]};
}
[[nodiscard]] inline VpinScale vpin_scale(const InverseUnits& units, int, double base) noexcept {
  return {units.size_of_base(base), 1};
}

}  // namespace steelyard
