// src/book/side_book.hpp -- one side of a book: an array indexed by price tick, with bitmaps to
// walk it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <vector>

namespace steelyard {

// Levels of one side, the best at the lowest key: an ask's key is its price, a bid's its price
// negated.
//
// A window of kTicks ticks is indexed directly: bit i of a three-storey bitmap says whether tick
// base + i holds a level, and a directory leads to its quantity in a page of eight (one cache
// line), taken from a pool, so that memory follows use. Levels outside the window or off the tick
// grid lie in a sorted array; when too many do, the window moves. Why so: a diff of a real book
// lands hundreds of levels deep, where every sorted structure pays for its depth and this one does
// not.
class SideBook {
 public:
  struct Applied {
    std::int64_t before;
    bool fits;
  };

  SideBook(std::int64_t tick, std::uint32_t max_levels);

  void clear() noexcept;

  // HOT.
  [[nodiscard]] Applied set(std::int64_t key, std::int64_t qty) noexcept {
    const std::uint64_t at = index_of(key);
    if (at >= kTicks) return set_far(key, qty);
    const auto index = static_cast<std::uint32_t>(at);
    const std::uint64_t bit = std::uint64_t{1} << (index & 63);
    std::uint64_t& word = ticks_[index >> 6];
    if ((word & bit) != 0) {
      std::int64_t& held = pages_[directory_[index >> 3]].qty[index & 7];
      const std::int64_t before = held;
      if (qty != 0) {
        held = qty;
      } else {
        remove(index, word, bit);
      }
      return {before, true};
    }
    if (qty == 0) return {0, true};
    if (count_ == max_levels_) return {0, false};
    insert(index, word, bit, qty);
    return {0, true};
  }

  [[nodiscard]] std::int64_t at(std::int64_t key) const noexcept;
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

  // HOT. visit(key, qty) from the best outward until it returns false.
  template <typename Visit>
  void walk(Visit visit) const noexcept {
    walk(best_, 0, visit);
  }
  // HOT. The same from `key` outward; what is better is passed over, not walked.
  template <typename Visit>
  void walk_from(std::int64_t key, Visit visit) const noexcept {
    const auto far =
        std::lower_bound(far_.begin(), far_.end(), key,
                         [](const Far& level, std::int64_t k) { return level.key < k; });
    walk(first_from(key), static_cast<std::size_t>(far - far_.begin()), visit);
  }

  // HOT. The key of the worst level. There must be one.
  [[nodiscard]] std::int64_t worst_key() const noexcept {
    for (std::uint32_t top = 2; top-- != 0;) {
      if (tops_[top] == 0) continue;
      const std::uint32_t group = top * 64 + last_bit(tops_[top]);
      const std::uint32_t word = group * 64 + last_bit(words_[group]);
      const std::int64_t key = key_of(word * 64 + last_bit(ticks_[word]));
      return far_.empty() || far_.back().key < key ? key : far_.back().key;
    }
    return far_.back().key;
  }
  // HOT. From `key` inward to the best until it returns false; what is worse is passed over.
  template <typename Visit>
  void walk_back_from(std::int64_t key, Visit visit) const noexcept {
    const auto beyond =
        std::upper_bound(far_.begin(), far_.end(), key,
                         [](std::int64_t k, const Far& level) { return k < level.key; });
    walk_back(last_from(key), static_cast<std::size_t>(beyond - far_.begin()), visit);
  }

  // How often the window went after the best: each time every level is put anew.
  [[nodiscard]] std::uint32_t window_moves() const noexcept { return window_moves_; }
  // What is in use of the memory taken at start.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  static constexpr std::uint32_t kTicks = 1U << 19;
  // A window of coarser ticks would not fit in 64 bits; such prices are all taken one by one.
  static constexpr std::int64_t kMaxTick = std::int64_t{1} << 40;
  static constexpr std::uint32_t kWords = kTicks / 64;
  static constexpr std::uint32_t kPagesInWindow = kTicks / 8;
  static constexpr std::uint32_t kBestAt =
      kTicks / 4;  // where the best is put when the window moves
  static constexpr std::uint32_t kFarBeforeMove = 32;  // far arrivals before a move is considered
  static constexpr std::int64_t kDriftBeforeMove = kTicks / 8;  // of the best, in ticks

  struct Page {
    std::int64_t qty[8];
  };
  struct Far {
    std::int64_t key;
    std::int64_t qty;
  };
  struct Free {
    void operator()(void* block) const noexcept { std::free(block); }
  };

