// src/book/level_ids.hpp -- level id to price, for venues that name a level by an id of theirs.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "steelyard/types.hpp"

namespace steelyard {

// Of one book. BitMEX tells a level's price once and its id ever after. Belongs to one thread;
// never allocates after construction. Open addressing with linear probing, at most half full.
class LevelIds {
 public:
  // 0: none will be kept, and no memory is taken.
  explicit LevelIds(std::uint32_t max_levels)
      : slots_(max_levels == 0 ? 0 : std::bit_ceil(2 * max_levels)), max_levels_{max_levels} {}

  // HOT. Price zero: the id was never told, or is gone.
  [[nodiscard]] Price find(std::uint64_t id) const noexcept {
    if (slots_.empty()) return Price{};
    for (std::size_t at = home(id);; at = next(at)) {
      if (slots_[at].price == Price{}) return Price{};
      if (slots_[at].id == id) return slots_[at].price;
    }
  }

  // HOT. `price` above zero. False: full, nothing changed.
  [[nodiscard]] bool set(std::uint64_t id, Price price) noexcept {
    if (slots_.empty()) return false;
    std::size_t at = home(id);
    while (slots_[at].price != Price{} && slots_[at].id != id) at = next(at);
    if (slots_[at].price == Price{}) {
      if (count_ == max_levels_) return false;
      ++count_;
    }
    slots_[at] = {id, price};
    return true;
  }

  // HOT. What stood behind it in its run moves up, so that no look-up stops short.
  void erase(std::uint64_t id) noexcept {
    if (slots_.empty()) return;
    std::size_t hole = home(id);
    while (slots_[hole].id != id || slots_[hole].price == Price{}) {
      if (slots_[hole].price == Price{}) return;
      hole = next(hole);
    }
    for (std::size_t at = next(hole); slots_[at].price != Price{}; at = next(at)) {
      const std::size_t from_home = (at - home(slots_[at].id)) & (slots_.size() - 1);
      const std::size_t from_hole = (at - hole) & (slots_.size() - 1);
      if (from_home < from_hole) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = {};
    --count_;
  }

  void clear() noexcept {
    if (count_ == 0) return;
    for (Slot& slot : slots_) slot = {};
    count_ = 0;
  }

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

 private:
  struct Slot {
    std::uint64_t id = 0;
    Price price;  // zero: free
  };
  [[nodiscard]] std::size_t home(std::uint64_t id) const noexcept {
    return static_cast<std::size_t>((id * 0x9E37'79B9'7F4A'7C15U) >> 32) & (slots_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept {
    return (at + 1) & (slots_.size() - 1);
  }

  std::vector<Slot> slots_;
  std::uint32_t max_levels_;
  std::uint32_t count_ = 0;
};

}  // namespace steelyard
