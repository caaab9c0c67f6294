// tests/support/reader_of.hpp -- a publisher that can be started anew, and what a reader got of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "steelyard/reader.hpp"
#include "support/test_segment.hpp"

namespace steelyard {

// Looks round at every poll: what it notices does not depend on time.
inline constexpr Reader::Options kAtOnce{.dead_after = std::chrono::hours{1},
                                         .check_every = std::chrono::milliseconds{0}};

class ReaderOf : public SharedMemoryTest {
 protected:
  // A publisher and how much it published.
  struct Publisher {
    explicit Publisher(std::uint32_t shards = 1) : segment{Segment::create(test_plan(shards))} {
      for (std::uint32_t i = 0; i < shards; ++i) shard.push_back(segment.shard(i));
    }
    void publish(std::uint64_t count, std::size_t of = 0) {
      for (; count != 0; --count) steelyard::publish(shard[of], total++);
    }
    Segment segment;
    std::vector<ShardPublisher> shard;
    std::uint64_t total = 0;
  };
  void start(std::uint32_t shards = 1) {
    publisher_.reset();
    publisher_.emplace(shards);
  }
  void publish(std::uint64_t count, std::size_t of = 0) {
    publisher_->publish(count, of);
    published_ += count;
  }
  // Until there is nothing more; counts what comes.
  Poll drain(Reader& reader) {
    for (;;) {
      const Poll polled = reader.poll(record_);
      if (polled == Poll::Ok) ++delivered_;
      if (polled == Poll::Restarted) ++restarts_;
      if (polled == Poll::Empty || polled == Poll::Dead) return polled;
    }
  }

  std::optional<Publisher> publisher_;
  std::uint64_t published_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t restarts_ = 0;
  Record record_;
};

}  // namespace steelyard
