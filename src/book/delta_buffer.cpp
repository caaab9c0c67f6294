#include "book/delta_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace steelyard {

static_assert(sizeof(Message) % alignof(Level) == 0);

void DeltaBuffer::Free::operator()(void* memory) const noexcept { std::free(memory); }

DeltaBuffer::DeltaBuffer(std::uint32_t slots, std::size_t bytes)
    : chunks_(std::max<std::size_t>(bytes / kChunkBytes, 1)), lists_(slots) {
  memory_.reset(static_cast<std::byte*>(std::calloc(chunks_.size(), kChunkBytes)));  // cold: start
  if (memory_ == nullptr) std::abort();
  for (std::uint32_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    chunks_[chunk].next = free_first_;
    free_first_ = chunk;
  }
  free_count_ = static_cast<std::uint32_t>(chunks_.size());
}

bool DeltaBuffer::append(std::uint32_t slot, const Message& message, std::span<const Level> bids,
                         std::span<const Level> asks) noexcept {
  const std::size_t need = sizeof(Message) + bids.size_bytes() + asks.size_bytes();
  if (need > kChunkBytes) return false;
  List& list = lists_[slot];
  if (list.last == kNone || chunks_[list.last].bytes + need > kChunkBytes) {
    if (free_first_ == kNone) return false;
    const std::uint32_t taken = free_first_;
    free_first_ = chunks_[taken].next;
    --free_count_;
    chunks_[taken] = {};
    (list.last == kNone ? list.first : chunks_[list.last].next) = taken;
    list.last = taken;
  }
  std::byte* at = memory_.get() + std::size_t{list.last} * kChunkBytes + chunks_[list.last].bytes;
  std::memcpy(at, &message, sizeof message);
  at += sizeof message;
  if (!bids.empty()) std::memcpy(at, bids.data(), bids.size_bytes());
  if (!asks.empty()) std::memcpy(at + bids.size_bytes(), asks.data(), asks.size_bytes());
  chunks_[list.last].bytes += static_cast<std::uint32_t>(need);
  return true;
}

void DeltaBuffer::clear(std::uint32_t slot) noexcept {
  List& list = lists_[slot];
  while (list.first != kNone) {
    const std::uint32_t chunk = list.first;
    list.first = chunks_[chunk].next;
    chunks_[chunk].next = free_first_;
    free_first_ = chunk;
    ++free_count_;
  }
  list.last = kNone;
}

}  // namespace steelyard
