// src/book/id_table.hpp -- what an id of the venue's stands for: a level's price, a resting order.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "steelyard/types.hpp"

namespace steelyard {

// Of one book. Belongs to one thread; never allocates after construction. Open addressing with
// linear probing, at most half full. `Value{}` is no value.
template <typename Value>
class IdTable {
 public:
  // 0: none will be kept, and no memory is taken.
  explicit IdTable(std::uint32_t most)
      : slots_(most == 0 ? 0 : std::bit_ceil(2 * most)), most_{most} {}

  // HOT. Value{}: the id was never told, or is gone.
  [[nodiscard]] Value find(std::uint64_t id) const noexcept {
    if (slots_.empty()) return Value{};
    for (std::size_t at = home(id);; at = next(at)) {
      if (slots_[at].value == Value{}) return Value{};
      if (slots_[at].id == id) return slots_[at].value;
    }
  }

  // HOT. `value` other than Value{}. False: full, nothing changed.
  [[nodiscard]] bool set(std::uint64_t id, const Value& value) noexcept {
    if (slots_.empty()) return false;
    std::size_t at = home(id);
    while (slots_[at].value != Value{} && slots_[at].id != id) at = next(at);
    if (slots_[at].value == Value{}) {
      if (count_ == most_) return false;
      ++count_;
    }
    slots_[at] = {id, value};
    return true;
  }

  // HOT. What stood behind it in its run moves up, so that no look-up stops short.
  void erase(std::uint64_t id) noexcept {
    if (slots_.empty()) return;
    std::size_t hole = home(id);
    while (slots_[hole].id != id || slots_[hole].value == Value{}) {
      if (slots_[hole].value == Value{}) return;
      hole = next(hole);
    }
    for (std::size_t at = next(hole); slots_[at].value != Value{}; at = next(at)) {
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

  // visit(id, value) of all, in no order.
  template <typename Visit>
  void for_each(Visit visit) const noexcept {
    for (const Slot& slot : slots_) {
      if (slot.value != Value{}) visit(slot.id, slot.value);
    }
  }

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

 private:
  struct Slot {
    std::uint64_t id = 0;
    Value value{};  // Value{}: free
  };
  [[nodiscard]] std::size_t home(std::uint64_t id) const noexcept {
    return static_cast<std::size_t>((id * 0x9E37'79B9'7F4A'7C15U) >> 32) & (slots_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept {
    return (at + 1) & (slots_.size() - 1);
  }

  std::vector<Slot> slots_;
  std::uint32_t most_;
  std::uint32_t count_ = 0;
};

// BitMEX tells a level's price once and its id ever after.
using LevelIds = IdTable<Price>;

}  // namespace steelyard
