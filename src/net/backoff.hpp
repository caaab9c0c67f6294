// src/net/backoff.hpp -- how long to wait before the next attempt: full jitter, capped.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace steelyard {

// The n-th wait is anywhere between nothing and min(cap, base 2^n): a thousand clients that lost
// the same venue at the same moment do not come back at the same moment. Starts over only after a
// connection has been good for a while: one that fails right after it opened is still failing.
class Backoff {
 public:
  struct Options {
    std::chrono::milliseconds base{250};
    std::chrono::milliseconds cap{30'000};
    std::chrono::milliseconds stable_after{30'000};
  };

  Backoff(const Options& options, std::uint64_t seed) : options_{options}, random_{seed} {}

  [[nodiscard]] std::chrono::milliseconds next() {
    const auto limit = std::min<std::int64_t>(
        options_.cap.count(), options_.base.count() << std::min<std::uint32_t>(failures_, 20));
    ++failures_;
    return std::chrono::milliseconds{
        std::uniform_int_distribution<std::int64_t>{0, limit}(random_)};
  }
  // The connection was open for so long before it failed.
  void lived(std::chrono::milliseconds open_for) {
    if (open_for >= options_.stable_after) failures_ = 0;
  }
  [[nodiscard]] std::uint32_t failures() const noexcept { return failures_; }

 private:
  Options options_;
  std::mt19937_64 random_;
  std::uint32_t failures_ = 0;
};

}  // namespace steelyard
