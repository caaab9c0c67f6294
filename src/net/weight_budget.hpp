// src/net/weight_budget.hpp -- what one host may still be asked this minute, for all who ask it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "steelyard/types.hpp"

namespace steelyard {

// Request weight per calendar minute, as venues count it. A refusal (429), or a ban (418), closes
// the budget for as long as the venue says; what the venue says was used counts when it is more
// than what we believe.
class WeightBudget {
 public:
  using Clock = std::chrono::steady_clock;

  // A part of the venue's limit is left to others behind the same address.
  explicit WeightBudget(std::uint32_t per_minute) : limit_{std::max(1U, per_minute / 5 * 4)} {}

  // How long until a request of this weight may go; zero: now, and it is taken. `wall`: UTC, whose
  // minutes are the venue's.
  [[nodiscard]] std::chrono::nanoseconds take(std::uint32_t weight, Clock::time_point now,
                                              TimestampNs wall) {
    if (now < closed_until_) return closed_until_ - now;
    const std::int64_t minute = minute_of(wall);
    if (minute != minute_) {
      minute_ = minute;
      used_ = 0;
    }
    // A request heavier than the whole budget may go alone.
    if (used_ != 0 && used_ + weight > limit_) {
      return std::chrono::nanoseconds{(minute + 1) * kMinuteNs - wall.raw()};
    }
    used_ += weight;
    return std::chrono::nanoseconds{0};
  }

  // What the venue says was used in its minute; `asked`: when what it answers was asked. The answer
  // to what was asked in an earlier minute says nothing of this one.
  void reported(std::int64_t used, TimestampNs asked) {
    if (minute_of(asked) == minute_ && used > static_cast<std::int64_t>(used_)) {
      used_ = static_cast<std::uint64_t>(used);
    }
  }

  // 429 or 418. Without a Retry-After: a minute, and two for a ban.
  void refused(int status, std::int64_t retry_after_s, Clock::time_point now) {
    const std::int64_t wait = retry_after_s >= 0 ? retry_after_s : status == 418 ? 120 : 60;
    closed_until_ = std::max(
        closed_until_, now + std::chrono::seconds{std::clamp<std::int64_t>(wait, 1, kLongestBan)});
    ++refusals_;
  }

  [[nodiscard]] std::uint64_t used() const noexcept { return used_; }
  [[nodiscard]] std::uint64_t refusals() const noexcept { return refusals_; }

 private:
  static constexpr std::int64_t kMinuteNs = 60'000'000'000;
  // Bans last three days at most, as documented; whatever says more is no number of seconds.
  static constexpr std::int64_t kLongestBan = 4 * 86'400;

  [[nodiscard]] static constexpr std::int64_t minute_of(TimestampNs wall) noexcept {
    return wall.raw() / kMinuteNs;
  }

  std::uint32_t limit_;
  std::uint64_t used_ = 0;
  std::uint64_t refusals_ = 0;
  std::int64_t minute_ = -1;
  Clock::time_point closed_until_{};
};

}  // namespace steelyard
