// src/core/spsc_ring.hpp -- variable-length entries from one thread to one other, bounded,
// wait-free.
#pragma once

#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>

namespace steelyard {

inline constexpr std::size_t kCacheLineBytes = 64;

// A byte ring. The producer reserves room for one entry, fills it, commits it; the consumer looks
// at the oldest entry and releases it. Full means a refusal that the caller counts: nobody waits.
//
// Memory order: an entry's bytes are written before the release store of `tail_` that makes it
// visible, and read before the release store of `head_` that frees it. Each side keeps a cached
// copy of the other's index, so that the shared line moves only when the cached one says full or
// empty.
class SpscByteRing {
 public:
  // `bytes` is rounded up to a power of two; one entry may take half of it.
  explicit SpscByteRing(std::size_t bytes)
      : capacity_{std::bit_ceil(bytes < 4096 ? std::size_t{4096} : bytes)},
        data_{new (std::align_val_t{kCacheLineBytes}) std::byte[capacity_]} {  // cold: start-up
    std::memset(data_.get(), 0, capacity_);  // no page of it is met for the first time later
  }

  SpscByteRing(const SpscByteRing&) = delete;
  SpscByteRing& operator=(const SpscByteRing&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t largest_entry() const noexcept { return capacity_ / 2 - kHeaderBytes; }

  // Producer, HOT. Room for `bytes` contiguous bytes, 8-byte aligned, or nullptr if there is none
  // now.
  [[nodiscard]] std::byte* reserve(std::size_t bytes) noexcept {
    const std::size_t need = entry_bytes(bytes);
    if (bytes > largest_entry()) return nullptr;
    const std::uint64_t tail = producer_.tail;
    const std::size_t to_end = capacity_ - (tail & (capacity_ - 1));
    // An entry never wraps: what is left at the end is skipped.
    const std::size_t skip = need > to_end ? to_end : 0;
    if (tail + skip + need - producer_.head_seen > capacity_) {
      producer_.head_seen = head_.value.load(std::memory_order_acquire);
      if (tail + skip + need - producer_.head_seen > capacity_) return nullptr;
    }
    if (skip != 0) store_length(tail, kSkip);
    producer_.at = tail + skip;
    producer_.need = need;
    store_length(producer_.at, static_cast<std::uint64_t>(bytes));
    return &data_[(producer_.at & (capacity_ - 1)) + kHeaderBytes];
  }

  // Producer, HOT. Makes the entry reserved last visible.
  void commit() noexcept {
    producer_.tail = producer_.at + producer_.need;
    tail_.value.store(producer_.tail, std::memory_order_release);
  }

  // Consumer, HOT. The oldest entry, or an empty span.
  [[nodiscard]] std::span<const std::byte> front() noexcept {
    for (;;) {
      if (consumer_.head == consumer_.tail_seen) {
        consumer_.tail_seen = tail_.value.load(std::memory_order_acquire);
        if (consumer_.head == consumer_.tail_seen) return {};
      }
      const std::size_t at = consumer_.head & (capacity_ - 1);
      const std::uint64_t length = *reinterpret_cast<const std::uint64_t*>(&data_[at]);
      if (length != kSkip) return {&data_[at + kHeaderBytes], static_cast<std::size_t>(length)};
      consumer_.head += capacity_ - at;
    }
  }

  // Consumer, HOT. Frees the entry that `front` showed.
  void pop() noexcept {
    const std::size_t at = consumer_.head & (capacity_ - 1);
    const std::uint64_t length = *reinterpret_cast<const std::uint64_t*>(&data_[at]);
    consumer_.head += entry_bytes(static_cast<std::size_t>(length));
    head_.value.store(consumer_.head, std::memory_order_release);
  }

  // HOT. For a ring whose two sides are one thread: while it is empty, the next entry is put where
  // the first one was, in lines that are warm, instead of going round all of its memory.
  void rewind() noexcept {
    const std::uint64_t tail = producer_.tail;
    if (consumer_.head != tail || (tail & (capacity_ - 1)) == 0) return;
    const std::uint64_t start = (tail | (capacity_ - 1)) + 1;
    producer_.tail = producer_.head_seen = start;
    consumer_.head = consumer_.tail_seen = start;
    tail_.value.store(start, std::memory_order_relaxed);
    head_.value.store(start, std::memory_order_relaxed);
  }

  // Either side: bytes in flight, for gauges.
  [[nodiscard]] std::size_t used() const noexcept {
    return static_cast<std::size_t>(tail_.value.load(std::memory_order_relaxed) -
                                    head_.value.load(std::memory_order_relaxed));
  }

 private:
  static constexpr std::size_t kHeaderBytes = 8;
  static constexpr std::uint64_t kSkip = ~std::uint64_t{0};

  struct AlignedDelete {
    void operator()(std::byte* data) const noexcept {
      ::operator delete[](data, std::align_val_t{kCacheLineBytes});  // cold: shut-down
    }
  };
  struct alignas(kCacheLineBytes) Index {
    std::atomic<std::uint64_t> value{0};
  };
  struct alignas(kCacheLineBytes) Producer {
    std::uint64_t tail = 0, head_seen = 0, at = 0;
    std::size_t need = 0;
  };
  struct alignas(kCacheLineBytes) Consumer {
    std::uint64_t head = 0, tail_seen = 0;
  };

  [[nodiscard]] static constexpr std::size_t entry_bytes(std::size_t bytes) noexcept {
    return kHeaderBytes + (bytes + 7) / 8 * 8;
  }
  void store_length(std::uint64_t at, std::uint64_t length) noexcept {
    *reinterpret_cast<std::uint64_t*>(&data_[at & (capacity_ - 1)]) = length;
  }

  std::size_t capacity_;
  std::unique_ptr<std::byte[], AlignedDelete> data_;
  Index tail_;
  Index head_;
  Producer producer_;
  Consumer consumer_;
};

// Small fixed entries, the same promises.
template <typename T, std::size_t kSlots>
class SpscQueue {
  static_assert(std::has_single_bit(kSlots) && std::is_trivially_copyable_v<T>);

 public:
  // Producer, HOT. False: full, the caller counts it.
  [[nodiscard]] bool push(const T& value) noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kSlots) return false;
    slots_[tail & (kSlots - 1)] = value;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // Consumer, HOT. False: empty.
  [[nodiscard]] bool pop(T& value) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    value = slots_[head & (kSlots - 1)];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

 private:
  alignas(kCacheLineBytes) std::atomic<std::uint64_t> tail_{0};
  alignas(kCacheLineBytes) std::atomic<std::uint64_t> head_{0};
  alignas(kCacheLineBytes) T slots_[kSlots]{};
};

}  // namespace steelyard
