// include/steelyard/broadcast_ring.hpp -- one writer, any number of readers, nobody waits for
// anybody.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <span>

#include "steelyard/shm_layout.hpp"

namespace steelyard {

// Each slot is a sequence lock whose stamp also names the sequence: 2n + 1 while record n is being
// written or about to be, 2n + 2 once it is there. So a reader tells "not yet", "here" and "lapped"
// apart, and polls the slot itself: nothing but the slot moves between caches. The odd stamp is set
// when the record before is done, off the path of its own record; that leaves a ring of N slots
// with N - 1 records.
//
// No stand-alone fences: every word is stored with release and loaded with acquire, which costs
// nothing on x86-64 and is what thread sanitizers understand.
class RingPublisher {
 public:
  RingPublisher() = default;
  RingPublisher(RingHeader* header, std::atomic<std::uint64_t>* words) noexcept
      : header_{header},
        words_{words},
        slot_words_{header->slot_words},
        slot_mask_{header->slot_count - 1U} {
    words_[0].store(1, std::memory_order_release);
  }

  // HOT. Wait-free. `values`: what the slot holds behind its Tick.
  void publish(const Tick& tick, std::span<const double> values) noexcept {
    std::atomic<std::uint64_t>* const word = begin(words_of(tick));
    store_values(word + kSlotValuesAt, values);
    end(word);
  }
  // HOT. The same; behind the Tick stand the columns of `row` that `columns` names.
  void publish(const TickWords& tick, std::span<const double> row,
               std::span<const std::uint16_t> columns) noexcept {
    std::atomic<std::uint64_t>* const word = begin(tick);
    store_values(word + kSlotValuesAt, row, columns);
    end(word);
  }

  [[nodiscard]] std::uint64_t published() const noexcept { return next_; }

 private:
  [[nodiscard]] std::atomic<std::uint64_t>* begin(const TickWords& tick) noexcept {
    std::atomic<std::uint64_t>* const word = &words_[(next_ & slot_mask_) * slot_words_];
    // release: a reader that sees any new word also sees the odd stamp, which was set before, and
    // throws its copy away.
    store_words(word + 1, tick);
    return word;
  }
  void end(std::atomic<std::uint64_t>* word) noexcept {
    word[0].store(2 * next_ + 2, std::memory_order_release);
    header_->published.store(++next_, std::memory_order_release);
    std::atomic<std::uint64_t>* const next = &words_[(next_ & slot_mask_) * slot_words_];
    next[0].store(2 * next_ + 1, std::memory_order_relaxed);
    // The slot of the next record was written a lap ago and lies far away by now.
    for (std::size_t i = kShmLine / 8; i < slot_words_; i += kShmLine / 8) {
      __builtin_prefetch(next + i, 1);
    }
  }

  RingHeader* header_ = nullptr;
  std::atomic<std::uint64_t>* words_ = nullptr;
  std::size_t slot_words_ = 0;
  std::uint64_t slot_mask_ = 0;
  std::uint64_t next_ = 0;
};

enum class RingPoll : std::uint8_t { Ok, Empty, Lapped };

// One reader's place in one ring. Never writes to the ring. One thread.
class RingReader {
 public:
  RingReader() = default;
  // Starts with record `next`; 0 is the first that the publisher ever wrote.
  RingReader(const RingHeader* header, const std::atomic<std::uint64_t>* words,
             std::uint64_t next) noexcept
      : header_{header},
        words_{words},
        slot_words_{header->slot_words},
        slot_mask_{header->slot_count - 1U},
        next_{next} {}

  // Ok: `tick` and `values` (as many as the caller wants, at most those of a slot) are record
  // position() - 1. Lapped: lost() has grown by exactly the records that will not be delivered, and
  // the next poll goes on with the oldest that is sure to be whole for a while.
  [[nodiscard]] RingPoll poll(Tick& tick, std::span<double> values) noexcept {
    return poll(tick, values, [] {});
  }

  // The same; `between` runs after the copy and before its check: there a test puts the race.
  template <std::invocable Between>
  [[nodiscard]] RingPoll poll(Tick& tick, std::span<double> values, Between between) noexcept {
    const std::atomic<std::uint64_t>* const word = &words_[(next_ & slot_mask_) * slot_words_];
    const std::uint64_t complete = 2 * next_ + 2;
    std::uint64_t stamp = word[0].load(std::memory_order_acquire);
    if (stamp < complete) return RingPoll::Empty;
    if (stamp == complete) {
      TickWords head;
      for (std::size_t i = 0; i < head.size(); ++i) {
        head[i] = word[1 + i].load(std::memory_order_acquire);
      }
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = std::bit_cast<double>(word[kSlotValuesAt + i].load(std::memory_order_acquire));
      }
      between();
      stamp = word[0].load(std::memory_order_relaxed);
      if (stamp == complete) {
        tick = std::bit_cast<Tick>(head);
        ++next_;
        return RingPoll::Ok;
      }
    }
    // The stamp names the sequence that took our slot: at least one whole ring ahead of us. Going
    // on half a ring behind the newest leaves time to read before the writer comes round again.
    const std::uint64_t newest =
        std::max((stamp - 1) / 2, header_->published.load(std::memory_order_acquire));
    // Never back, whatever a corrupt stamp says.
    const std::uint64_t half = (slot_mask_ + 1) / 2;
    const std::uint64_t resume = newest > next_ + half ? newest - half : next_ + 1;
    lost_ += resume - next_;
    next_ = resume;
    return RingPoll::Lapped;
  }

  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }
  [[nodiscard]] std::uint64_t position() const noexcept { return next_; }
  // Records published and not read yet.
  [[nodiscard]] std::uint64_t lag() const noexcept {
    const std::uint64_t newest = header_->published.load(std::memory_order_acquire);
    return newest > next_ ? newest - next_ : 0;
  }

 private:
  const RingHeader* header_ = nullptr;
  const std::atomic<std::uint64_t>* words_ = nullptr;
  std::size_t slot_words_ = 0;
  std::uint64_t slot_mask_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace steelyard
