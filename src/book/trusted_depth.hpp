// src/book/trusted_depth.hpp -- how far from the top a book can be believed.
#pragma once

#include <algorithm>
#include <limits>
#include <span>

#include "core/messages.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

// For books that are fetched. A snapshot that was cut off at the venue's limit says nothing of what
// lies behind its last level: what stands there is unknown until it changes. Later deltas do not
// widen the trust.
class TrustedDepth {
 public:
  // Beyond every price.
  static constexpr Price kLowest{std::numeric_limits<std::int64_t>::min()};
  static constexpr Price kHighest{std::numeric_limits<std::int64_t>::max()};

  // HOT. A side holding exactly as many levels as venues cut at is taken for cut.
  [[nodiscard]] static TrustedDepth of_snapshot(std::span<const Level> bids,
                                                std::span<const Level> asks) noexcept {
    TrustedDepth depth;
    if (is_a_limit(bids.size())) {
      depth.lowest_bid_ = bids[0].price;
      for (const Level& level : bids) depth.lowest_bid_ = std::min(depth.lowest_bid_, level.price);
    }
    if (is_a_limit(asks.size())) {
      depth.highest_ask_ = asks[0].price;
      for (const Level& level : asks) {
        depth.highest_ask_ = std::max(depth.highest_ask_, level.price);
      }
    }
    return depth;
  }

  [[nodiscard]] bool limited() const noexcept {
    return lowest_bid_ != kLowest || highest_ask_ != kHighest;
  }
  [[nodiscard]] bool covers(Side side, Price price) const noexcept {
    return side == Side::Bid ? price >= lowest_bid_ : price <= highest_ask_;
  }

 private:
  [[nodiscard]] static constexpr bool is_a_limit(std::size_t levels) noexcept {
    for (const std::size_t limit : {5U, 10U, 20U, 50U, 100U, 400U, 500U, 1000U, 5000U}) {
      if (levels == limit) return true;
    }
    return false;
  }

  Price lowest_bid_ = kLowest;
  Price highest_ask_ = kHighest;
};

}  // namespace steelyard
