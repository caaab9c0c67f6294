#include "book/side_book.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>

namespace steelyard {
namespace {

[[nodiscard]] constexpr std::size_t to_lines(std::size_t bytes) noexcept {
  return (bytes + 63) / 64 * 64;
}

// Times `odd` is one, modulo 2^64: each step doubles the number of bits that are right.
[[nodiscard]] constexpr std::uint64_t inverse_of(std::uint64_t odd) noexcept {
  std::uint64_t inverse = odd;
  for (int step = 0; step < 5; ++step) inverse *= 2 - odd * inverse;
  return inverse;
}
static_assert(inverse_of(3) * 3 == 1 && inverse_of(~std::uint64_t{0}) == ~std::uint64_t{0});

}  // namespace

SideBook::SideBook(std::int64_t tick, std::uint32_t max_levels)
    : tick_{tick < 1 || tick > kMaxTick ? 1 : tick},
      inverse_{inverse_of(static_cast<std::uint64_t>(tick_) >>
                          std::countr_zero(static_cast<std::uint64_t>(tick_)))},
      twos_{std::countr_zero(static_cast<std::uint64_t>(tick_))},
      max_levels_{std::clamp(max_levels, 1U, 65'535U)} {
  const std::size_t ticks = kWords * sizeof(std::uint64_t);
  const std::size_t words = to_lines(kWords / 64 * sizeof(std::uint64_t));
  const std::size_t directory = kPagesInWindow * sizeof(std::uint16_t);
  const std::size_t free_list = to_lines((max_levels_ + 1) * sizeof(std::uint16_t));
  const std::size_t pages = (max_levels_ + std::size_t{1}) * sizeof(Page);
  const std::size_t whole = 64 + ticks + words + directory + free_list + pages;
  block_.reset(static_cast<std::byte*>(std::calloc(whole, 1)));  // cold: start
  if (block_ == nullptr) std::abort();
  std::byte* at = block_.get();
  at += (64 - reinterpret_cast<std::uintptr_t>(at) % 64) % 64;
  ticks_ = reinterpret_cast<std::uint64_t*>(at);
  words_ = reinterpret_cast<std::uint64_t*>(at += ticks);
  directory_ = reinterpret_cast<std::uint16_t*>(at += words);
  free_ = reinterpret_cast<std::uint16_t*>(at += directory);
  pages_ = reinterpret_cast<Page*>(at += free_list);
  far_.reserve(max_levels_);
  scratch_.reserve(max_levels_);
}

void SideBook::clear() noexcept {
  clear_window();
  far_.clear();
  far_arrivals_ = 0;
  count_ = 0;
}

void SideBook::clear_window() noexcept {
  for (std::uint32_t group = 0; group < kWords / 64; ++group) {
    for (std::uint64_t left = words_[group]; left != 0; left &= left - 1) {
      ticks_[group * 64 + static_cast<std::uint32_t>(std::countr_zero(left))] = 0;
    }
    words_[group] = 0;
  }
  tops_[0] = tops_[1] = 0;
  best_ = kTicks;
  next_page_ = 0;
  free_count_ = 0;
}

std::int64_t SideBook::at(std::int64_t key) const noexcept {
  if (const std::uint64_t index = index_of(key); index < kTicks) {
    const auto i = static_cast<std::uint32_t>(index);
    return (ticks_[i >> 6] >> (i & 63) & 1) != 0 ? pages_[directory_[i >> 3]].qty[i & 7] : 0;
  }
  const auto found = std::lower_bound(far_.begin(), far_.end(), key,
                                      [](const Far& far, std::int64_t k) { return far.key < k; });
  return found != far_.end() && found->key == key ? found->qty : 0;
}

SideBook::Applied SideBook::set_far(std::int64_t key, std::int64_t qty) noexcept {
  if (count_ == 0 && qty != 0 && key % tick_ == 0) {
    place_window(key);
    return set(key, qty);
  }
  const auto found = std::lower_bound(far_.begin(), far_.end(), key,
                                      [](const Far& far, std::int64_t k) { return far.key < k; });
  if (found != far_.end() && found->key == key) {
    const std::int64_t before = found->qty;
    if (qty != 0) {
      found->qty = qty;
    } else {
      far_.erase(found);
      --count_;
    }
    return {before, true};
  }
  if (qty == 0) return {0, true};
  if (count_ == max_levels_) return {0, false};
  far_.insert(found, {key, qty});
  ++count_;
  if (++far_arrivals_ >= kFarBeforeMove) move_window();
  return {0, true};
}

void SideBook::place_window(std::int64_t best_key) noexcept {
  // Far from the ends of the integers: key_of never overflows for a price that a venue could send.
  base_ = best_key / tick_ - kBestAt;
  first_key_ = static_cast<std::uint64_t>(base_) * static_cast<std::uint64_t>(tick_);
}

// Puts the window where the best is, if it is not there; then what is far is worth the price of
// far.
void SideBook::move_window() noexcept {
  far_arrivals_ = 0;
  const std::int64_t best_key =
      best_ == kTicks || far_.front().key < key_of(best_) ? far_.front().key : key_of(best_);
  const std::int64_t drift = best_key / tick_ - kBestAt - base_;
  if (std::abs(drift) < kDriftBeforeMove) return;
  ++window_moves_;
  scratch_.clear();
  walk([this](std::int64_t key, std::int64_t qty) noexcept {
    scratch_.push_back({key, qty});
    return true;
  });
  clear_window();
  far_.clear();
  count_ = 0;
  place_window(best_key);
  for (const Far& level : scratch_) {
    if (const std::uint64_t index = index_of(level.key); index < kTicks) {
      const auto i = static_cast<std::uint32_t>(index);
      insert(i, ticks_[i >> 6], std::uint64_t{1} << (i & 63), level.qty);
    } else {
      far_.push_back(level);
      ++count_;
    }
  }
}

std::size_t SideBook::memory_bytes() const noexcept {
  // The bitmap and the directory are touched in 4 KiB steps where there are levels.
  constexpr std::uint32_t kTicksPerStep =
      4096 * 8;  // of the bitmap; the directory: a quarter of it
  std::size_t steps = 0;
  for (std::uint32_t at = best_; at < kTicks;) {
    ++steps;
    const std::uint32_t last = (at / kTicksPerStep + 1) * kTicksPerStep - 1;
    at = last + 1 >= kTicks ? kTicks : next(last);
  }
  return sizeof *this + steps * (4096 + kTicksPerStep / 8 * sizeof(std::uint16_t)) +
         next_page_ * sizeof(Page) + far_.size() * sizeof(Far) + kWords / 64 * 8;
}

}  // namespace steelyard