  // kTicks or more: outside the window or off the grid. How far the key is from the window's first,
  // times the inverse of the tick's odd part modulo 2^64, turned right by the tick's factors of
  // two: that is the distance in ticks where the tick divides it, and, as this is one to one, no
  // small number where it does not.
  [[nodiscard]] std::uint64_t index_of(std::int64_t key) const noexcept {
    return std::rotr((static_cast<std::uint64_t>(key) - first_key_) * inverse_, twos_);
  }
  [[nodiscard]] std::int64_t key_of(std::uint32_t index) const noexcept {
    return (base_ + static_cast<std::int64_t>(index)) * tick_;
  }

  // The window and what is far of it, merged.
  template <typename Visit>
  void walk(std::uint32_t index, std::size_t far, Visit& visit) const noexcept {
    const auto key_at = [this](std::size_t i) noexcept {
      return i < far_.size() ? far_[i].key : std::numeric_limits<std::int64_t>::max();
    };
    std::int64_t far_key = key_at(far);
    bool goes_on = true;
    const auto merge = [&](std::int64_t key, std::int64_t qty) noexcept {
      for (; far_key < key; far_key = key_at(++far)) {
        goes_on = visit(far_key, far_[far].qty);
        if (!goes_on) return false;
      }
      return goes_on = visit(key, qty);
    };
    walk_window(index, merge);
    for (; goes_on && far < far_.size(); ++far) goes_on = visit(far_[far].key, far_[far].qty);
  }

  // The window alone, a word of the bitmap at a time.
  template <typename Visit>
  void walk_window(std::uint32_t index, const Visit& visit) const noexcept {
    if (index >= kTicks) return;
    std::uint32_t word = index >> 6;
    std::uint64_t bits = ticks_[word] >> (index & 63) << (index & 63);
    for (;;) {
      for (; bits != 0; bits &= bits - 1) {
        const std::uint32_t at = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
        if (!visit(key_of(at), pages_[directory_[at >> 3]].qty[at & 7])) return;
      }
      index = next(word * 64 + 63);
      if (index == kTicks) return;
      word = index >> 6;
      bits = ticks_[word];
    }
  }

  // The best occupied tick of the window whose key is `key` or worse; kTicks if there is none.
  [[nodiscard]] std::uint32_t first_from(std::int64_t key) const noexcept {
    if (const std::uint64_t at = index_of(key); at < kTicks) {
      const auto index = static_cast<std::uint32_t>(at);
      return (ticks_[index >> 6] >> (index & 63) & 1) != 0 ? index : next(index);
    }
    std::int64_t ticks = key / tick_;
    if (ticks * tick_ < key) ++ticks;
    if (ticks <= base_ + static_cast<std::int64_t>(best_)) return best_;
    const std::uint64_t offset =
        static_cast<std::uint64_t>(ticks) - static_cast<std::uint64_t>(base_);
    if (offset >= kTicks) return kTicks;
    const auto index = static_cast<std::uint32_t>(offset);
    return (ticks_[index >> 6] >> (index & 63) & 1) != 0 ? index : next(index);
  }

  // The same inward: `far` is how many of those are left to visit.
  template <typename Visit>
  void walk_back(std::uint32_t index, std::size_t far, Visit& visit) const noexcept {
    while (index < kTicks) {
      const std::int64_t key = key_of(index);
      while (far != 0 && far_[far - 1].key > key) {
        --far;
        if (!visit(far_[far].key, far_[far].qty)) return;
      }
      if (!visit(key, pages_[directory_[index >> 3]].qty[index & 7])) return;
      index = previous(index);
    }
    while (far-- != 0) {
      if (!visit(far_[far].key, far_[far].qty)) return;
    }
  }

  // The worst occupied tick of the window whose key is `key` or better; kTicks if there is none.
  [[nodiscard]] std::uint32_t last_from(std::int64_t key) const noexcept {
    std::int64_t ticks = key / tick_;
    if (ticks * tick_ > key) --ticks;
    if (ticks < base_) return kTicks;
    const std::uint64_t offset =
        static_cast<std::uint64_t>(ticks) - static_cast<std::uint64_t>(base_);
    return previous(offset < kTicks ? static_cast<std::uint32_t>(offset) + 1 : kTicks);
  }

  void insert(std::uint32_t index, std::uint64_t& word, std::uint64_t bit,
              std::int64_t qty) noexcept {
    std::uint16_t& page = directory_[index >> 3];
    if ((word >> (index & 56) & 0xff) == 0) {
      page = free_count_ != 0 ? free_[--free_count_] : static_cast<std::uint16_t>(next_page_++);
    }
    pages_[page].qty[index & 7] = qty;
    word |= bit;
    words_[index >> 12] |= std::uint64_t{1} << (index >> 6 & 63);
    tops_[index >> 18] |= std::uint64_t{1} << (index >> 12 & 63);
    ++count_;
    if (index < best_) best_ = index;
  }

