// src/engine/stream_feeds.hpp -- the connections that carry one book, and how each stands to it.
#pragma once

#include <array>
#include <cstdint>

#include "steelyard/types.hpp"

namespace steelyard {

// One connection, or several that carry the same stream: a spare, or one that replaces another.
// Where ids are the same on all of them, the first to bring a message wins, and what one has lost
// another may still bring. One writer: the shard.
class StreamFeeds {
 public:
  static constexpr std::uint32_t kMost = 4;

  struct Feed {
    ConnectionId connection{kNoConnection};
    // What it brought last is part of the book: nothing was lost on it since then.
    bool in_step = false;
  };

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] ConnectionId connection(std::uint32_t index) const noexcept {
    return feeds_[index].connection;
  }
  [[nodiscard]] bool contains(ConnectionId connection) const noexcept {
    return index_of(connection) < count_;
  }

  // HOT. This connection carries the stream too. With no room left, the one that came last makes
  // way.
  Feed& join(ConnectionId connection) noexcept {
    const std::uint32_t index = index_of(connection);
    if (index < count_) return feeds_[index];
    if (count_ < kMost) ++count_;
    return feeds_[count_ - 1] = {connection, false};
  }

  // Only this one from here on.
  Feed& follow(ConnectionId connection) noexcept {
    count_ = 1;
    return feeds_[0] = {connection, false};
  }

  // False: it was none of them.
  bool leave(ConnectionId connection) noexcept {
    std::uint32_t index = index_of(connection);
    if (index >= count_) return false;
    for (; index + 1 < count_; ++index) feeds_[index] = feeds_[index + 1];
    --count_;
    return true;
  }

  // HOT. Whether another connection than this one may still bring what this one has lost.
  [[nodiscard]] bool other_in_step(ConnectionId connection) const noexcept {
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (feeds_[i].in_step && feeds_[i].connection != connection) return true;
    }
    return false;
  }
  [[nodiscard]] bool any_in_step() const noexcept { return other_in_step(kNoConnection); }
  // The book is void: nobody is in step with it.
  void lose_step() noexcept {
    for (Feed& feed : feeds_) feed.in_step = false;
  }

 private:
  [[nodiscard]] std::uint32_t index_of(ConnectionId connection) const noexcept {
    std::uint32_t index = 0;
    while (index < count_ && feeds_[index].connection != connection) ++index;
    return index;
  }

  std::array<Feed, kMost> feeds_{};
  std::uint32_t count_ = 0;
};

}  // namespace steelyard
