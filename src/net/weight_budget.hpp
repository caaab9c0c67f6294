// src/net/weight_budget.hpp -- what one host may still be asked this minute, for all who ask it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace steelyard {

// Request weight per calendar minute, as venues count it. A refusal (429), or a ban (418), closes
// the budget for as long as the venue says; what the venue says was used counts when it is more
// than what we believe.
class WeightBudget {
 public:
  using Clock = std::chrono::steady_clock;

  // A part of the venue's limit is left to others behind the same address.
  explicit WeightBudget(std::uint32_t per_minute) : limit_{std::max(1U, per_minute / 5 * 4)} {}

  // How long until a request of this weight may go; zero: now, and it is taken.
  [[nodiscard]] std::chrono::nanoseconds take(std::uint32_t weight, Clock::time_point now) {
    if (now < closed_until_) return closed_until_ - now;
    if (now >= window_ + std::chrono::minutes{1} || window_ == Clock::time_point{}) {
      window_ = now;
      used_ = 0;
    }
    // A request heavier than the whole budget may go alone.
    if (used_ != 0 && used_ + weight > limit_) return window_ + std::chrono::minutes{1} - now;
    used_ += weight;
    return std::chrono::nanoseconds{0};
  }

  void reported(std::int64_t used) {
    if (used > static_cast<std::int64_t>(used_)) used_ = static_cast<std::uint32_t>(used);
  }

  // 429 or 418. Without a Retry-After: a minute, and two for a ban.
  void refused(int status, std::int64_t retry_after_s, Clock::time_point now) {
    const std::int64_t wait = retry_after_s >= 0 ? retry_after_s : status == 418 ? 120 : 60;
    closed_until_ =
        std::max(closed_until_, now + std::chrono::seconds{std::max<std::int64_t>(wait, 1)});
    ++refusals_;
  }

  [[nodiscard]] std::uint32_t used() const noexcept { return used_; }
  [[nodiscard]] std::uint64_t refusals() const noexcept { return refusals_; }

 private:
  std::uint32_t limit_;
  std::uint32_t used_ = 0;
  std::uint64_t refusals_ = 0;
  Clock::time_point window_{};
  Clock::time_point closed_until_{};
};

}  // namespace steelyard
