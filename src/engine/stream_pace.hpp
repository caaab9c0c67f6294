// src/engine/stream_pace.hpp -- how often a stream speaks, learned; and whether it is silent for
// too long.
#pragma once

#include <cstdint>

#include "steelyard/types.hpp"

namespace steelyard {

// Learns the longest pauses of one stream and forgets them slowly, so that a busy stream is missed
// within the floor and one that trades twice an hour raises no alarm. Knows no clock: time is what
// frames carry. One thread.
class StreamPace {
 public:
  // HOT. Something came, whatever became of it then.
  void arrived(TimestampNs now) noexcept {
    if (last_.raw() != 0) {
      const std::int64_t pause = now.raw() - last_.raw();
      longest_ = pause > longest_ ? pause : longest_ - (longest_ - pause) / 64;
      if (learned_ < kEnough) ++learned_;
    }
    if (now > last_) last_ = now;
  }

  // HOT. Silent for longer than `floor_ns` and than four of its longest pauses; while those are not
  // known, than thirty times the floor.
  [[nodiscard]] bool is_silent(TimestampNs now, std::int64_t floor_ns) const noexcept {
    const std::int64_t silence = now.raw() - last_.raw();
    if (silence <= floor_ns || last_.raw() == 0) return false;
    return silence > (learned_ < kEnough ? 30 * floor_ns : 4 * longest_);
  }

  [[nodiscard]] TimestampNs last() const noexcept { return last_; }

 private:
  static constexpr std::uint32_t kEnough = 8;
  TimestampNs last_;
  std::int64_t longest_ = 0;
  std::uint32_t learned_ = 0;
};

}  // namespace steelyard
