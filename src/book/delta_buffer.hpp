// src/book/delta_buffer.hpp -- deltas that wait for a fetched snapshot, in memory shared and
// bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/messages.hpp"

namespace steelyard {

// A pool of fixed chunks, and a list of them per book slot, first in first out. Full is a refusal.
// Belongs to one thread; never allocates after construction.
class DeltaBuffer {
 public:
  static constexpr std::size_t kChunkBytes = 256 * 1024;

  DeltaBuffer(std::uint32_t slots, std::size_t bytes);

  // HOT. False: the pool is exhausted, or the delta is larger than a chunk; nothing was kept of it.
  [[nodiscard]] bool append(std::uint32_t slot, const Message& message, std::span<const Level> bids,
                            std::span<const Level> asks) noexcept;

  // HOT. visit(message, bids, asks) in the order of arrival until it returns false.
  template <typename Visit>
  void for_each(std::uint32_t slot, Visit visit) const noexcept {
    for (std::uint32_t chunk = lists_[slot].first; chunk != kNone; chunk = chunks_[chunk].next) {
      const std::byte* at = data(chunk);
      const std::byte* const end = at + chunks_[chunk].bytes;
      while (at != end) {
        const Message& message = *reinterpret_cast<const Message*>(at);
        const auto* const levels = reinterpret_cast<const Level*>(at + sizeof(Message));
        if (!visit(message, std::span{levels, message.bids},
                   std::span{levels + message.bids, message.asks})) {
          return;
        }
        at += sizeof(Message) + message.levels() * sizeof(Level);
      }
    }
  }

  // HOT. Forgets the slot's deltas.
  void clear(std::uint32_t slot) noexcept;
  [[nodiscard]] bool empty(std::uint32_t slot) const noexcept {
    return lists_[slot].first == kNone;
  }
  [[nodiscard]] std::uint32_t free_chunks() const noexcept { return free_count_; }
  [[nodiscard]] std::uint32_t all_chunks() const noexcept {
    return static_cast<std::uint32_t>(chunks_.size());
  }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffffU;
  struct Chunk {
    std::uint32_t next = kNone;
    std::uint32_t bytes = 0;
  };
  struct List {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };
  [[nodiscard]] const std::byte* data(std::uint32_t chunk) const noexcept {
    return memory_.get() + std::size_t{chunk} * kChunkBytes;
  }

  struct Free {
    void operator()(void* memory) const noexcept;
  };
  std::unique_ptr<std::byte, Free> memory_;
  std::vector<Chunk> chunks_;
  std::vector<List> lists_;
  std::uint32_t free_first_ = kNone;
  std::uint32_t free_count_ = 0;
};

}  // namespace steelyard