  void remove(std::uint32_t index, std::uint64_t& word, std::uint64_t bit) noexcept {
    word &= ~bit;
    --count_;
    if ((word >> (index & 56) & 0xff) == 0) free_[free_count_++] = directory_[index >> 3];
    if (word == 0) {
      std::uint64_t& above = words_[index >> 12];
      above &= ~(std::uint64_t{1} << (index >> 6 & 63));
      if (above == 0) tops_[index >> 18] &= ~(std::uint64_t{1} << (index >> 12 & 63));
    }
    if (index == best_) best_ = next(index);
  }

  // The next occupied tick after `index`; kTicks if there is none.
  [[nodiscard]] std::uint32_t next(std::uint32_t index) const noexcept {
    if (++index == kTicks) return kTicks;
    std::uint32_t word = index >> 6;
    if (const std::uint64_t rest = ticks_[word] >> (index & 63); rest != 0) {
      return index + static_cast<std::uint32_t>(std::countr_zero(rest));
    }
    if (++word == kWords) return kTicks;
    std::uint32_t group = word >> 6;
    if (const std::uint64_t rest = words_[group] >> (word & 63); rest != 0) {
      return first_of(word + static_cast<std::uint32_t>(std::countr_zero(rest)));
    }
    if (++group == kWords / 64) return kTicks;
    for (std::uint32_t top = group >> 6; top < 2; ++top) {
      std::uint64_t rest = tops_[top];
      if (top == group >> 6) rest = rest >> (group & 63) << (group & 63);
      if (rest == 0) continue;
      const std::uint32_t found = top * 64 + static_cast<std::uint32_t>(std::countr_zero(rest));
      return first_of(found * 64 + static_cast<std::uint32_t>(std::countr_zero(words_[found])));
    }
    return kTicks;
  }
  // The last occupied tick before `index`; kTicks if there is none.
  [[nodiscard]] std::uint32_t previous(std::uint32_t index) const noexcept {
    if (index-- == 0) return kTicks;
    std::uint32_t word = index >> 6;
    if (const std::uint64_t rest = ticks_[word] << (63 - (index & 63)); rest != 0) {
      return index - static_cast<std::uint32_t>(std::countl_zero(rest));
    }
    if (word-- == 0) return kTicks;
    std::uint32_t group = word >> 6;
    if (const std::uint64_t rest = words_[group] << (63 - (word & 63)); rest != 0) {
      return last_of(word - static_cast<std::uint32_t>(std::countl_zero(rest)));
    }
    if (group-- == 0) return kTicks;
    for (std::uint32_t top = group >> 6; top < 2; --top) {
      std::uint64_t rest = tops_[top];
      if (top == group >> 6) rest &= ~std::uint64_t{0} >> (63 - (group & 63));
      if (rest == 0) continue;
      const std::uint32_t found = top * 64 + last_bit(rest);
      return last_of(found * 64 + last_bit(words_[found]));
    }
    return kTicks;
  }
  [[nodiscard]] static std::uint32_t last_bit(std::uint64_t bits) noexcept {
    return 63 - static_cast<std::uint32_t>(std::countl_zero(bits));
  }
  [[nodiscard]] std::uint32_t last_of(std::uint32_t word) const noexcept {
    return word * 64 + last_bit(ticks_[word]);
  }
  [[nodiscard]] std::uint32_t first_of(std::uint32_t word) const noexcept {
    return word * 64 + static_cast<std::uint32_t>(std::countr_zero(ticks_[word]));
  }

  [[nodiscard]] Applied set_far(std::int64_t key, std::int64_t qty) noexcept;
  void place_window(std::int64_t best_key) noexcept;
  void clear_window() noexcept;
  void move_window() noexcept;

  std::int64_t tick_;
  std::uint64_t inverse_;        // of the odd part of the tick, modulo 2^64
  int twos_;                     // factors of two in the tick
  std::uint64_t first_key_ = 0;  // of the window's first tick
  std::int64_t base_ = 0;        // the same in ticks
  std::uint32_t max_levels_;
  std::uint32_t count_ = 0;
  std::uint32_t best_ = kTicks;  // index in the window; kTicks: the window is empty
  std::uint32_t next_page_ = 0;
  std::uint32_t free_count_ = 0;
  std::uint32_t far_arrivals_ = 0;
  std::uint32_t window_moves_ = 0;

  // One block, zeroed by the kernel when first touched.
  std::unique_ptr<std::byte, Free> block_;
  std::uint64_t* ticks_;      // kWords: a bit a tick
  std::uint64_t* words_;      // kWords / 64: a bit a word above
  std::uint64_t tops_[2]{};   // a bit a word above
  std::uint16_t* directory_;  // kPagesInWindow
  std::uint16_t* free_;       // pages given back
  Page* pages_;

  std::vector<Far> far_;      // sorted; capacity max_levels
  std::vector<Far> scratch_;  // for moving the window
};

}  // namespace steelyard
